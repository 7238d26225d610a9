"""Every way from the loss to a number: columns of nodes, the slopes between them, and the largest products.

A column is the loss, the outputs ŷ, or a layer's z or a; a node is one unit of it in one row of the batch. A
path is a chain of nodes from the loss inwards, worth the product of the slopes along it, and by the chain
rule ∂L/∂(node) is the sum over all its paths. There may be more paths than atoms, but the largest few are
found exactly: the largest at a node each go on from one of the largest at a node before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import prod

import numpy as np

from deltaglow.engine import LOSSES, Frame
from deltaglow.engine.layers import BatchNormShape
from deltaglow.engine.ops import Array, IntArray
from deltaglow.explain.logarithms import SMALLEST_LOGGED, logs_from_logits, logs_from_shifted
from deltaglow.model.beside import loss_slope

Column = tuple[str, int]
"""("loss", 0), ("y_hat", 0), or a layer's ("z", k) or ("a", k); ("a", 0) is the input."""
LOSS: Column = ("loss", 0)
Y_HAT: Column = ("y_hat", 0)
MOST_WORK = 4_000_000
"""Products looked at when the largest paths are searched for; more than that takes too long to wait for."""


@dataclass(frozen=True, slots=True)
class Node:
    """One unit of a column in one row of the batch."""

    column: Column
    unit: int
    row: int


