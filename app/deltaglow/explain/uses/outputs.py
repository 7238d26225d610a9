"""Where targets, outputs and what lies between the logits and the loss go."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from deltaglow.engine import LOSSES, Frame
from deltaglow.explain.logarithms import counted_targets, logs_from_logits, logs_from_shifted
from deltaglow.explain.uses.found import Seen, Uses, at, one
from deltaglow.model.beside import loss_slope
from deltaglow.model.quantity import Quantity


def y(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """A target."""
    if _counts(seen, q.index[0]):
        yield _loss_of_row(seen)
    yield from _output_error(seen, q)
    slope_shows = _softmax(seen.frame) and np.isfinite(loss_slope(seen.frame, seen.row)[q.index[0]])
    if slope_shows:
        yield one("dL_dy_hat", None, q.index, seen.mark)


def y_hat(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """An output."""
    frame, row, j = seen.frame, seen.row, q.index[0]
    if _counts(seen, j) and not logs_from_shifted(frame, row) and not logs_from_logits(frame, row):
        yield _loss_of_row(seen)
    yield from _output_error(seen, q)
    if _softmax(frame):
        yield one("dL_dy_hat", None, q.index, seen.mark)
        yield at("jacobian", None, [(j, i) for i in seen.outputs], seen.mark)
        yield at("jacobian", None, [(i, j) for i in seen.outputs if i != j], seen.mark)


def shifted(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """A shifted logit."""
    yield one("exp", None, q.index, seen.mark)
    if logs_from_shifted(seen.frame, seen.row) and q.index[0] in counted_targets(seen.frame, seen.row):
        yield _loss_of_row(seen)


def exp(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """An exponential."""
    yield one("y_hat", None, q.index, seen.mark)
    yield one("exp_sum", None, (), seen.mark)


def exp_sum(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """The sum of the exponentials."""
    yield at("y_hat", None, [(j,) for j in seen.outputs], seen.mark)
    if logs_from_shifted(seen.frame, seen.row):
        yield _loss_of_row(seen)


def loss(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """The loss of a row, or of the batch."""
    if q.sample is None:
        yield one("loss_after")
    elif _averaged(seen.frame):
        yield _data_loss(seen.frame)


def part_of_loss(seen: Seen, q: Quantity) -> Iterator[Uses]:
    """The data's loss and the penalty."""
    if seen.frame.update.penalties:
        yield one("loss")


def into_output(seen: Seen, j: int) -> Iterator[Uses]:
    """What is made of logit j: shifted logits, or the output itself."""
    frame = seen.frame
    spec = frame.architecture.loss
    if not _softmax(frame):
        yield one("y_hat", None, (j,), seen.mark)
        if logs_from_logits(frame, seen.row):
            yield _loss_of_row(seen)
        return
    largest = int(np.argmax(frame.layers[-1].a[seen.row]))
    everywhere = seen.outputs if j == largest and not spec.naive else [j]
    yield at("shifted", None, [(i,) for i in everywhere], seen.mark)


def logit_kind(frame: Frame) -> str:
    """The kind that outputs are made of: z where the output layer's activation is the identity, else a."""
    return "z" if frame.layers[-1].activation == "identity" else "a"


def _softmax(frame: Frame) -> bool:
    return LOSSES[frame.architecture.loss.name].softmax


def _counts(seen: Seen, j: int) -> bool:
    """Whether the loss looks at output j: cross-entropy on a softmax only at what is right."""
    name = seen.frame.architecture.loss.name
    return name != "softmax_cross_entropy" or j in counted_targets(seen.frame, seen.row)


def _output_error(seen: Seen, q: Quantity) -> Iterator[Uses]:
    mixed = seen.frame.architecture.loss.name == "softmax_squared_error"
    reached = [(j,) for j in (seen.outputs if mixed else q.index)]
    yield from (at(kind, seen.depth, reached, seen.mark) for kind in ("delta", "back"))


def _loss_of_row(seen: Seen) -> Uses:
    return one("loss", mark=seen.row) if _averaged(seen.frame) else _data_loss(seen.frame)


def _averaged(frame: Frame) -> bool:
    """Whether a batch's loss is another number than that of a row."""
    return frame.samples > 1 or frame.divisor != 1.0


def _data_loss(frame: Frame) -> Uses:
    """The mean over the batch: the loss itself, unless a penalty is added to it."""
    return one("data_loss" if frame.update.penalties else "loss")
