"""Strokes on the plane: points sprayed or rubbed out in one drag, which is one step of the history."""

from __future__ import annotations

from abc import ABC, abstractmethod
from time import perf_counter
from typing import Protocol

import numpy as np
import numpy.typing as npt

from deltaglow.model import own_samples
from deltaglow.model.project import InlineData
from deltaglow.ui.diagram.gestures.base import merging

Array = npt.NDArray[np.float64]
Place = tuple[float, float]
SPACING, SPREAD, REACH = 9.0, 8.0, 11.0
"""Pixels of a stroke for each point that is sprayed, their deviation, and how far the eraser reaches."""
EVERY = 0.06
"""Seconds from one time that the network is given what was drawn so far to the next."""


class Stage(Protocol):
    """What a stroke works on."""

    @property
    def samples(self) -> InlineData:
        """The samples there are, also where they are not the project's yet."""

    @property
    def pixel(self) -> Place:
        """What a pixel is across and up, in the units of the two features."""

    def places(self, data: InlineData) -> Array:
        """(N, 2): where samples lie on the plane."""

    def with_points(self, data: InlineData, places: Array, k: int) -> InlineData:
        """The samples with new ones of class k at places (n, 2)."""

    def put(self, name: str, data: InlineData, merge: int) -> bool:
        """Make these the samples."""

    def withdraw(self, name: str, merge: int) -> None:
        """Take back all that a stroke did."""

    def say(self, text: str) -> None:
        """One line for whoever draws."""


class Stroke(ABC):
    """One stroke under way: the constructor begins it, `update` follows, `commit` or `cancel` end it."""

    name = ""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.base = stage.samples
        self._merge = merging()
        self._given = 0.0
        self._due = False
        self._put = False

    @abstractmethod
    def update(self, place: Place) -> None:
        """The mouse is here now."""

    @abstractmethod
    def made(self) -> InlineData:
        """The samples as the stroke leaves them so far."""

    def commit(self) -> None:
        """The button was released."""
        if self._due:
            self._give()

    def cancel(self) -> None:
        """Esc was pressed: leave everything as it was."""
        if self._put:
            self.stage.withdraw(self.name, self._merge)

    def _changed(self) -> None:
        """Give the network what was drawn, if it is time."""
        self._due = True
        if perf_counter() - self._given >= EVERY:
            self._give()

    def _give(self) -> None:
        self._due = False
        self._put |= self.stage.put(self.name, self.made(), self._merge)
        self._given = perf_counter()


class Spray(Stroke):
    """Points of class k: one where the stroke begins, and more around it as it goes on."""

    name = "Draw points"

    def __init__(self, stage: Stage, place: Place, k: int) -> None:
        super().__init__(stage)
        self._k = k
        self._points: list[Place] = [place]
        self._last = place
        self._rng = np.random.default_rng(len(self.base.x))
        self._changed()

    def update(self, place: Place) -> None:
        across, up = self.stage.pixel
        moved = np.hypot((place[0] - self._last[0]) / across, (place[1] - self._last[1]) / up)
        if moved < SPACING:
            return
        start, self._last = self._last, place
        for part in np.linspace(0.0, 1.0, int(moved / SPACING) + 1)[1:]:
            jitter = self._rng.normal(size=2) * SPREAD
            x = start[0] + part * (place[0] - start[0]) + jitter[0] * across
            y = start[1] + part * (place[1] - start[1]) + jitter[1] * up
            self._points.append((float(x), float(y)))
        self._changed()

    def made(self) -> InlineData:
        return self.stage.with_points(self.base, np.array(self._points), self._k)


class Erase(Stroke):
    """Rubs out the points it comes near; the last one stays."""

    name = "Erase points"

    def __init__(self, stage: Stage, place: Place) -> None:
        super().__init__(stage)
        self._places = stage.places(self.base)
        self._gone = np.zeros(len(self._places), dtype=bool)
        self.update(place)

    def update(self, place: Place) -> None:
        near = ((self._places - np.array(place)) / np.array(self.stage.pixel)) ** 2
        hit = (near.sum(axis=1) <= REACH**2) & ~self._gone
        if not hit.any():
            return
        if (hit | self._gone).all():
            self.stage.say("The last point stays: the button beside empties the plane")
            hit[np.argmax(~self._gone)] = False
            if not hit.any():
                return
        self._gone |= hit
        self._changed()

    def made(self) -> InlineData:
        return own_samples.without(self.base, np.flatnonzero(self._gone))
