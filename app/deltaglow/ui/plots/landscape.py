"""A slice of the loss landscape, with the path that the run has taken through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from deltaglow.data import Dataset
from deltaglow.engine import Architecture
from deltaglow.explain.landscape import Landscape
from deltaglow.explain.numbers import full
from deltaglow.model.samples import prepared
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets.combo import Combo

from .colours import heat
from .export import Table
from .work_plot import WorkPlot

if TYPE_CHECKING:
    from .plane import Plane

BANDS = 12
"""Steps of colour: their edges read as lines of equal loss."""
DIRECTIONS = [
    ("path", "of the path", "The two directions in which the run has moved the parameters the most"),
    ("random", "at random", "Two random directions, each layer's part as large as its parameters"),
]


class LandscapePlot(WorkPlot):
    """The loss around where the run stands, over a plane of parameters; the path goes on as the run does."""

    heading = "Loss landscape"
    about = (
        "The loss on the training samples over a plane through the space of parameters, dark where it is "
        "low, with the path of the run, seen straight onto the plane."
    )
    verb = "Map it"
    does = "Works out the loss at 25 × 25 points around the parameters shown"

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        self._map: Landscape | None = None
        self._of: tuple[Dataset, object] | None = None
        """The data and the network that the map is of."""
        self._directions = Combo()
        self._directions.offer(DIRECTIONS, "path")
        self._directions.setToolTip("Which plane of the parameters' space is mapped next")
        self._directions.setAccessibleName("Directions of the loss landscape")
        super().__init__(lab, theme, parent)
        self._header.insertWidget(self._header.indexOf(self._button), self._directions)

    def _empty_text(self) -> str:
        return "Train, then map the loss around the parameters, to see the valley that the run walks down."

    @property
    def work(self) -> Landscape | None:
        """The map."""
        return self._map

    def begin(self) -> None:
        """Another map, around the parameters shown."""
        lab = self._lab
        self._of = lab.dataset, _look(lab.frame.architecture)
        self._map = Landscape(
            lab.project,
            prepared(lab.project),
            lab.frame,
            lab.complete,
            [theta for _, theta in lab.passed],
            self._directions.name(),
        )

    def dress(self, plane: Plane) -> None:
        """The pointer asks for the loss."""
        plane.pointed.connect(self._on_pointed)

    def outdated(self) -> bool:
        """Whether the network or the data are others; the parameters may be."""
        if self._of is None:
            return False
        dataset, look = self._of
        return dataset is not self._lab.dataset or look != _look(self._lab.frame.architecture)

    def forget(self) -> None:
        """No map."""
        self._map = None

    def refresh(self) -> None:
        """The path goes on."""
        self._on_project()
        if self._map is not None and self._plane is not None:
            self._draw_path(self._map, self._plane)

    def draw(self) -> None:
        """What there is of the map, and the path."""
        found = self._map
        there = found is not None and bool(np.isfinite(found.losses).any())
        self.show_plane(there)
        if found is None or not there or self._plane is None:
            return
        self._plane.dress("direction 1", "direction 2")
        logs = np.log(np.maximum(found.losses, 1e-12))
        low, high = float(np.nanmin(logs)), float(np.nanmax(logs))
        height = (logs - low) / max(high - low, 1e-12)
        banded = 0.06 + 0.7 * np.ceil(height * BANDS) / BANDS
        self._plane.show_picture(heat(self._theme, "loss", banded), found.bounds)
        self._plane.fit(*found.bounds)
        self._draw_path(found, self._plane)

    def table(self) -> Table | None:
        """The loss at every point of the map."""
        found = self._map
        if found is None:
            return None
        rows = np.column_stack([found.grid(), found.losses.ravel()])
        return Table(["direction 1", "direction 2", "loss"], rows.tolist())

    def _draw_path(self, found: Landscape, plane: Plane) -> None:
        lab = self._lab
        theta = lab.frame.theta_after if lab.complete else lab.frame.theta
        passed = [] if lab.running else [before for step, before in lab.passed if step <= lab.frame.step]
        path = found.places([*passed, theta])
        plane.show_path(path, self._theme.color("text"))

    @Slot(object)
    def _on_pointed(self, place: tuple[float, float] | None) -> None:
        found = self._map
        if place is None or found is None:
            self._write("")
            return
        left, right, bottom, top = found.bounds
        count = len(found.losses)
        column = min(max(int((place[0] - left) / (right - left) * count), 0), count - 1)
        row = min(max(int((place[1] - bottom) / (top - bottom) * count), 0), count - 1)
        loss = found.losses[row, column]
        self._write(f"loss {full(loss, 3)}" if np.isfinite(loss) else "")


def _look(architecture: Architecture) -> object:
    """What the loss at given parameters depends on, beside the data."""
    return architecture.loss, [(type(s), s.units, s.activation, s.skip) for s in architecture.layers]
