"""Which runs are drawn over the one that is stood on, and in which colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from deltaglow.explain.band import Run, band
from deltaglow.model import examples
from deltaglow.model.project import Project
from deltaglow.session.lab import Lab


def with_rate(rate: float, project: Project) -> Project:
    optimizer = replace(project.training.optimizer, learning_rate=rate)
    return replace(project, training=replace(project.training, optimizer=optimizer))


def four_runs() -> Lab:
    """Standing on Run 4; Run 1 to 3 have made 6 steps each."""
    made = Lab(examples.load("moons"))
    for rate in (0.0, 0.5, 0.6, 0.7):
        if rate:
            made.show_step(0)
            made.edit("Learning rate", lambda project, rate=rate: with_rate(rate, project))
        for _ in range(6):
            made.next_step()
    return made


@pytest.fixture
def lab(qapp: QApplication) -> Iterator[Lab]:
    made = four_runs()
    yield made
    made.close()


def drawn(lab: Lab) -> list[tuple[str, int]]:
    return [(one.key, number) for one, number in lab.overlays.drawn]


def test_a_run_keeps_its_colour_and_the_next_one_gets_the_first_that_is_free(lab: Lab) -> None:
    assert [one.title for one in lab.overlays.offered] == ["Run 1", "Run 2", "Run 3"] and not drawn(lab)
    lab.overlays.show(["branch 2", "branch 3"])
    assert drawn(lab) == [("branch 2", 0), ("branch 3", 1)]
    lab.overlays.show(["branch 2"], False)
    lab.overlays.show(["branch 1"])
    assert drawn(lab) == [("branch 1", 0), ("branch 3", 1)]
    told = []
    lab.overlays.changed.connect(lambda: told.append(True))
    lab.overlays.show(["branch 1", "branch 3"])
    assert not told


def test_the_run_stood_on_and_the_one_compared_are_not_drawn_twice(lab: Lab) -> None:
    lab.overlays.show([one.key for one in lab.overlays.offered])
    lab.compare_with(2)
    assert drawn(lab) == [("branch 1", 0), ("branch 3", 2)]
    lab.compare_with(None)
    lab.switch_to(3)
    assert drawn(lab) == [("branch 1", 0), ("branch 2", 1)]
    lab.switch_to(4)
    assert drawn(lab) == [("branch 1", 0), ("branch 2", 1), ("branch 3", 2)]


def test_a_deleted_branch_goes_and_comes_back_and_another_project_has_none(lab: Lab) -> None:
    lab.overlays.show(["branch 1", "branch 2"])
    lab.delete_branch(1)
    assert drawn(lab) == [("branch 2", 1)]
    lab.document.undo_stack.undo()
    assert drawn(lab) == [("branch 1", 0), ("branch 2", 1)]
    lab.open(examples.load("xor"))
    assert not drawn(lab) and not lab.overlays.offered


def test_runs_from_seeds_are_offered_until_the_band_goes(lab: Lab) -> None:
    rows = [np.full((4, 1), k, dtype=np.float32) for k in range(2)]
    lab.set_band(band(lab.project, (7, 8), ("loss",), [Run(each, 2.0) for each in rows]))
    assert lab.band is not None and not lab.band.runs  # they are kept once
    seeds = lab.overlays.offered[-2:]
    assert [(one.title, one.short) for one in seeds] == [("Seed 7", "s7"), ("Seed 8", "s8")]
    assert seeds[1].history.columns(["loss"])[:, 0].tolist() == [1.0] * 4
    assert seeds[0].history.pace.at(np.array([2]))[0] == 1.0
    lab.overlays.show(["seed 7"])
    assert drawn(lab) == [("seed 7", 0)]
    lab.edit("Batch", lambda p: replace(p, training=replace(p.training, batch_size=3)))
    assert lab.band is None and not drawn(lab) and len(lab.overlays.offered) == len(lab.branches.others)
