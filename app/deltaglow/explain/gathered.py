"""What a network makes of the samples of its project: outputs and activations of each, as often as asked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from deltaglow.engine import LOSSES, Architecture, Frame, Predictor
from deltaglow.model.project import Project
from deltaglow.model.samples import Prepared, split

from .judged import few

Array = npt.NDArray[np.float64]


class Gathered:
    """Samples of one project that networks of one shape are asked about.

    rows (n,): which of the data's: those trained on, those kept out of it (held_out True) or both (None); of
    more than `most`, or than a look of a moment allows, evenly spaced ones. there_are: how many there were to
    choose from. x (n, inputs), y (n, K): as the network is given them. held_out (n,): which are kept out.
    """

    def __init__(
        self, project: Project, made: Prepared, shape: Architecture, held_out: bool | None, most: int
    ) -> None:
        parts = split(project)
        rows = np.sort(np.concatenate(parts)) if held_out is None else parts[held_out]
        self.there_are = len(rows)
        self.rows = few(few(rows, shape.parameters), 1, most)
        self.x, self.y = made.dataset.x[self.rows], made.dataset.y[self.rows]
        self.held_out = np.isin(self.rows, parts[True])
        self._targets = LOSSES[shape.loss.name].targets
        self._predictor = Predictor(shape, self.x) if len(self.rows) else None

    def outputs(self, frame: Frame, complete: bool) -> Array:
        """ŷ (n, K) with the parameters before the frame's step or, if it is complete, after it."""
        if self._predictor is None:
            return np.zeros_like(self.y)
        theta = frame.theta_after if complete else frame.theta
        remembered = frame.statistics_after if complete else frame.statistics
        return self._predictor.outputs(theta, remembered)

    def wrong(self, outputs: Array) -> npt.NDArray[np.bool_]:
        """Which samples the network is wrong about (n,), by its outputs (n, K): whose class it does not say,
        or one of whose labels; none where numbers are predicted.
        """
        if self._targets == "real":
            return np.zeros(len(outputs), dtype=bool)
        if self._targets == "distribution":
            return np.asarray(outputs.argmax(axis=1) != self.y.argmax(axis=1))
        return np.asarray(((outputs > 0.5) != (self.y > 0.5)).any(axis=1))

    def activations(self, layer: int) -> Array:
        """a (n, units) of a layer, of the last outputs asked for; of layer 0 what the network is given."""
        if layer == 0 or self._predictor is None:
            return self.x
        return self._predictor.activations(layer)
