"""The menus: every command of the window by name, with its key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from deltaglow.model import examples
from deltaglow.ui.diagram.editing.commands import for_selection
from deltaglow.ui.diagram.editing.menu import fill
from deltaglow.ui.dialogs.about import show_about
from deltaglow.ui.dialogs.history import show_history
from deltaglow.ui.dialogs.shortcuts import show_shortcuts
from deltaglow.ui.network_table import show_network_table
from deltaglow.ui.past_choice import PastChoice
from deltaglow.ui.reasons import Reasons
from deltaglow.ui.theme.theme import CHOICES

if TYPE_CHECKING:
    from deltaglow.ui.main_window import MainWindow

Command = Callable[[], object]
REVERT = "Back to the project as it is in its file, or as it was opened; undo takes that back"
UNDECIDED = "Choose first what is to stay: the file on the disk, or what is here"
PAGES = (
    ("network", "&Network", "F6"),
    ("softmax", "Soft&max", "F7"),
    ("batch", "&Batch", "F8"),
    ("samples", "&Samples", "F9"),
    ("draw", "&Draw", "F10"),
    ("compare", "&Compare", "F12"),
)
"""What can stand in the centre, as `Centre` names it, and as the menu does, with its key."""


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
        self._add(menu, "&New", files.new, "Ctrl+N")
        self._add(menu, "&Open…", files.open, "Ctrl+O")
        self._recent = menu.addMenu("Open &recent")
        self._recent.setToolTipsVisible(True)
        self._recent.aboutToShow.connect(self._list_recent)
        self._gallery = menu.addMenu("Open an &example")
        self._gallery.aboutToShow.connect(self._list_examples)
        menu.addSeparator()
        reasons, document = Reasons(menu), self._window.lab.document
        reasons.add(self._add(menu, "&Save", files.save, "Ctrl+S"), lambda: UNDECIDED * files.conflict)
        self._add(menu, "Save &as…", files.save_as, "Ctrl+Shift+S")
        self._add(menu, "&Duplicate", files.duplicate, "Ctrl+Shift+D")
        PastChoice(menu, self._window.lab)
        revert = self._add(menu, "Re&vert", files.revert)
        reasons.add(revert, lambda: "" if document.modified else "Nothing was changed", REVERT)
        menu.addSeparator()
        self._add(menu, "&Import table…", files.import_table, "Ctrl+Shift+I")
        self._add(menu, "Export &worked solution…", self._export_solution, "Ctrl+Shift+E")
        menu.addSeparator()
        self._add(menu, "&Quit", self._window.close, "Ctrl+Q")

    def _export_solution(self) -> None:
        # Imported when it is first asked for: no window waits for what it takes to print.
        from deltaglow.ui.dialogs.worked_solution import show_worked_solution

        window = self._window
        show_worked_solution(window, window.lab, Path(window.files.name).stem)

    @Slot()
    def _list_examples(self) -> None:
        """Once, when it is first opened: their titles are in their files."""
        if self._gallery.isEmpty():
            for name in examples.names():
                title = examples.load(name).title or name
                self._add(self._gallery, title, partial(self._window.files.open_example, name))

    @Slot()
    def _list_recent(self) -> None:
        """Fill the menu of recent files; those that are gone stay, greyed, with the reason."""
        files, menu = self._window.files, self._recent
        menu.clear()
        for path in files.recent.paths:
            action = menu.addAction(path.name.replace("&", "&&"))
            there = path.exists()
            action.setToolTip(str(path) if there else f"{path} is not there any more")
            action.setEnabled(there)
            action.triggered.connect(partial(self._open_recent, path))
        if menu.isEmpty():
            nothing = menu.addAction("No file was opened yet")
            nothing.setEnabled(False)
            nothing.setToolTip("Files that you open or save are offered here")
            return
        menu.addSeparator()
        menu.addAction("&Clear the list").triggered.connect(files.recent.clear)

    def _open_recent(self, path: Path, checked: bool = False) -> None:
        del checked
        self._window.files.open_file(path)

    def _edit(self, menu: QMenu) -> None:
        document = self._window.lab.document
        self._undo = self._add(menu, "&Undo", document.undo_stack.undo)
        self._undo.setShortcut(QKeySequence(QKeySequence.StandardKey.Undo))
        self._redo = self._add(menu, "&Redo", document.undo_stack.redo)
        self._redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        document.stepsChanged.connect(self._name_steps)
        self._name_steps()
        menu.addSeparator()
        files = self._window.files
        paste = self._add(menu, "Paste &table…", files.paste_table, "Ctrl+Shift+V")
        Reasons(menu).add(paste, files.nothing_to_paste)
        self._diagram = menu.addMenu("On the &diagram")
        self._diagram.aboutToShow.connect(self._fill_diagram)

    @Slot()
    def _fill_diagram(self) -> None:
        """All that can be done with what is selected there, as its context menu has it."""
        self._diagram.clear()
        fill(self._diagram, for_selection(self._window.diagram.editor))

    @Slot()
    def _name_steps(self) -> None:
        stack = self._window.lab.document.undo_stack
        for action, verb, can, text in (
            (self._undo, "&Undo", stack.canUndo(), stack.undoText()),
            (self._redo, "&Redo", stack.canRedo(), stack.redoText()),
        ):
            action.setEnabled(can)
            action.setText(f"{verb} {text.replace('&', '&&')}".strip())
            action.setToolTip("" if can else f"There is nothing to {verb[1:].lower()}")

    def _run(self, menu: QMenu) -> None:
        window = self._window
        lab, transport = window.lab, window.transport
        self._add(menu, "&Play or pause", transport.toggle_play, shown="Space")
        onward = self._add(menu, "Play &on after each step", lambda: lab.set_onward(onward.isChecked()))
        onward.setCheckable(True)
        onward.setToolTip("When a step is complete, play the next one; otherwise stop there")
        menu.aboutToShow.connect(lambda: onward.setChecked(lab.onward))
        self._add(menu, "&Train or pause", transport.toggle_train, shown="T")
        menu.addSeparator()
        reasons, on, back = Reasons(menu), transport.why_not_on, transport.why_not_back
        reasons.add(self._add(menu, "Step &forward", lab.step_forward, shown="→"), on)
        reasons.add(self._add(menu, "Step &back", lab.step_back, shown="←"), back)
        reasons.add(self._add(menu, "Phase forward", lab.phase_forward, shown="Shift+→"), on)
        reasons.add(self._add(menu, "Phase back", lab.phase_back, shown="Shift+←"), back)
        self._add(menu, "Next &depth: layer, unit, term", lab.next_depth, shown="D")
        reasons.add(self._add(menu, "Training step forward", lab.next_step, shown="Ctrl+→"), on)
        reasons.add(self._add(menu, "Training step back", lab.previous_step, shown="Ctrl+←"), back)
        menu.addSeparator()
        centre = window.centre
        self._add(menu, "&Next misclassified sample", lambda: centre.step_wrong(1), "F4")
        self._add(menu, "Misclassified sample before", lambda: centre.step_wrong(-1), "Shift+F4")
        menu.addSeparator()
        self._add(menu, "Re&wind to the start", lab.rewind, shown="Home")
        forget = self._add(menu, "Forget the run", lab.restart, "Ctrl+R")
        reasons.add(forget, lambda: "" if lab.head else "Nothing was trained yet")
        menu.addSeparator()
        branches = self._add(menu, "&Branches…", self._show_branches, "Ctrl+B")
        transport.branches.clicked.connect(branches.trigger)
        self._add(menu, "Ta&ble of runs…", self._show_runs, "Ctrl+Shift+B")
        self._add(menu, "Repeat over &seeds…", self._show_seeds, "Ctrl+Shift+R")

    def _show_runs(self) -> None:
        from deltaglow.ui.runs.table import show_run_table  # as above

        window = self._window
        show_run_table(window, window.lab, window.theme, window.clock)

    def _show_seeds(self) -> None:
        from deltaglow.ui.runs.seeds import show_seeds

        show_seeds(self._window, self._window.lab)

    def _show_branches(self) -> None:
        from deltaglow.ui.runs import show_branches  # not before it is asked for, as above

        window = self._window
        show_branches(window, window.lab, window.theme, window.clock)

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
        for number, (name, title, key) in enumerate(PAGES, start=1):
            page = self._add(menu, title, partial(window.centre.show_page, name))
            page.setShortcuts([QKeySequence(key), QKeySequence(f"Ctrl+{number}")])
        menu.addSeparator()
        still = self._add(menu, "&Reduced motion", lambda: self._set_still(still.isChecked()))
        still.setCheckable(True)
        diagram = window.diagram
        split = self._add(menu, "δ &split beside the units", lambda: diagram.set_split(split.isChecked()))
        split.setCheckable(True)
        split.setToolTip("While errors travel: what came back to each unit, and how much it listens")
        menu.aboutToShow.connect(lambda: split.setChecked(diagram.split))
        text, maps = "&Maps in the units\tM", diagram.responses
        mapped = self._add(menu, text, lambda: diagram.show_responses(mapped.isChecked()))
        mapped.setCheckable(True)
        tip = "What each unit says all over the plane of two features, as a picture in it"
        Reasons(menu).add(mapped, lambda: "" if maps.on else maps.why_not(diagram.scene().geometry), tip)
        menu.aboutToShow.connect(lambda: mapped.setChecked(maps.on))
        self._add(menu, "&History…", lambda: show_history(window, window.lab.document), "Ctrl+H")
        table = partial(show_network_table, window, window.lab)
        self._add(menu, "Network as a &table…", lambda: table(window.clock), "Ctrl+Shift+T")
        self._add(menu, "&Go to a number…", window.explanation.focus_address, "Ctrl+G")
        self._add(menu, "F&ull screen", self._toggle_full_screen, "F11")
        presented = self._add(menu, "&Presenter mode", window.presenter.toggle, "F5")
        presented.setCheckable(True)
        presented.setToolTip("Network and explanation alone, large: for a room that looks on (Esc leaves)")
        window.presenter.changed.connect(presented.setChecked)

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
