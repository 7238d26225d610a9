"""What must agree: document, engine, file, and a window with another one made anew on the same laboratory."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)

from deltaglow.model import build, fileformat
from deltaglow.model.project import Project
from deltaglow.model.validate import validate
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import FormulaView
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.panels.crumbs import Crumbs

Standing = dict[str, object]
OWN = re.compile("(Back|On|Forward) to the |Kind of the layer to add")
"""What each window has for itself: its way among the numbers, and a choice of what comes next."""


def standing(lab: Lab) -> Standing:
    """Everything that undo and redo have to bring back."""
    return {
        "project": fileformat.dumps(lab.project),
        "learned": fileformat.dumps(lab.trained_project),
        "place": (lab.head, lab.first_step, lab.frame.step, lab.position),
        "parameters": lab.frame.theta.tobytes(),
        "history": lab.history.columns(lab.history.names).tobytes(),
        "branches": tuple(
            (b.number, b.name, b.head, b.history.columns(b.history.names).tobytes())
            for b in lab.branches.every
        ),
        "branch": lab.branches.current,
        "optimiser": tuple(array.tobytes() for array in lab._trainer.state().optimizer),
    }


def between(one: Standing, other: Standing) -> str:
    """What is not the same."""
    return ", ".join(
        f"{key} {one[key]} and {other[key]}" if key == "place" else key
        for key in one
        if one[key] != other[key]
    )


def model_agrees(lab: Lab) -> None:
    """Document, engine and file say the same."""
    spec, frame = lab.project.network, lab.frame
    validate(lab.project)
    now = frame.step >= lab.stretch.first_shown
    assert lab.project is (lab.document.project if now else lab.stretch.holding(frame.step).project)
    text = fileformat.dumps(lab.project)
    assert fileformat.dumps(fileformat.loads(text)) == text
    learned = fileformat.loads(fileformat.dumps(lab.trained_project))
    assert learned.network.sizes == spec.sizes == frame.architecture.widths
    assert np.array_equal(lab.dataset.x, build.dataset(lab.project).x)
    theta = frame.theta_after if lab.complete else frame.theta
    assert np.array_equal(first_theta(learned), theta), "opened again it goes on from here"
    for layer, trace in zip(spec.layers, frame.layers, strict=True):
        if layer.mask is not None:
            assert not trace.W[~layer.mask].any() and not trace.W_after[~layer.mask].any()
        if layer.part is None:
            assert (layer.mask is None) == (trace.mask is None)
    assert lab.broken or np.isfinite(theta).all()
    assert lab.first_step <= frame.step <= lab.head == lab.history.length


def first_theta(project: Project) -> np.ndarray:
    return build.trainer(project).network.theta


def window_agrees(window: MainWindow) -> None:
    """The diagram and the panels show what the document says."""
    lab, scene = window.lab, window.diagram.scene()
    spec = lab.project.network
    assert scene.geometry.sizes == spec.sizes and scene.project is lab.project
    for k in range(1, len(spec.layers) + 1):
        trace = lab.frame.layers[k - 1]
        wanted = trace.W_after if lab.complete else trace.W
        assert np.array_equal(scene.weights(k), wanted)
    rows = window.parameters.network.rows
    assert [row.units.value() for row in rows] == [layer.units for layer in spec.layers]
    assert [row.activation.name() for row in rows] == [layer.activation for layer in spec.layers]
    assert window.diagram.editor.selection == window.diagram.editor.selection.within(spec)
    mark = " •" if lab.document.modified else ""
    assert window.windowTitle().startswith(f"{window.files.name}{mark}")


def as_if_new(window: MainWindow) -> None:
    """Whatever the window has been through, it shows what one shows that is made now."""
    QCoreApplication.processEvents()  # a layout shows what was put into it a turn later
    again = MainWindow(window.lab, window.theme)
    again.parameters.prepare()
    try:
        again.files.name, again.files.read_only = window.files.name, window.files.read_only
        again._refresh_title()
        again.holding.follow()  # as the frame shown is known to it already
        for each in (window, again):
            each.resize(1280, 800)
            each.diagram.editor.say("")
            each.banner.hide()
            each.explanation.settle()
        QCoreApplication.processEvents()  # the room of a banner is given back a turn after it is hidden
        again.diagram.editor.choose(window.diagram.editor.selection, explain=False)
        again.diagram.editor.shows_deleted = window.diagram.editor.shows_deleted
        window.diagram.editor.fit()
        for place in range(window.parameters.tabs.count()):
            for each in (window, again):
                each.parameters.tabs.setCurrentIndex(place)
            compare("set-up", shown(window.parameters), shown(again.parameters))
        compare("explanation", shown(window.explanation), shown(again.explanation))
        compare("transport", shown(window.transport), shown(again.transport))
        for part in ("diagram", "strip"):
            mine, new = picture(getattr(window, part)), picture(getattr(again, part))
            assert mine == new, f"the {part} is drawn otherwise than by a new window: {saved(mine, new)}"
    finally:
        again.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def shown(panel: QWidget) -> list[tuple[object, ...]]:
    """What every control and text says that can be seen in a panel."""
    return sorted(
        (type(each).__name__, each.accessibleName(), said, each.isEnabled(), each.toolTip())
        for each, said in controls(panel)
    )


def controls(panel: QWidget) -> Iterator[tuple[QWidget, str]]:
    """The controls and texts of a panel that can be seen, with what they say."""
    for each in panel.findChildren(QWidget):
        beside = isinstance(each, QScrollBar) or isinstance(each.parent(), QTabBar)
        own = OWN.match(each.accessibleName()) or isinstance(each.parent(), Crumbs)
        if beside or own or not each.isVisibleTo(panel):
            continue
        match each:
            case QLineEdit() if isinstance(each.parent(), QAbstractSpinBox):
                continue
            case QComboBox():
                items = [each.itemText(place) for place in range(each.count())]
                yield each, f"{each.currentText()} of {items}"
            case QAbstractSpinBox() | QLineEdit():
                yield each, each.text()
            case QAbstractButton():
                yield each, f"{each.text()} {each.isChecked()}"
            case QAbstractSlider():
                yield each, f"{each.minimum()} {each.value()} {each.maximum()}"
            case QLabel():
                yield each, each.text()
            case FormulaView():
                yield each, f"{each.text} {each.latex} {each.typeset_lines}"


def compare(name: str, mine: list[tuple[object, ...]], new: list[tuple[object, ...]]) -> None:
    only = [each for each in mine if each not in new], [each for each in new if each not in mine]
    assert mine == new, f"{name}: on show {only[0]}, a new window shows {only[1]}"


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def saved(mine: QImage, new: QImage) -> str:
    """Keep both pictures, and where they are."""
    folder = tempfile.mkdtemp(prefix="deltaglow-")
    mine.save(f"{folder}/mine.png")
    new.save(f"{folder}/new.png")
    return folder
