"""The loss over a plane through the space of parameters: a slice of the landscape of training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from deltaglow.engine import Architecture, Frame
from deltaglow.explain.loss_at import Floats, LossAt
from deltaglow.model.project import Project
from deltaglow.model.samples import Prepared

POINTS = 25
"""Points along each side."""
MARGIN = 0.35
"""How far the plane reaches beyond the path, as a share of its extent."""
DIRECTIONS = ("path", "random")


class Landscape:
    """The data's loss at θ + u d₁ + v d₂, point by point.

    directions: "path" takes the two directions in which the run has moved the most, the principal components
    of the parameters it passed; "random" takes two at random, each layer's part as long as its parameters
    (Li et al., "Visualizing the Loss Landscape of Neural Nets", 2018, with layers for filters), and so does
    the first where a run has not moved. bounds: left, right, bottom, top in u and v. losses (POINTS, POINTS):
    NaN where not yet worked out, rows from the bottom up.
    """

    def __init__(
        self,
        project: Project,
        made: Prepared,
        frame: Frame,
        complete: bool,
        passed: Sequence[Floats],
        directions: str = "path",
    ) -> None:
        self._loss = LossAt(project, made, frame, complete, POINTS * POINTS)
        self.architecture: Architecture = frame.architecture
        self.samples = self._loss.samples
        self._centre = self._loss.centre
        axes = self._principal(passed) if directions == "path" else None
        self.along_path = axes is not None
        self._axes = self._random() if axes is None else axes
        self._shares = self._axes / (self._axes**2).sum(axis=1, keepdims=True)
        path = self.places(passed) if self.along_path else np.zeros((0, 2))
        low = path.min(axis=0, initial=0.0) if len(path) else np.array([-1.0, -1.0])
        high = path.max(axis=0, initial=0.0) if len(path) else np.array([1.0, 1.0])
        room = MARGIN * max(float((high - low).max()), 1e-9)
        self.bounds = (
            float(low[0] - room),
            float(high[0] + room),
            float(low[1] - room),
            float(high[1] + room),
        )
        self.losses: Floats = np.full((POINTS, POINTS), np.nan)
        self._points = self._work()
        self._made = 0
        self.done = False

    def places(self, passed: Sequence[Floats]) -> Floats:
        """Where parameters lie, seen straight onto the plane: (n, 2), in u and v."""
        if not len(passed):
            return np.zeros((0, 2))
        made: Floats = (np.array(passed) - self._centre) @ self._shares.T
        return made

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return self._made / self.losses.size

    def step(self) -> None:
        """Work out the next point."""
        next(self._points)
        self._made += 1
        self.done = self._made == self.losses.size

    def grid(self) -> Floats:
        """The points (POINTS², 2) in u and v, row by row from the bottom up."""
        left, right, bottom, top = self.bounds
        part = (np.arange(POINTS) + 0.5) / POINTS
        across, up = left + part * (right - left), bottom + part * (top - bottom)
        return np.column_stack([np.tile(across, POINTS), np.repeat(up, POINTS)])

    def _work(self) -> Iterator[None]:
        for number, (u, v) in enumerate(self.grid()):
            self.losses.flat[number] = self._loss.training(
                self._centre + u * self._axes[0] + v * self._axes[1]
            )
            yield

    def _principal(self, passed: Sequence[Floats]) -> Floats | None:
        """The two directions of unit length in which what was passed spreads the most; None of no spread."""
        if len(passed) < 3:
            return None
        moved = np.array(passed) - self._centre
        _, sizes, found = np.linalg.svd(moved - moved.mean(axis=0), full_matrices=False)
        return None if sizes[1] <= 1e-9 * max(sizes[0], 1e-300) else np.asarray(found[:2])

    def _random(self) -> Floats:
        """Two directions at random, each block as long as the parameters in it."""
        made = np.random.default_rng(0).normal(size=(2, len(self._centre)))
        given = self.architecture.blocks(self._centre)
        for direction in made:
            for block, own in zip(self.architecture.blocks(direction), given, strict=True):
                np.multiply(block, np.linalg.norm(own) / max(float(np.linalg.norm(block)), 1e-300), out=block)
        return made
