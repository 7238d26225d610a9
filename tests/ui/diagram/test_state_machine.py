"""Random edits, steps, undos and redos: document, diagram, panels, engine and file agree after each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from deltaglow.engine import ACTIVATIONS
from deltaglow.model import edits, examples, fileformat
from deltaglow.model.project import Change
from deltaglow.model.validate import validate
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram.editing import copying
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme import Theme

KINDS = ("dense", "residual", "batch_norm", "dropout", "conv1d")
places = st.integers(0, 1000)
numbers = st.floats(-3, 3).map(lambda value: round(value, 3))


class Editing(RuleBasedStateMachine):
    """One window, in which everything is tried that the diagram can do."""

    def __init__(self) -> None:
        super().__init__()
        self.window: MainWindow | None = None

    @initialize(name=st.sampled_from(["worked-example", "spirals", "residual"]))
    def open(self, name: str) -> None:
        self.window = MainWindow(Lab(examples.load(name)), Theme("dark"))
        self.lab, self.editor = self.window.lab, self.window.diagram.editor
        self.first = fileformat.dumps(self.lab.project)

    def layer(self, place: int) -> int:
        return 1 + place % len(self.lab.project.network.layers)

    def unit(self, place: int) -> tuple[int, int]:
        k = self.layer(place)
        return k, place % self.lab.project.network.sizes[k]

    def link(self, place: int, other: int) -> tuple[int, int, int]:
        k, j = self.unit(place)
        return k, j, other % self.lab.project.network.sizes[k - 1]

    def apply(self, change: Change) -> None:
        """As the diagram does it; where it says no, nothing happens."""
        before, steps = self.lab.project, self.lab.document.undo_stack.count()
        refused = self.editor.refusal(change)
        assert self.editor.apply("An edit", change) != bool(refused)
        if refused:
            assert self.lab.project is before and self.lab.document.undo_stack.count() == steps

    @rule(place=places, kind=st.sampled_from(KINDS))
    def add_layer(self, place: int, kind: str) -> None:
        k = self.layer(place)
        self.apply(lambda p: edits.add_layer(p, k, kind))

    @rule(place=places)
    def remove_layer(self, place: int) -> None:
        k = self.layer(place)
        if k < len(self.lab.project.network.layers):
            self.apply(lambda p: edits.remove_layers(p, [k]))

    @rule(place=places, other=places)
    def move_layer(self, place: int, other: int) -> None:
        k, to, depth = self.layer(place), self.layer(other), len(self.lab.project.network.layers)
        if k < depth and to < depth:
            self.apply(lambda p: edits.move_layer(p, k, to))

    @rule(place=places, kind=st.sampled_from(KINDS))
    def change_kind(self, place: int, kind: str) -> None:
        k = self.layer(place)
        if k < len(self.lab.project.network.layers):
            self.apply(lambda p: edits.with_kind(p, k, kind))

    @rule(place=places, name=st.sampled_from(sorted(ACTIVATIONS)))
    def change_activation(self, place: int, name: str) -> None:
        k = self.layer(place)
        self.apply(lambda p: edits.with_activation(p, k, name))

    @rule(place=places)
    def add_a_unit(self, place: int) -> None:
        k, at = self.unit(place)
        if not edits.fixed(self.lab.project, k):
            self.apply(lambda p: edits.add_unit(p, k, at))

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

    @rule(place=places, other=places, value=numbers)
    def set_weight(self, place: int, other: int, value: float) -> None:
        link = self.link(place, other)
        self.apply(lambda p: edits.set_weights(p, [(link, value)]))

    @rule(place=places, value=numbers)
    def set_bias(self, place: int, value: float) -> None:
        k, j = self.unit(place)
        self.apply(lambda p: edits.set_bias(p, k, j, value))

    @rule(place=places, other=places, name=st.sampled_from(["u", "v", "w77", ""]))
    def rename(self, place: int, other: int, name: str) -> None:
        link = self.link(place, other)
        self.apply(lambda p: edits.rename_weight(p, link, name))

    @rule(place=places, cuts=st.booleans())
    def copy_and_paste(self, place: int, cuts: bool) -> None:
        unit = self.unit(place)
        if not edits.fixed(self.lab.project, unit[0]) and self.lab.project.network.sizes[unit[0]] > 1:
            self.editor.choose(Selection(units=frozenset([unit])))
            (copying.cut if cuts else copying.copy)(self.editor)
            copying.paste(self.editor)

    @rule()
    def step(self) -> None:
        self.lab.next_step()

    @precondition(lambda self: self.lab.document.undo_stack.canUndo())
    @rule()
    def undo(self) -> None:
        self.lab.document.undo_stack.undo()

    @precondition(lambda self: self.lab.document.undo_stack.canRedo())
    @rule()
    def redo(self) -> None:
        self.lab.document.undo_stack.redo()

    @invariant()
    def everything_agrees(self) -> None:
        if self.window is None:
            return
        lab, spec = self.lab, self.lab.project.network
        validate(lab.project)
        assert lab.document.project is lab.project
        text = fileformat.dumps(lab.project)
        assert fileformat.dumps(fileformat.loads(text)) == text
        assert fileformat.loads(fileformat.dumps(lab.trained_project)).network.sizes == spec.sizes
        assert lab.frame.architecture.widths == spec.sizes
        assert self.window.diagram.scene().geometry.sizes == spec.sizes
        rows = self.window.parameters.network.rows
        assert [row.units.value() for row in rows] == [layer.units for layer in spec.layers]
        assert [row.activation.name() for row in rows] == [layer.activation for layer in spec.layers]
        for layer, trace in zip(spec.layers, lab.frame.layers, strict=True):
            if layer.mask is not None:
                assert not trace.W[~layer.mask].any() and not trace.W_after[~layer.mask].any()
            if layer.part is None:
                assert (layer.mask is None) == (trace.mask is None)
        assert self.editor.selection == self.editor.selection.within(spec)
        assert np.isfinite(lab.frame.theta).all()

    def teardown(self) -> None:
        if self.window is None:
            return
        assert not self.window.diagram.grab().isNull()
        stack = self.lab.document.undo_stack
        while stack.canUndo():
            stack.undo()
        assert fileformat.dumps(self.lab.project) == self.first
        while stack.canRedo():
            stack.redo()
        stack.setClean()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def run(examples: int, steps: int, check: Callable[..., None] = run_state_machine_as_test) -> None:
    check(
        Editing,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            deadline=None,
            derandomize=True,
            database=None,
        ),
    )


def test_random_edits_keep_everything_in_agreement(qapp: QApplication) -> None:
    run(8, 20)


@pytest.mark.slow
def test_thousands_of_random_edits_keep_everything_in_agreement(qapp: QApplication) -> None:
    run(120, 60)
