"""The loss after the step: where the gradient said it would go, and what the curve of the loss adds."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from deltaglow.engine import Difference, Frame
from deltaglow.engine.layers import BatchNormShape
from deltaglow.engine.ops import Array
from deltaglow.explain.context import Context
from deltaglow.explain.expr import Sum
from deltaglow.explain.functions import Named
from deltaglow.explain.output_check import NOISE, Outputs
from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import Label
from deltaglow.model.quantity import Quantity

Phi = Mapping[str, Callable[[float], float]]
_FIRST = Label(r"\nabla L\cdot\Delta\theta", "∇L·Δθ")
_REST = Label(r"\text{rest}", "rest")


def loss_after(ctx: Context, q: Quantity) -> Derivation:
    """L⁺ = L + ∇L · (θ⁺ − θ) + what the curve of the loss adds: Taylor's theorem to first order."""
    frame = ctx.frame
    with np.errstate(all="ignore"):
        first = float(frame.gradient @ (frame.theta_after - frame.theta))
    rest = ctx.value(q) - float(frame.loss) - first
    worked = Sum((ctx.flat("loss"), Named(_FIRST, first), Named(_REST, rest)))
    told = "The step goes downhill, and so does the loss."
    if not ctx.value(q) < float(frame.loss):
        told = "The loss does not fall: the step is so long that the curve of the loss outweighs its slope."
    if not np.any(frame.theta_after != frame.theta):
        told = "Nothing has moved, and the loss is what it was."
    return ctx.derivation(
        q,
        "The loss after the step",
        "of the same batch with the new parameters: the slope times how far each moved, and the rest",
        [worked],
        [worked],
        note=told,
    )


def again(frame: Frame, phi: Phi) -> Difference:
    """The same number worked out layer by layer from the inputs and the new parameters.

    phi: activation functions in plain Python by name.
    """
    said = [frame.x]
    with np.errstate(all="ignore"):
        for k in range(1, len(frame.layers) + 1):
            said.append(_layer(frame, k, said, phi))
    spec, losses, errors = frame.architecture.loss, [], []
    for row, logits in enumerate(said[-1].tolist()):
        found, error = Outputs(spec, [(v, NOISE * abs(v)) for v in logits], frame.y[row].tolist()).loss()
        losses.append(found)
        errors.append(error)
    penalties = frame.update.penalties
    added = 0.0
    if penalties:
        for trace in frame.layers:
            rows = 0 if trace.shape.one_to_one else trace.shape.weight_rows
            weights = np.delete(trace.block_after, trace.shape.weight_rows, 0) if rows else np.zeros(0)
            added += math.fsum(penalties.of(w) for w in weights.ravel().tolist())
    size = math.fsum(losses) / frame.divisor + added
    return Difference(size, 0.0, math.fsum(errors) / frame.divisor + NOISE * abs(size), corner=False)


def _layer(frame: Frame, k: int, said: list[Array], phi: Phi) -> Array:
    """a of layer k (B, units), from what was said before it, at the new parameters."""
    trace, before = frame.layers[k - 1], said[-1]
    shape = trace.shape
    if trace.kind == "dropout":
        z = before * trace.extra["keep"]
    elif isinstance(shape, BatchNormShape):
        mean = before.mean(0) if frame.training else trace.extra["mean"]
        var = before.var(0) if frame.training else trace.extra["var"]
        own = trace.own(trace.block_after)
        z = own["gamma"] * (before - mean) / np.sqrt(var + shape.eps) + own["beta"]
    else:
        z = before @ trace.W_after.T + trace.b_after
        if shape.skip is not None:
            around = said[shape.skip.source]
            P = trace.own(trace.block_after).get("P")
            z = z + (around if P is None else around @ P.T)
    bend = phi[trace.activation]
    bent: Array = np.array([[bend(v) for v in row] for row in z.tolist()])
    return bent
