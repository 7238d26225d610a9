"""What an optimiser is to the trainer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from deltaglow.engine.ops import Array, Tape


class Optimizer(ABC):
    """Writes the update: the step that is subtracted from the flat parameter vector.

    `learning_rate` is a one-element array that the calls on the tape read, so that a change applies to the
    next step without a new tape.
    """

    name: ClassVar[str]
    label: ClassVar[str]

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate: Array = np.array([learning_rate])

    @abstractmethod
    def tape(self, gradient: Array, update: Array) -> Tape:
        """The calls that write what is to be subtracted from theta into `update`; all shapes (P,)."""

    def state(self) -> tuple[Array, ...]:
        """Live references to the arrays that carry over from step to step, each of shape (P,)."""
        return ()
