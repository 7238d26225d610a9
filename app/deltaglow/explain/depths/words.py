"""Any number in plain words: what it is, why it has this sign and size here, and what moves it."""

from __future__ import annotations

from collections.abc import Callable

from deltaglow.explain.context import Context
from deltaglow.explain.depths import words_backward as backward
from deltaglow.explain.depths import words_decisions as decisions
from deltaglow.explain.depths import words_forward as forward
from deltaglow.explain.depths import words_outputs as outputs
from deltaglow.explain.depths import words_sizes as sizes
from deltaglow.explain.depths import words_update as update
from deltaglow.explain.depths.said import Teller, Telling
from deltaglow.model.quantity import UPDATE_ARRAYS, Quantity

TELLERS: dict[str, Teller] = {
    "x": forward.x,
    "y": outputs.y,
    "z": forward.z,
    "a": forward.a,
    "slope": forward.slope,
    "y_hat": outputs.y_hat,
    "shifted": outputs.shifted,
    "exp": outputs.exp,
    "exp_sum": outputs.exp_sum,
    "jacobian": outputs.jacobian,
    "loss": outputs.loss,
    "data_loss": outputs.loss,
    "loss_after": update.loss_after,
    "x_hat": forward.x_hat,
    "mean": forward.mean,
    "var": forward.var,
    "keep": forward.keep,
    "delta": backward.delta,
    "back": backward.back,
    "dL_dy_hat": outputs.loss_slope,
    "W": backward.weight,
    "P": backward.weight,
    "b": backward.bias,
    "penalty": update.penalty,
    "learning_rate": update.learning_rate,
    **sizes.TELLERS,
    **decisions.TELLERS,
    **dict.fromkeys(("dW", "db", "dP"), backward.gradient),
    **dict.fromkeys(("dW_sample", "db_sample", "dP_sample"), backward.sample_gradient),
    **dict.fromkeys(("W_after", "b_after", "P_after"), update.after),
    **{kind: backward.gradient if name == "data" else update.between for kind, name in UPDATE_ARRAYS.items()},
}


def words(ctx: Context, q: Quantity, known: Callable[[Quantity], bool] = lambda q: True) -> str:
    """One sentence with two or three of the step's own numbers; known: which may be told already."""
    told = Telling(ctx.project, ctx.frame, ctx.row, ctx.mark, ctx.line_width, known)
    return TELLERS[q.kind](told, q)
