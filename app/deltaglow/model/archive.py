"""The `.dglow` archive: a zip of project.json and arrays/NAME.npy, read with suspicion.

What an archive claims is checked before anything is unpacked: the directory's size, every name, every size,
the compression. Arrays are never pickled, and the shape in an array's header must be the one that the project
calls for before its bytes are looked at.
"""

from __future__ import annotations

import errno
import io
import re
import struct
import zipfile
import zlib
from functools import partial
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from deltaglow.model import document, npy, run_history, strictjson
from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.node import Node
from deltaglow.model.project import Change, Project, unchanged
from deltaglow.model.rules import MAX_DATA_NUMBERS, MAX_PARAMETERS
from deltaglow.model.run_history import RunHistory

MAX_BYTES = 64 * MAX_PARAMETERS + 8 * MAX_DATA_NUMBERS + 16 * run_history.MAX_NUMBERS + strictjson.MAX_BYTES
"""Of all the entries together once unpacked, and of the archive itself: parameters with masks and with what
training remembers of each, samples, the past of a run, and the document.
"""

MAX_ARRAY = 8 * max(MAX_PARAMETERS, MAX_DATA_NUMBERS) + 2**12
"""Of one array's entry."""

MAX_DIRECTORY = 64 * 2**10
"""Of the list of entries. The largest project has under a hundred, of some 70 bytes each."""

_PROJECT = "project.json"
_ENTRY = re.compile(r"arrays/([A-Za-z0-9_.-]{1,60})\.npy")
_END = b"PK\x05\x06"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,  # what zipfile says of a compression or an encryption that it does not know
    RuntimeError,
    ValueError,
)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def is_archive(start: bytes) -> bool:
    """Whether a file that starts so is meant as an archive."""
    return start[:4] in (b"PK\x03\x04", _END)


def read(file: IO[bytes], change: Change = unchanged) -> Project:
    """The project in an archive, open at any position; `change` as `document.read` has it. Raises
    ProjectError, or OSError when reading fails.
    """
    return read_whole(file, change)[0]


def read_whole(file: IO[bytes], change: Change = unchanged) -> tuple[Project, RunHistory | None]:
    """`read`, and with it the past of the run, if the archive has it."""
    history = None
    _bound(file)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _entries(archive)
            arrays = _Unpacked(archive, entries)
            value = strictjson.loads(arrays.bytes_of(_PROJECT))
            project = document.read(value, arrays, change)
            if "history" in value:
                history = run_history.read(Node(value["history"], "history"), project, arrays)
    except ProjectError:
        raise
    except OSError as error:
        if error.errno != errno.EINVAL:  # which is how a place before the file's beginning is refused
            raise
        raise ProjectError("", "is a damaged archive: it points beyond its ends") from None
    except _BROKEN as error:
        raise ProjectError(
            "", f"is a damaged archive: {printable(str(error)) or type(error).__name__}"
        ) from None
    unused = sorted(set(entries) - arrays.used - {_PROJECT})
    if unused:
        raise ProjectError(unused[0], f"is not referred to by {_PROJECT}")
    return project, history


def packed(project: Project, history: RunHistory | None = None) -> bytes:
    """The archive of a project, and of the past of its run; the same project gives the same bytes."""
    arrays = _Packed()
    made = document.written(project, arrays)
    if history is not None:
        made["history"] = run_history.written(history, partial(document.put, arrays=arrays))
    text = strictjson.dumps(made).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_PROJECT, _EPOCH), text)
        for name, array in arrays.kept.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"arrays/{name}.npy", _EPOCH), content.getvalue())
    return file.getvalue()


class _Packed:
    """Collects the arrays of a document that is being written."""

    def __init__(self) -> None:
        self.kept: dict[str, npt.NDArray[Any]] = {}

    def put(self, name: str, array: npt.NDArray[Any]) -> None:
        self.kept[name] = array

    def get(self, name: str, shape: tuple[int | None, ...], where: str) -> npt.NDArray[np.float64]:
        raise KeyError(name)


class _Unpacked:
    """Gives the arrays of a document that is being read."""

    def __init__(self, archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._entries = entries
        self.used: set[str] = set()

    def put(self, name: str, array: npt.NDArray[Any]) -> None:
        raise KeyError(name)

    def bytes_of(self, entry: str) -> bytes:
        """The whole of an entry, whose claimed size has been found allowed and which gives no byte more."""
        info = self._entries[entry]
        with self._archive.open(info) as content:
            data = content.read(info.file_size + 1)
        if len(data) != info.file_size:
            raise ProjectError(entry, f"has {len(data)} bytes, the archive says {info.file_size}")
        return data

    def get(self, name: str, shape: tuple[int | None, ...], where: str) -> npt.NDArray[np.float64]:
        entry = f"arrays/{name}.npy"
        if entry not in self._entries:
            raise ProjectError(where, f"refers to {printable(entry)}, which the archive does not have")
        self.used.add(entry)
        info = self._entries[entry]
        with self._archive.open(info) as content:
            return npy.numbers(content, info.file_size, shape, where, entry)


def _bound(file: IO[bytes]) -> None:
    """Check the archive's size and its directory's, all of which zipfile reads and keeps."""
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise ProjectError("", f"is larger than {MAX_BYTES // 2**20} MiB, the most a project takes")
    file.seek(max(0, size - 22 - 20))
    tail = file.read(22 + 20)
    end = tail[-22:]
    if len(end) < 22 or end[:4] != _END or end[20:] != b"\0\0":
        raise ProjectError("", "is a damaged archive: its end is missing, or has been changed")
    directory = struct.unpack("<L", end[12:16])[0]
    if directory > MAX_DIRECTORY or tail[:4] == b"PK\x06\x07":
        raise ProjectError("", "is an archive with more entries than any project has")
    file.seek(0)


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The entries by name, if every one belongs into a project and together they are small enough."""
    entries: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in archive.infolist():
        name = info.filename
        shown = printable(name)
        if name == "arrays/" and info.file_size == 0:
            continue
        if name != _PROJECT and not _ENTRY.fullmatch(name):
            raise ProjectError(
                shown, f"does not belong into a project: only {_PROJECT} and arrays/NAME.npy do"
            )
        if name in entries:
            raise ProjectError(shown, "is in the archive twice")
        if info.flag_bits & 1:
            raise ProjectError(shown, "is encrypted, which a project never is")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ProjectError(
                shown, "is compressed in a way that is not read here, must be stored or deflated"
            )
        total += info.file_size
        most = strictjson.MAX_BYTES if name == _PROJECT else MAX_ARRAY
        if total > MAX_BYTES or info.file_size > most:
            raise ProjectError(shown, f"unpacks to {info.file_size:,} bytes, more than any project needs")
        entries[name] = info
    if _PROJECT not in entries:
        raise ProjectError("", f"is an archive without {_PROJECT}, so it is not a project")
    return entries
