"""The lines between two columns as pictures, one lit and one dim: a new phase finds most of them made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from deltaglow.engine import LayerTrace
from deltaglow.ui.diagram.geometry import Floats, Geometry
from deltaglow.ui.diagram.scale import WIDTHS, width_index
from deltaglow.ui.diagram.scene import DIM, Scene

BoolArray = npt.NDArray[np.bool_]
FEW = 60
"""Lines up to which negative ones get many dashes; beyond, a few long ones, which draw faster."""
LIT = 0.85
BEHIND, FINE = 0.36, 1
"""How strong and how wide at most, of WIDTHS, lines are that stand behind those of a single unit."""
AT_ONCE = 100
"""Lines, or dashes, that are drawn in one go while training: about a millisecond."""


class EdgeLines:
    """The lines of a geometry, made once: whole ones for positive weights, dashed ones for negative."""

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry
        self.pictures: dict[tuple[int, bool], tuple[Hashable, QPixmap]] = {}
        """By layer, and whether it is lit: what its picture was made from, and the picture."""
        self.changing: dict[int, tuple[LayerTrace, BoolArray]] = {}
        """By layer: the step that it was found out for, and which lines that step makes others."""
        self.whole: list[list[QLineF]] = []
        self.dashed: list[list[list[QLineF]]] = []
        for k in range(1, len(geometry.sizes)):
            if geometry.collapsed(k):
                self.whole.append([])
                self.dashed.append([])
                continue
            start, stop = geometry.ends[k - 1]
            begins, ends = start.reshape(-1, 2), stop.reshape(-1, 2)
            self.whole.append([QLineF(*a, *b) for a, b in zip(begins.tolist(), ends.tolist(), strict=True)])
            self.dashed.append(_dashes(begins, ends, 9.0 if len(begins) <= FEW else 22.0))

    def of(self, layer: int, edge: int, negative: bool) -> list[QLineF]:
        """The line, or the dashes, of one connection: `edge` counts them row by row, j · n_in + i."""
        return self.dashed[layer - 1][edge] if negative else [self.whole[layer - 1][edge]]


def _dashes(begins: Floats, ends: Floats, length: float) -> list[list[QLineF]]:
    """Dashes of about `length` pixels and gaps of half that, each line beginning elsewhere in its pattern.

    Otherwise the gaps of parallel lines would line up and draw a picture of their own.
    """
    found = []
    for edge, (a, b) in enumerate(zip(begins, ends, strict=True)):
        period = 1.5 * length / max(float(np.linalg.norm(b - a)), 1.0)
        cuts = np.arange(-(edge * 0.38 % 1.0) * period, 1.0, period)
        starts, stops = np.maximum(cuts, 0.0), np.minimum(cuts + period / 1.5, 1.0)
        keep = stops > starts
        points = np.concatenate(
            [a + (b - a) * starts[keep, None], a + (b - a) * stops[keep, None]], axis=1
        ).tolist()
        found.append([QLineF(*dash) for dash in points])
    return found


class _Looks:
    """Which lines of a layer are drawn, how wide and with which sign."""

    def __init__(self, scene: Scene, layer: int, behind: bool) -> None:
        weights, mask = scene.weights(layer), scene.present(layer)
        present = np.ones(weights.shape, dtype=bool) if mask is None else np.asarray(mask) != 0
        self.behind = behind
        """Whether they only stand behind the lines of a single unit."""
        self.sizes = np.minimum(width_index(weights), FINE) if behind else width_index(weights)
        self.negative = weights < 0
        self.present = present

    def hold_back(self, changing: BoolArray) -> BoolArray:
        """Leaves out what is `changing`; gives what of it is there."""
        apart: BoolArray = self.present & changing
        self.present = self.present & ~changing
        return apart

    @property
    def key(self) -> Hashable:
        sizes, negative = self.sizes * self.present, self.negative & self.present
        return sizes.tobytes(), negative.tobytes(), self.present.tobytes(), self.behind


def parts(
    scene: Scene, lines: EdgeLines, layer: int, apart: Iterable[tuple[int, int]], behind: bool = False
) -> list[Callable[[QPainter], None]]:
    """What draws the lines of a layer, thin ones first; but for those `apart` that change, which are drawn
    over it. behind: they only stand behind those of a single unit.
    """
    looks, lit = _Looks(scene, layer, behind), scene.lit(layer)
    if scene.running:  # the next time they are others
        return [
            partial(_draw_batch, pen=pen, batch=batch[at : at + AT_ONCE])
            for pen, batch in _batches(scene, lines, layer, looks, lit)
            for at in range(0, len(batch), AT_ONCE)
        ]
    return [partial(_draw_kept, scene=scene, lines=lines, layer=layer, looks=looks, lit=lit, apart=apart)]


def _draw_kept(
    painter: QPainter,
    scene: Scene,
    lines: EdgeLines,
    layer: int,
    looks: _Looks,
    lit: bool,
    apart: Iterable[tuple[int, int]],
) -> None:
    area = _area(scene, layer)
    if area.isEmpty():
        return
    moving = looks.hold_back(_changing(scene, lines, layer))
    picture, _ = _kept(scene, lines, layer, looks, lit, painter.device().devicePixelRatioF())
    painter.drawPixmap(area.topLeft(), picture)
    for j, i in apart:
        moving[j, i] = False
    if moving.any():
        looks.present = moving
        _draw(painter, scene, lines, layer, looks, lit)


def prepare(scene: Scene, lines: EdgeLines, ratio: float, behind: Collection[int] = ()) -> bool:
    """Makes one of the pictures that the phases to come will need; whether there was one to make. behind: the
    layers whose lines only stand behind those of a single unit.
    """
    for layer in range(1, scene.phases.depth + 1):
        if scene.geometry.collapsed(layer) or _area(scene, layer).isEmpty():
            continue
        looks = _Looks(scene, layer, layer in behind)
        looks.hold_back(_changing(scene, lines, layer))
        if any(_kept(scene, lines, layer, looks, lit, ratio)[1] for lit in (True, False)):
            return True
    return False


def _kept(
    scene: Scene, lines: EdgeLines, layer: int, looks: _Looks, lit: bool, ratio: float
) -> tuple[QPixmap, bool]:
    """The picture of these lines, and whether it was made for this."""
    key = looks.key, scene.theme.name, ratio
    kept = lines.pictures.get((layer, lit))
    if kept is not None and kept[0] == key:
        return kept[1], False
    area = _area(scene, layer)
    picture = QPixmap(area.size() * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as into:
        into.setRenderHint(QPainter.RenderHint.Antialiasing)
        into.translate(-area.x(), -area.y())
        _draw(into, scene, lines, layer, looks, lit)
    lines.pictures[layer, lit] = key, picture
    return picture, True


def _changing(scene: Scene, lines: EdgeLines, layer: int) -> BoolArray:
    """Which lines the update makes others: the picture of the rest stays the same the whole step through."""
    trace, known = scene.trace(layer), lines.changing.get(layer)
    if known is None or known[0] is not trace:
        before, after = trace.W, trace.W_after
        found: BoolArray = (width_index(before) != width_index(after)) | ((before < 0) != (after < 0))
        known = lines.changing[layer] = trace, found
    return known[1]


def _area(scene: Scene, layer: int) -> QRect:
    """Where the lines of a layer are, as far as they are in view."""
    geometry = scene.geometry
    before, after = geometry.columns[layer - 1 : layer + 1]
    whole = QRectF(before.x, 0.0, after.x - before.x, geometry.height)
    return whole.intersected(geometry.viewport).toAlignedRect()


def _draw(painter: QPainter, scene: Scene, lines: EdgeLines, layer: int, looks: _Looks, lit: bool) -> None:
    for pen, batch in _batches(scene, lines, layer, looks, lit):
        _draw_batch(painter, pen, batch)


def _draw_batch(painter: QPainter, pen: QPen, batch: list[QLineF]) -> None:
    painter.setPen(pen)
    painter.drawLines(batch)


def _batches(
    scene: Scene, lines: EdgeLines, layer: int, looks: _Looks, lit: bool
) -> list[tuple[QPen, list[QLineF]]]:
    """Lines that have a pen in common, thin ones first."""
    batches: dict[tuple[int, bool], list[QLineF]] = {}
    whole, dashed = lines.whole[layer - 1], lines.dashed[layer - 1]
    sizes, negative = looks.sizes.ravel().tolist(), looks.negative.ravel().tolist()
    for edge in np.flatnonzero(looks.present).tolist():
        batch = batches.setdefault((sizes[edge], negative[edge]), [])
        if negative[edge]:
            batch += dashed[edge]
        else:
            batch.append(whole[edge])
    strength, made = (BEHIND if looks.behind else LIT) if lit else DIM, []
    for (size, below), batch in sorted(batches.items(), key=lambda item: item[0]):
        color = scene.signed(-1.0 if below else 1.0, strength)
        made.append((QPen(color, WIDTHS[size], Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap), batch))
    return made
