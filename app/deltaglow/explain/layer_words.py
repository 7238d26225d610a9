"""What a whole phase does, in plain words: by the kind of layer it is about, and by the optimiser."""

from __future__ import annotations

from deltaglow.engine import OPTIMIZERS
from deltaglow.explain.context import Context
from deltaglow.explain.phases import Phase

_FORWARD = {
    "conv1d": "The same small kernel lies on every place in turn, and sums what it finds; {bend}.",
    "batch_norm": "Each unit is normalised over the batch to x̂, scaled by γ, shifted by β; {bend}.",
    "dropout": "Dropout silences some units by chance, and scales up those that it keeps.",
}
_SUMS = "Each unit adds up its inputs times their weights, and its bias; {bend}."
_AROUND = "Inputs times weights, the bias and what comes around layers, summed; {bend}."
_DELTA = {
    "conv1d": "δ travels back from every place that the kernel lay on, along the same shared weights.",
    "batch_norm": "δ comes back through the batch's μ and σ: samples have a part in each other's errors.",
    "dropout": "δ comes back only to the units that dropout kept, scaled as they were.",
}


def phase_words(ctx: Context, phase: Phase) -> str:
    """The sentence for a phase as a whole."""
    match phase.kind:
        case "forward" if phase.layer is not None:
            return _forward(ctx, phase.layer)
        case "delta" if phase.layer is not None and phase.layer < ctx.depth:
            return _DELTA.get(ctx.layer(phase.layer + 1).kind, phase.caption)
        case "gradients" if ctx.samples > 1:
            sample = "Each weight's gradient: the δ it leads to times the activation it carries"
            return f"{sample}, the mean of {ctx.samples} samples."
        case "update":
            return _update(ctx, phase)
    return phase.caption


def _forward(ctx: Context, k: int) -> str:
    trace = ctx.layer(k)
    bend = "the sum stays as it is" if trace.activation == "identity" else "the activation bends the sum"
    found = _FORWARD.get(trace.kind, _AROUND if trace.shape.skip is not None else _SUMS)
    return found.format(bend=bend)


def _update(ctx: Context, phase: Phase) -> str:
    optimizer = ctx.project.training.optimizer
    if optimizer.name == "sgd" and not optimizer.settings:
        return phase.caption
    return f"Each weight moves by what {OPTIMIZERS[optimizer.name].label} makes of its gradient."
