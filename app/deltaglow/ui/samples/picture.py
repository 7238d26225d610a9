"""Samples that are pictures: as an image, and as a cell of a table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.tokens import blend

from .model import SampleModel

Floats = npt.NDArray[np.float64]
SIDE = 22
"""Pixels of a picture in the table."""


def image(theme: Theme, values: Floats, shape: tuple[int, int], bounds: tuple[float, float]) -> QImage:
    """A picture of pixels' values: the lower of `bounds` is the ground, the higher the text's colour."""
    low, high = bounds
    share = np.clip((values.reshape(shape) - low) / ((high - low) or 1.0), 0.0, 1.0)
    ground, ink = theme.color("raised"), theme.color("text")
    ramp = [blend(ground, ink, k / 255).rgb() & 0xFFFFFFFF for k in range(256)]
    coded = np.array(ramp, dtype=np.uint32)[np.nan_to_num(share * 255).astype(np.intp)]
    made = QImage(coded.tobytes(), shape[1], shape[0], 4 * shape[1], QImage.Format.Format_RGB32)
    return made.copy()  # or else it would look at bytes that are gone


def fitted(shape: tuple[int, int], room: QRect) -> QRect:
    """The largest area in the middle of a room in which pixels are square."""
    side = min(room.width() / shape[1], room.height() / shape[0])
    size = QSize(max(round(side * shape[1]), 1), max(round(side * shape[0]), 1))
    area = QRect(room.topLeft(), size)
    area.moveCenter(room.center())
    return area


class PictureDelegate(QStyledItemDelegate):
    """Draws the sample in its row. `shape` and `bounds` are set by the page."""

    def __init__(self, theme: Theme, model: SampleModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model
        self.shape: tuple[int, int] | None = None
        self.bounds = (0.0, 1.0)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        if self.shape is None:
            return
        values = self._model.raw.x[self._model.order[index.row()]]
        area = fitted(self.shape, option.rect.adjusted(3, 2, -3, -2))
        painter.drawImage(area, image(self._theme, values, self.shape, self.bounds))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        del option, index
        return QSize(SIDE + 6, SIDE + 4)
