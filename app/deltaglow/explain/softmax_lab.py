"""What the page "Softmax" works out beside the step: what-ifs on the logits of one sample.

Nothing here changes a run. Logits v and targets y are vectors (K,); logarithms are natural.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from deltaglow.engine import LOSSES, Frame
from deltaglow.engine.ops import Array
from deltaglow.explain.numbers import DIGITS, reconcile, show
from deltaglow.model.beside import counted, loss_slope

LARGEST_POWER = math.log(np.finfo(np.float64).max)
"""The largest number whose exponential float64 can hold: 709.78."""


@dataclass(frozen=True, eq=False)
class Softmax:
    """Softmax in steps: what is exponentiated, the exponentials, their sum S, and ŷ."""

    powers: Array
    exps: Array
    total: float
    y_hat: Array

    @property
    def fails(self) -> bool:
        """Whether a number of it is infinite, or none."""
        return not bool(np.isfinite(self.exps).all() and np.isfinite(self.y_hat).all())


@dataclass(frozen=True, eq=False)
class TwoWays:
    """∂L/∂logits by the Jacobian and fused.

    jacobian[i, j] = ∂ŷⱼ/∂(logit i); slopes[j] = ∂L/∂ŷⱼ; product = jacobian · slopes; fused: what the step
    itself has computed. gap: the largest difference; digits: how many decimal digits the two share, of the
    largest number among them, None where one is not finite.
    """

    jacobian: Array
    slopes: Array
    product: Array
    fused: Array
    gap: float
    digits: int | None


@dataclass(frozen=True, eq=False)
class Heated:
    """Softmax at a temperature T, ŷ = softmax(v / T), and its cross-entropy.

    entropy: −Σ ŷ ln ŷ in nats, from 0 (certain) to ln K (no idea). peak: the largest ŷ. loss: −Σ y ln ŷ.
    delta: ∂loss/∂v = (ŷ Σy − y) / T.
    """

    y_hat: Array
    entropy: float
    peak: float
    loss: float
    delta: Array


@dataclass(frozen=True, eq=False)
class Rivals:
    """δ of the same outputs under two losses, and how likely the target was to the network."""

    y_hat: Array
    target: int
    said: float
    cross_entropy: Array
    squared_error: Array


def logits(frame: Frame, row: int) -> Array:
    """What the output function of the network gets, for one row of the batch."""
    return np.array(frame.layers[-1].a[row])


def softmax(v: Array) -> Softmax:
    """The stable way: the largest logit is taken off every one first, which cancels."""
    return _softmax(v - v.max())


def naive_softmax(v: Array) -> Softmax:
    """As the definition stands: above `LARGEST_POWER` an exponential is infinite, and ∞/∞ no number."""
    return _softmax(np.asarray(v))


def _softmax(powers: Array) -> Softmax:
    with np.errstate(all="ignore"):
        exps = np.exp(powers)
        total = float(exps.sum())
        return Softmax(powers, exps, total, exps / total)


def heated(v: Array, y: Array, temperature: float) -> Heated:
    """Softmax at a temperature > 0."""
    cooled = softmax(v / temperature)
    logs = cooled.powers - math.log(cooled.total)
    entropy = -float((cooled.y_hat * logs).sum())
    loss = -float((y * logs).sum())
    delta = (cooled.y_hat * y.sum() - y) / temperature
    return Heated(cooled.y_hat, max(entropy, 0.0), float(cooled.y_hat.max()), loss, delta)


def two_ways(frame: Frame, row: int) -> TwoWays:
    """∂L/∂logits of one row, softmax and loss one after the other, and as the step has it. K² numbers."""
    y_hat, fused = frame.y_hat[row], np.array(frame.layers[-1].back[row])
    jacobian = np.diag(y_hat) - np.outer(y_hat, y_hat)
    np.fill_diagonal(jacobian, y_hat * (1.0 - y_hat))
    slopes = loss_slope(frame, row)
    with np.errstate(all="ignore"):
        product = jacobian @ slopes
        gap = float(np.abs(product - fused).max())
    size = float(np.abs(fused).max())
    digits = None
    if math.isfinite(gap):
        digits = 15 if gap == 0.0 or size == 0.0 else min(15, math.floor(-math.log10(gap / size)))
    return TwoWays(jacobian, slopes, product, fused, gap, digits)


def printed_digits(found: TwoWays, most: int) -> int:
    """With how many digits of the Jacobian and the slopes each printed row times the printed slopes gives the
    printed error; 3 if more than `most` would be needed.
    """
    terms = found.jacobian * found.slopes
    if not np.isfinite(terms).all():
        return DIGITS
    digits = DIGITS
    for row, value in zip(found.jacobian, found.product, strict=True):

        def evaluate(count: int, row: Array = row) -> tuple[float, float]:
            printed = [
                show(j, count).value * show(s, count).value for j, s in zip(row, found.slopes, strict=True)
            ]
            return math.fsum(printed), len(printed) * math.ulp(1.0) * sum(map(abs, printed))

        digits = max(digits, reconcile(float(value), [evaluate]).digits)
    return digits if digits <= most else DIGITS


def rivals(v: Array, y: Array) -> Rivals:
    """δ at these logits under cross-entropy, ŷ − y, and under half the squared error, J (ŷ − y)."""
    y_hat = softmax(v).y_hat
    gaps = y_hat - y
    squared = y_hat * (gaps - float(gaps @ y_hat))
    target = int(y.argmax())
    return Rivals(y_hat, target, float(y_hat[target]), gaps, squared)


def target_slopes(said: Array, rest: Array) -> tuple[Array, Array]:
    """|δ| at the target's logit for each probability `said` of it: of cross-entropy, of squared error.

    rest: how the other classes share what is left, summing to 1. Cross-entropy's is 1 − p; squared error's
    p (1 − p)² (1 + Σ rest²): the factor p (1 − p) of softmax's own slope is in it.
    """
    return 1.0 - said, said * (1.0 - said) ** 2 * (1.0 + float(rest @ rest))


def others(y_hat: Array, target: int) -> Array:
    """How the classes other than the target share what they have, summing to 1; empty without any."""
    rest = np.delete(y_hat, target)
    total = float(rest.sum())
    return rest / total if total > 0.0 else np.full(len(rest), 1.0 / max(len(rest), 1))


def rival_class(v: Array, target: int) -> int:
    """The wrong class that the network thinks most of."""
    masked = np.array(v)
    masked[target] = -np.inf
    return int(masked.argmax())


def most_wrong(frame: Frame) -> int:
    """The row of the batch whose target is least likely to the network; of numbers, the largest loss."""
    if not LOSSES[frame.architecture.loss.name].softmax:
        return int(np.nan_to_num(frame.losses, nan=np.inf).argmax())
    said = frame.y_hat[np.arange(frame.samples), frame.y.argmax(axis=1)]
    return int(np.nan_to_num(said, nan=-1.0).argmin())


def costs(frame: Frame, row: int) -> Array:
    """(K,): what each output adds to the loss of one row."""
    y, y_hat, v = frame.y[row], frame.y_hat[row], frame.layers[-1].a[row]
    with np.errstate(all="ignore"):
        match frame.architecture.loss.name:
            case "softmax_cross_entropy":
                t = counted(frame, row)
                logs = np.log(y_hat)
                if not frame.architecture.loss.naive:
                    logs = frame.shifted[row] - math.log(frame.exp_sums[row])
                return np.where(t == 0.0, 0.0, -t * logs)
            case "sigmoid_cross_entropy":
                return np.asarray(np.maximum(v, 0.0) - v * y + np.log1p(np.exp(-np.abs(v))))
            case _:
                return np.asarray(0.5 * (y_hat - y) ** 2)


def prominent(frame: Frame, row: int, most: int) -> list[int]:
    """The classes to show where there is room for `most`: all, or the target and the most probable ones in
    their order, leaving one place for the rest together.
    """
    count = frame.y.shape[1]
    if count <= most:
        return list(range(count))
    weight = np.nan_to_num(frame.y_hat[row]) + 2.0 * frame.y[row]
    return sorted(np.argsort(-weight, kind="stable")[: most - 1].tolist())
