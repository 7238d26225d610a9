"""What cannot be done is greyed and says why, in every menu and every control, whatever the window shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QMenu,
    QMessageBox,
    QWidget,
)

from deltaglow.model import edits, examples
from deltaglow.model.project import Change
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.editing.targets import CANVAS, Kind, Target
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme import Theme

# Off screen, menus cannot be raised nor grab the keyboard; the platform says so of each.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

Window = MainWindow
LEAVING = ("Quit", "Full screen")
"""Commands after which there is no window to look at, or another one."""
Named = tuple[str, ...]


def edited(window: Window, change: Change) -> None:
    assert window.diagram.editor.apply("An edit", change)


def choose(
    window: Window,
    units: Iterable[tuple[int, int]] = (),
    connections: Iterable[tuple[int, int, int]] = (),
    layers: Iterable[int] = (),
) -> None:
    window.diagram.editor.choose(Selection(frozenset(units), frozenset(connections), frozenset(layers)))


def as_opened(window: Window) -> None:
    choose(window)


def empty(window: Window) -> None:
    window.files.new()


def one_unit_left(window: Window) -> None:
    edited(window, partial(edits.with_units, k=1, units=1))
    choose(window, units=[(1, 0)])


def input_column(window: Window) -> None:
    choose(window, layers=[0])


def an_input(window: Window) -> None:
    choose(window, units=[(0, 1)])


def output_column(window: Window) -> None:
    choose(window, layers=[len(window.lab.project.network.layers)])


def an_output(window: Window) -> None:
    choose(window, units=[(len(window.lab.project.network.layers), 0)])


def a_hidden_unit(window: Window) -> None:
    choose(window, units=[(1, 0)])


def every_hidden_unit(window: Window) -> None:
    choose(window, units=[(1, 0), (1, 1)])


def a_connection(window: Window) -> None:
    choose(window, connections=[(1, 0, 0)])


def a_deleted_connection(window: Window) -> None:
    edited(window, partial(edits.connect, connections=[(1, 0, 0)], there=False))
    choose(window, connections=[(1, 0, 0)])


def of_kind(kind: str, window: Window) -> None:
    edited(window, partial(edits.add_layer, at=2, kind=kind))
    choose(window, layers=[2])


def unit_of_kind(kind: str, window: Window) -> None:
    edited(window, partial(edits.add_layer, at=2, kind=kind))
    choose(window, units=[(2, 0)])


def everything(window: Window) -> None:
    choose(window, layers=list(range(len(window.lab.project.network.sizes))))


def trained(window: Window) -> None:
    for _ in range(3):
        window.lab.next_step()


def past_step(window: Window) -> None:
    trained(window)
    window.lab.show_step(1)


def before_an_edit(window: Window) -> None:
    trained(window)
    edited(window, partial(edits.add_unit, k=1))
    trained(window)
    window.lab.show_step(1)


def on_a_branch(window: Window) -> None:
    past_step(window)
    edited(window, partial(edits.set_bias, k=1, j=0, value=1.25))
    trained(window)


def compared(window: Window) -> None:
    on_a_branch(window)
    lab = window.lab
    lab.compare_with(next(b.number for b in lab.branches.every if b.number != lab.branches.current))
    window.centre.show_page("compare")


def training(window: Window) -> None:
    window.lab.rate = 20.0
    window.lab.train()


def page(name: str, window: Window) -> None:
    window.centre.show_page(name)


STATES: dict[str, tuple[str, Callable[[Window], object]]] = {
    "as opened": ("worked-example", as_opened),
    "new": ("worked-example", empty),
    "one unit left": ("worked-example", one_unit_left),
    "input column": ("worked-example", input_column),
    "an input": ("worked-example", an_input),
    "output column": ("worked-example", output_column),
    "an output": ("worked-example", an_output),
    "a hidden unit": ("worked-example", a_hidden_unit),
    "every hidden unit": ("worked-example", every_hidden_unit),
    "a connection": ("worked-example", a_connection),
    "a deleted connection": ("worked-example", a_deleted_connection),
    "a convolution": ("spirals", partial(of_kind, "conv1d")),
    "a residual layer": ("spirals", partial(of_kind, "residual")),
    "a normalisation": ("spirals", partial(of_kind, "batch_norm")),
    "dropout": ("spirals", partial(of_kind, "dropout")),
    "a unit of a convolution": ("spirals", partial(unit_of_kind, "conv1d")),
    "a unit of dropout": ("spirals", partial(unit_of_kind, "dropout")),
    "everything": ("spirals", everything),
    "trained": ("spirals", trained),
    "a past step": ("spirals", past_step),
    "a step of an earlier network": ("spirals", before_an_edit),
    "a branch": ("spirals", on_a_branch),
    "A | B": ("spirals", compared),
    "training": ("spirals", training),
    "one target": ("regression", as_opened),
    "large": ("digits", as_opened),
    **{f"the page {name}": ("xor", partial(page, name)) for name in ("softmax", "batch", "samples", "draw")},
}


@pytest.fixture
def open_in(qapp: QApplication, tmp_path: Path, said: list[str]) -> Iterator[Callable[[str], Window]]:
    """A window in one of the states."""
    opened: list[Window] = []
    QGuiApplication.clipboard().clear()
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)

    def show(state: str) -> Window:
        name, prepare = STATES[state]
        if not opened:
            opened.append(Window(Lab(examples.load(name)), Theme("dark"), settings))
            opened[0].show()
            opened[0].parameters.prepare()
            opened[0].lab.message.connect(said.append)
        window = opened[0]
        window.lab.pause()
        window.lab.open(examples.load(name))
        window.files.read_only = window.files.conflict = False
        window.centre.show_page("network")
        window.diagram.editor.close_popover()
        prepare(window)
        QCoreApplication.processEvents()
        said.clear()
        window.diagram.editor.say("")
        return window

    yield show
    for window in opened:
        window.lab.pause()
        window.lab.document.undo_stack.setClean()
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was said after something was tried: in a dialog, or in the line that errors have."""
    found: list[str] = []
    button = QMessageBox.StandardButton
    for name in ("warning", "critical", "information", "about"):
        monkeypatch.setattr(QMessageBox, name, lambda *args: found.append(str(args[2])))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: button.Discard)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    return found


