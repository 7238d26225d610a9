"""Everything that can be done to the network, tried at random: rules for a state machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import rule
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tests.ui.window.hand import MOST_PARAMETERS, Hand, numbers, parts, places

from deltaglow.engine import ACTIVATIONS, INITIALIZERS
from deltaglow.model import edits, freezing
from deltaglow.model.arranging import untangling
from deltaglow.model.parts import Conv1d, Dropout
from deltaglow.model.project import Change
from deltaglow.ui.diagram.editing import copying
from deltaglow.ui.diagram.editing.command import Command
from deltaglow.ui.diagram.editing.commands import for_selection
from deltaglow.ui.diagram.editing.field import Field
from deltaglow.ui.diagram.editing.selection import Selection

KINDS = ("dense", "residual", "batch_norm", "dropout", "conv1d")


class Editing(Hand):
    """Edits the network as the diagram does."""

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
            "sort": untangling(self.lab.trained_project),
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
        typed=st.sampled_from(["0.25", "-1e-3", "u7", "a b", ""]),
        takes=st.booleans(),
    )
    def give_a_command(
        self, place: int, others: list[int], what: str, wanted: int, typed: str, takes: bool
    ) -> None:
        """Something is selected, and of all the commands there are for it, one is given. In a field that it
        opens something is typed, and taken or given up; a card that it opens is closed again.
        """
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
        if self.editor.field is not None:
            self.type(self.editor.field, typed, takes)
        self.editor.close_popover()

    def type(self, field: Field, text: str, takes: bool) -> None:
        """What is wrong cannot be taken, and Esc leaves all as it was."""
        before, steps = self.lab.project, self.stack.count()
        QTest.keyClicks(field, text)
        wrong = self.editor._said
        if takes:
            QTest.keyClick(field, Qt.Key.Key_Return)
        assert bool(wrong) == (self.editor.field is not None) or not takes
        if not takes or wrong:
            QTest.keyClick(field, Qt.Key.Key_Escape)
            assert self.lab.project is before and self.stack.count() == steps
        assert self.editor.field is None

    def may_give(self, command: Command) -> bool:
        if command.run is None or command.why_not():
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


def every(commands: Iterable[Command | None]) -> list[Command]:
    """All of them, those of menus below too."""
    found: list[Command] = []
    for command in commands:
        if command is not None:
            found += [command, *(() if command.why_not() else every(command.below))]
    return found
