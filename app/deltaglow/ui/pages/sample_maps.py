"""The gradient of a layer's weights as a small heat map for each sample, beside the mean of them all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from deltaglow.engine.ops import Array
from deltaglow.explain import batch_lab
from deltaglow.explain.numbers import show
from deltaglow.model.beside import mean_matrix, sample_matrix
from deltaglow.model.output_names import output_name
from deltaglow.model.quantity import Quantity
from deltaglow.model.samples import numbered, output_word
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.pages.cells import CENTRE, LEFT, Cell, Layout
from deltaglow.ui.pages.sheet import Sheet
from deltaglow.ui.theme import Theme

MOST = 32
"""Samples on one page of them."""
FINEST = 96
"""Numbers along a side of a map at most."""
_SIDE, _MEAN, _GAP, _HEAD = 84.0, 150.0, 12.0, 18.0


@dataclass(frozen=True, eq=False)
class _Map:
    area: QRectF
    matrix: Array
    row: int | None
    """Of the batch; None for the mean."""


class SampleMaps(Sheet):
    """Rows of a map are the layer's units, columns what they listen to; one scale for all of them."""

    title = "The gradient of the layer, sample by sample"

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__(lab, theme, typesetter)
        self.parameter = Quantity("W", 1, (0, 0))
        self.first = 0
        self._maps: list[_Map] = []
        self._images: list[QImage] = []
        self._known = False

    def lay_out(self, width: float) -> Layout:
        frame, k = self.lab.frame, self.parameter.layer or 1
        self._known = self.lab.reached(Quantity("db", k, (0,)))
        rows = list(range(frame.samples))[self.first : self.first + MOST] if frame.samples > 1 else []
        mean = mean_matrix(frame, k)
        across = max(int((width - _MEAN - 2 * _GAP) // (_SIDE + _GAP)), 1)
        shape = _fit(mean.shape, _SIDE)
        pitch = shape[1] + _HEAD + _GAP
        lines = -(-len(rows) // across)
        big = _fit(mean.shape, _MEAN)
        made = Layout(max(lines * pitch, big[1] + _HEAD + 40.0) + 4)
        self._maps = [_Map(QRectF(0, _HEAD, *big), mean, None)]
        for n, row in enumerate(rows):
            left = _MEAN + 2 * _GAP + (n % across) * (_SIDE + _GAP)
            area = QRectF(left, _HEAD + (n // across) * pitch, *shape)
            self._maps.append(_Map(area, sample_matrix(frame, k, row), row))
        self._name(made)
        self._paint_images()
        return made

    def _name(self, made: Layout) -> None:
        classes = batch_lab.classes(self.lab.frame)
        for each in self._maps:
            norm = show(float(np.linalg.norm(each.matrix)), 2).text if self._known else "·"
            head = QRectF(
                each.area.left(), each.area.top() - _HEAD, _MEAN if each.row is None else _SIDE, _HEAD - 2
            )
            if each.row is None:
                text = "mean, the gradient" if self.lab.frame.samples > 1 else "the gradient"
                made.cells.append(Cell(head, text, "text", align=LEFT, mono=False, weight=600))
                below = QRectF(0, each.area.bottom() + 4, _MEAN, 16)
                made.cells.append(Cell(below, f"norm {norm}", "delta", align=LEFT))
            else:
                made.cells.append(Cell(head, f"{each.row + 1}", "muted", align=LEFT, size=10))
                made.cells.append(Cell(head, norm, "delta", size=10))
            tip = "" if each.row is None else self._class(int(classes[each.row]))
            q = self._quantity(self.parameter.index, each.row)
            made.cells.append(Cell(each.area, "", quantity=q, mark=each.row == self.lab.sample, tip=tip))
        if not self._known:
            area = self._maps[0].area
            made.cells.append(
                Cell(area, "step on", "muted", align=CENTRE, mono=False, tip="Known once the gradients are")
            )

    def _class(self, k: int) -> str:
        """What class k is called; nothing where a sample has no single one."""
        project, word = self.lab.project, output_word(self.lab.project)
        return (output_name(project, k) or numbered(word, k)) if word == "class" else ""

    def _quantity(self, index: tuple[int, ...], row: int | None) -> Quantity | None:
        layer, part = self.parameter.layer or 1, self.parameter.kind
        if part not in ("W", "b") or self.lab.frame.layers[layer - 1].kind == "dropout":
            return None
        q = Quantity(f"d{part}", layer, index)
        return q if row is None else replace(q, kind=f"{q.kind}_sample", sample=row)

    def link_at(self, point: QPointF) -> Quantity | None:
        """The weight's number under a point of a map."""
        cell = self._cell_at(point)
        return None if cell is None else cell.quantity

    def _cell_at(self, point: QPointF) -> Cell | None:
        for each in self._maps:
            if each.area.contains(point) and each.matrix.size:
                index = self._index(each, point)
                area, q = each.area, self._quantity(index, each.row) if index else None
                if q is not None and len(q.index) == len(index or ()):
                    return Cell(area, quantity=q)
        return super()._cell_at(point)

    def _index(self, each: _Map, point: QPointF) -> tuple[int, ...] | None:
        """Which weight lies there; None where the map is not laid out as addresses are."""
        layer = self.lab.frame.layers[(self.parameter.layer or 1) - 1]
        rows, columns = each.matrix.shape
        if self.parameter.kind != "W":
            return None
        i = min(int((point.x() - each.area.left()) / each.area.width() * columns), columns - 1)
        j = min(int((point.y() - each.area.top()) / each.area.height() * rows), rows - 1)
        if layer.kind == "batch_norm":
            return i, i
        return j, i

    # Drawing

    def _paint_images(self) -> None:
        largest = max((float(np.abs(each.matrix).max(initial=0.0)) for each in self._maps), default=0.0)
        self._images = [
            heat_image(batch_lab.shrunk(each.matrix, FINEST), largest, self.theme) for each in self._maps
        ]

    def draw_over(self, painter: QPainter) -> None:
        for each, image in zip(self._maps, self._images, strict=True):
            if self._known:
                painter.drawImage(each.area, image)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            chosen = each.row is not None and each.row == self.lab.sample
            painter.setPen(QPen(self.theme.color("text" if chosen else "hairline"), 1))
            painter.drawRect(each.area)
            if self._known:
                self._draw_parameter(painter, each)

    def _draw_parameter(self, painter: QPainter, each: _Map) -> None:
        """A frame around the weight that the bars are of."""
        rows, columns = each.matrix.shape
        index = self.parameter.index
        if self.parameter.kind != "W" or max(rows, columns) > FINEST / 2:
            return
        j, i = (
            (0, index[1])
            if rows == 1 and len(self.lab.frame.layers[(self.parameter.layer or 1) - 1].b) > 1
            else index
        )
        if j < rows and i < columns:
            width, height = each.area.width() / columns, each.area.height() / rows
            painter.setPen(QPen(self.theme.color("text"), 1.2))
            painter.drawRect(
                QRectF(each.area.left() + i * width, each.area.top() + j * height, width, height)
            )


def heat_image(matrix: Array, largest: float, theme: Theme) -> QImage:
    """A picture with a pixel for each number: from the canvas's colour to that of its sign at `largest`."""
    if not matrix.size:
        return QImage(1, 1, QImage.Format.Format_RGB888)
    share = np.nan_to_num(np.abs(matrix) / largest if largest > 0.0 else np.zeros_like(matrix))
    strength = np.sqrt(np.clip(share, 0.0, 1.0))[..., None]
    canvas, plus, minus = (_rgb(theme.color(token)) for token in ("canvas", "positive", "negative"))
    colours = np.where(matrix[..., None] >= 0, plus, minus)
    pixels = np.ascontiguousarray((canvas + (colours - canvas) * strength).round().astype(np.uint8))
    height, width = matrix.shape
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _rgb(colour: QColor) -> Array:
    return np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float64)


def _fit(shape: tuple[int, ...], side: float) -> tuple[float, float]:
    """Width and height of a map of this shape in a square: square numbers, unless that is too flat."""
    rows, columns = max(shape[0], 1), max(shape[1], 1)
    cell = side / max(rows, columns)
    return max(cell * columns, 22.0), max(cell * rows, 22.0)
