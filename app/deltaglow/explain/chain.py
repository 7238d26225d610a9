"""From gradient to update: which number of a step is made of which, for the optimiser at work.

One table serves both ways: derivations read it forwards, "used in" backwards.
"""

from __future__ import annotations

from deltaglow.engine import Frame
from deltaglow.model.quantity import PART, Quantity

LEARNING_RATE, CLIP_FACTOR = "learning_rate", "clip_factor"
ADAPTIVE = frozenset({"rmsprop", "adagrad", "adam", "adamw"})
"""Optimisers that divide by a root of past squares, and so have an effective rate for each parameter."""

STILL = {"gathered", "clipped", "sent", "remembered", "velocity", "m", "v"}
"""What the optimiser is given or remembers: nothing of a frozen parameter."""


def penalised(frame: Frame, k: int) -> bool:
    """Whether the weights of layer k are part of the penalty: a normalisation's γ is not."""
    return bool(frame.update.penalties) and not frame.architecture.layers[k - 1].one_to_one


def decays(frame: Frame, k: int, part: str) -> bool:
    """Whether a parameter of layer k ("W", "b" or "P") is subject to decoupled weight decay."""
    one_to_one = frame.architecture.layers[k - 1].one_to_one
    return part != "b" and frame.update.weight_decay != 0.0 and not one_to_one


def is_frozen(frame: Frame, q: Quantity) -> bool:
    """Whether the parameter that a quantity belongs to is frozen in this step; not where there is none."""
    flags = frame.update.arrays.get("frozen")
    if flags is None or q.kind not in PART or q.layer is None:
        return False
    shape, part = frame.architecture.layers[q.layer - 1], PART[q.kind]
    absent = part == "W" and shape.mask is not None and not shape.mask[q.index]
    if absent or not all(shape.block_shape):
        return False
    return bool(frame.architecture.blocks(flags)[q.layer - 1][shape.place(part, q.index)])


def gradient_used(frame: Frame, part: str) -> str:
    """The kind of the gradient that the optimiser is given."""
    return f"d{part}_sent" if "sent" in frame.update.arrays else gradient_made(frame, part)


def gradient_made(frame: Frame, part: str) -> str:
    """The kind of the gradient after gathering and clipping, before the largest of it are picked."""
    arrays = frame.update.arrays
    name = "clipped" if "clipped" in arrays else "gathered" if "gathered" in arrays else ""
    return f"d{part}_{name}" if name else f"d{part}"


def links(frame: Frame, k: int, part: str) -> dict[str, tuple[str, ...]]:
    """Of layer k's "W", "b" or "P": every kind between gradient and update → the kinds that it is made of."""
    if not all(frame.architecture.layers[k - 1].block_shape):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    slope, used, update = f"d{part}", gradient_used(frame, part), frame.update
    made = gradient_made(frame, part)
    if part != "b" and penalised(frame, k):
        found[slope] = (f"{slope}_data", f"{slope}_penalty")
        found[f"{slope}_penalty"] = (part,)
    whole = slope
    if "gathered" in update.arrays:
        whole = f"{slope}_gathered"
        found[whole] = (slope,) if update.turn == 0 else (f"{whole}_before", slope)
    if made.endswith("_clipped"):
        scaled = update.clip is not None and update.clip.kind == "norm"
        found[made] = (whole, CLIP_FACTOR) if scaled else (whole,)
    if used.endswith("_sent"):
        found[used] = found[f"{slope}_remembered"] = (f"{used.removesuffix('_sent')}_remembered_before", made)
    after = f"{part}_after"
    if not update.updates:
        return found | {after: (part,)}
    found |= _optimizer(update.optimizer, part, used)
    if decays(frame, k, part):
        found[after] = tuple(dict.fromkeys((*found[after], LEARNING_RATE)))
    return found


def _optimizer(name: str, part: str, used: str) -> dict[str, tuple[str, ...]]:
    after = f"{part}_after"

    def kind(stem: str) -> str:
        return f"{stem}_{part}"

    if name == "sgd":
        return {after: (part, LEARNING_RATE, used)}
    if name in ("momentum", "nesterov"):
        velocity = kind("velocity")
        reads = (velocity,) if name == "momentum" else (used, velocity)
        return {velocity: (kind("velocity_before"), used), after: (part, LEARNING_RATE, *reads)}
    square = {kind("v"): (kind("v_before"), used)}
    if name in ("rmsprop", "adagrad"):
        return square | {
            kind("rate"): (LEARNING_RATE, kind("v")),
            after: (part, kind("rate"), used),
        }
    return square | {
        kind("m"): (kind("m_before"), used),
        kind("m_hat"): (kind("m"),),
        kind("v_hat"): (kind("v"),),
        kind("rate"): (LEARNING_RATE, kind("v_hat")),
        after: (part, kind("rate"), kind("m_hat")),
    }
