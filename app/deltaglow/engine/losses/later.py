"""Losses of several steps, found out together after the last of them."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from deltaglow.engine.losses.base import Loss
from deltaglow.engine.ops import Array, IntArray, Tape


class Later(ABC):
    """Keeps what the losses of some steps are made of. Nothing in a step depends on its loss, and so the
    calls that only tell it can be made once for many steps; what they find is the same to the last bit.
    """

    @abstractmethod
    def loss(self, place: int) -> Loss:
        """The loss of the step in this place, as far as its way back needs it: `outputs` writes that."""

    @abstractmethod
    def outputs(self, place: int, logits: Array) -> Tape:
        """The calls that write ŷ of that step and keep what its loss is made of."""

    @abstractmethod
    def tell(self, places: slice, classes: IntArray, found: npt.NDArray[np.float64]) -> None:
        """Mean loss and accuracy of the steps in these places into `found` (steps, 2). classes: of all their
        samples, one step's after the other's.
        """
