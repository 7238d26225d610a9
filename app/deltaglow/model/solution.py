"""A frame as `deltaglow solve --json` prints it: other programs rely on it, so it does not change lightly."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltaglow.engine import Frame, LayerTrace, NonFinite


def step(frame: Frame) -> dict[str, Any]:
    """One step: loss (mean over the batch, and the penalty, if there is one; then both apart), ŷ,
    per layer z, a, δ, ∂L/∂W, ∂L/∂b, and the parameters after it.

    In mixed precision the loss scale, and whether the step was left out: then it has no errors and gradients.
    Layers that are not dense have their own parameters, under their own names, and what else they compute.
    z, a, delta and y_hat have a row a sample; delta is per sample, dW and db are of the mean loss. Raises
    NonFinite when a number cannot be written as JSON.
    """
    layers = [
        {"z": layer.z, "a": layer.a, **({} if frame.left_out else _errors(layer)), **_computed(layer)}
        for layer in frame.layers
    ]
    after = [{**layer.own(layer.block_after), **_remembered(layer)} for layer in frame.layers]
    for part in (layers, after):
        for k, arrays in enumerate(part, start=1):
            for name, array in arrays.items():
                if not np.isfinite(array).all():
                    raise NonFinite(frame.step, f"{name} of layer {k}")
    return {
        "step": frame.step,
        "loss": frame.loss,
        **({"loss_scale": frame.scale, "left_out": frame.left_out} if frame.precision == "mixed" else {}),
        **({"data_loss": frame.data_loss, "penalty": frame.penalty} if frame.update.penalties else {}),
        "y_hat": frame.y_hat.tolist(),
        "layers": [_lists(arrays) for arrays in layers],
        "after": {"layers": [_lists(arrays) for arrays in after]},
    }


def _errors(layer: LayerTrace) -> dict[str, Any]:
    return {"delta": layer.delta, **gradients(layer)}


def gradients(layer: LayerTrace) -> dict[str, Any]:
    """The gradients of a layer's parameters, under their own names with a d before them."""
    return {f"d{name}": part for name, part in layer.own(layer.block_gradient).items()}


_REMEMBERED = ("running_mean", "running_var")


def _computed(layer: LayerTrace) -> dict[str, Any]:
    return {name: array for name, array in layer.extra.items() if name not in _REMEMBERED}


def _remembered(layer: LayerTrace) -> dict[str, Any]:
    return {name: layer.extra[name] for name in _REMEMBERED if name in layer.extra}


def _lists(arrays: dict[str, Any]) -> dict[str, Any]:
    return {name: array.tolist() for name, array in arrays.items()}