def menus(window: Window, only: str = "") -> Iterator[tuple[str, QMenu]]:
    """The menus of the bar, and the context menus of what is selected and of every place of the diagram;
    only: the one of this title.
    """
    for menu in children(window.actions_.menu_bar):
        title = menu.title().replace("&", "")
        if only in ("", title):
            yield title, menu
    for title, place in (("selected", None), *((f"{place}", place) for place in places(window))):
        if only in ("", title):
            yield title, context(window, place)


def places(window: Window) -> list[Target]:
    spec = window.lab.project.network
    return [
        CANVAS,
        Target(Kind.GAP, layer=1),
        Target(Kind.HEADING, layer=0),
        Target(Kind.HEADING, layer=1),
        Target(Kind.HEADING, layer=len(spec.layers)),
        Target(Kind.UNIT, 1, (0,)),
    ]


def context(window: Window, target: Target | None) -> QMenu:
    editor = window.diagram.editor
    editor.open_menu(window.diagram.rect().center().toPointF(), target)
    assert editor.menu is not None
    editor.menu.close()
    return editor.menu


def children(parent: QWidget) -> list[QMenu]:
    """The menus right below a bar or a menu."""
    return parent.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)


def actions(title: str, menu: QMenu) -> Iterator[tuple[Named, QMenu, QAction]]:
    """All actions of a menu as it is when it opens, those of menus below too."""
    menu.aboutToShow.emit()
    for action in menu.actions():
        if action.isSeparator():
            continue
        path = (title, action.text().split("\t")[0].replace("&", ""))
        yield path, menu, action
        below = next((each for each in children(menu) if each.menuAction() is action), None)
        if below is not None and action.isEnabled():
            for rest, inside, each in actions(path[1], below):
                yield path[:1] + rest, inside, each


