"""The worker's signal: after every step, for whoever listens, from the moment they do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.session.lab import Lab


@pytest.fixture
def lab(qapp: object) -> Iterator[Lab]:
    made = Lab(examples.load("spirals"))
    yield made
    made.close()


def train(lab: Lab, qtbot: QtBot, steps: int) -> None:
    wanted = lab.history.length + steps
    lab.train()
    qtbot.waitUntil(lambda: lab.history.length >= wanted, timeout=20_000)
    lab.pause()


def test_every_step_is_told_to_who_listens(lab: Lab, qtbot: QtBot) -> None:
    heard: list[int] = []
    stepped = lab.runner.worker.stepped

    def hear() -> None:
        heard.append(1)

    train(lab, qtbot, 50)
    unheard = lab.head
    stepped.connect(hear)
    train(lab, qtbot, 200)
    assert len(heard) == lab.head - unheard
    stepped.disconnect(hear)
    train(lab, qtbot, 50)
    assert unheard + len(heard) < lab.head


def test_who_begins_to_listen_during_a_run_hears_the_rest_of_it(lab: Lab, qtbot: QtBot) -> None:
    heard: list[int] = []

    def hear() -> None:
        heard.append(1)

    lab.train()
    qtbot.waitUntil(lambda: lab.history.length > 20, timeout=20_000)
    lab.runner.worker.stepped.connect(hear)
    qtbot.waitUntil(lambda: len(heard) > 100, timeout=20_000)
    lab.pause()
