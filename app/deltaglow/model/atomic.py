"""Writing a file so that at every moment, even in a power cut, it is either the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from collections.abc import Generator, Iterable
from pathlib import Path

_PREFIX, _SUFFIX = ".deltaglow-", ".tmp"
_STALE_S = 3600.0
"""A temporary file this old was left by a program that was killed."""


def write(path: Path, data: bytes) -> None:
    """Write `data` to `path`, through a symbolic link if it is one. Raises OSError and then changes nothing.

    The data goes to a temporary file beside the target, to the disk, and only then takes the target's name. A
    file that is replaced passes on its mode.
    """
    for _ in write_pieces(path, [data]):
        pass


def write_pieces(path: Path, pieces: Iterable[bytes]) -> Generator[int, None, None]:
    """The same of data that comes piece by piece: gives how many pieces are written so far. Closed before its
    end it changes nothing.
    """
    target = _target(path)
    sweep(target.parent)
    temporary = yield from _written(target.parent, pieces)
    try:
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except BaseException:
        _remove(temporary)
        raise
    _sync_folder(target.parent)


def probe(path: Path) -> None:
    """Raise the OSError that `write` would meet now, by writing an empty temporary file beside the target."""
    making = _written(_target(path).parent, [])
    try:
        next(making)
    except StopIteration as made:
        _remove(made.value)


def sweep(folder: Path) -> None:
    """Remove temporary files that killed programs left in a folder an hour or longer ago."""
    with contextlib.suppress(OSError):
        for stray in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            if time.time() - stray.stat().st_mtime > _STALE_S:
                _remove(stray)


def _target(path: Path) -> Path:
    """The file that would be replaced: links followed, and never a folder or a device."""
    target = Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "Is a directory", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(22, "Is not a regular file", str(path))
    return target


def _written(folder: Path, pieces: Iterable[bytes]) -> Generator[int, None, Path]:
    """A new temporary file in the folder that holds all pieces, on the disk."""
    handle, name = tempfile.mkstemp(_SUFFIX, _PREFIX, folder)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for number, piece in enumerate(pieces, start=1):
                file.write(piece)
                yield number
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        _remove(temporary)
        raise
    return temporary


def _mode(target: Path) -> int:
    """The permissions of the target, or those that a new file gets from the process."""
    with contextlib.suppress(FileNotFoundError):
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0o022)
    os.umask(mask)
    return 0o666 & ~mask


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk too, where the system lets folders be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
