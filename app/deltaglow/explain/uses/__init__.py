"""Where a number goes next: the inverse of "which numbers is this made of"."""

from __future__ import annotations

from itertools import chain, islice

from deltaglow.engine import Frame
from deltaglow.explain.uses import decisions, layers, outputs, parameters, sizes
from deltaglow.explain.uses.found import Finder, Seen
from deltaglow.model.quantity import UPDATE_ARRAYS, Quantity

_FINDERS: dict[str, Finder] = {
    "x": layers.x,
    "z": layers.z,
    "a": layers.a,
    "slope": layers.slope,
    "back": layers.back,
    "delta": layers.delta,
    "x_hat": layers.x_hat,
    "mean": layers.moment,
    "var": layers.moment,
    "keep": layers.keep,
    "y": outputs.y,
    "y_hat": outputs.y_hat,
    "shifted": outputs.shifted,
    "exp": outputs.exp,
    "exp_sum": outputs.exp_sum,
    "loss": outputs.loss,
    **dict.fromkeys(("data_loss", "penalty"), outputs.part_of_loss),
    "loss_scale": decisions.scale,
    **dict.fromkeys(("watched_loss", "best_loss_before"), decisions.watched),
    "waited_before": decisions.waited,
    "W": parameters.W,
    "b": parameters.b,
    "P": parameters.P,
    **dict.fromkeys(("learning_rate", "clip_factor"), parameters.of_all),
    "gradient_norm": sizes.gradient_norm,
    "total_norm": sizes.total_norm,
    **dict.fromkeys(("dW", "db", "dP", *UPDATE_ARRAYS), parameters.onwards),
}


def uses(frame: Frame, q: Quantity, row: int, most: int | None = None) -> tuple[tuple[Quantity, ...], int]:
    """The quantities whose derivation shows `q`, nearest first: at most `most` of them, and how many more
    there are.

    row: the batch row that `q` is taken from when it does not name one. Where the batch has one row, no
    address names it; the gradients use every row, so they appear for each.
    """
    finder = _FINDERS.get(q.kind)
    if finder is None:
        return (), 0
    mark = None if frame.samples == 1 else q.sample
    found = list(finder(Seen(frame, mark, row if q.sample is None else q.sample), q))
    listed = tuple(islice(chain.from_iterable(found), most))
    return listed, sum(use.count for use in found) - len(listed)


__all__ = ["uses"]
