"""What is said of a step in a shorter float type is true to the digits that it has, and no more."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from tests.explain.networks import addresses, cases
from tests.explain.test_derivation import assert_reconciles

from deltaglow.engine import PRECISIONS, Frame
from deltaglow.explain.check import check
from deltaglow.explain.derivation import derive
from deltaglow.model import build, examples, fileformat, gradients
from deltaglow.model.project import Project
from deltaglow.model.quantity import value

COARSE = sorted(PRECISIONS.keys() - {"float64"})


def stepped(project: Project, precision: str, steps: int = 0) -> tuple[Project, Frame]:
    project = replace(project, training=replace(project.training, precision=precision))
    trainer = build.trainer(project)
    for _ in range(steps):
        trainer.step()
    while (frame := trainer.preview()).left_out:
        trainer.step()
    return project, frame


@pytest.mark.parametrize("precision", COARSE)
@settings(max_examples=6, deadline=None)
@given(case=cases())
def test_the_numbers_of_a_coarse_step_are_checked_and_derived(
    precision: str, case: tuple[Project, Frame]
) -> None:
    project, frame = stepped(case[0], precision)
    rounding = PRECISIONS[precision].epsilon * max(1.0, np.abs(frame.theta).max(), np.abs(frame.x).max())
    for q in islice(addresses(frame), 0, None, 5):
        found = check(frame, q)
        assert found is None or found.ok, (str(q), value(q, frame), found)
        assert_reconciles(derive(project, frame, q), 64 * rounding)


@pytest.mark.parametrize("precision", COARSE)
@pytest.mark.parametrize("name", ["residual", "xor", "worked-example"])
def test_the_gradients_of_a_coarse_step_are_right_and_a_wrong_one_is_found(name: str, precision: str) -> None:
    _, frame = stepped(examples.load(name), precision, 5)
    assert frame.precision == precision
    verdict = gradients.check(frame)
    assert verdict.checked and not verdict.failed

    gradient = np.array(frame.layers[-1].block_gradient)
    gradient[0, 0] += 0.2
    wrong = replace(frame.layers[-1], block_gradient=gradient)
    verdict = gradients.check(replace(frame, layers=(*frame.layers[:-1], wrong)))
    assert [gradients.address(found) for found in verdict.failed] == [f"dW[{len(frame.layers)}][0,0]"]


def test_float32_agrees_to_the_digits_it_has() -> None:
    """Some six: fewer than float64, and none that are made up."""
    agreed = []
    for precision in ("float64", "float32"):
        _, frame = stepped(examples.load("worked-example"), precision)
        checks = [check(frame, q) for q in addresses(frame)]
        agreed.append([found.digits for found in checks if found is not None and found.value])
    assert min(agreed[0]) >= 8 and 5 <= min(agreed[1]) <= 7


def test_what_rounding_in_the_loss_leaves_undecided_counts_as_right() -> None:
    """Sure and wrong, ŷ − y is near 1, and softmax's slope the small rest of a difference of such numbers."""
    project = fileformat.loads(
        """{"deltaglow": 1,
            "network": {"inputs": 1, "loss": "softmax_squared_error",
                        "layers": [{"units": 2, "W": [[9.1], [0.3]], "b": [0.37, -0.11]}]},
            "data": {"inline": {"x": [[1]], "y": [1]}}}"""
    )
    _, frame = stepped(project, "float32")
    assert np.abs(frame.layers[-1].delta).max() < 1e-3
    verdict = gradients.check(frame)
    assert verdict.checked and not verdict.failed

    gradient = np.array(frame.layers[-1].block_gradient)
    gradient[0, 0] *= 1.05
    wrong = replace(frame.layers[-1], block_gradient=gradient)
    assert gradients.check(replace(frame, layers=(wrong,))).failed


def test_what_a_normalisation_divides_by_makes_much_of_little() -> None:
    """Samples that hardly differ: σ is small, and what float32 has rounded off is large behind it."""
    project = fileformat.loads(
        """{"deltaglow": 1,
            "network": {"inputs": 2, "loss": "sigmoid_cross_entropy",
                        "layers": [{"units": 3, "activation": "tanh", "W": [[0.3, -0.2], [0.1, 0.4], [1, 2]]},
                                   {"type": "batch_norm", "activation": "hard_tanh"},
                                   {"units": 2, "activation": "tanh", "W": [[3, 1, -2], [-1, 2, 4]]}]},
            "data": {"inline": {"x": [[0.9, 0.1], [0.903, 0.101], [0.897, 0.102]],
                                "y": [[1, 0], [0, 1], [0, 1]]}},
            "training": {"batch_size": 3, "precision": "float32"}}"""
    )
    _, frame = stepped(project, "float32")
    assert frame.layers[1].extra["var"].max() < 1e-4
    for q in addresses(frame, rows=True):
        found = check(frame, q)
        assert found is None or found.ok, (str(q), value(q, frame), found)
