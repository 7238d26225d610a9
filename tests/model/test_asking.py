"""A frame of one sample alone: its numbers agree with each other, whatever the other samples are like."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.engine import LossSpec, check_gradients
from deltaglow.model import build
from deltaglow.model.asking import asked
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Optimizer, Project, Training


@pytest.mark.parametrize("row", range(3))
def test_gradients_are_those_of_the_loss_shown_where_classes_weigh_and_some_targets_are_soft(
    row: int,
) -> None:
    """A class among soft targets: its own weighted mean is divided by its weight, that of all is not."""
    network = NetworkSpec(2, (Layer(3, "tanh"), Layer(2)), LossSpec(class_weights=(2.0, 5.0)))
    data = InlineData([[0.1, 0.4], [-0.2, 0.3], [1.0, -1.0]], [[1, 0], [0.3, 0.7], [0, 1]])
    project = Project(network, data, Training(Optimizer(), 3, shuffle=False))
    frame = build.trainer(project).preview()
    found = asked(project, build.dataset(project), row, frame)
    assert found.losses.sum() / found.divisor == pytest.approx(found.loss, rel=1e-12)
    assert all(check.ok for check in check_gradients(found))
    assert np.array_equal(found.rows, [row]) and np.array_equal(found.theta, frame.theta)
