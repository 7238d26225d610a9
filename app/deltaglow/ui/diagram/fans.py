"""The own lines of a unit in a layer that is drawn as a heat map: a fan from the unit to all the others."""

from __future__ import annotations

from functools import lru_cache
from math import ceil

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from deltaglow.ui.diagram.geometry import Floats
from deltaglow.ui.diagram.scene import Scene

STRENGTH = 0.9
APART = 3.0
"""Device pixels between two lines at least: closer ones only run together, and take longer."""
LARGEST = 2048
"""Pixels up to which a fan is a picture that is kept; a larger one, far zoomed in, is drawn."""


def draw(painter: QPainter, scene: Scene, layer: int, column: int, unit: int) -> None:
    """The connections into `layer` of one unit of the column before it or of its own, by their signs.

    Where several begin within three pixels there is one line, of the sign that most of them have.
    """
    one, every = slice(unit, unit + 1), slice(None)
    rows = (one, every) if column == layer else (every, one)
    starts, stops = (ends.reshape(-1, 2) for ends in scene.geometry.lines(layer, *rows))
    signs = np.sign(np.nan_to_num(scene.weights(layer)[rows])).ravel()
    present = scene.present(layer)
    if present is not None:
        there = (present[rows] != 0).ravel()
        starts, stops, signs = starts[there], stops[there], signs[there]
    if not len(signs):
        return
    ratio = painter.device().devicePixelRatioF()
    far = (starts if column == layer else stops)[:, 1]
    ends, signs = _thinned(np.concatenate([starts, stops], axis=1), signs, far * ratio)
    points = ends.reshape(-1, 2)
    corner = (np.floor(points.min(axis=0) * ratio) - 2.0) / ratio  # a whole device pixel
    reach = points.max(axis=0) + 2.0 - corner
    colors = tuple(scene.signed(sign, STRENGTH).rgb() for sign in (0.0, -1.0, 1.0))
    if reach.max() * ratio > LARGEST:
        _draw(painter, ends, signs, colors)
        return
    apart = np.round(ends - np.tile(corner, 2), 3)
    size = (ceil(reach[0] * ratio), ceil(reach[1] * ratio))
    picture = _picture(apart.tobytes(), signs.astype(np.int8).tobytes(), colors, size, ratio)
    painter.drawPixmap(QPointF(float(corner[0]), float(corner[1])), picture)


def _thinned(ends: Floats, signs: Floats, far: Floats) -> tuple[Floats, Floats]:
    """The ends (lines, 4) and signs of a line for every `APART` pixels in which there are any. far: where the
    ends that differ are, in device pixels and ascending.
    """
    pixel = np.floor(np.round(far - far[0], 3) / APART)  # from the first: the same wherever the fan is moved
    firsts = np.flatnonzero(np.diff(pixel, prepend=-np.inf))
    if len(firsts) == len(far):
        return ends, signs
    counts = np.diff(firsts, append=len(far))
    middles = np.add.reduceat(ends, firsts, axis=0) / counts[:, None]
    return middles, np.sign(np.add.reduceat(signs, firsts))


@lru_cache(maxsize=6)
def _picture(
    ends: bytes, signs: bytes, colors: tuple[int, ...], size: tuple[int, int], ratio: float
) -> QPixmap:
    picture = QPixmap(*size)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _draw(
            painter, np.frombuffer(ends).reshape(-1, 4), np.frombuffer(signs, np.int8).astype(float), colors
        )
    return picture


def _draw(painter: QPainter, ends: Floats, signs: npt.NDArray[np.float64], colors: tuple[int, ...]) -> None:
    for sign, color in zip((0.0, -1.0, 1.0), colors, strict=True):
        painter.setPen(QPen(QColor.fromRgb(color), 1))
        painter.drawLines([QLineF(*each) for each in ends[signs == sign].tolist()])
