"""Frozen parameters: the optimiser is given no gradient of them, so they stay exactly as they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.ops import Array, Tape, op


class Freezing:
    """Takes the gradient of frozen parameters away from what the optimiser gets; `dW` itself stays as it is.

    frozen (P,): True where a parameter is. As with `requires_grad = False` in PyTorch they count neither for
    clipping nor for what the optimiser remembers, and weight decay leaves them alone. One call a step.
    """

    def __init__(self, frozen: npt.NDArray[np.bool_], backend: Backend = HOST) -> None:
        self._xp = backend.xp
        self.frozen = frozen
        self._free = backend.array((~frozen).astype(np.float64))
        self.given: Array = backend.zeros(len(self.frozen))
        """The gradient without that of frozen parameters, (P,)."""

    def tape(self, gradient: Array) -> Tape:
        """The call that fills `given`."""
        return [op(self._xp.multiply, gradient, self._free, self.given)]

    def forget(self, memories: tuple[Array, ...]) -> None:
        """Nothing is remembered of frozen parameters: a velocity from before would move them on."""
        for memory in memories:
            self._xp.multiply(memory, self._free, out=memory)
