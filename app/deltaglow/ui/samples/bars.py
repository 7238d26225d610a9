"""The network's answer about one sample: a bar for each output, with its target."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from deltaglow.explain.numbers import fixed, show
from deltaglow.ui.theme import Theme

Floats = npt.NDArray[np.float64]
ROW, MOST = 18, 10
"""Pixels of a row, and how many rows there are at most: the largest outputs, and the target's."""
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class OutputBars(QWidget):
    """Draws outputs (K,) beside targets (K,); `whole` is what fills a bar, and with 0 there are none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._outputs, self._targets = np.zeros(0), np.zeros(0)
        self._rows: list[int] = []
        self._whole = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_answer(self, names: tuple[str, ...], outputs: Floats, targets: Floats, whole: float) -> None:
        """What the network says, and what it should say."""
        self._names, self._outputs, self._targets, self._whole = names, outputs, targets, whole
        rows = np.arange(len(outputs))
        if len(rows) > MOST:
            largest = np.argsort(-outputs, kind="stable")
            wanted = int(targets.argmax())
            best = largest[:MOST]
            rows = np.sort(best if wanted in best else np.append(best[:-1], wanted))
        if rows.tolist() != self._rows:
            self._rows = rows.tolist()
            self.updateGeometry()
        told = (f"{names[k]}: {show(float(outputs[k])).text}" for k in self._rows)
        self.setAccessibleName("The network says " + ", ".join(told))
        self.setToolTip("What the network says with the parameters shown; the upright mark is the target")
        self.update()

    def sizeHint(self) -> QSize:
        """A row for each output."""
        return QSize(180, max(len(self._rows), 1) * ROW + 2)

    def minimumSizeHint(self) -> QSize:
        """No row is cut off."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names, bars, numbers."""
        del event
        theme = self._theme
        with QPainter(self) as painter:
            font, mono = theme.ui_font(11), theme.mono_font(11)
            painter.setFont(mono)
            figures = painter.fontMetrics().horizontalAdvance("−0.0000") + 6
            painter.setFont(font)
            metrics = painter.fontMetrics()
            longest = max((metrics.horizontalAdvance(self._names[k]) for k in self._rows), default=0)
            left = min(longest + 8, round(self.width() * 0.42))
            for place, k in enumerate(self._rows):
                top = place * ROW
                painter.setFont(font)
                painter.setPen(theme.color("text"))
                name = metrics.elidedText(self._names[k], Qt.TextElideMode.ElideRight, left - 6)
                painter.drawText(QRectF(0, top, left, ROW), _MIDDLE | Qt.AlignmentFlag.AlignLeft, name)
                bar = QRectF(left, top + 4, self.width() - left - figures - 4, ROW - 8)
                if self._whole:
                    self._bar(painter, bar, float(self._outputs[k]), float(self._targets[k]))
                painter.setFont(mono)
                painter.setPen(theme.color("y_hat_text"))
                value = float(self._outputs[k])
                text = fixed(value, 3).text if self._whole else show(value, 4).text
                painter.drawText(
                    QRectF(self.width() - figures, top, figures, ROW),
                    _MIDDLE | Qt.AlignmentFlag.AlignRight,
                    text,
                )

    def _bar(self, painter: QPainter, area: QRectF, value: float, target: float) -> None:
        theme = self._theme
        painter.fillRect(area, theme.color("track"))
        share = min(max(value / self._whole, 0.0), 1.0) if np.isfinite(value) else 0.0
        painter.fillRect(
            QRectF(area.left(), area.top(), area.width() * share, area.height()), theme.color("y_hat")
        )
        if target > 0.0:
            painter.setPen(QPen(theme.color("target"), 2))
            x = area.left() + area.width() * min(target / self._whole, 1.0)
            painter.drawLine(int(x) - 1, int(area.top()) - 2, int(x) - 1, int(area.bottom()) + 2)
