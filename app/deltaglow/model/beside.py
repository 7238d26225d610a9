"""Numbers beside a step: it does not compute them, but they can be read off its numbers, and have addresses.

What one sample alone asks of a parameter, of which the gradient is the mean; and the two factors that δ at
the output is the product of, if softmax and loss are taken one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deltaglow.engine.layers import Conv1dShape

if TYPE_CHECKING:
    from deltaglow.engine import Frame
    from deltaglow.engine.ops import Array

SAMPLE_GRADIENTS = {"dW_sample": "W", "db_sample": "b", "dP_sample": "P"}
"""Kinds of a gradient of one sample's loss → the parameter's letter."""


def sample_gradients(frame: Frame, k: int, part: str, index: tuple[int, ...]) -> Array:
    """(B,): what every sample adds to the sum whose mean is the gradient of a parameter of layer k.

    part: W, b or P; index as in addresses. For a dense layer δⱼ aᵢ; of a shared weight the sum over its
    places. Zeros where there is no such parameter: a deleted connection, or any of dropout.
    """
    trace = frame.layers[k - 1]
    shape, delta = trace.shape, trace.delta
    if shape.kind == "dropout":
        return np.zeros(frame.samples)
    if part == "P":
        source = 0 if shape.skip is None else shape.skip.source
        return np.asarray(delta[:, index[0]] * _said(frame, source)[:, index[1]])
    if shape.kind == "batch_norm":
        if part == "b":
            return np.array(delta[:, index[0]])
        j, i = index
        return np.asarray(delta[:, j] * trace.extra["x_hat"][:, j]) if j == i else np.zeros(frame.samples)
    if part == "W" and trace.mask is not None and not trace.mask[index]:
        return np.zeros(frame.samples)
    places = shape.twins(index) if isinstance(shape, Conv1dShape) else [index]
    before = _said(frame, k - 1)
    terms = [delta[:, p[0]] * before[:, p[1]] if part == "W" else delta[:, p[0]] for p in places]
    return np.asarray(sum(terms[1:], terms[0].copy()))


def sample_matrix(frame: Frame, k: int, row: int) -> Array:
    """(units, n_in): what one sample adds to the gradient of layer k's weights, as its matrix is shown.

    Of a convolution the kernel's (channels, kernel · channels before); of batch normalisation γ's, one row;
    of dropout nothing, (0, 0).
    """
    return _summed(frame, k, slice(row, row + 1))


def mean_matrix(frame: Frame, k: int) -> Array:
    """The mean over the batch of `sample_matrix`: the gradient of the data's loss, without a penalty."""
    return _summed(frame, k, slice(None)) / frame.divisor


def _summed(frame: Frame, k: int, rows: slice) -> Array:
    """What some samples add to the gradient of layer k's weights, as `sample_matrix` lays it out."""
    trace = frame.layers[k - 1]
    shape, delta = trace.shape, trace.delta[rows]
    if shape.kind == "dropout":
        return np.zeros((0, 0))
    if shape.kind == "batch_norm":
        return np.asarray((delta * trace.extra["x_hat"][rows]).sum(axis=0, keepdims=True))
    said = _said(frame, k - 1)[rows]
    if isinstance(shape, Conv1dShape):
        starts = range(0, shape.stops * shape.hop, shape.hop)
        seen = np.concatenate([said[:, start : start + shape.span] for start in starts])
        errors = delta.reshape(len(delta), shape.stops, shape.out).swapaxes(0, 1).reshape(-1, shape.out)
        return np.asarray(errors.T @ seen)
    found = delta.T @ said
    return found if trace.mask is None else np.where(trace.mask, found, 0.0)


def counted(frame: Frame, row: int) -> Array:
    """(K,): what the cross-entropy counts of each class, t = c ((1 − ε) y + ε/K); y without options."""
    spec, y = frame.architecture.loss, frame.y[row]
    smoothed = (1.0 - spec.label_smoothing) * y + spec.label_smoothing / len(y)
    return np.asarray(smoothed if spec.class_weights is None else np.array(spec.class_weights) * smoothed)


def loss_slope(frame: Frame, row: int) -> Array:
    """(K,): ∂L/∂ŷ of one sample, after softmax: −t/ŷ of cross-entropy, ŷ − y of squared error."""
    y_hat = frame.y_hat[row]
    if frame.architecture.loss.name != "softmax_cross_entropy":
        return np.asarray(y_hat - frame.y[row])
    t = counted(frame, row)
    with np.errstate(all="ignore"):
        return np.where(t == 0.0, 0.0, -t / y_hat)


def softmax_slope(frame: Frame, row: int, j: int, i: int) -> float:
    """∂ŷⱼ/∂(logit i) = ŷⱼ ([j = i] − ŷᵢ)."""
    y_hat = frame.y_hat[row]
    return float(y_hat[j] * (1.0 - y_hat[j]) if i == j else -y_hat[j] * y_hat[i])


def _said(frame: Frame, k: int) -> Array:
    return frame.x if k == 0 else frame.layers[k - 1].a
