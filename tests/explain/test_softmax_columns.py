"""The columns of softmax: what stands printed in one gives what stands printed in the next."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from deltaglow.engine import Dense, Frame, LossSpec, Network, NonFinite, Trainer
from deltaglow.explain import softmax_columns
from deltaglow.explain.numbers import MINUS, show
from deltaglow.model import build, examples


def printed(values: np.ndarray, digits: int) -> list[Decimal]:
    """As they stand on the page."""
    return [Decimal(show(float(value), digits).text.replace(MINUS, "-")) for value in values]


def rounds_to(got: Decimal, printed: Decimal) -> bool:
    """Whether a number is within half a unit of a printed one's last digit."""
    unit = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    return abs(got - printed) <= unit / 2 * Decimal("1.000001")


def holds(frame: Frame, row: int, found: dict[str, int]) -> None:
    """Work every column out from the one before, with nothing but what is printed."""
    naive = frame.architecture.loss.naive
    logits = printed(frame.layers[-1].a[row], found["logit"])
    shifted = printed(frame.layers[-1].a[row] if naive else frame.shifted[row], found["shifted"])
    exps = printed(frame.exps[row], found["exp"])
    total = printed(frame.exp_sums[row : row + 1], found["exp"])[0]
    y_hat = printed(frame.y_hat[row], found["y_hat"])
    loss = printed(frame.losses[row : row + 1], 3)[0]
    if not naive:
        assert all(rounds_to(z - max(logits), s) for z, s in zip(logits, shifted, strict=True))
    assert all(rounds_to(s.exp(), e) for s, e in zip(shifted, exps, strict=True))
    assert rounds_to(sum(exps, Decimal(0)), total)
    assert all(rounds_to(e / total, p) for e, p in zip(exps, y_hat, strict=True))
    assert rounds_to(-y_hat[int(frame.y[row].argmax())].ln(), loss)


@pytest.mark.parametrize("name", ["worked-example", "iris", "moons", "penguins"])
def test_columns_of_the_examples_follow_from_each_other(name: str) -> None:
    trainer = build.trainer(examples.load(name))
    for _ in range(20):
        trainer.step()
    frame = trainer.preview()
    classes = range(frame.y.shape[1])
    for row in range(min(frame.samples, 6)):
        found = softmax_columns.digits(frame, row, classes)
        if max(found.values()) < softmax_columns.MOST:
            holds(frame, row, found)


def test_the_worked_example_multiplies_out() -> None:
    frame = build.trainer(examples.load("worked-example")).preview()
    found = softmax_columns.digits(frame, 0, range(2))
    assert max(found.values()) < softmax_columns.MOST
    holds(frame, 0, found)
    exps = printed(frame.exps[0], found["exp"])
    assert len(exps[1].as_tuple().digits) > 3, "three digits gave 0.4335 for ŷ = 0.433"


def test_random_logits_follow_but_for_few() -> None:
    """Ten digits would not do where very unlike numbers meet: then there are as many as there is room for."""
    rng = np.random.default_rng(3)
    held = 0
    for number in range(60):
        classes = int(rng.integers(2, 6))
        layer = Dense(classes, W=rng.normal(size=(classes, 3)) * rng.choice([0.3, 1.0, 4.0]))
        network = Network(3, [layer], "softmax_cross_entropy", rng)
        x, y = rng.normal(size=(1, 3)), np.eye(classes)[[number % classes]]
        trainer = Trainer(network, x, y, learning_rate=0.1, batch_size=1, shuffle=False, rng=rng)
        frame = trainer.preview()
        found = softmax_columns.digits(frame, 0, range(classes))
        if max(found.values()) < softmax_columns.MOST:
            holds(frame, 0, found)
            held += 1
    assert held > 40


def test_what_is_not_finite_has_three_digits() -> None:
    loss = LossSpec("softmax_cross_entropy", naive=True)
    network = Network(1, [Dense(2, W=np.array([[800.0], [1.0]]))], loss, np.random.default_rng(0))
    given = {"learning_rate": 0.1, "batch_size": 1, "shuffle": False, "rng": np.random.default_rng(0)}
    trainer = Trainer(network, np.ones((1, 1)), np.eye(2)[:1], **given)
    with pytest.raises(NonFinite) as failure:
        trainer.step(capture=True)
    frame = failure.value.frame
    assert frame is not None and not np.isfinite(frame.exps).all()
    assert set(softmax_columns.digits(frame, 0, range(2)).values()) == {3}
