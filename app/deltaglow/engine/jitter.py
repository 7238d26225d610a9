"""Noise on the inputs, anew in every step: the plainest data augmentation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.batch import Batch
from deltaglow.engine.ops import Array, Tape, op

STREAM = 0x6A69_7474_6572
"""Sets this stream apart from everything else that is drawn from the same seed."""


class Jitter:
    """Adds σ · N(0, 1) to every input feature (Bishop 1995: close to an L2 penalty on the network's slope).

    The noise comes from a stream of its own, and is a function of the seed and the step alone: the
    generator's counter (Philox, Salmon et al. 2011) is set to the step. Replaying a step finds the same
    noise, and nothing needs to be kept.
    """

    def __init__(self, sigma: float, seed: int, rows: int, inputs: int, backend: Backend = HOST) -> None:
        self.sigma = sigma
        self._backend = backend
        self._bits = np.random.Philox(key=(seed << 64) | STREAM)
        self._generator = np.random.Generator(self._bits)
        self._start = self._bits.state
        self._noise: Array = backend.zeros((rows, inputs))
        self._inputs = backend.storing.ones((rows, inputs + 1))

    def prepare(self, step: int) -> None:
        """Put the stream where step number `step` begins."""
        self._start["state"]["counter"][:] = (0, 0, step, 0)
        self._bits.state = self._start

    def batch(self, batch: Batch) -> Batch:
        """The batch whose inputs the tape will have filled."""
        return replace(batch, inputs=self._inputs[: len(batch)])

    def tape(self, batch: Batch) -> Tape:
        """The calls that draw noise and write x + noise."""
        noise, xp = self._noise[: len(batch)], self._backend.xp
        return [
            *self._backend.drawn(self._generator.standard_normal, noise),
            op(xp.multiply, noise, self.sigma, noise),
            op(xp.add, batch.inputs[:, :-1], noise, self._inputs[: len(batch), :-1]),
        ]