@dataclass(frozen=True, slots=True)
class Step:
    """A slope of a path, ∂outer/∂inner; the outer node is nearer to the loss.

    way: "loss", "output", "slope", "next" (through the layer after) or "around" layers.
    """

    way: str
    outer: Node
    inner: Node
    value: float


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of slopes from the loss to a node, and their product."""

    steps: tuple[Step, ...]
    value: float


@dataclass(frozen=True)
class _Edge:
    """All slopes from one column to another. way: as of a `Step`. by: how `slopes` is laid out.

    "unit": (B, units), each node from the one of its own unit and row. "all": (outer, inner), the same in
    every row. "row": (B, outer, inner). "batch": (units, B outer, B inner), through μ and σ.
    """

    way: str
    outer: Column
    by: str
    shape: tuple[int, ...]
    make: Callable[[], Array]

    @cached_property
    def slopes(self) -> Array:
        """Made when they are first looked at: of a large batch that is searched in vain they fill memory."""
        return self.make()


class Graph:
    """The slopes of these rows of a frame, and searches in them. most: how many paths are of interest.

    In training, batch normalisation needs all rows, whichever are asked for.
    """

    def __init__(self, frame: Frame, rows: Sequence[int], most: int) -> None:
        mixed = frame.training and any(layer.kind == "batch_norm" for layer in frame.layers)
        self.frame, self.most = frame, most
        self.rows = list(range(frame.samples)) if mixed else list(rows)
        self.depth = len(frame.layers)
        self._at = {row: n for n, row in enumerate(self.rows)}
        self.edges = cache(self._edges)
        self._best = cache(self._search)
        self._ways = cache(self._counted)

    @property
    def split(self) -> bool:
        """Whether softmax, or the sigmoids, and the loss are taken one after the other.

        They are not where one of the two slopes is beyond what a float holds: only their product is known.
        """
        frame, name = self.frame, self.frame.architecture.loss.name
        if name == "squared_error":
            return False
        said = frame.y_hat[self.rows]
        if name == "sigmoid_cross_entropy":
            inside = bool(((said > 0.0) & (said < 1.0)).all())
            return inside and not any(logs_from_logits(frame, row) for row in self.rows)
        known = bool(np.isfinite(self._loss_slopes()).all() and (said > SMALLEST_LOGGED).all())
        return known and not any(logs_from_shifted(frame, row) for row in self.rows)

    def canonical(self, column: Column) -> Column:
        """The column itself, or z where a layer's a is the same number."""
        kind, k = column
        return ("z", k) if kind == "a" and k and self.frame.layers[k - 1].activation == "identity" else column

    def work(self, column: Column) -> int:
        """How many products a search for the largest paths to this column looks at."""
        edges = self._all(column)
        return self.most * sum(prod(e.shape) * (len(self.rows) if e.by == "all" else 1) for e in edges)

    def largest(self, node: Node) -> Array:
        """What the largest paths to a node are worth, largest first, zeros after them."""
        found: Array = self._best(self.canonical(node.column))[0][self._at[node.row], node.unit]
        return found

    def path(self, node: Node, n: int) -> Path:
        """The path to a node that is number `n` of the largest."""
        return self._traced(Node(self.canonical(node.column), node.unit, node.row), n)

    def ways(self, node: Node) -> float:
        """How many paths to a node are worth something."""
        return float(self._ways(self.canonical(node.column))[self._at[node.row], node.unit])

    def _all(self, column: Column) -> list[_Edge]:
        """Every edge between the loss and a column."""
        found, waiting, seen = [], [self.canonical(column)], set()
        while waiting:
            here = waiting.pop()
            if here not in seen and here != LOSS:
                seen.add(here)
                found += self.edges(here)
                waiting += [edge.outer for edge in self.edges(here)]
        return found

    def _loss_slopes(self) -> Array:
        frame = self.frame
        if frame.architecture.loss.name == "sigmoid_cross_entropy":
            with np.errstate(all="ignore"):
                slopes = (frame.y_hat - frame.y) / (frame.y_hat * (1.0 - frame.y_hat))
            return np.asarray(slopes[self.rows])
        return np.stack([loss_slope(frame, row) for row in self.rows])

    def _edges(self, column: Column) -> list[_Edge]:
        kind, k = column
        if kind == "y_hat":
            return [_known("loss", LOSS, "row", self._loss_slopes()[:, None, :])]
        if kind == "z" and self.frame.layers[k - 1].activation != "identity":
            return [_known("slope", ("a", k), "unit", self.frame.layers[k - 1].slope[self.rows])]
        return self._out_of_layer(k) if k == self.depth else [*self._through_next(k), *self._around(k)]

    def _out_of_layer(self, k: int) -> list[_Edge]:
        """From the outputs, or straight from the loss, to the logits."""
        frame, y_hat = self.frame, self.frame.y_hat[self.rows]
        if not self.split:
            return [_known("loss", LOSS, "row", frame.layers[-1].back[self.rows][:, None, :])]
        if not LOSSES[frame.architecture.loss.name].softmax:
            return [_known("output", Y_HAT, "unit", y_hat * (1.0 - y_hat))]
        shape = (*y_hat.shape, y_hat.shape[1])
        return [_Edge("output", Y_HAT, "row", shape, lambda: _jacobian(y_hat))]

    def _through_next(self, k: int) -> list[_Edge]:
        layer, outer = self.frame.layers[k], ("z", k + 1)
        if layer.kind == "dropout":
            return [_known("next", outer, "unit", layer.extra["keep"][self.rows])]
        if layer.kind == "batch_norm":
            return [self._normalised(k + 1)]
        weights = layer.W if layer.mask is None else np.where(layer.mask, layer.W, 0.0)
        return [_known("next", outer, "all", weights)]

    def _normalised(self, k: int) -> _Edge:
        """∂z/∂a of batch normalisation: in training every sample moves μ and σ, and so every other's z."""
        layer, count = self.frame.layers[k - 1], self.frame.samples
        assert isinstance(layer.shape, BatchNormShape)
        gamma = layer.own(layer.block)["gamma"]
        scale = gamma / np.sqrt(layer.extra["var"] + layer.shape.eps)
        if not self.frame.training:
            return _known("next", ("z", k), "unit", np.broadcast_to(scale, (len(self.rows), len(scale))))
        x_hat = layer.extra["x_hat"].T
        shape = (len(scale), count, count)
        return _Edge("next", ("z", k), "batch", shape, lambda: scale[:, None, None] * _mixed(x_hat))

    def _around(self, k: int) -> list[_Edge]:
        found = []
        for m, layer in enumerate(self.frame.layers[k:], start=k + 1):
            skip = layer.shape.skip
            if skip is not None and skip.source == k and m > k:
                own, ones = layer.own(layer.block), np.ones((len(self.rows), len(layer.b)))
                by, slopes = ("all", own["P"]) if "P" in own else ("unit", ones)
                found.append(_known("around", ("z", m), by, slopes))
        return found

    def _search(self, column: Column) -> tuple[Array, IntArray]:
        """(B, units, most): the largest paths to every node, largest first, and each one's origin."""
        if column == LOSS:
            first = np.zeros((len(self.rows), 1, self.most))
            first[:, :, 0] = 1.0
            return first, np.zeros(first.shape, dtype=np.intp)
        found = [
            _onwards(edge.slopes, edge.by, self._best(self.canonical(edge.outer))[0])
            for edge in self.edges(column)
        ]
        units = self.frame.architecture.widths[column[1]] if column != Y_HAT else self.frame.y.shape[1]
        nothing = np.zeros((len(self.rows), units, self.most))
        values = np.concatenate([*found, nothing], axis=2)
        order = np.argsort(-np.abs(values), axis=2, kind="stable")[:, :, : self.most]
        return np.take_along_axis(values, order, axis=2), order

    def _traced(self, node: Node, n: int) -> Path:
        values, origins = self._best(node.column)
        if node.column == LOSS:
            return Path((), 1.0)
        at = self._at[node.row], node.unit, n
        value, place = float(values[at]), int(origins[at])
        for edge in self.edges(node.column):
            outer = self.canonical(edge.outer)
            size = _width(edge) * self.most
            if place < size:
                unit, row = _origin(edge, place // self.most, node)
                came = Node(outer, unit, self.rows[row] if edge.by == "batch" else row)
                before = self._traced(came, place % self.most)
                slope = self._slope(edge, came, node)
                return Path((*before.steps, Step(edge.way, came, node, slope)), value)
            place -= size
        raise AssertionError("a path that is worth something comes from somewhere")

    def _counted(self, column: Column) -> Array:
        if column == LOSS:
            return np.ones((len(self.rows), 1))
        found = [_onwards(_present(edge), edge.by, self._counts(edge)).sum(2) for edge in self.edges(column)]
        return np.asarray(sum(found[1:], found[0])) if found else np.zeros((len(self.rows), 1))

    def _counts(self, edge: _Edge) -> Array:
        return self._ways(self.canonical(edge.outer))[:, :, None]

    def _slope(self, edge: _Edge, outer: Node, inner: Node) -> float:
        at = self._at[inner.row]
        places = {
            "unit": (at, inner.unit),
            "all": (outer.unit, inner.unit),
            "row": (at, outer.unit, inner.unit),
            "batch": (inner.unit, self._at[outer.row], at),
        }
        return float(edge.slopes[places[edge.by]])


def _known(way: str, outer: Column, by: str, slopes: Array) -> _Edge:
    """An edge whose slopes are there already."""
    return _Edge(way, outer, by, slopes.shape, lambda: slopes)


def _jacobian(y_hat: Array) -> Array:
    """(B, K, K): softmax's slopes, diag(ŷ) − ŷ ŷᵀ of every row."""
    found = -y_hat[:, :, None] * y_hat[:, None, :]
    places = np.arange(y_hat.shape[1])
    found[:, places, places] = y_hat * (1.0 - y_hat)
    return found


def _mixed(x_hat: Array) -> Array:
    """(units, B, B) for x̂ (units, B): how normalising mixes the samples of a batch, before γ/√(σ² + ε)."""
    count = x_hat.shape[1]
    return np.asarray(np.eye(count) - 1.0 / count - x_hat[:, :, None] * x_hat[:, None, :] / count)


def _present(edge: _Edge) -> Array:
    """A 1 for every slope of an edge that is not 0."""
    return np.asarray(edge.slopes != 0.0, dtype=np.float64)


def _onwards(slopes: Array, by: str, best: Array) -> Array:
    """(B, inner, candidates): the products of an edge's slopes and what has come to its outer nodes."""
    rows = len(best)
    if by == "unit":
        return np.asarray(slopes[:, :, None] * best)
    if by == "batch":
        units = best.shape[1]
        spread = slopes.transpose(2, 0, 1)[:, :, :, None] * best.transpose(1, 0, 2)[None]
        return spread.reshape(rows, units, -1)
    each = slopes[None] if by == "all" else slopes
    spread = each.transpose(0, 2, 1)[:, :, :, None] * best[:, None, :, :]
    return spread.reshape(rows, each.shape[2], -1)


def _width(edge: _Edge) -> int:
    """From how many outer nodes an inner one can come."""
    place = {"all": 0, "row": 1, "batch": 2}.get(edge.by)
    return 1 if place is None else edge.shape[place]


def _origin(edge: _Edge, place: int, inner: Node) -> tuple[int, int]:
    """(unit, row) of the outer node."""
    if edge.by == "unit":
        return inner.unit, inner.row
    return (inner.unit, place) if edge.by == "batch" else (place, inner.row)
