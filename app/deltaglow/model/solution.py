"""A frame as `deltaglow solve --json` prints it: other programs rely on it, so it does not change lightly."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltaglow.engine import Frame, NonFinite


def step(frame: Frame) -> dict[str, Any]:
    """One step: loss (mean over the batch), ŷ, per layer z, a, δ, ∂L/∂W, ∂L/∂b, and the parameters after it.

    z, a, delta and y_hat have a row a sample; delta is per sample, dW and db are of the mean loss. Raises
    NonFinite when a number cannot be written as JSON.
    """
    layers = [
        {"z": layer.z, "a": layer.a, "delta": layer.delta, "dW": layer.dW, "db": layer.db}
        for layer in frame.layers
    ]
    after = [{"W": layer.W_after, "b": layer.b_after} for layer in frame.layers]
    for part in (layers, after):
        for k, arrays in enumerate(part, start=1):
            for name, array in arrays.items():
                if not np.isfinite(array).all():
                    raise NonFinite(frame.step, f"{name} of layer {k}")
    return {
        "step": frame.step,
        "loss": frame.loss,
        "y_hat": frame.y_hat.tolist(),
        "layers": [_lists(arrays) for arrays in layers],
        "after": {"layers": [_lists(arrays) for arrays in after]},
    }


def _lists(arrays: dict[str, Any]) -> dict[str, Any]:
    return {name: array.tolist() for name, array in arrays.items()}
