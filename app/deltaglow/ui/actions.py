"""The menus: every command of the window by name, with its key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from deltaglow.model import examples
from deltaglow.ui.dialogs.about import show_about
from deltaglow.ui.dialogs.shortcuts import show_shortcuts
from deltaglow.ui.theme.theme import CHOICES

if TYPE_CHECKING:
    from deltaglow.ui.main_window import MainWindow

Command = Callable[[], object]


class Actions(QObject):
    """Builds the menu bar. Keys that a field must get first are shown, not bound: the window has them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.menu_bar = QMenuBar()
        self.menu_bar.setNativeMenuBar(False)
        self._file(self.menu_bar.addMenu("&File"))
        self._edit(self.menu_bar.addMenu("&Edit"))
        self._run(self.menu_bar.addMenu("&Run"))
        self._view(self.menu_bar.addMenu("&View"))
        self._help(self.menu_bar.addMenu("&Help"))

    def _add(self, menu: QMenu, text: str, command: Command, keys: str = "", shown: str = "") -> QAction:
        action = menu.addAction(f"{text}\t{shown}" if shown else text)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda checked=False: command())
        self._window.addAction(action)
        return action

    def _file(self, menu: QMenu) -> None:
        files = self._window.files
        self._add(menu, "&Open…", files.open, "Ctrl+O")
        gallery = menu.addMenu("Open an &example")
        for name in examples.names():
            self._add(gallery, examples.load(name).title or name, partial(files.open_example, name))
        menu.addSeparator()
        self._add(menu, "&Save", files.save, "Ctrl+S")
        self._add(menu, "Save &as…", files.save_as, "Ctrl+Shift+S")
        menu.addSeparator()
        self._add(menu, "&Quit", self._window.close, "Ctrl+Q")

    def _edit(self, menu: QMenu) -> None:
        stack = self._window.lab.document.undo_stack
        undo, redo = stack.createUndoAction(self, "&Undo"), stack.createRedoAction(self, "&Redo")
        undo.setShortcut(QKeySequence(QKeySequence.StandardKey.Undo))
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        for action in (undo, redo):
            menu.addAction(action)
            self._window.addAction(action)

    def _run(self, menu: QMenu) -> None:
        lab, transport = self._window.lab, self._window.transport
        self._add(menu, "&Play or pause", transport.toggle_play, shown="Space")
        self._add(menu, "&Train or pause", transport.toggle_train, shown="T")
        menu.addSeparator()
        self._add(menu, "Step &forward", lab.step_forward, shown="→")
        self._add(menu, "Step &back", lab.step_back, shown="←")
        self._add(menu, "Phase forward", lab.phase_forward, shown="Shift+→")
        self._add(menu, "Phase back", lab.phase_back, shown="Shift+←")
        self._add(menu, "Training step forward", lab.next_step, shown="Ctrl+→")
        self._add(menu, "Training step back", lab.previous_step, shown="Ctrl+←")
        menu.addSeparator()
        self._add(menu, "Re&wind to the start", lab.rewind, shown="Home")
        self._add(menu, "Forget the run", lab.restart, "Ctrl+R")

    def _view(self, menu: QMenu) -> None:
        window = self._window
        group = QActionGroup(self)
        self._themes: dict[str, QAction] = {}
        for choice in CHOICES:
            name = "Follow the system" if choice == "system" else choice.capitalize()
            action = self._add(menu, f"&{name}", partial(window.theme.set_choice, choice))
            action.setCheckable(True)
            action.setChecked(window.theme.choice == choice)
            group.addAction(action)
            self._themes[choice] = action
        window.theme.changed.connect(self._mark_theme)
        self._add(menu, "Switch dark and light", window.toggle_theme, "Ctrl+Shift+L")
        menu.addSeparator()
        still = self._add(menu, "&Reduced motion", lambda: self._set_still(still.isChecked()))
        still.setCheckable(True)
        self._add(menu, "&Go to a number…", window.explanation.focus_address, "Ctrl+G")
        self._add(menu, "F&ull screen", self._toggle_full_screen, "F11")

    def _help(self, menu: QMenu) -> None:
        self._add(menu, "&Keys", lambda: show_shortcuts(self._window), "F1")
        self._add(menu, "&About Deltaglow", lambda: show_about(self._window))

    @Slot()
    def _mark_theme(self) -> None:
        self._themes[self._window.theme.choice].setChecked(True)

    def _set_still(self, still: bool) -> None:
        self._window.diagram.still = still
        self._window.diagram.update()

    def _toggle_full_screen(self) -> None:
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)
