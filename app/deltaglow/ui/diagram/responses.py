"""Response maps: in each unit a small picture of its activation all over the plane of two features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from time import perf_counter

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPixmap

from deltaglow.data.dataset import brief
from deltaglow.engine import Architecture, Frame
from deltaglow.explain.regions import Regions
from deltaglow.model.quantity import Quantity
from deltaglow.model.samples import prepared
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram.geometry import Column, Geometry
from deltaglow.ui.theme.theme import Theme

Floats = npt.NDArray[np.float64]
WORK, FINEST, COARSEST = 4e6, 20, 8
"""Products that the maps of one frame may take, and the points along their sides at most and at least."""
LEAST_RADIUS = 9.0
"""Pixels of a unit's radius from which a picture in it can be made out."""
STRONGEST = 0.8
"""How much of its sign's colour the largest activation has."""
SHADES = 256
SHARE_OF_TIME = 0.05
"""Of the time of a run, what its maps may take at most."""


@dataclass(frozen=True, eq=False)
class Maps:
    """What is in the units of each column, one below the other in a strip; None where there is no room.

    names: of the features across and up, one and the same where there is but one.
    """

    strips: tuple[QPixmap | None, ...]
    names: tuple[str, str]

    def of(self, layer: int) -> QPixmap | None:
        """The strip of a column; layer 0 is the input."""
        return self.strips[layer] if layer < len(self.strips) else None

    def legend(self) -> str:
        """What goes where in each map."""
        across, up = self.names
        return f"maps: {across} →, a ↑" if across == up else f"maps: {across} →, {up} ↑"


