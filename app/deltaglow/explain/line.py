"""The loss along a line through the space of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deltaglow.engine import Architecture, Frame
from deltaglow.explain.loss_at import Floats, LossAt
from deltaglow.model.project import Project
from deltaglow.model.quantity import PART, Quantity
from deltaglow.model.samples import Prepared

POINTS = 101
"""Points along the line."""
DIRECTIONS = ("gradient", "step", "random", "path", "parameter")
DOWNHILL, AROUND = 0.5, 2.0
"""How far the line reaches: down the gradient as a share of ‖θ‖; around a parameter, in its own unit."""


class NoDirection(ValueError):
    """There is no such line here; str() says why, in a sentence for people."""


@dataclass(frozen=True, eq=False)
class Ray:
    """θ = start + u · direction for u from low to high; at `now` lie the parameters that are shown.

    axis: what u is, with its unit.
    """

    start: Floats
    direction: Floats
    low: float
    high: float
    now: float
    axis: str

    def at(self, u: float) -> Floats:
        """The parameters there."""
        return self.start + u * self.direction


class Line:
    """The loss of the training samples, and of those kept out of it, point by point along a ray.

    u (POINTS,). losses (POINTS, 2): of the training samples and of the others; NaN where not yet worked out
    or not there.
    """

    def __init__(self, project: Project, made: Prepared, frame: Frame, complete: bool, ray: Ray) -> None:
        self.architecture: Architecture = frame.architecture
        self.ray = ray
        self._loss = LossAt(project, made, frame, complete, 2 * POINTS)
        self.samples = self._loss.samples
        self.u: Floats = np.linspace(ray.low, ray.high, POINTS)
        self.losses: Floats = np.full((POINTS, 2), np.nan)
        self._made = 0
        self.done = False

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return self._made / POINTS

    def step(self) -> None:
        """Work out the next point."""
        theta = self.ray.at(float(self.u[self._made]))
        self.losses[self._made] = self._loss.training(theta), self._loss.held_out(theta)
        self._made += 1
        self.done = self._made == POINTS


def ray(direction: str, frame: Frame, complete: bool, passed: Sequence[Floats], selected: Quantity) -> Ray:
    """The line in one of DIRECTIONS through what is shown.

    gradient: downhill, against the gradient of the frame's batch. step: from the parameters before the
    frame's update to those after it. random: each unit's incoming weights moved as much as they are long, the
    biases not at all (filter-normalised: Li et al., "Visualizing the Loss Landscape of Neural Nets", 2018).
    path: from the first parameters of `passed` to those shown (Goodfellow et al., "Qualitatively
    characterizing neural network optimization problems", 2015). parameter: the weight or bias selected.

    Raises NoDirection where there is none: the gradient is zero, the run has not moved, no parameter is
    selected.
    """
    now = frame.theta_after if complete else frame.theta
    if direction == "gradient":
        size = float(np.linalg.norm(frame.gradient))
        if not size > 0.0 or not np.isfinite(size):
            raise NoDirection("The gradient of this batch is zero: there is no way downhill.")
        length = float(np.linalg.norm(frame.theta_after - frame.theta))
        far = max(DOWNHILL * float(np.linalg.norm(now)), 4.0 * length)
        return Ray(now, -frame.gradient / size, -far / 3.0, far, 0.0, "distance against the gradient")
    if direction == "step":
        moved = frame.theta_after - frame.theta
        if not moved.any():
            raise NoDirection("This step does not move the parameters.")
        return Ray(frame.theta, moved, -2.0, 6.0, float(complete), "steps like this one (0 before, 1 after)")
    if direction == "random":
        return Ray(now, _filters(frame.architecture, now), -1.0, 1.0, 0.0, "share of each unit's weights")
    if direction == "path":
        if not len(passed) or np.array_equal(passed[0], now):
            raise NoDirection("The run has not moved yet: train, or show a later step.")
        return Ray(passed[0], now - passed[0], -0.25, 1.5, 1.0, "way from the start (0) to here (1)")
    return _own(frame, now, selected)


def _own(frame: Frame, now: Floats, selected: Quantity) -> Ray:
    """Along the parameter that is selected: u is its value."""
    name = PART.get(selected.kind)
    if name is None or selected.layer is None:
        raise NoDirection("Select a weight or a bias first: click a connection in the diagram.")
    shape = frame.architecture.layers[selected.layer - 1]
    if not all(shape.block_shape):
        raise NoDirection(f"Layer {selected.layer} has no parameters: select one of another layer.")
    if name == "W" and shape.mask is not None and not shape.mask[selected.index]:
        raise NoDirection("There is no connection here: select one that there is.")
    place = shape.place(name, selected.index)
    direction = np.zeros_like(now)
    frame.architecture.blocks(direction)[selected.layer - 1][place] = 1.0
    value = float(now @ direction)
    reach = max(AROUND, abs(value))
    axis = str(Quantity(name, selected.layer, selected.index))
    return Ray(now - value * direction, direction, value - reach, value + reach, value, axis)


def _filters(architecture: Architecture, theta: Floats) -> Floats:
    """A direction at random in which each unit's incoming weights are as long as they are in theta."""
    made = np.zeros_like(theta)
    rng = np.random.default_rng(0)
    blocks = zip(architecture.layers, architecture.blocks(made), architecture.blocks(theta), strict=True)
    for layer, block, own in blocks:
        rows = layer.weight_rows
        drawn = rng.normal(size=block[:rows].shape)
        lengths = np.linalg.norm(drawn, axis=0)
        block[:rows] = drawn * np.linalg.norm(own[:rows], axis=0) / np.maximum(lengths, 1e-300)
    return made
