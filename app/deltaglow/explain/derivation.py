"""Every number explains itself: one table from the kind of a quantity to the function that derives it."""

from collections.abc import Callable

from deltaglow.engine import Frame
from deltaglow.explain import (
    after,
    backward,
    decisions,
    forward,
    frozen,
    given,
    gradient,
    lengths,
    output,
    regularised,
    sampled,
    sparse,
    special,
    update,
)
from deltaglow.explain.context import Context
from deltaglow.explain.outputs import apart, softmax
from deltaglow.explain.parts import Derivation, Group, Operand, Row
from deltaglow.explain.pieces import LINE_WIDTH
from deltaglow.model.project import Project
from deltaglow.model.quantity import UPDATE_ARRAYS, Quantity, validate_in

_BETWEEN: dict[str, Callable[[Context, Quantity], Derivation]] = {
    "data": regularised.data_part,
    "penalty": regularised.penalty_part,
    "gathered": regularised.gathered,
    "gathered_before": regularised.gathered_before,
    "clipped": regularised.clipped,
    "sent": sparse.sent,
    "remembered": sparse.remembered,
    "remembered_before": sparse.remembered_before,
    "velocity": update.velocity,
    "m": update.mean,
    "v": update.square,
    "m_hat": update.corrected,
    "v_hat": update.corrected,
    "rate": update.rate,
    **dict.fromkeys(("velocity_before", "m_before", "v_before"), update.kept),
}
DERIVERS: dict[str, Callable[[Context, Quantity], Derivation]] = {
    "x": given.x,
    "y": given.y,
    "z": forward.z,
    "a": forward.a,
    "slope": forward.slope,
    "back": backward.back,
    "delta": backward.delta,
    "W": given.weight,
    "b": given.bias,
    "dW": regularised.weight,
    "db": gradient.bias,
    "W_after": update.parameter,
    "b_after": update.parameter,
    "y_hat": output.y_hat,
    "shifted": softmax.shifted,
    "exp": softmax.exp,
    "exp_sum": softmax.exp_sum,
    "jacobian": apart.jacobian,
    "dL_dy_hat": apart.loss_slope,
    "dW_sample": sampled.gradient,
    "db_sample": sampled.gradient,
    "dP_sample": sampled.gradient,
    "loss": regularised.loss,
    "x_hat": special.x_hat,
    "mean": special.mean,
    "var": special.var,
    "keep": special.keep,
    "P": special.around_weight,
    "dP": regularised.weight,
    "P_after": update.parameter,
    "loss_after": after.loss_after,
    "learning_rate": regularised.learning_rate,
    "data_loss": regularised.data_loss,
    "penalty": regularised.penalty,
    **lengths.DERIVERS,
    **decisions.DERIVERS,
    **{kind: _BETWEEN[name] for kind, name in UPDATE_ARRAYS.items()},
}


def derive(
    project: Project, frame: Frame, q: Quantity, sample: int = 0, line_width: float = LINE_WIDTH
) -> Derivation:
    """The derivation of the number at address `q` in this frame.

    sample: the row of the batch for quantities whose address names none; of such a quantity the operands name
    none either, so that they follow the reader's choice of row. `loss` without a row is the mean over the
    batch. line_width: em that a display line has. Raises AddressError when the network or batch has no such
    quantity.
    """
    return derive_in(context(project, frame, q, sample, line_width), q)


def derive_in(ctx: Context, q: Quantity) -> Derivation:
    """The derivation of the number at address `q`, seen from a context made for it."""
    return frozen.derivation(ctx, q) if frozen.stands_still(ctx, q) else DERIVERS[q.kind](ctx, q)


def context(
    project: Project, frame: Frame, q: Quantity, sample: int = 0, line_width: float = LINE_WIDTH
) -> Context:
    """What the number at address `q` is derived in; see `derive`. Raises AddressError."""
    validate_in(q, frame)
    row = sample if q.sample is None else q.sample
    mark = None if frame.samples == 1 else q.sample
    return Context(project, frame, row, mark, line_width)


__all__ = ["DERIVERS", "Derivation", "Group", "Operand", "Row", "derive"]
