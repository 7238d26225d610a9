"""What a network says all over a plane through the space of its features: decision regions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deltaglow.data import Scaling, extended
from deltaglow.engine import Architecture, Frame, Predictor
from deltaglow.engine.feed import is_hard
from deltaglow.model.project import Project
from deltaglow.model.samples import Prepared, split

Array = npt.NDArray[np.float64]
MARGIN = 0.08
"""How far the plane reaches beyond the samples, as a share of their range."""


@dataclass(frozen=True, eq=False)
class Samples:
    """The samples as points of the plane: places (N, 2), classes (N,), and which were kept out (N,)."""

    places: Array
    classes: npt.NDArray[np.intp]
    held_out: npt.NDArray[np.bool_]


class Regions:
    """The outputs over the plane of two features, as measured, the others held at their median.

    made: the project's samples, prepared. features: the numbers of the two features across and up; one and
    the same makes the plane a line. resolution: points along each side. bounds: (left, right, bottom, top) in
    the features' own units; if not given, all samples and some room. Raises ValueError if a project has no
    such feature.
    """

    def __init__(
        self,
        project: Project,
        made: Prepared,
        architecture: Architecture,
        features: tuple[int, int],
        resolution: int,
        bounds: tuple[float, float, float, float] | None = None,
    ) -> None:
        raw, count = made.raw.x, made.raw.x.shape[1]
        if not all(0 <= feature < count for feature in features):
            raise ValueError(f"features {features} of {count}")
        rows, _ = split(project)
        self.features = features
        self.names = made.raw.feature_names
        self.held = np.median(raw[rows], axis=0)
        self.resolution = resolution
        across, up = (_range(raw[:, feature]) for feature in features)
        if bounds is not None:
            across, up = bounds[:2], bounds[2:]
        self.bounds = (*across, *up)
        grid = np.tile(self.held, (resolution * resolution, 1))
        # The second last, so that a plane along one feature alone varies across.
        grid[:, features[1]] = np.repeat(_middles(*up, resolution), resolution)
        grid[:, features[0]] = np.tile(_middles(*across, resolution), resolution)
        self._inputs = _inputs(project, made.scaling, grid)
        self._predictor = Predictor(architecture, self._inputs)
        self._depth = len(architecture.layers)
        held_out = np.ones(len(raw), dtype=bool)
        held_out[rows] = False
        self.samples = Samples(raw[:, list(features)], made.raw.y.argmax(1), held_out)
        self.targets = made.raw.y

    def outputs(self, frame: Frame, complete: bool) -> Array:
        """ŷ (resolution, resolution, K), rows from the bottom up; with the parameters before the frame's step
        or, if it is complete, after it.
        """
        theta = frame.theta_after if complete else frame.theta
        remembered = frame.statistics_after if complete else frame.statistics
        y_hat = self._predictor.outputs(theta, remembered)
        return y_hat.reshape(self.resolution, self.resolution, -1)

    def activations(self, layer: int) -> Array:
        """a (resolution, resolution, units) of a layer, of the last outputs asked for."""
        a = self._predictor.activations(layer)
        return a.reshape(self.resolution, self.resolution, -1)

    def points(self) -> Array:
        """The places of the outputs in the plane (n, 2), row by row; of a plane along one feature (n, 1)."""
        left, right, bottom, top = self.bounds
        across = _middles(left, right, self.resolution)
        if self.features[0] == self.features[1]:
            return across[:, None]
        up = _middles(bottom, top, self.resolution)
        return np.column_stack([np.tile(across, self.resolution), np.repeat(up, self.resolution)])

    def responses(self, frame: Frame, complete: bool) -> list[Array]:
        """How every unit responds all over the plane, column by column: what the network is given, then each
        layer's a, each of shape (units, resolution, resolution), rows from the bottom up.
        """
        self.outputs(frame, complete)
        made = [self._inputs, *map(self._predictor.activations, range(1, self._depth + 1))]
        return [a.T.reshape(-1, self.resolution, self.resolution) for a in made]


def telling(project: Project, made: Prepared) -> tuple[int, int]:
    """The two features that alone tell most about the targets, over the samples trained on: those with the
    largest share of variance that is between the classes (η², the correlation ratio), or for numbers the
    largest squared correlation. Of a single feature, that one twice.
    """
    rows, _ = split(project)
    x, y = made.raw.x[rows], made.raw.y[rows]
    x = x - x.mean(axis=0)
    x /= np.maximum(np.abs(x).max(axis=0), 1e-300)  # the share has no unit, and squares may be too large
    # Of one-hot targets a class's sum of x, squared, over the class's size is its part between the classes.
    sizes = y.sum(axis=0) if is_hard(y) else ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    between = ((x.T @ y) ** 2 / np.maximum(sizes, 1e-300)).sum(axis=1)
    spread = (x * x).sum(axis=0)
    share = np.divide(between, spread, out=np.zeros_like(spread), where=spread > 0)
    best = np.argsort(-share, kind="stable")[:2]
    return int(best.min()), int(best.max())


def _range(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = (high - low) * MARGIN or 1.0
    return low - room, high + room


def _middles(low: float, high: float, count: int) -> Array:
    """The middles of `count` equal parts of a range: a pixel's colour is that of its middle."""
    made: Array = low + (np.arange(count) + 0.5) * (high - low) / count
    return made


def _inputs(project: Project, scaling: Scaling, x: Array) -> Array:
    """What the network is given for features x (N, d)."""
    chosen = project.preparation
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = x if chosen.scale == "none" else scaling(x)
        return extended(scaled, [""] * x.shape[1], chosen.features)[0] if chosen.features else scaled
