"""In what two projects differ, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from deltaglow.engine import Clip, EarlyStopping
from deltaglow.explain.differences import differences, in_words
from deltaglow.model import build, edits, examples, naming
from deltaglow.model.project import InlineData, Optimizer, Project, Training, Validation

SPIRALS, WORKED = examples.load("spirals"), examples.load("worked-example")


def training(**changes: object) -> Callable[[Project], Project]:
    return lambda project: replace(project, training=replace(project.training, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (training(optimizer=Optimizer("sgd", 0.05)), ["Learning rate η: 0.3 → 0.05"]),
        (
            training(optimizer=Optimizer("adam", 0.3, (("beta1", 0.8),))),
            ["Optimiser: sgd → adam", "β₁: 0.9 → 0.8"],
        ),
        (training(batch_size=32, shuffle=False), ["Batch size: 10 → 32", "Shuffle: on → off"]),
        (training(clip=Clip("norm", 1.0)), ["Clipping: none → kind norm, limit 1"]),
        (
            training(early_stopping=EarlyStopping(5, 0.0, True)),
            ["Early stopping: none → patience 5, least gain 0, restore the best on"],
        ),
        (lambda p: replace(p, validation=Validation(0.2)), ["Validation: none → fraction 0.2, seed 0"]),
        (lambda p: edits.with_units(p, 1, 5), ["Layers: 2–8–8–3 → 2–5–8–3"]),
        (lambda p: edits.with_activation(p, 2, "relu"), ["Layer 2, activation: tanh → relu"]),
        (lambda p: replace(p, data=replace(p.data, noise=0.1)), ["Noise of the data: 0.03 → 0.1"]),
        (
            lambda p: replace(p, data=WORKED.data),
            ["Data set: spirals → own samples"],
        ),
        (lambda p: naming.rename_layer(p, 1, "Edges"), []),
        (lambda p: p, []),
    ],
)
def test_every_difference_has_its_words(change: Callable[[Project], Project], said: list[str]) -> None:
    assert [str(d) for d in differences(SPIRALS, change(SPIRALS))] == said


def test_of_numbers_it_is_said_how_many() -> None:
    trainer = build.trainer(SPIRALS)
    shape = trainer.network.architecture
    given = build.with_parameters(SPIRALS, trainer.state().theta, trainer.state().statistics, shape)
    assert "Layer 1, weights: as drawn → given" in map(str, differences(SPIRALS, given))
    moved = np.array(trainer.state().theta)
    moved[3] += 1.0
    other = build.with_parameters(SPIRALS, moved, trainer.state().statistics, shape)
    found = differences(given, other)
    assert len(found) == 1 and found[0].other == "1 changed"


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (np.ones((2, 3)), np.eye(2), ["Samples: as they were → other values"]),
        (np.zeros((2, 4)), np.eye(2), ["Features: 3 → 4"]),
        (np.zeros((3, 3)), np.eye(3), ["Samples: 2 → 3", "Targets: 2 → 3"]),
    ],
)
def test_of_own_samples_it_is_said_what_is_other(x: np.ndarray, y: np.ndarray, said: list[str]) -> None:
    one = replace(WORKED, data=InlineData(np.zeros((2, 3)), np.eye(2)))
    assert list(map(str, differences(one, replace(one, data=InlineData(x, y))))) == said


def test_one_line_of_many() -> None:
    other = replace(SPIRALS, training=Training(optimizer=Optimizer("adam", 0.01), batch_size=1, seed=9))
    assert in_words(differences(SPIRALS, other), 2).endswith("; 3 more")
    assert in_words([]) == "nothing but the run itself"
