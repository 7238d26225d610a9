"""The what-ifs of the page "Softmax", against numbers worked out another way."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from tests.explain.networks import make, worked_example
from tests.explain.test_outputs import specs

from deltaglow.engine import LOSSES, LossSpec
from deltaglow.explain import softmax_lab as lab
from deltaglow.explain.numbers import show
from deltaglow.model import build, examples

V, Y = np.array([1.2, -0.7, 0.3, 2.0]), np.array([0.0, 1.0, 0.0, 0.0])


def exact(v: np.ndarray) -> list[float]:
    """Softmax by plain floats and exact division."""
    powers = [Fraction(math.exp(each)) for each in v.tolist()]
    return [float(power / sum(powers)) for power in powers]


def loss_at(v: np.ndarray, temperature: float) -> float:
    return -math.log(exact(v / temperature)[1])


def slope(f: object, v: np.ndarray, k: int, h: float = 1e-5) -> float:
    assert callable(f)
    step = h * np.eye(len(v))[k]
    return float((f(v + step) - f(v - step)) / (2 * h))


def test_both_ways_agree_until_the_naive_one_overflows() -> None:
    for added in (0.0, 300.0, 700.0):
        assert lab.naive_softmax(V + added).y_hat == pytest.approx(exact(V), rel=1e-12)
        assert lab.softmax(V + added).y_hat == pytest.approx(exact(V), rel=1e-12)
    assert not lab.naive_softmax(V + 707.0).fails
    over = lab.naive_softmax(V + 709.0)
    assert over.fails
    assert [math.isinf(power) for power in over.exps] == [each + 709.0 > 709.7828 for each in V]
    assert np.isnan(over.y_hat[[0, 3]]).all()
    assert (over.y_hat[[1, 2]] == 0.0).all()
    assert lab.softmax(V + 1000.0).y_hat == pytest.approx(exact(V), rel=1e-12)
    assert lab.naive_softmax(V - 1000.0).fails
    assert math.isfinite(math.exp(lab.LARGEST_POWER))
    with pytest.raises(OverflowError):
        math.exp(lab.LARGEST_POWER + 1e-9)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0, 3.0, 10.0])
def test_temperature(temperature: float) -> None:
    found = lab.heated(V, Y, temperature)
    said = exact(V / temperature)
    assert found.y_hat == pytest.approx(said, rel=1e-12)
    assert found.entropy == pytest.approx(-sum(p * math.log(p) for p in said), rel=1e-9)
    assert found.peak == pytest.approx(max(said))
    assert found.loss == pytest.approx(loss_at(V, temperature), rel=1e-9)
    for k in range(4):
        assert found.delta[k] == pytest.approx(slope(lambda v: loss_at(v, temperature), V, k), abs=1e-8)


def test_hot_is_flat_and_cold_is_sharp() -> None:
    assert lab.heated(V, Y, 1e6).entropy == pytest.approx(math.log(4))
    cold = lab.heated(V, Y, 1e-3)
    assert (cold.entropy, cold.peak) == (0.0, 1.0)


def test_rivals_are_the_slopes_of_their_losses() -> None:
    found = lab.rivals(V, Y)

    def squared(v: np.ndarray) -> float:
        return 0.5 * math.fsum((p - y) ** 2 for p, y in zip(exact(v), Y, strict=True))

    for k in range(4):
        assert found.cross_entropy[k] == pytest.approx(slope(lambda v: loss_at(v, 1.0), V, k), abs=1e-8)
        assert found.squared_error[k] == pytest.approx(slope(squared, V, k), abs=1e-8)
    assert (found.target, found.said) == (1, pytest.approx(exact(V)[1]))


@pytest.mark.parametrize("pushed", [0.0, 3.0, 9.0])
def test_the_curves_go_through_the_present_point(pushed: float) -> None:
    v = V.copy()
    v[lab.rival_class(v, 1)] += pushed
    found = lab.rivals(v, Y)
    rest = lab.others(found.y_hat, 1)
    cross, squared = lab.target_slopes(np.array([found.said]), rest)
    assert cross[0] == pytest.approx(abs(found.cross_entropy[1]))
    assert squared[0] == pytest.approx(abs(found.squared_error[1]))


def test_a_single_class_has_no_others() -> None:
    assert lab.others(np.ones(1), 0).shape == (0,)
    assert [float(slopes[0]) for slopes in lab.target_slopes(np.ones(1), lab.others(np.ones(1), 0))] == [0, 0]


def test_squared_error_dies_where_the_network_is_sure_and_wrong() -> None:
    sure = V + np.array([0.0, 0.0, 0.0, 12.0])
    found = lab.rivals(sure, Y)
    assert abs(found.cross_entropy[1]) > 0.99
    assert abs(found.squared_error[1]) < 1e-5
    assert lab.rival_class(V, 1) == 3
    assert lab.rival_class(V, 3) == 0


@pytest.mark.parametrize("loss", [spec for spec in specs(4) if LOSSES[spec.name].softmax], ids=str)
def test_two_ways_are_equal(loss: LossSpec) -> None:
    _, frame = make((3, 5, 4), ("tanh", "tanh"), batch=3, seed=2, soft=True, loss=loss)
    for row in range(3):
        found = lab.two_ways(frame, row)
        assert found.jacobian.sum(axis=0) == pytest.approx(np.zeros(4), abs=1e-15)
        assert found.product == pytest.approx(found.fused, abs=1e-14)
        assert found.digits is not None
        assert found.digits >= 13


def test_two_ways_say_when_one_of_them_fails() -> None:
    _, frame = make((2, 3), ("identity",), batch=4, seed=0, scale=3000.0)
    failed = [row for row in range(4) if frame.y_hat[row, frame.y[row].argmax()] == 0.0]
    assert failed
    assert lab.two_ways(frame, failed[0]).digits is None
    _, frame = worked_example()
    assert lab.two_ways(frame, 0).digits == 15


@pytest.mark.parametrize("loss", specs(4), ids=str)
def test_costs_add_up_to_the_loss(loss: LossSpec) -> None:
    _, frame = make((3, 5, 4), ("tanh", "identity"), batch=3, seed=6, soft=True, loss=loss)
    for row in range(3):
        assert lab.costs(frame, row).sum() == pytest.approx(frame.losses[row], rel=1e-12)


def test_the_most_wrong_and_the_most_prominent() -> None:
    _, frame = make((3, 5, 40), ("tanh", "identity"), batch=6, seed=6)
    said = [frame.y_hat[row, frame.y[row].argmax()] for row in range(6)]
    assert lab.most_wrong(frame) == said.index(min(said))
    shown = lab.prominent(frame, 2, 8)
    assert len(shown) == 7
    assert shown == sorted(shown)
    assert int(frame.y[2].argmax()) in shown
    assert int(frame.y_hat[2].argmax()) in shown
    assert lab.prominent(frame, 2, 40) == list(range(40))


@pytest.mark.parametrize("steps", [0, 5, 400])
def test_the_printed_rows_times_the_printed_slopes_are_the_printed_errors(steps: int) -> None:
    trainer = build.trainer(examples.load("worked-example"))
    for _ in range(steps):
        trainer.step()
    found = lab.two_ways(trainer.preview(), 0)
    digits = lab.printed_digits(found, 8)
    slopes = [show(s, digits).value for s in found.slopes]
    for row, error in zip(found.jacobian, found.product, strict=True):
        got = sum(show(j, digits).value * s for j, s in zip(row, slopes, strict=True))
        assert show(got).text == show(error).text
    assert lab.printed_digits(found, 2) == 3
