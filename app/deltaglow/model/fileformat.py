"""Project files: `.json` with the numbers written out, `.dglow` as an archive.

resources/docs/project-format.md describes both. Which of the two a file is, its first bytes tell when reading
and its name when writing.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from deltaglow.model import archive, atomic, document, importing, run_state, strictjson
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Change, InlineData, Project, unchanged
from deltaglow.model.run_history import RunHistory
from deltaglow.model.validate import validate

__all__ = ["ProjectError", "check_writable", "dumps", "loads", "read", "read_table", "write"]

SUFFIXES = (".dglow", ".json")

MAX_JSON_NUMBERS = strictjson.MAX_BYTES // 20
"""Numbers that a JSON document may hold: a float64 at full precision takes some 20 characters."""


def loads(text: str | bytes, change: Change = unchanged) -> Project:
    """The project in a JSON document; `change` as `read` has it. Raises ProjectError."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return document.read(strictjson.loads(data), change=change)


def dumps(project: Project) -> str:
    """The project as a JSON document; `loads` gives the very same project back. Raises ProjectError."""
    validate(project)
    numbers = project.network.parameter_count
    if isinstance(project.data, InlineData):
        numbers += project.data.x.size + project.data.y.size
    if project.state is not None:
        numbers += run_state.numbers(project.state)
    if numbers > MAX_JSON_NUMBERS:
        raise ProjectError("", f"{numbers:,} numbers are too many for a .json file; save it as a .dglow")
    return strictjson.dumps(document.written(project))


def read(path: str | os.PathLike[str], change: Change = unchanged) -> Project:
    """The project in a file of either kind, or made of a table in a .csv or .tsv file. Raises ProjectError,
    also when the file cannot be read.

    change: made before the project is judged, so that what it mends is not refused.
    """
    name = os.fspath(path)
    with _opened(name) as file:
        start = file.read(4)
        if archive.is_archive(start):
            return archive.read(file, change)
        if importing.is_table(name):
            return importing.project(start + file.read(importing.MAX_BYTES), name, change=change)
        return document.read(strictjson.loads(start + file.read(strictjson.MAX_BYTES)), change=change)


def read_table(
    path: str | os.PathLike[str], target: str | None = None, features: Sequence[str] | None = None
) -> Project:
    """A project that learns the table in a file, whatever its name. Raises ProjectError."""
    name = os.fspath(path)
    with _opened(name) as file:
        return importing.project(file.read(importing.MAX_BYTES + 1), name, target, features)


def table_bytes(path: str | os.PathLike[str]) -> bytes:
    """What a file that should hold a table holds. Raises ProjectError, also if it is too large for one."""
    with _opened(os.fspath(path)) as file:
        return importing.sized(file.read(importing.MAX_BYTES + 1))


@contextlib.contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """The file, open; whatever goes wrong with it is a ProjectError that names it."""
    try:
        _readable(name)
        with Path(name).open("rb") as file:
            yield file
    except ProjectError as error:
        raise error.in_file(name) from None
    except OSError as error:
        raise ProjectError("", f"cannot be read: {_why(error)}", name) from None
    except ValueError:
        raise ProjectError("", "cannot be read: the name holds a null character", name) from None


def read_history(path: str | os.PathLike[str]) -> RunHistory | None:
    """The past of the run that a `.dglow` file keeps, if it does. Raises ProjectError."""
    with _opened(os.fspath(path)) as file:
        return archive.read_whole(file)[1] if archive.is_archive(file.read(4)) else None


def write(project: Project, path: str | os.PathLike[str], history: RunHistory | None = None) -> None:
    """Write the project to a `.json` or `.dglow` file, atomically, into a `.dglow` the past of its run too.
    Raises ProjectError, changing nothing.
    """
    name = os.fspath(path)
    try:
        if _suffix(name) == ".json":
            data = dumps(project).encode()
        else:
            validate(project)
            data = archive.packed(project, history)
        atomic.write(Path(name), data)
    except ProjectError as error:
        raise error.in_file(name) from None
    except OSError as error:
        raise ProjectError("", f"cannot be written: {_why(error)}", name) from None


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise the ProjectError that `write` would meet here now, before hours go into what to write."""
    name = os.fspath(path)
    try:
        _suffix(name)
        atomic.probe(Path(name))
    except ProjectError as error:
        raise error.in_file(name) from None
    except OSError as error:
        raise ProjectError("", f"cannot be written: {_why(error)}", name) from None


def _suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES or "\0" in name:
        raise ProjectError("", "is not a name for a project, which ends in .dglow or .json")
    return suffix


def _readable(name: str) -> None:
    """Refuse folders, and pipes and devices, which might never end."""
    mode = Path(name).stat().st_mode
    if stat.S_ISDIR(mode):
        raise ProjectError("", "is a folder, must be a project file")
    if not stat.S_ISREG(mode):
        raise ProjectError("", "is not a regular file")


def _why(error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return reason[0].lower() + reason[1:]
