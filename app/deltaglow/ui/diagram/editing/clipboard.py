"""Units and layers on the clipboard: as the project they are from, in its file format, and which of it."""

from __future__ import annotations

import atexit
import json
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from deltaglow.model import fileformat, strictjson
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project
from deltaglow.ui.diagram.editing.selection import Unit

MIME = "application/x-deltaglow-parts"


@dataclass(frozen=True)
class Copied:
    """Units or whole layers of a project."""

    project: Project
    units: tuple[Unit, ...]
    layers: tuple[int, ...]


def put(project: Project, units: Iterable[Unit], layers: Iterable[int]) -> None:
    """Copy these parts of a project. As text the clipboard has the whole project."""
    text = fileformat.dumps(project)
    data = QMimeData()
    parts = {"units": [list(unit) for unit in sorted(units)], "layers": sorted(layers)}
    data.setData(MIME, json.dumps(parts).encode())
    data.setText(text)
    QGuiApplication.clipboard().setMimeData(data)


@atexit.register
def leave_text() -> None:
    """Leave plain text on the clipboard: some platforms destroy what is there after Python has gone, and what
    was made here would need it for that.
    """
    if QGuiApplication.instance() is not None and held():
        QGuiApplication.clipboard().setText(QGuiApplication.clipboard().text())


def held() -> bool:
    """Whether there is anything of ours on the clipboard."""
    return _data() is not None


def _data() -> QMimeData | None:
    """Some platforms give nothing at all for an empty clipboard."""
    data: QMimeData | None = QGuiApplication.clipboard().mimeData()
    return data if data is not None and data.hasFormat(MIME) else None


def get() -> Copied | None:
    """What was copied; None if it is nothing of ours. Whatever is read there is checked like a file."""
    data = _data()
    if data is None:
        return None
    try:
        project = fileformat.loads(data.text())
        parts = strictjson.loads(bytes(data.data(MIME).data()))
    except ProjectError:
        return None
    sizes, depth = project.network.sizes, len(project.network.layers)
    if not isinstance(parts, dict):
        return None
    units = [tuple(unit) for unit in parts.get("units", ()) if isinstance(unit, list) and len(unit) == 2]
    layers = [k for k in parts.get("layers", ()) if isinstance(k, int) and 1 <= k <= depth]
    fine = [(k, u) for k, u in units if isinstance(k, int) and isinstance(u, int) and 1 <= k <= depth]
    return Copied(project, tuple((k, u) for k, u in fine if 0 <= u < sizes[k]), tuple(layers))
