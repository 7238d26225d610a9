"""Branches, samples and what is read of the past, tried at random: rules for a state machine."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.ui.window.editing_rules import Editing
from tests.ui.window.hand import numbers, places

from deltaglow.model import edits, own_samples
from deltaglow.session.branches import Branch
from deltaglow.ui.samples.editor import SampleEditor

SAMPLE_EDITS = ("number", "target", "add", "remove")
NAMES = ("faster", "with momentum", "  two  words ", "")


class InTime(Editing):
    """Goes back, leaves a run by an edit, and goes between the branches that come of it."""

    @rule(steps=st.integers(1, 4), back=st.integers(1, 4), place=places, value=numbers)
    def leave_a_branch(self, steps: int, back: int, place: int, value: float) -> None:
        """Some steps, back over a few of them, an edit, and one step more: another future, and the old one
        is kept as it was.
        """
        lab = self.lab
        for _ in range(steps):
            lab.next_step()
        was, head = lab.branches.here, lab.head
        shown = max(head - back, lab.first_step)
        if lab.broken or shown >= head:
            return
        lab.show_step(shown)
        self.record()
        unit = self.dense_unit(place)
        if unit is None:
            return
        before = was.history.columns(["loss"])
        k, j = unit
        lab.edit("An edit of the past", lambda p: edits.set_bias(p, k, j, value))
        if lab.head == head:  # it was that number already
            return
        self.record()
        lab.next_step()
        now = lab.branches
        assert was.number in now and now[was.number].head == head
        if lab.head > now[was.number].shared(now.here):
            assert now.current != was.number, "what was gone back over is not lost"
        assert np.array_equal(now[was.number].history.columns(["loss"]), before, equal_nan=True)

    def dense_unit(self, place: int) -> tuple[int, int] | None:
        """A unit with a bias of its own."""
        k, j = self.unit(place)
        layer = self.lab.project.network.layers[k - 1]
        return (k, j) if layer.part is None else None

    def branch(self, place: int) -> Branch:
        every = self.lab.branches.every
        return every[place % len(every)]

    @rule(place=places)
    def go_to_a_branch(self, place: int) -> None:
        """It is as it was left, to its last step."""
        branch = self.branch(place)
        wanted = branch.history.columns(["loss"])
        self.lab.switch_to(branch.number)
        assert self.lab.branches.current == branch.number and self.lab.head == branch.head
        assert np.array_equal(self.lab.history.columns(["loss"]), wanted, equal_nan=True)
        assert self.lab.project is branch.project

    @rule(place=places, name=st.sampled_from(NAMES))
    def name_a_branch(self, place: int, name: str) -> None:
        number = self.branch(place).number
        self.lab.rename_branch(number, name)
        assert self.lab.branches[number].title == (" ".join(name.split()) or f"Run {number}")

    @rule(place=places)
    def delete_a_branch(self, place: int) -> None:
        branch, count = self.branch(place), len(self.lab.branches.every)
        if branch.number != self.lab.branches.current:
            self.lab.delete_branch(branch.number)
            assert branch.number not in self.lab.branches and len(self.lab.branches.every) == count - 1

    @rule(place=places, compares=st.booleans())
    def compare(self, place: int, compares: bool) -> None:
        branch = self.branch(place)
        if branch.number != self.lab.branches.current:
            self.lab.compare_with(branch.number if compares else None)

    # The samples

    @rule(
        place=places, other=places, value=numbers, what=st.sampled_from(["number", "target", "add", "remove"])
    )
    def edit_samples(self, place: int, other: int, value: float, what: str) -> None:
        """One sample is another, there is one more, or one less."""
        samples = SampleEditor(self.lab)
        before = samples.data
        row, feature = place % len(before.x), other % before.x.shape[1]
        match what:
            case "number":
                done = samples.type_feature(row, feature, f"{value}")
            case "target":
                done = samples.put(
                    "Another target", own_samples.with_target(before, row, np.roll(before.y[row], 1))
                )
            case "add":
                done = samples.add_like(row)
            case _:
                done = samples.remove([row])
        count = len(before.x) + {"add": 1, "remove": -1}.get(what, 0) * done
        assert len(own_samples.own(self.lab.project).x) == len(self.lab.dataset.x) == count
