"""Sparse gradients: of all numbers of a gradient the largest few are used, and the rest is remembered."""

from __future__ import annotations

from math import ceil

import numpy as np

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.ops import Array, Tape, op


def sent_count(share: float, size: int) -> int:
    """How many of `size` numbers are sent: ⌈share · size⌉, at least one."""
    return min(size, max(1, ceil(share * size - 1e-9)))


class TopK:
    """c = e + g, the gradient and what earlier ones left: the k largest |c| are sent, e ← c − sent.

    Nothing is lost: sent and remembered add up to c exactly, bit for bit, and a number that is held back long
    enough is sent in the end. Stich, Cordonnier and Jaggi 2018, "Sparsified SGD with Memory"; the feedback of
    what was held back is Seide's et al. (2014). Stich's memory is of steps, η g, and this one, like Seide's,
    of gradients: with plain descent and a constant η both are the same, and any optimiser can follow.
    Of numbers of the same size the first in the parameter vector go first.

    `before` and `after` (P,): e before the update and after it. `sent` (P,): what the optimiser is given.
    """

    def __init__(self, share: float, size: int, backend: Backend = HOST) -> None:
        self.share = share
        self.count = sent_count(share, size)
        self._backend = backend
        self._xp = backend.xp
        self.before: Array = backend.zeros(size)
        self.after: Array = backend.zeros(size)
        self.sent: Array = backend.zeros(size)
        self._sizes: Array = backend.zeros(size)
        self._least = backend.spread(self._sizes[size - self.count :][:1], size)
        """The k-th largest size, once the sizes are partitioned there."""
        self._chosen, self._tied, self._first = (backend.flags((size,)) for _ in range(3))
        self._numbers = backend.integers(np.zeros(size))

    def tape(self, gradient: Array) -> Tape:
        """From `gradient` (P,) to `sent` and `after`."""
        xp = self._xp
        return [
            op(xp.add, self.before, gradient, self.after),
            op(xp.abs, self.after, self._sizes),
            op(self._sizes.partition, len(self._sizes) - self.count),
            # What is sent is written last: until then its memory holds the sizes in their places.
            op(xp.abs, self.after, self.sent),
            op(xp.greater, self.sent, self._least, self._chosen),
            op(xp.equal, self.sent, self._least, self._tied),
            op(xp.cumsum, self._tied, out=self._numbers),
            op(self._choose),
            op(self.sent.fill, 0.0),
            op(xp.copyto, self.sent, self.after, where=self._chosen),
            op(xp.copyto, self.after, 0.0, where=self._chosen),
        ]

    def commit(self) -> Tape:
        """The call that keeps what was held back, once the update is known to be finite."""
        return [op(self._xp.copyto, self.before, self.after)]

    def _choose(self) -> None:
        """To those larger than the k-th, add the first of those as large as it, so that there are k."""
        xp = self._xp
        room = self.count - int(xp.count_nonzero(self._chosen))
        xp.less_equal(self._numbers, room, self._first)
        xp.logical_and(self._first, self._tied, self._first)
        xp.logical_or(self._chosen, self._first, self._chosen)