class ResponseMaps(QObject):
    """Keeps the maps of the frame that a laboratory shows."""

    changed = Signal()
    """Others are to be drawn, or none any more."""

    def __init__(self, lab: Lab, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab, self._theme = lab, theme
        self._on = False
        self._regions: tuple[tuple[object, ...], Regions] | None = None
        self._drawn: tuple[object, ...] | None = None
        self._began = self._took = 0.0
        self.maps: Maps | None = None
        """What is to be drawn; None while they are switched off."""
        lab.plane.changed.connect(self._on_plane)

    @property
    def on(self) -> bool:
        """Whether they are switched on."""
        return self._on

    def switch(self, on: bool) -> None:
        """Show the maps, or do not."""
        if on != self._on:
            self._on = on
            self.maps = self._drawn = self._regions = None
            self.changed.emit()

    def why_not(self, geometry: Geometry) -> str:
        """Why no map would be seen; "" if some are."""
        if any(column.bar is None and column.radius >= LEAST_RADIUS for column in geometry.columns):
            return ""
        return "The units are too small for maps: enlarge the diagram (Ctrl++)"

    def words(self, quantity: Quantity) -> str:
        """A line of a tooltip, what the map of the unit shows; "" of what has none."""
        layer = 0 if quantity.kind == "x" else quantity.layer
        one = len(quantity.index) == 1 and layer is not None
        if self.maps is None or not one or self.maps.of(layer or 0) is None:
            return ""
        held = "" if len(set(self.maps.names)) == 1 else "; other features at their median"
        return f"\nM{self.maps.legend()[1:]}; blue +, orange −{held}"

    def follow(self, geometry: Geometry, ratio: float, due: bool) -> None:
        """Bring the maps up to the frame shown. due: also while training, if they did not take long."""
        if not self._on:
            return
        lab = self._lab
        look = (geometry, ratio, self._theme.name)
        known = self._drawn
        if known is not None and known[0] == look and known[1] is lab.frame.architecture and lab.running:
            waited = perf_counter() - self._began
            if not due or waited * SHARE_OF_TIME < self._took:
                return
        state = (look, lab.frame.architecture, lab.frame, lab.complete, lab.project.data)
        if known is not None and _same(known, state):
            return
        self._began = perf_counter()
        self.maps = self._made(geometry, ratio, lab.frame, lab.complete)
        self._drawn, self._took = state, perf_counter() - self._began

    def _made(self, geometry: Geometry, ratio: float, frame: Frame, complete: bool) -> Maps:
        regions = self._over(frame.architecture)
        names = regions.names
        across, up = (brief(names[feature]) for feature in regions.features)
        strips = [
            None
            if column.bar is not None or column.radius < LEAST_RADIUS
            else strip(self._theme, a, map_side(column, ratio), regions.features[0] == regions.features[1])
            for column, a in zip(geometry.columns, regions.responses(frame, complete), strict=True)
        ]
        for made in strips:
            if made is not None:
                made.setDevicePixelRatio(ratio)
        return Maps(tuple(strips), (across, up))

    def _over(self, architecture: Architecture) -> Regions:
        """The plane, made anew when the network, the samples or how they are prepared are others."""
        project = self._lab.project
        key = (project.data, project.preparation, project.validation, architecture)
        if self._regions is None or not _same(self._regions[0], key):
            made = prepared(project)
            pair = self._lab.plane.of(project, made)
            resolution = int(np.clip(sqrt(WORK / max(architecture.parameters, 1)), COARSEST, FINEST))
            self._regions = (key, Regions(project, made, architecture, pair, resolution))
        return self._regions[1]

    @Slot()
    def _on_plane(self) -> None:
        self._regions = self._drawn = None
        if self._on:
            self.changed.emit()


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether two tuples hold the same objects, or what is small is equal: arrays are not compared."""
    return all(a is b or (isinstance(a, (tuple, bool)) and a == b) for a, b in zip(one, other, strict=True))


def map_side(column: Column, ratio: float) -> int:
    """Device pixels along a side of the maps of a column, within the rings of its units."""
    return max(round(2.0 * (column.radius - 1.0) * ratio), 2)


def strip(theme: Theme, responses: Floats, side: int, single: bool = False) -> QPixmap:
    """The maps of a column, round, one below the other, of `side` × `side` pixels each.

    responses: a (units, resolution, resolution), rows from the bottom up. A unit's colours are those of its
    activation's sign, full at 1 or, if that is larger, at its largest activation in the plane.
    single: of a single feature, the activation is the height above the middle.
    """
    a = np.nan_to_num(responses, nan=0.0, posinf=1e300, neginf=-1e300)
    a = a / np.maximum(np.abs(a).max(axis=(1, 2), keepdims=True), 1.0)
    wide = _stretched(a.shape[2], side)
    shares = _areas(a[:, 0] @ wide.T, side) if single else (wide @ a @ wide.T)[:, ::-1]
    shades = np.rint(shares * SHADES).astype(np.intp) + SHADES
    colours = _table(theme, theme.name)[shades]
    pixels = np.ascontiguousarray((colours * _round(side)[..., None] >> 8).astype(np.uint8))
    rows = pixels.shape[0] * side
    image = QImage(pixels.data, side, rows, 4 * side, QImage.Format.Format_ARGB32_Premultiplied)
    return QPixmap.fromImage(image.copy())


def _areas(curves: Floats, side: int) -> Floats:
    """Between zero and a curve (units, side): how much of each pixel's row lies there, with the sign."""
    heights = 1.0 - 2.0 * (np.arange(side) + 0.5) / side
    curve, height = curves[:, None, :], heights[None, :, None]
    part = np.clip((np.abs(curve) - np.abs(height)) * side / 2.0 + 0.5, 0.0, 1.0)
    made: Floats = np.where(np.sign(curve) == np.sign(height), part * np.sign(curve), 0.0)
    return made


@lru_cache(maxsize=16)
def _stretched(points: int, side: int) -> Floats:
    """(side, points): how much of each of a row of points a pixel has, the nearest two shared out."""
    place = np.clip((np.arange(side) + 0.5) / side * points - 0.5, 0.0, points - 1.0)
    made: Floats = np.maximum(1.0 - np.abs(place[:, None] - np.arange(points)[None, :]), 0.0)
    return made


@lru_cache(maxsize=16)
def _round(side: int) -> npt.NDArray[np.uint16]:
    """(side, side): 256 within the largest circle, less at its rim, 0 outside of it."""
    place = np.arange(side) + 0.5 - side / 2.0
    distance = np.hypot(place[:, None], place[None, :])
    made: npt.NDArray[np.uint16] = np.rint(np.clip(side / 2.0 - distance, 0.0, 1.0) * 256).astype(np.uint16)
    return made


@lru_cache(maxsize=4)
def _table(theme: Theme, name: str) -> npt.NDArray[np.uint16]:
    """Blue, green, red and opacity of each shade from the most negative to the most positive."""
    del name  # the theme's, which can change
    part = np.linspace(-1.0, 1.0, 2 * SHADES + 1)[:, None]
    ground, up, down = (_channels(theme.color(token)) for token in ("raised", "positive", "negative"))
    mixed = ground + STRONGEST * np.abs(part) * (np.where(part > 0, up, down) - ground)
    made: npt.NDArray[np.uint16] = np.rint(mixed).astype(np.uint16)
    return made


def _channels(color: QColor) -> Floats:
    return np.array([color.blue(), color.green(), color.red(), 255], dtype=np.float64)
