"""Addresses of how large a whole gradient is: of a layer, of all parameters; what clipping makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from deltaglow.engine import Frame, LayerTrace

NORM, TOTAL, FACTOR, RATIO = "gradient_norm", "total_norm", "clip_factor", "update_ratio"
SIZES = {
    NORM: "size of a layer's gradient, ‖∂L/∂W‖",
    TOTAL: "size of the gradient of all parameters, which clipping goes by",
    FACTOR: "what clipping multiplies the gradient by",
    RATIO: "size of the update beside that of the parameters",
}
"""Kinds of a layer (the first) or of the step, and what each is."""


def absent(kind: str, frame: Frame) -> str:
    """Why a frame has no number of a kind in SIZES; empty if it has."""
    if kind not in (TOTAL, FACTOR):
        return ""
    update = frame.update
    if update.clip is None or update.clip.kind != "norm":
        return "this run does not clip its gradient by norm"
    if "clipped" not in update.arrays:
        return "nothing is clipped before the last of the batches whose gradients are gathered"
    return ""


def gradient_norm(layer: LayerTrace) -> float:
    """‖∂L/∂W‖, the Frobenius norm; 0 of a layer without weights."""
    return float(np.linalg.norm(layer.weight_gradient))


def moves(frame: Frame) -> npt.NDArray[np.float64]:
    """How far the step moves every parameter (P,)."""
    return frame.theta_after - frame.theta


def _ratio(frame: Frame) -> float:
    moved, before = float(np.linalg.norm(moves(frame))), float(np.linalg.norm(frame.theta))
    return moved / before if before else float("inf") if moved else 0.0


OF_STEP: dict[str, Callable[[Frame], float]] = {
    TOTAL: lambda frame: frame.update.norm,
    FACTOR: lambda frame: frame.update.factor,
    RATIO: _ratio,
}
"""The kinds of the step, from a frame that has them."""
