"""A few lines of text on a plate of the canvas's colour: the number that is under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import CENTRE

PAD = 5.0
LINE = 14.0


@dataclass(frozen=True)
class Plate:
    """Lines as they find room: their font, and the size of the plate they need, in pixels."""

    lines: tuple[str, ...]
    font: QFont
    width: float
    height: float


def fitting(scene: Scene, lines: Sequence[str], room: float) -> Plate | None:
    """The most that there is room for: all in a line, in several, the result alone.

    None where not even that fits: the caption says it.
    """
    alone = lines[-1].removeprefix("= ").removeprefix("→ ")
    candidates = (
        ([" ".join(lines)], 11, PAD),
        (lines, 11, PAD),
        (lines, 10, 3.0),
        ([alone], 10, 3.0),
        ([alone.rpartition(" = ")[2]], 9, 2.0),
    )
    for shown, size, pad in candidates:
        font = scene.theme.mono_font(size)
        metrics = QFontMetricsF(font)
        width = max(map(metrics.horizontalAdvance, shown)) + 2 * pad
        if width <= room:
            return Plate(tuple(shown), font, width, LINE * len(shown) + 4.0)
    return None


def draw(painter: QPainter, scene: Scene, box: QRectF, plate: Plate, token: str) -> None:
    """The plate in a box of its size, edged and written in the colour of a token."""
    painter.setPen(QPen(scene.color(token, 0.8), 1))
    painter.setBrush(scene.color("canvas"))
    painter.drawRoundedRect(box, 4, 4)
    painter.setFont(plate.font)
    painter.setPen(scene.theme.text_color(token))
    for n, line in enumerate(plate.lines):
        painter.drawText(QRectF(box.left(), box.top() + 2 + LINE * n, box.width(), LINE), CENTRE, line)
