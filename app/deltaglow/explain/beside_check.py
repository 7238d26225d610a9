"""Second opinions on numbers beside a step, from its outputs alone or by plain products."""

import math
from collections.abc import Callable

from deltaglow.engine import Difference, Frame
from deltaglow.explain.output_check import NOISE, Outputs
from deltaglow.model.beside import SAMPLE_GRADIENTS
from deltaglow.model.quantity import Quantity

_RELATIVE = 1e-3
"""Size of the first nudge, relative to what is nudged."""


def output_slope(frame: Frame, q: Quantity, row: int) -> Difference | None:
    """∂ŷⱼ/∂(logit i) by nudging the logit, ∂L/∂ŷⱼ by nudging one ŷ and leaving the others; None where the
    numbers are not finite.
    """
    spec, y = frame.architecture.loss, frame.y[row].tolist()
    if q.kind == "jacobian":
        j, i = q.index
        logits: list[float] = frame.layers[-1].a[row].tolist()

        def output(v: float) -> float:
            nudged = [(v if n == i else each, 0.0) for n, each in enumerate(logits)]
            return Outputs(spec, nudged, y).value("y_hat", j)[0]

        if spec.naive and max(logits) > 700.0:
            return None
        return _difference(output, logits[i], _RELATIVE * max(1.0, abs(logits[i])), 1.0)
    j = q.index[0]
    said = float(frame.y_hat[row, j])
    if spec.name != "softmax_cross_entropy":
        return _difference(lambda v: 0.5 * (v - y[j]) ** 2, said, _RELATIVE, 1.0)
    smoothed = (1.0 - spec.label_smoothing) * y[j] + spec.label_smoothing / len(y)
    t = smoothed * (1.0 if spec.class_weights is None else spec.class_weights[j])
    if not said > 1e-300:
        return None
    return _difference(lambda v: -t * math.log(v), said, _RELATIVE * said, abs(t * math.log(said)) + t)


def separate(frame: Frame) -> bool:
    """Whether a sample's loss depends on that sample alone: not so where a batch's mean is subtracted."""
    return not (frame.training and any(layer.kind == "batch_norm" for layer in frame.layers))


def product(frame: Frame, q: Quantity, row: int, found: float) -> tuple[str, float, Difference]:
    """δ times what was carried, place by place, as (what was done, the number, the second answer)."""
    k, part = q.layer or 1, SAMPLE_GRADIENTS[q.kind]
    trace = frame.layers[k - 1]
    delta = trace.delta[row].tolist()
    if trace.kind == "batch_norm":
        factor = float(trace.extra["x_hat"][row, q.index[0]]) if part == "W" else 1.0
        terms = [delta[q.index[0]] * factor]
    else:
        own = trace.shape.place(part, q.index)
        source = k - 1 if part != "P" or trace.shape.skip is None else trace.shape.skip.source
        said = (frame.x if source == 0 else frame.layers[source - 1].a)[row].tolist()
        terms = [
            delta[j] * (1.0 if part == "b" else said[index[-1]])
            for name, index in _places(frame, k, part)
            if name == part and trace.shape.place(part, index) == own
            for j in index[:1]
        ]
    again = math.fsum(terms)
    error = NOISE * math.fsum(map(abs, terms))
    return "from δ and what was carried", found, Difference(again, 0.0, error, corner=False)


def _places(frame: Frame, k: int, part: str) -> list[tuple[str, tuple[int, ...]]]:
    trace = frame.layers[k - 1]
    if part == "P":
        return [(part, index) for index in _indices(trace.own(trace.block)["P"].shape)]
    if part == "b":
        return [(part, (j,)) for j in range(len(trace.b))]
    mask = trace.mask
    return [(part, index) for index in _indices(trace.W.shape) if mask is None or mask[index]]


def _indices(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [(j, i) for j in range(shape[0]) for i in range(shape[1])]


def _difference(f: Callable[[float], float], at: float, h: float, size: float) -> Difference:
    """A central difference, refined by two Richardson steps; size: how large f is, for its rounding."""

    def slope(width: float) -> float:
        return (f(at + width) - f(at - width)) / ((at + width) - (at - width))

    coarse, half, quarter = slope(h), slope(h / 2), slope(h / 4)
    first, refined = (4 * half - coarse) / 3, (4 * quarter - half) / 3
    best = (16 * refined - first) / 15
    noise = abs(best - refined) + 16 * math.ulp(1.0) * size / h
    return Difference(best, h, noise, corner=False)
