"""Going to random steps of a long run: exactly what an uninterrupted one has, soon, in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pytest
from pytestqt.qtbot import QtBot

from deltaglow.engine.ledger import owners
from deltaglow.model import build, fileformat
from deltaglow.model.project import Project
from deltaglow.session import memory as module
from deltaglow.session.lab import Lab
from deltaglow.session.memory import MEMORY

MEDIAN, WORST = 0.05, 0.25
"""Seconds that a step may take to come back, on two cores with nothing else running."""
LOAD = 1.2
"""Others' work, as a multiple of the cores, above which the times mean nothing."""


def project(*units: int, batch: int, data: str) -> Project:
    """Adam, and batch normalisation and dropout after every hidden layer."""
    inputs, *hidden, outputs = units
    layers = [
        layer
        for n in hidden
        for layer in (
            f'{{"units": {n}, "activation": "relu"}}',
            '{"type": "batch_norm"}',
            '{"type": "dropout", "rate": 0.2}',
        )
    ]
    return fileformat.loads(
        f'{{"deltaglow": 1, "network": {{"inputs": {inputs}, "layers": [{", ".join(layers)},'
        f' {{"units": {outputs}}}]}}, "data": {{"builtin": {{"name": "{data}"}},'
        ' "validation": {"fraction": 0.2}},'
        ' "training": {"optimizer": {"name": "adam", "learning_rate": 0.003},'
        f' "batch_size": {batch}, "shuffle": true, "seed": 3}}}}'
    )


def uninterrupted(made: Project, steps: list[int], last: int) -> dict[int, npt.NDArray[np.float64]]:
    """The parameters after these steps, of a run that is never gone back in."""
    trainer, wanted, found = build.trainer(made), set(steps), {}
    for step in range(last):
        trainer.step()
        if step in wanted:
            found[step] = np.array(trainer.network.theta)
    return found


def trained(made: Project, steps: int, qtbot: QtBot) -> Lab:
    """A laboratory whose run was trained for at least so many steps, on its thread."""
    lab = Lab(made)
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length >= steps, timeout=600_000)
    lab.pause()
    return lab


@pytest.fixture
def small(qtbot: QtBot) -> Iterator[Lab]:
    lab = trained(project(2, 8, 8, 3, batch=10, data="spirals"), 1500, qtbot)
    yield lab
    lab.close()


def test_random_steps_are_those_of_an_uninterrupted_run(small: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = np.random.default_rng(0).permutation(1500)[:60].tolist()
    expected = uninterrupted(small.project, steps, 1500)
    for step in steps[:30]:
        small.show_step(step, small.phases.end)
        assert np.array_equal(small.frame.theta_after, expected[step])
    small.memory.bound = small.memory.nbytes // 5
    small.memory.make_room()
    assert 0 < small.memory.nbytes <= small.memory.bound
    for step in steps[30:]:
        small.show_step(step, small.phases.end)
        assert np.array_equal(small.frame.theta_after, expected[step])


def test_what_is_counted_is_what_is_held(small: Lab) -> None:
    states = [member.held[0] for member in small.memory.members]
    arrays = sum(owner.nbytes for owner in owners(*states).values())
    assert arrays <= small.memory.nbytes <= arrays + module.BESIDE * small.memory.count


@pytest.mark.slow
@pytest.mark.parametrize(
    "made",
    [
        project(2, 8, 8, 3, batch=10, data="spirals"),
        project(64, 64, 32, 10, batch=32, data="digits"),
        project(64, 128, 128, 10, batch=64, data="digits"),
    ],
    ids=["2-8-8-3", "64-64-32-10", "64-128-128-10"],
)
def test_two_hundred_random_steps_of_twenty_thousand(made: Project, qtbot: QtBot) -> None:
    steps = np.random.default_rng(0).integers(0, 20_000, 200).tolist()
    lab, times = trained(made, 20_000, qtbot), []
    expected = uninterrupted(made, steps, 20_000)
    quiet = os.getloadavg()[0] < LOAD
    for step in steps:
        start = perf_counter()
        lab.show_step(step, lab.phases.end)
        times.append(perf_counter() - start)
        assert np.array_equal(lab.frame.theta_after, expected[step])
    median, worst = float(np.median(times)), max(times)
    kept = lab.memory.nbytes
    print(
        f"\n200 of {lab.head:,} steps: median {median * 1e3:.1f} ms, worst {worst * 1e3:.1f} ms;"
        f" {lab.memory.count:,} states, {kept / 2**20:.1f} of {MEMORY / 2**20:.0f} MiB"
        + ("" if quiet else " (others are at work: the times are not judged)")
    )
    assert kept <= MEMORY
    if quiet:
        assert median < MEDIAN and worst < WORST
    lab.close()
