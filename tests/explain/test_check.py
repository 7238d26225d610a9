"""The second opinion agrees with every number, and notices one that is wrong."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from tests.explain.networks import addresses, cases, make, worked_example

from deltaglow.engine import Frame, NonFinite
from deltaglow.explain.check import AGREEMENT, Check, check
from deltaglow.model import examples
from deltaglow.model.build import trainer
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity, parse, value

GIVEN = {"x", "y", "W", "b", "learning_rate"}


def deleted(frame: Frame, q: Quantity) -> bool:
    mask = frame.layers[q.layer - 1].mask if q.layer and len(q.index) == 2 else None
    return mask is not None and not mask[q.index]


def agrees(found: Check, number: float) -> bool:
    """To 1e-6 relative, or to what a difference of losses of this size can resolve at all."""
    gap = abs(found.value - number)
    return gap <= AGREEMENT * max(abs(number), abs(found.value)) or gap <= max(1e-9, 4 * found.error)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_every_computed_number_has_a_second_opinion_that_agrees(case: tuple[Project, Frame]) -> None:
    _, frame = case
    for q in addresses(frame, rows=True):
        found = check(frame, q)
        assert (found is None) == (q.kind in GIVEN or deleted(frame, q))
        if found is not None:
            assert found.ok, (str(q), value(q, frame), found)
            assert found.corner or agrees(found, value(q, frame)), (str(q), value(q, frame), found)


def test_the_worked_example_agrees_to_many_digits() -> None:
    _, frame = worked_example()
    for q in addresses(frame):
        found = check(frame, q)
        if found is not None:
            assert found.ok
            assert not found.corner
            assert found.digits >= 8 or value(q, frame) == 0.0, (str(q), found)
    found = check(frame, parse("delta[1][0]"))
    assert found is not None
    assert found.method == "nudge"
    assert found.nudged.startswith("z of layer 1, unit 1 by ±")
    assert found.sentence.startswith("finite difference −0.0423257")


def test_a_wrong_number_is_noticed() -> None:
    _, frame = make((3, 4, 2), ("tanh", "identity"), batch=3, seed=8)
    delta = np.array(frame.layers[0].delta)
    delta[1, 2] += 1e-3
    layers = (replace(frame.layers[0], delta=delta), frame.layers[1])
    wrong = replace(frame, layers=layers, y_hat=frame.y_hat + 1e-4)
    for address in ("delta[1][2]@1", "y_hat[0]@2"):
        found = check(wrong, parse(address))
        assert found is not None
        assert not found.ok
        assert "does not agree" in found.sentence
    assert check(wrong, parse("delta[1][2]@0")).ok  # type: ignore[union-attr]


def test_a_corner_is_reported_instead_of_a_comparison() -> None:
    project, frame = make((2, 1, 2), ("relu", "identity"), batch=1, seed=0)
    layer = project.network.layers[0]
    dead = replace(layer, W=np.zeros((1, 2)), b=np.zeros(1))
    project = replace(project, network=replace(project.network, layers=(dead, project.network.layers[1])))
    frame = trainer(project).preview()
    for address in ("delta[1][0]", "slope[1][0]", "db[1][0]"):
        found = check(frame, parse(address))
        assert found is not None
        assert found.corner
        assert found.ok
        assert "corner" in found.sentence


def test_a_large_network_is_checked_from_the_numbers_before() -> None:
    _, frame = make((400, 300, 5), ("sigmoid", "tanh"), batch=8, seed=3, scale=0.1, soft=True)
    for address in (
        "z[1][7]@3",
        "a[1][7]",
        "z[2][4]",
        "shifted[1]",
        "exp[2]@5",
        "exp_sum",
        "y_hat[0]",
        "loss@2",
        "loss",
    ):
        found = check(frame, parse(address))
        assert found is not None
        assert found.nudged == "from the numbers before it"
        assert found.ok
        assert found.digits >= 9 or abs(found.value) < 1e-6, (address, found)


def test_a_number_that_rounding_drowns_is_not_said_to_agree_to_no_digits() -> None:
    _, frame = make((3, 4, 3), ("identity", "identity"), batch=2, seed=5, scale=3000.0)
    for q in addresses(frame, rows=True):
        found = check(frame, q)
        if found is not None:
            assert found.ok, (str(q), found)
            assert "to 0 digits" not in found.sentence


def test_what_is_sent_of_a_sparse_gradient_is_found_again_beside_frozen_weights() -> None:
    project, _ = make((3, 4, 2), ("tanh", "identity"), batch=3, seed=1)
    first, second = project.network.layers
    layers = (replace(first, frozen_W=np.ones((4, 3), dtype=bool)), second)
    project = replace(
        project,
        network=replace(project.network, layers=layers),
        training=replace(project.training, top_k=0.3),
    )
    frame = trainer(project).preview()
    for k, layer in enumerate(frame.layers, start=1):
        for kind in ("sent", "remembered"):
            for j, i in np.ndindex(layer.W.shape):
                found = check(frame, Quantity(f"dW_{kind}", k, (j, i)))
                assert found is not None and found.ok, (kind, k, j, i, found)


def test_what_has_overflowed_is_compared_without_a_fault() -> None:
    run = trainer(examples.load("naive-softmax"))
    for _ in range(3):
        run.step()
    with pytest.raises(NonFinite) as failure:
        run.step(capture=True)
    frame = failure.value.frame
    assert frame is not None
    for address in ("loss", "y_hat[0]", "exp_sum", "delta[1][0]", "dW[1][0,0]"):
        found = check(frame, parse(address))
        assert found is not None and not found.ok and found.digits == 0
