"""Commands as menus: what cannot be done is greyed and says why."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from deltaglow.ui.diagram.editing.command import Command, Commands


def fill(menu: QMenu, commands: Commands) -> None:
    """Put the commands into a menu, which shows the reason of a greyed one as its tooltip."""
    menu.setToolTipsVisible(True)
    for command in _tidy(commands):
        if command is None:
            menu.addSeparator()
        elif command.below:
            _submenu(menu, command)
        else:
            menu.addAction(_action(menu, command))


def made(parent: QWidget, commands: Commands) -> QMenu:
    """A menu that deletes itself when it is closed."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    fill(menu, commands)
    return menu


def _submenu(menu: QMenu, command: Command) -> None:
    below = menu.addMenu(command.text)
    reason = command.why_not()
    if reason:
        _grey(below.menuAction(), reason)
    else:
        fill(below, list(command.below))


def _action(menu: QMenu, command: Command) -> QAction:
    keys = command.keys.split(" ")[0]
    shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
    action = QAction(f"{command.text}\t{shown}" if shown else command.text, menu)
    if command.checked is not None:
        action.setCheckable(True)
        action.setChecked(command.checked)
    reason = command.why_not()
    if reason:
        _grey(action, reason)
    elif command.run is not None:
        action.triggered.connect(_calling(command.run))
    return action


def _calling(run: Callable[[], object]) -> Callable[[], None]:
    def call() -> None:
        run()

    return call


def _grey(action: QAction, reason: str) -> None:
    action.setEnabled(False)
    action.setToolTip(reason)
    action.setStatusTip(reason)


def _tidy(commands: Commands) -> Commands:
    """Without lines at the ends and two lines together."""
    found: Commands = []
    for command in commands:
        if command is not None or (found and found[-1] is not None):
            found.append(command)
    return found[:-1] if found and found[-1] is None else found
