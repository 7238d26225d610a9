"""Outputs and losses worked out again from the logits in plain Python floats, with bounds on the error."""

import math
from collections.abc import Sequence

from deltaglow.engine import LossSpec

NOISE = 64 * math.ulp(1.0)
"""Relative rounding error allowed for a few operations in a row."""

Value = tuple[float, float]
"""A number and a bound on the rounding error in it."""


class Outputs:
    """One row: everything between its logits and its loss. y: its targets."""

    def __init__(self, spec: LossSpec, logits: Sequence[Value], y: Sequence[float]) -> None:
        self._spec, self._logits, self._y = spec, list(logits), list(y)
        peak = 0.0 if spec.naive else max(value for value, _ in logits)
        self._shifted = [(value - peak, 2 * error + NOISE * abs(value)) for value, error in logits]

    def value(self, kind: str, j: int) -> Value:
        """shifted, exp, exp_sum, y_hat or loss; j counts outputs from 0."""
        match kind:
            case "shifted":
                return self._shifted[j]
            case "exp":
                return _exponential(*self._shifted[j])
            case "exp_sum":
                return self._sum()
            case "y_hat":
                return self._output(j)
            case _:
                return self.loss()

    def loss(self) -> Value:
        """The loss of the row, natural logarithm."""
        match self._spec.name:
            case "softmax_cross_entropy":
                return self._cross_entropy()
            case "sigmoid_cross_entropy":
                costs = [_binary(v, error, y) for (v, error), y in zip(self._logits, self._y, strict=True)]
            case _:
                gaps = [
                    (said - y, error)
                    for (said, error), y in zip(map(self._output, range(len(self._y))), self._y, strict=True)
                ]
                costs = [(0.5 * gap * gap, abs(gap) * error + NOISE * gap * gap) for gap, error in gaps]
        return math.fsum(cost for cost, _ in costs), math.fsum(error for _, error in costs)

    def _output(self, j: int) -> Value:
        match self._spec.name:
            case "squared_error":
                return self._logits[j]
            case "sigmoid_cross_entropy":
                v, error = self._logits[j]
                said = 1.0 / (1.0 + math.exp(-v)) if v > -700.0 else math.exp(v)
                return said, said * (math.expm1(min(error, 700.0)) + NOISE)
            case _:
                (top, e_top), (total, e_total) = self.value("exp", j), self._sum()
                share = top / total
                return share, (e_top + e_total * share) / total + NOISE * share

    def _cross_entropy(self) -> Value:
        """−Σ t ln ŷ = Σ t (ln S − s), with t = c ((1 − ε) y + ε/K)."""
        spec, classes = self._spec, len(self._y)
        weights = spec.class_weights or (1.0,) * classes
        smoothed = [(1.0 - spec.label_smoothing) * y + spec.label_smoothing / classes for y in self._y]
        targets = [c * y for c, y in zip(weights, smoothed, strict=True)]
        total, e_total = self._sum()
        logged = math.log(total)
        terms = [t * (logged - s) for t, (s, _) in zip(targets, self._shifted, strict=True)]
        errors = math.fsum(t * e for t, (_, e) in zip(targets, self._shifted, strict=True))
        rest = math.fsum(targets) * (e_total / total + NOISE * abs(logged))
        return math.fsum(terms), errors + rest + NOISE * (1.0 + math.fsum(map(abs, terms)))

    def _sum(self) -> Value:
        powers = [_exponential(*each) for each in self._shifted]
        total = math.fsum(value for value, _ in powers)
        return total, math.fsum(error for _, error in powers) + NOISE * total


def _binary(v: float, error: float, y: float) -> Value:
    """−(y ln ŷ + (1 − y) ln(1 − ŷ)) with ŷ = σ(v)."""
    straight, bend = max(v, 0.0) - v * y, math.log1p(math.exp(-abs(v)))
    return straight + bend, error + NOISE * (abs(straight) + bend)


def _exponential(s: float, error: float) -> Value:
    power = math.exp(s) if s < 709.0 else math.inf
    return power, power * (math.expm1(min(error, 700.0)) + NOISE)
