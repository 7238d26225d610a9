"""What a picture of the network is made from. Drawing is a pure function of this."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from deltaglow.engine import Frame, LayerTrace
from deltaglow.explain.phases import TRAVEL_END, Moment, Phases
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.geometry import Geometry
from deltaglow.ui.diagram.scale import smooth
from deltaglow.ui.theme.theme import Theme
from deltaglow.ui.theme.tokens import blend

Floats = npt.NDArray[np.float64]
DIM = 0.32
"""How much of its colour something keeps that is not active."""


@dataclass(frozen=True)
class Scene:
    """A frame at a position among its phases, one sample of it, what is selected, and how it looks."""

    project: Project
    frame: Frame
    phases: Phases
    position: float
    sample: int
    selected: Quantity
    hovered: Quantity | None
    geometry: Geometry
    theme: Theme
    still: bool
    """Reduced motion: the same states without travel."""
    running: bool = False
    """The network trains, and every number is another one in the next frame."""

    @property
    def moment(self) -> Moment:
        return self.phases.at(self.position)

    def alpha(self, address: str) -> float:
        """How far a phase has come: 0 before it, 1 after it."""
        return self.phases.alpha(address, self.position)

    def known(self, kind: str, layer: int | None = None) -> bool:
        """Whether quantities of a kind are known at this position."""
        return self.position >= self.phases.kind_known_from(kind, layer) - 1e-9

    @property
    def forward_layer(self) -> int | None:
        """The layer whose forward phase is under way."""
        phase = self.moment.phase
        return phase.layer if phase and phase.kind == "forward" else None

    @property
    def back_layer(self) -> int | None:
        """The hidden layer that δ is travelling to."""
        phase = self.moment.phase
        return phase.layer if phase and phase.kind == "delta" and phase.layer != self.phases.depth else None

    @property
    def travel(self) -> float:
        """How far along the connections what travels has come, 0 to 1."""
        alpha = self.moment.alpha
        if self.still:
            return 1.0
        return smooth(alpha / TRAVEL_END)

    def lit(self, layer: int) -> bool:
        """Whether the connections into a layer are active now."""
        phase = self.moment.phase
        if phase is None or self.position >= self.phases.end:
            return True
        if phase.kind == "forward":
            return layer == phase.layer
        if phase.kind == "delta":
            return phase.layer is not None and layer == phase.layer + 1
        return phase.kind in ("gradients", "update")

    def active_column(self, layer: int) -> bool:
        """Whether a column takes part in what is happening now."""
        phase = self.moment.phase
        if phase is None or self.position >= self.phases.end or phase.kind in ("gradients", "update"):
            return True
        if phase.kind == "forward":
            return phase.layer is not None and layer in (phase.layer - 1, phase.layer)
        if phase.kind == "delta":
            return phase.layer is not None and layer in (phase.layer, phase.layer + 1)
        return layer == self.phases.depth

    def trace(self, layer: int) -> LayerTrace:
        return self.frame.layers[layer - 1]

    def weights(self, layer: int) -> Floats:
        """W (units, n_in) as it stands now: in the update phase it slides from the old to the new."""
        trace = self.trace(layer)
        slide = smooth(self.alpha("update"))
        if slide == 0.0:
            return trace.W
        if slide == 1.0:
            return trace.W_after
        return trace.W + slide * (trace.W_after - trace.W)

    def present(self, layer: int) -> Floats | None:
        """(units, n_in): nonzero where there is a connection for the sample shown; None if there are all."""
        trace = self.trace(layer)
        if trace.kind == "dropout" and self.known("keep", layer):
            return np.diag(trace.extra["keep"][self.sample])
        return trace.mask

    def activations(self, layer: int) -> Floats:
        """a (units,) of the sample shown; x for layer 0."""
        values: Floats = self.frame.x[self.sample] if layer == 0 else self.trace(layer).a[self.sample]
        return values

    def color(self, token: str, strength: float = 1.0) -> QColor:
        """A colour, pre-blended with the canvas so that it can be drawn opaque."""
        color = self.theme.color(token)
        return color if strength >= 1.0 else blend(self.theme.color("canvas"), color, strength)

    def signed(self, value: float, strength: float = 1.0) -> QColor:
        """The colour of a number's sign."""
        token = "positive" if value > 0 else "negative" if value < 0 else "zero"
        return self.color(token, strength)
