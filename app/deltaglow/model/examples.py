"""The example projects that come with the program, reached as `@name` wherever a file may stand."""

from __future__ import annotations

import os

from deltaglow import resources
from deltaglow.model import fileformat
from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.project import BuiltinData, Change, Layer, NetworkSpec, Project, Training, unchanged
from deltaglow.model.rules import nearest

_FIRST = "worked-example"


def names() -> tuple[str, ...]:
    """The examples, the worked one first."""
    found = resources.names("examples", ".json")
    return tuple(sorted(found, key=lambda name: (name != _FIRST, name)))


def load(name: str, change: Change = unchanged) -> Project:
    """The example called `name`, without the @. Raises ProjectError, which lists what there is."""
    known = names()
    if name not in known:
        have = ", ".join(f"@{each}" for each in known)
        raise ProjectError(
            "", f"is no example{nearest(name, known)}; there are {have}", f"@{printable(name)}"
        )
    return fileformat.loads(resources.text(f"examples/{name}.json"), change)


def open_project(path: str | os.PathLike[str], change: Change = unchanged) -> Project:
    """The project in a file, or the example called `@name`; `change` as `fileformat.read` has it. Raises
    ProjectError.
    """
    text = os.fspath(path)
    return load(text[1:], change) if text.startswith("@") else fileformat.read(path, change)


def blank() -> Project:
    """What a new window begins with: inputs joined to outputs, data for them, and nothing between."""
    return Project(
        NetworkSpec(2, (Layer(3),)),
        BuiltinData("blobs", samples=300, noise=0.2, classes=3),
        Training(batch_size=10, shuffle=True),
    )
