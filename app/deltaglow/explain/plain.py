"""The numbers of one layer worked out again in plain Python floats, from the numbers before it.

Each is given with a bound on the rounding error in it.
"""

import math

from deltaglow.engine import Architecture, Frame, LayerTrace
from deltaglow.engine.layers import BatchNormShape
from deltaglow.model.quantity import Quantity

NOISE = 64 * math.ulp(1.0)
Value = tuple[float, float]


def simple(architecture: Architecture) -> bool:
    """Whether every layer's z is W a + b, whatever the rest of the batch."""
    return all(not shape.one_to_one and shape.skip is None for shape in architecture.layers)


def value(frame: Frame, q: Quantity, row: int) -> Value:
    """z, x_hat, mean or var of a unit."""
    k, j = q.layer or 1, q.index[0]
    trace = frame.layers[k - 1]
    said = _said(frame, k - 1, row)
    match q.kind:
        case "mean":
            return _mean(_column(frame, k - 1, j)) if frame.training else (_extra(trace, "mean", j), 0.0)
        case "var":
            return _variance(frame, k, j) if frame.training else (_extra(trace, "var", j), 0.0)
        case "x_hat":
            return _normalised(trace, said[j], j)
    if trace.kind == "dropout":
        return said[j] * float(trace.extra["keep"][row, j]), NOISE * abs(said[j])
    if trace.kind == "batch_norm":
        own = trace.own(trace.block)
        gamma, beta = float(own["gamma"][j]), float(own["beta"][j])
        x_hat, error = _normalised(trace, said[j], j)
        return gamma * x_hat + beta, abs(gamma) * error + NOISE * (abs(gamma * x_hat) + abs(beta))
    terms = [float(w) * a for w, a in zip(trace.W[j], said, strict=True)]
    terms += [float(trace.b[j]), *_around(frame, k, j, row)]
    return math.fsum(terms), NOISE * math.fsum(map(abs, terms))


def _around(frame: Frame, k: int, j: int, row: int) -> list[float]:
    trace = frame.layers[k - 1]
    skip = trace.shape.skip
    if skip is None:
        return []
    said = _said(frame, skip.source, row)
    if not skip.projection:
        return [said[j]]
    return [float(p) * a for p, a in zip(trace.own(trace.block)["P"][j], said, strict=True)]


def _said(frame: Frame, k: int, row: int) -> list[float]:
    found: list[float] = (frame.x if k == 0 else frame.layers[k - 1].a)[row].tolist()
    return found


def _column(frame: Frame, k: int, j: int) -> list[float]:
    found: list[float] = (frame.x if k == 0 else frame.layers[k - 1].a)[:, j].tolist()
    return found


def _mean(values: list[float]) -> Value:
    return math.fsum(values) / len(values), NOISE * max(map(abs, values))


def _variance(frame: Frame, k: int, j: int) -> Value:
    values = _column(frame, k - 1, j)
    middle, error = _mean(values)
    found, _ = _mean([(value - middle) ** 2 for value in values])
    spread = max(abs(value - middle) for value in values)
    return found, 2 * spread * error + error * error + NOISE * found


def _extra(trace: LayerTrace, name: str, j: int) -> float:
    return float(trace.extra[name][j])


def _normalised(trace: LayerTrace, said: float, j: int) -> Value:
    shape = trace.shape
    assert isinstance(shape, BatchNormShape)
    middle, spread = _extra(trace, "mean", j), math.sqrt(_extra(trace, "var", j) + shape.eps)
    found = (said - middle) / spread
    return found, NOISE * (abs(said) + abs(middle)) / spread + NOISE * abs(found)
