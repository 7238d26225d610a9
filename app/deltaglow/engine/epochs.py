"""Epochs: in which order the samples come, and what random numbers that takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from deltaglow.engine.feed import Feed


class Epochs:
    """Begins an epoch with the step that needs it, and so draws its order from `rng` when it is due."""

    def __init__(self, feed: Feed, rng: np.random.Generator) -> None:
        self._feed, self._rng = feed, rng
        self._before: tuple[int, Mapping[str, Any]] = -1, {}
        """The step that the present epoch begins with, and from which random numbers the one before did."""
        self._begin()

    @property
    def states(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The random numbers that come next, and those from which the present epoch began."""
        return self._rng.bit_generator.state, self._began

    def lay_out(self, step: int) -> int:
        """Have the batch of this step, the next one, in the feed's arrays: its slot."""
        cursor = step % self._feed.steps_per_epoch
        if cursor == 0 and step:
            self._before = step, self._began
            self._begin()
        return self._feed.lay_out(cursor)

    def leave(self, step: int) -> None:
        """The step that was laid out is not made after all: if it begins an epoch, that is not begun."""
        number, began = self._before
        if number == step:
            coming, self._rng.bit_generator.state = self._began, began
            self._begin()
            self._rng.bit_generator.state = coming

    def restore(self, coming: Mapping[str, Any], began: Mapping[str, Any]) -> None:
        """Go to where `states` were these."""
        if self._began != began:
            self._rng.bit_generator.state = began
            self._begin()
        self._rng.bit_generator.state = coming

    def _begin(self) -> None:
        self._began: Mapping[str, Any] = self._rng.bit_generator.state
        self._feed.reorder(self._rng)
