"""A window in which random things are done, and what must hold after each of them."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from PySide6.QtCore import QCoreApplication, QSettings
from tests.ui.window import agreement, machines

from deltaglow.model import edits, examples, fileformat
from deltaglow.model.project import Change
from deltaglow.session.lab import Lab
from deltaglow.session.stretch import Place
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme import Theme

EXAMPLES = ("worked-example", "spirals", "residual")
NAMED = re.compile(r"[A-Z][^<>{}]*\S")
MOST_PARAMETERS = 3000
places = st.integers(0, 1000)
numbers = st.floats(-3, 3).map(lambda value: round(value, 3))
parts = st.floats(0, 1)


class Hand(RuleBasedStateMachine):
    """One shown window, what a hand finds in it, and what must hold after everything that it does."""

    def __init__(self) -> None:
        super().__init__()
        self.window: MainWindow | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="deltaglow-"))

    @initialize(name=st.sampled_from(EXAMPLES))
    def open(self, name: str) -> None:
        self.remembered = QSettings(str(self.folder / "settings.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(Lab(examples.load(name)), Theme("dark"), self.remembered)
        self.lab, self.editor = self.window.lab, self.window.diagram.editor
        self.stack = self.lab.document.undo_stack
        self.window.show()
        self.begin()

    def begin(self) -> None:
        """The history is empty."""
        self.first = fileformat.dumps(self.lab.project)
        self.at, self.now = 0, agreement.standing(self.lab)
        self.known: dict[int, tuple[Place, agreement.Standing]] = {}
        self.kept: tuple[int, Path, str] | None = None

    # What a hand finds

    def layer(self, place: int) -> int:
        return 1 + place % len(self.lab.project.network.layers)

    def unit(self, place: int) -> tuple[int, int]:
        k = self.layer(place)
        return k, place % self.lab.project.network.sizes[k]

    def link(self, place: int, other: int) -> tuple[int, int, int]:
        k, j = self.unit(place)
        return k, j, other % self.lab.project.network.sizes[k - 1]

    def within_bounds(self, change: Change) -> bool:
        """Large networks take their time, and show nothing that small ones do not."""
        if edits.refusal(self.lab.project, change):
            return True
        return change(self.lab.project).network.parameter_count < MOST_PARAMETERS

    def apply(self, change: Change) -> None:
        """As the diagram does it; where it says no, nothing happens."""
        if not self.within_bounds(change):
            return
        before, steps = self.lab.project, self.stack.count()
        refused = self.editor.refusal(change)
        assert self.editor.apply("An edit", change) != bool(refused)
        if refused:
            assert self.lab.project is before and self.stack.count() == steps

    # The history

    def go(self, index: int, how: Callable[[], object]) -> None:
        """Wherever undo and redo lead, all is as it was."""
        was = self.stack.index()
        how()
        assert self.stack.index() == index
        if index != was:
            step = self.stack.command(index if index < was else index - 1)
            place = step.before if index < was else step.after
            now = agreement.standing(self.lab)
            wanted = self.known.get(id(place), (place, now))[1]
            assert now == wanted, agreement.between(now, wanted)

    def record(self) -> None:
        """Remember how all is where the steps that were just made begin and end."""
        now, index = agreement.standing(self.lab), self.stack.index()
        for at in range(self.stack.count()):
            step = self.stack.command(at)
            if at == self.at:
                self.known.setdefault(id(step.before), (step.before, self.now))
            if at == index - 1:
                self.known.setdefault(id(step.after), (step.after, now))
        self.at, self.now = index, now

    # What must hold

    @invariant()
    def everything_agrees(self) -> None:
        if self.window is None:
            return
        QCoreApplication.processEvents()  # what was done is painted, and whatever waited for that comes
        self.record()
        agreement.model_agrees(self.lab)
        agreement.window_agrees(self.window)
        for place in range(self.stack.count()):
            assert NAMED.fullmatch(self.stack.text(place)), self.stack.text(place)
        if self.kept is not None and self.stack.index() == self.kept[0] == self.stack.cleanIndex():
            assert not self.lab.document.modified and self.kept[1].exists()

    def teardown(self) -> None:
        if self.window is None:
            return
        assert not self.window.diagram.grab().isNull()
        while self.stack.canUndo():
            self.go(self.stack.index() - 1, self.stack.undo)
        assert fileformat.dumps(self.lab.project) == self.first
        while self.stack.canRedo():
            self.go(self.stack.index() + 1, self.stack.redo)
        agreement.as_if_new(self.window)
        machines.end([self.window])
        self.remembered.sync()  # what is still to be written would bring the folder back
        shutil.rmtree(self.folder)