def controls(window: Window) -> Iterator[tuple[str, QWidget]]:
    """What can be pressed, chosen or typed in on the window."""
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractSlider)
    for tab in range(window.parameters.tabs.count()):
        window.parameters.tabs.setCurrentIndex(tab)
        for each in window.findChildren(QWidget):
            parent = each.parentWidget()
            told = isinstance(each, kinds) and each.isVisible() and each.accessibleName()
            if told and parent is not None and parent.isEnabled():
                yield f"{type(parent).__name__}: {each.accessibleName()}", each


def cards(window: Window) -> Iterator[tuple[str, QWidget]]:
    """The same in the card of every layer."""
    editor = window.diagram.editor
    for layer in range(1, len(window.lab.project.network.layers) + 1):
        editor.open_layer(layer)
        card = editor.popover
        assert card is not None
        for each in card.findChildren(QWidget):
            if isinstance(each, QComboBox | QAbstractSpinBox | QAbstractButton) and each.isVisible():
                yield f"card: {each.accessibleName()}", each
        editor.close_popover()


def reasons_in(open_in: Callable[[str], Window], states: Iterable[str]) -> list[str]:
    """What is greyed there and does not say why: it says nothing, or what it says where it is not greyed."""
    usual: dict[str, set[str]] = {}
    grey: dict[tuple[str, str], str] = {}
    for state in states:
        window = open_in(state)
        found: list[tuple[str, QWidget | QAction, bool]] = []
        found += [(name, each, True) for name, each in (*controls(window), *cards(window))]
        for title, menu in menus(window):
            for path, inside, action in actions(title, menu):
                found.append((" / ".join(path), action, inside.toolTipsVisible()))
        for name, each, seen in found:
            if each.isEnabled():
                usual.setdefault(name, set()).add(each.toolTip())
            else:
                grey.setdefault((name, each.toolTip() * seen), state)
    return [
        f"{state}: {name} says {tip!r}"
        for (name, tip), state in grey.items()
        if not tip or name.endswith(tip) or tip in usual.get(name, ())
    ]


def complaints_in(open_in: Callable[[str], Window], said: list[str], state: str) -> list[str]:
    """What was not greyed and yet could not be done, with what was said then."""
    window = open_in(state)
    paths = [path for title, menu in menus(window) for path, *_ in actions(title, menu)]
    complaints = []
    for path in paths:
        window = open_in(state)
        found = [each for title, menu in menus(window, path[0]) for each in actions(title, menu)]
        action = next((a for p, _, a in found if p == path and a.isEnabled() and a.menu() is None), None)
        if action is None or path[-1] in LEAVING:
            continue
        said.clear()
        action.trigger()
        QCoreApplication.processEvents()
        for dialog in window.findChildren(QDialog):
            dialog.close()
        if window.diagram.editor.field is not None:
            window.diagram.editor.field.close()
        complaints += [f"{state}: {path}: {line}" for line in (*said, window.diagram.editor._said) if line]
    return complaints


def test_what_is_greyed_says_why(open_in: Callable[[str], Window]) -> None:
    states = ("as opened", "an output", "a normalisation", "a unit of dropout", "a past step", "training")
    assert reasons_in(open_in, states) == []


@pytest.mark.slow
def test_what_is_greyed_says_why_whatever_is_shown(open_in: Callable[[str], Window]) -> None:
    assert reasons_in(open_in, STATES) == []


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
def test_what_is_not_greyed_can_be_done(
    open_in: Callable[[str], Window], said: list[str], state: str
) -> None:
    assert complaints_in(open_in, said, state) == []
