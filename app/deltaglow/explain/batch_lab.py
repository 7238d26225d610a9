"""What the page "Batch" shows: one parameter's gradient, sample by sample, and how much of it cancels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deltaglow.engine import LOSSES, Frame
from deltaglow.engine.ops import Array, IntArray
from deltaglow.model.beside import SAMPLE_GRADIENTS, sample_gradients
from deltaglow.model.project import Project
from deltaglow.model.quantity import PART, Quantity


@dataclass(frozen=True, eq=False)
class Contributions:
    """What each sample of a batch asks of one parameter.

    parameter: its address, such as W[2][0,1]. values (B,): the samples' own gradients, in the order of the
    batch. rows (B,): the order to show them in. running (B,): their sum so far in that order. mean: their
    whole sum over the divisor. cancelled: 1 − |Σ| / Σ|·|, the share that opposite signs take away.
    """

    parameter: Quantity
    values: Array
    rows: IntArray
    running: Array
    mean: float
    cancelled: float

    def address(self, row: int) -> Quantity:
        """The number of one sample; the gradient itself where the batch has only one."""
        q = Quantity(f"d{self.parameter.kind}", self.parameter.layer, self.parameter.index)
        return q if len(self.values) == 1 else replace(q, kind=f"{q.kind}_sample", sample=row)


def contributions(frame: Frame, parameter: Quantity, order: str = "batch") -> Contributions:
    """parameter: an address of kind W, b or P. order: "batch", as they stand in it; "size", the largest
    first; "class", by class and then by size.
    """
    values = sample_gradients(frame, parameter.layer or 1, parameter.kind, parameter.index)
    rows = ordered(frame, values, order)
    running = np.cumsum(values[rows])
    total, size = float(values.sum()), float(np.abs(values).sum())
    cancelled = 1.0 - abs(total) / size if size > 0.0 else 0.0
    return Contributions(parameter, values, rows, running, total / frame.divisor, max(cancelled, 0.0))


def in_parts(project: Project, frame: Frame) -> str:
    """How the batch is a part of a larger one, or has parts itself: sentences, none where neither is so."""
    update, parts = frame.update, min(project.training.micro_batches, frame.samples)
    said = []
    if update.accumulate > 1:
        moves = (
            "with it the parameters move" if update.updates else f"they move with batch {update.accumulate}"
        )
        said.append(
            f"This is batch {update.turn + 1} of {update.accumulate} whose gradients are gathered: its mean"
            f" counts 1/{update.accumulate}, and {moves}."
        )
    if parts > 1:
        said.append(
            f"It is computed in {parts} parts at the same time, whose sums are added up before the mean is"
            " taken: the gradient is that of the whole batch."
        )
    return " ".join(said)


def ordered(frame: Frame, values: Array, order: str) -> IntArray:
    """Which row stands at each place."""
    match order:
        case "size":
            return np.argsort(-np.abs(values), kind="stable")
        case "class":
            return np.lexsort((-np.abs(values), classes(frame)))
        case _:
            return np.arange(len(values))


def classes(frame: Frame) -> IntArray:
    """(B,): the class of each sample, its largest target, or whether its only label is true; 0 for all where
    the targets are numbers, or a sample may have several labels.
    """
    targets = LOSSES[frame.architecture.loss.name].targets
    if targets == "unit" and frame.y.shape[1] == 1:
        return np.asarray((frame.y[:, 0] > 0.5).astype(int))
    if targets != "distribution":
        return np.zeros(frame.samples, dtype=int)
    return np.asarray(frame.y.argmax(axis=1))


def parameter_of(selected: Quantity, frame: Frame) -> Quantity:
    """The parameter that a number belongs to: its own, or the first weight of its unit; else the first of
    the output layer.
    """
    part = PART.get(selected.kind) or SAMPLE_GRADIENTS.get(selected.kind)
    if part is not None:
        return Quantity(part, selected.layer, selected.index)
    widths = frame.architecture.widths
    k = selected.layer or len(frame.layers)
    j = selected.index[0] if selected.index else 0
    if selected.kind == "x":
        k, j = 1, 0
    return first_of(frame, k, min(j, widths[k] - 1))


def first_of(frame: Frame, k: int, j: int) -> Quantity:
    """The first weight of unit j of layer k that there is; of a layer without any, of the nearest before."""
    while k > 1 and frame.layers[k - 1].kind == "dropout":
        k -= 1
    j = min(j, len(frame.layers[k - 1].b) - 1)
    sources = listens_to(frame, k, j)
    return Quantity("W", k, (j, sources[0])) if sources else Quantity("b", k, (j,))


def listens_to(frame: Frame, k: int, j: int) -> list[int]:
    """The units before layer k that unit j listens to."""
    layer = frame.layers[k - 1]
    if layer.kind == "batch_norm":
        return [j]
    if layer.mask is None:
        return list(range(layer.W.shape[1]))
    return [int(i) for i in np.flatnonzero(layer.mask[j])]


def shrunk(matrix: Array, most: int) -> Array:
    """A matrix of at most `most` rows and columns: of each block the number furthest from zero."""
    for axis in (0, 1):
        size = matrix.shape[axis]
        if size > most:
            block = -(-size // most)
            padded = np.moveaxis(matrix, axis, 0)
            filled = np.zeros((-(-size // block) * block, padded.shape[1]))
            filled[:size] = padded
            blocks = filled.reshape(-1, block, padded.shape[1])
            furthest = np.abs(blocks).argmax(axis=1)[:, None]
            matrix = np.moveaxis(np.take_along_axis(blocks, furthest, axis=1)[:, 0], 0, axis)
    return matrix
