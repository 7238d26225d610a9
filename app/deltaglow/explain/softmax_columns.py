"""Softmax worked out in columns: with how many digits each is printed, so that the next follows from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from deltaglow.engine import Frame
from deltaglow.engine.ops import Array
from deltaglow.explain.numbers import DIGITS, Shown, show
from deltaglow.explain.softmax_lab import costs
from deltaglow.model.beside import counted

MOST = 8
"""Digits that a column has at most: there is room for no more."""


def digits(frame: Frame, row: int, classes: Sequence[int]) -> dict[str, int]:
    """Significant digits of the columns "logit", "shifted", "exp" (with its sum S) and "y_hat" for a row of
    the batch and these classes, in a network whose outputs are softmax's.

    What comes of ŷ, losses and errors, has three. Going back from there, each column has as many as it takes
    for its printed numbers to give the next column's: the largest logit taken off each leaves what is
    exponentiated, and e / S is ŷ. A column that would need more than `MOST` has those.
    """
    chosen, spec = list(classes), frame.architecture.loss
    logits, exps = frame.layers[-1].a[row], frame.exps[row]
    powers = logits if spec.naive else frame.shifted[row]
    y_hat, total = frame.y_hat[row], float(frame.exp_sums[row])
    found = dict.fromkeys(("logit", "shifted", "exp", "y_hat"), DIGITS)
    if not all(np.isfinite(numbers).all() for numbers in (logits, exps, y_hat)):
        return found

    def printed(values: Array, count: int) -> list[Shown]:
        return [show(float(value), count) for value in values[chosen]]

    def gives_losses(count: int) -> bool:
        said = [shown.value for shown in printed(y_hat, count)]
        terms = zip(counted(frame, row)[chosen], said, strict=True)
        got = [-t * math.log(p) if t and p > 0.0 else 0.0 for t, p in terms]
        return _all_round(got, printed(costs(frame, row), DIGITS))

    def gives_squares(count: int) -> bool:
        gaps = [p.value - t for p, t in zip(printed(y_hat, count), frame.y[row][chosen], strict=True)]
        slopes = printed(y_hat - frame.y[row], DIGITS + 1)
        squares = printed(costs(frame, row), DIGITS)
        return _all_round(gaps, slopes) and _all_round([0.5 * gap * gap for gap in gaps], squares)

    def gives_shares(count: int) -> bool:
        over = show(total, count).value
        parts = [shown.value for shown in printed(exps, count)]
        adds_up = len(parts) < len(exps) or _rounds(math.fsum(parts), show(total, count))
        return adds_up and _all_round([part / over for part in parts], printed(y_hat, found["y_hat"]))

    def gives_exponentials(count: int) -> bool:
        got = [math.exp(shown.value) for shown in printed(powers, count)]
        return _all_round(got, printed(exps, found["exp"]))

    def gives_powers(count: int) -> bool:
        top = show(float(logits.max()), count).value
        got = [shown.value - top for shown in printed(logits, count)]
        return _all_round(got, printed(powers, found["shifted"]))

    if spec.name == "softmax_cross_entropy":
        found["y_hat"] = _fewest(gives_losses, DIGITS)
    elif spec.name == "softmax_squared_error":
        found["y_hat"] = _fewest(gives_squares, DIGITS)
    found["exp"] = _fewest(gives_shares, found["y_hat"])
    found["shifted"] = _fewest(gives_exponentials, DIGITS)
    found["logit"] = found["shifted"] if spec.naive else _fewest(gives_powers, DIGITS)
    return found


def _fewest(holds: Callable[[int], bool], least: int) -> int:
    """The fewest digits with which a column as printed gives the next one as printed."""
    return next((count for count in range(least, MOST) if holds(count)), MOST)


def _all_round(got: Iterable[float], wanted: Iterable[Shown]) -> bool:
    """Whether each number rounds to the printed one."""
    return all(_rounds(one, shown) for one, shown in zip(got, wanted, strict=True))


def _rounds(got: float, shown: Shown) -> bool:
    return abs(got - shown.value) <= 0.5 * shown.unit + 1e-12 * abs(got)
