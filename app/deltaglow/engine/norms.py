"""Norms of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from deltaglow.engine.backend import Backend
from deltaglow.engine.crew import Crew, Together, call_count, pieces
from deltaglow.engine.frame import Architecture
from deltaglow.engine.ops import SMALL, Array, Tape, host, op, run


class Norms:
    """Measures the parameters and a gradient, both in the rows of `flats` (2, P), the gradient layer by
    layer: ‖∂L/∂W‖ of each goes to `out` (layers,), 0 for one without weights.

    crew: who works on a large gradient. both: whether the parameters are measured at all.
    """

    def __init__(
        self,
        flats: Array,
        architecture: Architecture,
        out: Array,
        backend: Backend,
        crew: Crew,
        both: bool = True,
    ) -> None:
        theta, gradient = flats
        self._out = out
        ends = _ends(architecture)
        self.at_once = backend.on_host and both and (2 + len(out)) * flats.size <= 2 * SMALL
        """Whether the network is small enough to be measured in one go."""
        self._each: Tape = [op(theta.dot, theta)] if both else []
        if self.at_once:
            squares, self._found = backend.zeros(flats.size), backend.zeros(2 + len(out))
            flat = flats.reshape(-1)
            self._shares = backend.array(_sums_of(ends, len(theta)))
            self._tape: Tape = [
                op(backend.xp.multiply, flat, flat, squares),
                *backend.product(self._shares, squares, self._found),
                op(backend.xp.sqrt, self._found[2:], out),
            ]
        else:
            self._tape = []
        self._sums = backend.zeros((len(ends) - 1, crew.hands))
        vectors = [gradient[start:end] for start, end in pairwise(ends)]
        self._by_part: Tape = [Together(crew, self._dots(vectors, crew.hands, backend))]
        self.calls = call_count(self._tape) if self.at_once else call_count(self._by_part + self._each) + 1

    def measure(self) -> tuple[float, float]:
        """The sums of squares of all parameters (0 if they are not measured) and of all gradients.

        Of a small network all at once, in few calls. Of a large one each part by the dot product with
        itself, which goes over it once and needs no room.
        """
        if self.at_once:
            run(self._tape)
            parameters, gradients = self._found[:2].tolist()
            if parameters + gradients < np.inf:
                return parameters, gradients
        run(self._by_part)
        squares = host(self._sums).sum(1, dtype=np.float64)
        np.sqrt(squares[::2], out=self._out)
        return (float(self._each[0]()) if self._each else 0.0), float(squares.sum())

    def of_steps(self, flats: Array, out: Array) -> Array:
        """The same of the parameters and gradients of several steps, (steps, 2, P), if `at_once`: norms to
        `out` (steps, layers); gives both sums of squares, (steps, 2). Not finite where either overflows.
        """
        squares = np.square(flats).reshape(len(flats), -1)
        found: Array = np.matvec(self._shares, squares)
        np.sqrt(found[:, 2:], out=out)
        return found[:, :2]

    def _dots(self, vectors: list[Array], hands: int, backend: Backend) -> list[Tape]:
        """For each hand, its piece of every vector."""
        tapes: list[Tape] = [[] for _ in range(hands)]
        for k, vector in enumerate(vectors):
            for hand, part in enumerate(pieces(len(vector), hands)):
                tapes[hand] += backend.row_products(vector[part], vector[part], self._sums[k, hand, ...])
        return tapes


def _ends(architecture: Architecture) -> list[int]:
    """0, and where in the flat vector each layer's weights end, and its other parameters."""
    sizes = ((shape.weight_rows, *shape.block_shape) for shape in architecture.layers)
    parts = ((weights * columns, (rows - weights) * columns) for weights, rows, columns in sizes)
    return [0, *accumulate(size for part in parts for size in part)]


def _sums_of(ends: Sequence[int], count: int) -> Array:
    """What the squares of parameters and gradients (2 · count,) are multiplied by to be summed: a row for all
    parameters, one for all gradients, one for those of each layer's weights.
    """
    rows = np.zeros((2 + len(ends) // 2, 2, count))
    rows[0, 0] = rows[1, 1] = 1.0
    for row, start, end in zip(rows[2:, 1], ends[::2], ends[1::2], strict=False):
        row[start:end] = 1.0
    return rows.reshape(len(rows), -1)
