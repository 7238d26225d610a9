"""Random edits, runs, undos, saves: document, diagram, panels, engine and file agree after each."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from hypothesis import HealthCheck, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QDoubleSpinBox,
    QMessageBox,
    QSpinBox,
    QToolButton,
)
from tests.ui.window import agreement

from deltaglow.data import DATASETS
from deltaglow.engine import ACTIVATIONS, INITIALIZERS
from deltaglow.model import edits, examples, fileformat, freezing
from deltaglow.model.parts import Conv1d, Dropout
from deltaglow.model.project import Change
from deltaglow.session.lab import Lab
from deltaglow.session.stretch import Place
from deltaglow.ui.diagram.editing import copying
from deltaglow.ui.diagram.editing.command import Command
from deltaglow.ui.diagram.editing.commands import for_selection
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.panels import edits as settings_edits
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets.band_slider import BandSlider
from deltaglow.ui.widgets.combo import Combo

KINDS = ("dense", "residual", "batch_norm", "dropout", "conv1d")
EXAMPLES = ("worked-example", "spirals", "residual")
OPENS_SOMETHING = ("Set the", "Name the", "Layer ")
NAMED = re.compile(r"[A-Z][^<>{}]*\S")
MOST_PARAMETERS, MOST_SAMPLES, PATIENCE_S = 3000, 600, 60.0
places = st.integers(0, 1000)
numbers = st.floats(-3, 3).map(lambda value: round(value, 3))
parts = st.floats(0, 1)


class Using(RuleBasedStateMachine):
    """One window, in which everything is tried that can be done to a project."""

    def __init__(self) -> None:
        super().__init__()
        self.window: MainWindow | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="deltaglow-"))

    @initialize(name=st.sampled_from(EXAMPLES))
    def open(self, name: str) -> None:
        remembered = QSettings(str(self.folder / "settings.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(Lab(examples.load(name)), Theme("dark"), remembered)
        self.lab, self.editor = self.window.lab, self.window.diagram.editor
        self.stack = self.lab.document.undo_stack
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

    # The network

    @rule(place=places, kind=st.sampled_from(KINDS))
    def add_layer(self, place: int, kind: str) -> None:
        k = self.layer(place)
        self.apply(lambda p: edits.add_layer(p, k, kind))

    @rule(place=places, other=places, what=st.sampled_from(["remove", "move", "duplicate"]))
    def change_layers(self, place: int, other: int, what: str) -> None:
        k, to, depth = self.layer(place), self.layer(other), len(self.lab.project.network.layers)
        changes: dict[str, Change] = {
            "remove": lambda p: edits.remove_layers(p, [k]),
            "move": lambda p: edits.move_layer(p, k, to),
            "duplicate": lambda p: edits.duplicate_layer(p, k),
        }
        if k < depth and to < depth:
            self.apply(changes[what])

    @rule(place=places, kind=st.sampled_from(KINDS))
    def change_kind(self, place: int, kind: str) -> None:
        k = self.layer(place)
        if k < len(self.lab.project.network.layers):
            self.apply(lambda p: edits.with_kind(p, k, kind))

    @rule(place=places, name=st.sampled_from(sorted(ACTIVATIONS)), init=st.sampled_from(sorted(INITIALIZERS)))
    def change_activation(self, place: int, name: str, init: str) -> None:
        k = self.layer(place)
        if place % 2:
            self.apply(lambda p: edits.with_activation(p, k, name))
        else:
            self.apply(lambda p: edits.with_initialisation(p, k, init))

    @rule(place=places, share=parts, whole=st.integers(1, 4))
    def change_part(self, place: int, share: float, whole: int) -> None:
        k = self.layer(place)
        part = self.lab.project.network.layers[k - 1].part
        if isinstance(part, Dropout):
            self.apply(lambda p: edits.with_part(p, k, replace(part, rate=round(0.9 * share, 2))))
        if isinstance(part, Conv1d):
            self.apply(lambda p: edits.with_part(p, k, replace(part, channels=whole)))

    @rule(place=places, units=st.integers(1, 9), adds=st.booleans())
    def change_width(self, place: int, units: int, adds: bool) -> None:
        k, at = self.unit(place)
        if not edits.fixed(self.lab.project, k):
            self.apply(lambda p: edits.add_unit(p, k, at) if adds else edits.with_units(p, k, units))

    @rule(place=places, what=st.sampled_from(["remove", "duplicate", "move", "sort"]))
    def change_units(self, place: int, what: str) -> None:
        k, unit = self.unit(place)
        changes: dict[str, Change] = {
            "remove": lambda p: edits.remove_units(p, [(k, unit)]),
            "duplicate": lambda p: edits.duplicate_units(p, [(k, unit)]),
            "move": lambda p: edits.move_unit(p, k, unit, 0),
            "sort": edits.untangled,
        }
        if not edits.fixed(self.lab.project, k):
            self.apply(changes[what])

    @rule(place=places, other=places, there=st.booleans())
    def connect(self, place: int, other: int, there: bool) -> None:
        link, known = self.link(place, other), self.lab.project
        self.apply(lambda p: edits.connect(p, [link], there, known))

    @rule(place=places, other=places, value=numbers, bias=st.booleans())
    def set_number(self, place: int, other: int, value: float, bias: bool) -> None:
        k, j, i = self.link(place, other)
        if bias:
            self.apply(lambda p: edits.set_bias(p, k, j, value))
        else:
            self.apply(lambda p: edits.set_weights(p, [((k, j, i), value)]))

    @rule(place=places, other=places, name=st.sampled_from(["u", "v", "w77", ""]), bias=st.booleans())
    def rename(self, place: int, other: int, name: str, bias: bool) -> None:
        k, j, i = self.link(place, other)
        if bias:
            self.apply(lambda p: edits.rename_bias(p, k, j, name))
        else:
            self.apply(lambda p: edits.rename_weight(p, (k, j, i), name))

    @rule(place=places, other=places, what=st.sampled_from("lWb"), frozen=st.booleans())
    def freeze(self, place: int, other: int, what: str, frozen: bool) -> None:
        k, j, i = self.link(place, other)
        layer = self.lab.project.network.layers[k - 1]
        if what == "l" and not isinstance(layer.part, Dropout):
            self.apply(freezing.freeze_layer(k, frozen))
        elif layer.part is None and what == "W":
            self.apply(freezing.freeze_weights([(k, j, i)], frozen))
        elif layer.part is None:
            self.apply(freezing.freeze_biases([(k, j)], frozen))

    @rule(
        place=places,
        others=st.lists(places, min_size=1, max_size=3),
        what=st.sampled_from(["units", "connections", "layers"]),
        wanted=places,
    )
    def give_a_command(self, place: int, others: list[int], what: str, wanted: int) -> None:
        """Something is selected, and of all the commands there are for it, one is given."""
        chosen = {
            "units": Selection(units=frozenset(map(self.unit, others))),
            "connections": Selection(connections=frozenset(self.link(place, each) for each in others)),
            "layers": Selection(layers=frozenset(map(self.layer, others))),
        }
        self.editor.choose(chosen[what])
        found = [each for each in every(for_selection(self.editor)) if self.may_give(each)]
        command = found[wanted % len(found)]
        note(f"command: {command.text}")
        self.editor.say("")
        assert command.run is not None
        command.run()
        assert not self.editor._said, "what was not greyed can be done"

    def may_give(self, command: Command) -> bool:
        if command.run is None or command.text.startswith(OPENS_SOMETHING) or command.why_not():
            return False
        small = self.lab.project.network.parameter_count < MOST_PARAMETERS / 2
        return small or command.text.startswith(("Remove", "Delete", "Cut"))

    @rule(place=places, cuts=st.booleans())
    def copy_and_paste(self, place: int, cuts: bool) -> None:
        unit = self.unit(place)
        if not edits.fixed(self.lab.project, unit[0]) and self.lab.project.network.sizes[unit[0]] > 1:
            self.editor.choose(Selection(units=frozenset([unit])))
            (copying.cut if cuts else copying.copy)(self.editor)
            copying.paste(self.editor)

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
        """Every step that can be shown comes back as it was."""
        first, head = self.lab.first_step, self.lab.head
        if head > first:
            step = first + place % (head - first)
            self.lab.show_step(step)
            wanted = self.lab.history.columns(["loss"])[step, 0]
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
        until = monotonic() + PATIENCE_S
        while self.lab.running and self.lab.history.length < steps:
            QCoreApplication.processEvents()
            assert monotonic() < until, "the trainer does not come on"

    @rule()
    def forget_the_run(self) -> None:
        self.lab.restart()

    # The history

    @precondition(lambda self: self.stack.canUndo())
    @rule()
    def undo(self) -> None:
        self.go(self.stack.index() - 1, self.stack.undo)

    @precondition(lambda self: self.stack.canRedo())
    @rule()
    def redo(self) -> None:
        self.go(self.stack.index() + 1, self.stack.redo)

    @precondition(lambda self: self.stack.count() > 1)
    @rule(place=places)
    def jump(self, place: int) -> None:
        index = place % (self.stack.count() + 1)
        self.go(index, lambda: self.lab.document.jump(index))

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

    @precondition(lambda self: self.lab.document.path is not None)
    @rule()
    def open_it_again(self) -> None:
        assert self.window is not None and self.lab.document.path is not None
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

    # What must hold

    @invariant()
    def everything_agrees(self) -> None:
        if self.window is None:
            return
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
        self.stack.setClean()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        shutil.rmtree(self.folder)


def every(commands: Iterable[Command | None]) -> list[Command]:
    """All of them, those of menus below too."""
    found: list[Command] = []
    for command in commands:
        if command is not None:
            found += [command, *(() if command.why_not() else every(command.below))]
    return found


@pytest.fixture
def gives_leave(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not saved may always go."""
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)


def run(number: int, times: int, steps: int) -> None:
    """So many windows, in each of which so many things are done."""
    run_state_machine_as_test(
        seed(number)(type(f"Using{number}", (Using,), {})),
        settings=settings(
            max_examples=times,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            deadline=None,
            derandomize=False,
            database=None,
        ),
    )


@pytest.mark.usefixtures("gives_leave")
def test_whatever_is_done_everything_agrees() -> None:
    run(0, 4, 25)


@pytest.mark.slow
@pytest.mark.usefixtures("gives_leave")
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_whatever_is_done_thousands_of_times_everything_agrees(number: int) -> None:
    run(number, 30, 60)
