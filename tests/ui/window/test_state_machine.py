"""Random edits, runs, undos, saves: document, diagram, panels, engine and file agree after each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import rule
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QDoubleSpinBox,
    QMessageBox,
    QSpinBox,
    QToolButton,
)
from tests.ui.window import agreement, machines
from tests.ui.window.hand import EXAMPLES, MOST_PARAMETERS, parts, places
from tests.ui.window.time_rules import InTime

from deltaglow.data import DATASETS
from deltaglow.model import edits, fileformat
from deltaglow.model.project import Change
from deltaglow.ui.panels import edits as settings_edits
from deltaglow.ui.widgets.band_slider import BandSlider
from deltaglow.ui.widgets.combo import Combo

MOST_SAMPLES = 600


class Using(InTime):
    """One window, in which everything is tried that can be done to a project."""

    # The panels

    @rule(tab=st.integers(0, 2), place=places, share=parts, steps=st.integers(-3, 3))
    def use_a_control(self, tab: int, place: int, share: float, steps: int) -> None:
        """One of the controls that can be seen on a tab."""
        assert self.window is not None
        self.window.parameters.tabs.setCurrentIndex(tab)
        panel = self.window.parameters
        found = [
            each
            for each, _ in agreement.controls(panel)
            if isinstance(each, Combo | QAbstractSpinBox | QCheckBox | QToolButton | BandSlider)
            and each.isEnabled()
            and each.accessibleName()
        ]
        control = found[place % len(found)]
        note(f"control: {control.accessibleName()}")
        match control:
            case Combo():
                self.pick(control, int(share * control.count()) % max(control.count(), 1))
            case QSpinBox():
                control.setValue(min(control.value() + steps, control.minimum() + 40, control.maximum()))
            case QDoubleSpinBox():
                low, high = control.minimum(), min(control.maximum(), 2.0)
                control.setValue(round(low + share * (high - low), 3))
            case BandSlider():
                control.setValue(control.value() + 3 * steps)
            case QCheckBox() | QToolButton():
                control.click()

    def pick(self, control: Combo, item: int) -> None:
        name = control.itemData(item)
        if name in DATASETS:
            project = settings_edits.with_data_set(self.lab.project, name)
            if project.network.parameter_count > MOST_PARAMETERS or project.data.samples > MOST_SAMPLES:
                return
        control.setCurrentIndex(item)
        control.activated.emit(item)

    # Time

    @rule(what=st.sampled_from(["next_step", "previous_step", "phase_forward", "step_back", "step_forward"]))
    def walk(self, what: str) -> None:
        getattr(self.lab, what)()

    @rule(place=places)
    def show_step(self, place: int) -> None:
        """Every step that can be shown comes back as it was, or, with a sample held on to, that one alone."""
        first, head = self.lab.first_step, self.lab.head
        if head > first:
            step = first + place % (head - first)
            self.lab.show_step(step)
            wanted = self.lab.history.columns(["loss"])[step, 0]
            if self.lab.apart:
                assert self.lab.frame.rows.tolist() == [self.lab.pinned]
            else:
                assert np.float32(self.lab.frame.loss) == np.float32(wanted) or self.lab.broken

    @rule(steps=st.integers(1, 40), place=places, then=st.sampled_from(["pause", "edit", "undo", "slide"]))
    def train(self, steps: int, place: int, then: str) -> None:
        lab, k = self.lab, self.layer(place)
        lab.train()
        self.wait_for(lab.head + steps)
        if then == "edit":
            change: Change = lambda p: edits.add_unit(p, k)  # noqa: E731
            if not edits.fixed(lab.project, k) and not edits.refusal(lab.project, change):
                self.apply(change)
        if then == "slide":
            for part in (3, 2, 1):
                lab.edit("Slide", lambda p, part=part: settings_edits.with_learning_rate(p, part / 50), 7)
                self.wait_for(lab.head + 2)
        if then == "undo":
            self.go(self.stack.index() - 1, self.stack.undo)
        lab.pause()

    def wait_for(self, steps: int) -> None:
        """Until the run has come there, or has ended."""
        machines.wait_until(
            lambda: not self.lab.running or self.lab.history.length >= steps, "the trainer does not come on"
        )

    @rule()
    def forget_the_run(self) -> None:
        self.lab.restart()

    # The history

    # No preconditions: how far a run comes is different each time, and so would be what can be undone.

    @rule()
    def undo(self) -> None:
        if self.stack.canUndo():
            self.go(self.stack.index() - 1, self.stack.undo)

    @rule()
    def redo(self) -> None:
        if self.stack.canRedo():
            self.go(self.stack.index() + 1, self.stack.redo)

    @rule(place=places)
    def jump(self, place: int) -> None:
        index = place % (self.stack.count() + 1)
        self.go(index, lambda: self.lab.document.jump(index))

    # Files

    @rule(suffix=st.sampled_from([".json", ".dglow"]), again=st.booleans())
    def save(self, suffix: str, again: bool) -> None:
        assert self.window is not None
        path = self.lab.document.path if again else None
        path = path or self.folder / f"net{suffix}"
        assert self.window.files.write(path)
        text = fileformat.dumps(self.lab.saved_project)
        assert fileformat.dumps(fileformat.read(path)) == text
        assert not self.lab.document.modified and self.lab.document.path == path
        self.kept = (self.stack.index(), path, text)

    @rule()
    def open_it_again(self) -> None:
        assert self.window is not None
        if self.lab.document.path is None:
            return
        self.window.files.open_file(self.lab.document.path)
        text = fileformat.dumps(fileformat.read(self.lab.document.path))
        assert fileformat.dumps(self.lab.saved_project) == text, "it stands where it stood"
        assert not self.stack.count() and not self.lab.document.modified
        self.begin()

    @rule(what=st.sampled_from([*EXAMPLES, "new"]), often=st.integers(0, 5))
    def open_another(self, what: str, often: int) -> None:
        assert self.window is not None
        if often:
            return
        self.window.files.new() if what == "new" else self.window.files.open_example(what)
        assert not self.stack.count() and not self.lab.document.modified
        self.begin()

    @rule()
    def revert(self) -> None:
        assert self.window is not None
        self.window.files.revert()
        assert not self.lab.document.modified
        if self.lab.document.path is not None:
            text = fileformat.dumps(fileformat.read(self.lab.document.path))
            assert fileformat.dumps(self.lab.saved_project) == text
            self.kept = (self.stack.index(), self.lab.document.path, text)

    @rule(often=st.integers(0, 3))
    def duplicate(self, often: int) -> None:
        assert self.window is not None
        if not often:
            self.window.files.duplicate()
            assert self.lab.document.path is None and self.lab.document.modified
            self.kept = None

    @rule()
    def keep_a_draft(self) -> None:
        assert self.window is not None and self.window.keeper is not None
        keeper = self.window.keeper
        keeper.autosave.keep()
        if self.lab.document.modified:
            draft = keeper.drafts.folder / f"{keeper.autosave.key}.dglow"
            assert fileformat.dumps(fileformat.read(draft)) == fileformat.dumps(self.lab.saved_project)
        else:
            assert not keeper.autosave.key

    @rule()
    def look_with_new_eyes(self) -> None:
        assert self.window is not None
        agreement.as_if_new(self.window)


@pytest.fixture
def gives_leave(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not saved may always go."""
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)


@pytest.mark.usefixtures("gives_leave")
def test_whatever_is_done_everything_agrees() -> None:
    machines.run(Using, 0, 4, 25)


@pytest.mark.slow
@pytest.mark.usefixtures("gives_leave")
@pytest.mark.parametrize("number", [1, 2, 3, 4, 12, 31, 51])
def test_whatever_is_done_thousands_of_times_everything_agrees(number: int) -> None:
    machines.run(Using, number, 30, 60)
