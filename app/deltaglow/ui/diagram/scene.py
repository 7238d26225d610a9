"""What a picture of the network is made from. Drawing is a pure function of this."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QPixmap

from deltaglow.engine import Frame, LayerTrace
from deltaglow.explain.opening import DONE_AT, Detail, Opening
from deltaglow.explain.phases import TRAVEL_END, Moment, Phases
from deltaglow.explain.terms import Line, Term
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.geometry import Geometry
from deltaglow.ui.diagram.responses import Maps
from deltaglow.ui.diagram.scale import smooth
from deltaglow.ui.theme.theme import Theme
from deltaglow.ui.theme.tokens import blend

Floats = npt.NDArray[np.float64]
DIM = 0.32
"""How much of its colour something keeps that is not active."""
FAINT = 0.45
"""The same of a unit."""


@dataclass(frozen=True)
class Scene:
    """A frame at a position among its phases, one sample of it, what is selected, and how it looks."""

    project: Project
    frame: Frame
    opening: Opening
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
    split: bool = True
    """While errors travel, each unit shows what came back and how much it listens."""
    maps: Maps | None = None
    """What each unit says all over the plane of two features; None to show only what it says now."""

    def map_of(self, layer: int) -> QPixmap | None:
        """The maps of a column's units, one below the other; None where none are shown."""
        return None if self.maps is None else self.maps.of(layer)

    @property
    def phases(self) -> Phases:
        return self.opening.phases

    @cached_property
    def moment(self) -> Moment:
        return self.phases.at(self.position)

    @property
    def opened(self) -> bool:
        """Whether phases are opened, so that the units of a column may differ in what is known of them."""
        return self.opening.depth != "layer"

    @cached_property
    def detail(self) -> Detail | None:
        """The move under way, where phases are opened; none when the step is complete."""
        return None if self.position >= self.phases.end else self.opening.at(self.position)

    @cached_property
    def term(self) -> Term | None:
        """The term under way."""
        return None if self.detail is None else self.opening.term(self.detail)

    @cached_property
    def unit(self) -> tuple[int, int] | None:
        """The layer and the unit that are opened now."""
        move = None if self.detail is None else self.detail.move
        if move is None or move.layer is None or move.unit is None:
            return None
        return move.layer, move.unit

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The connections that take part in the move under way; none where a whole layer does."""
        if self.unit is None or self.detail is None:
            return ()
        if self.term is not None:
            return self.term.lines
        kind, (k, j) = self.detail.phase.kind, self.unit
        if kind == "delta" and k == self.phases.depth:
            return ()
        return tuple(line for term in self.opening.terms(kind, k, j) for line in term.lines)

    def alpha(self, address: str) -> float:
        """How far a phase has come: 0 before it, 1 after it."""
        return self.phases.alpha(address, self.position)

    def known(self, kind: str, layer: int | None = None, unit: int | None = None) -> bool:
        """Whether a number of a kind is known at this position; without a unit, whether all of them are."""
        if unit is None:
            return self.position >= self.opening.whole_known_from(kind, layer) - 1e-9
        return self.position >= self.opening.unit_known_from(kind, layer, (unit,)) - 1e-9

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
        alpha = self.moment.alpha if self.detail is None else self.detail.alpha
        if self.still:
            return 1.0
        return smooth(alpha / TRAVEL_END)

    @property
    def grown(self) -> float:
        """How far what appears in the move or phase under way has come, 0 to 1."""
        alpha = self.moment.alpha if self.detail is None else self.detail.alpha
        return 1.0 if self.still else smooth(alpha / DONE_AT)

    def lit(self, layer: int) -> bool:
        """Whether all connections into a layer are active now."""
        phase = self.moment.phase
        if self.unit is not None:
            return False
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
        if self.unit is not None and phase is not None and phase.kind in ("gradients", "update"):
            return layer in (self.unit[0] - 1, self.unit[0])
        if phase is None or self.position >= self.phases.end or phase.kind in ("gradients", "update"):
            return True
        if phase.kind == "forward":
            return phase.layer is not None and layer in (phase.layer - 1, phase.layer)
        if phase.kind == "delta":
            return phase.layer is not None and layer in (phase.layer, phase.layer + 1)
        return layer == self.phases.depth

    def trace(self, layer: int) -> LayerTrace:
        return self.frame.layers[layer - 1]

    def strengths(self, layer: int) -> list[float] | None:
        """How strong each unit of a column is drawn; None for all alike."""
        if self.unit is None or not self.active_column(layer):
            return None
        units = self.geometry.columns[layer].units
        chosen = {self.unit[1]}
        if layer != self.unit[0]:
            term = self.term
            if term is not None and term.arc is not None and layer == term.arc[layer > self.unit[0]]:
                chosen = {q.index[-1] for q in term.factors[-1:]}
            else:
                chosen = {i if k - 1 == layer else j for k, j, i in self.lines if layer in (k - 1, k)}
        return [1.0 if unit in chosen else FAINT for unit in range(units)]

    def weights(self, layer: int) -> Floats:
        """W (units, n_in) as it stands now: in the update phase it slides from the old to the new."""
        trace = self.trace(layer)
        alpha = self.alpha("update")
        if alpha == 0.0:
            return trace.W
        if alpha == 1.0:
            return trace.W_after
        if self.unit is None:
            return trace.W + self.slide * (trace.W_after - trace.W)
        k, unit = self.unit
        if layer != k or self.opening.moves(self.moment.index)[0].kind == "all":
            return trace.W if layer > k else trace.W_after
        found = trace.W.copy()
        found[:unit] = trace.W_after[:unit]
        own = self.opening.terms("update", k, unit)
        number = 0 if self.detail is None else self.detail.move.term
        for n, term in enumerate(own):
            done = (1.0 if n < number else 0.0) if self.term is not None and n != number else self.slide
            for _, j, i in term.lines:
                found[j, i] += done * (trace.W_after[j, i] - trace.W[j, i])
        return found

    @property
    def slide(self) -> float:
        """How far what is updated now has come."""
        alpha = self.alpha("update") if self.detail is None else self.detail.alpha
        return smooth(alpha)

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
