"""Micro-batches and segments in a laboratory: threads only while it trains, and every step comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deltaglow.model import build, examples
from deltaglow.session.lab import Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    project = examples.load("spirals")
    training = replace(project.training, micro_batches=3, checkpoint="auto")
    made = Lab(replace(project, training=training))
    yield made
    made.close()


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("crew-")]


def test_threads_end_with_the_run_and_its_steps_come_back(
    lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deltaglow.engine.rooms.processors", lambda: 3)
    lab.restart()
    assert threads() == []
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 200 and len(threads()) > 0)
    lab.pause()
    assert threads() == []
    alone = build.trainer(lab.project)
    for step in range(150):
        frame = alone.step(capture=True)
        assert frame is not None
        if step in (3, 64, 149):
            lab.show_step(step)
            assert np.array_equal(lab.frame.theta, frame.theta)
            assert all(np.array_equal(a.z, b.z) for a, b in zip(lab.frame.layers, frame.layers, strict=True))
    assert threads() == []


def test_the_past_is_counted(lab: Lab) -> None:
    before = lab.ledger()
    assert before.kept >= before.parameters
    for _ in range(3):
        lab.next_step()
    lab.show_step(0)
    after = lab.ledger()
    assert after.kept > before.kept
    assert after.parameters == before.parameters and sum(after.layers) == sum(before.layers)
