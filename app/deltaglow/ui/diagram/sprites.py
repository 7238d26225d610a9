"""Small pictures drawn once and reused: numbers, discs, glows. A blit costs a tenth of a drawing."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QRadialGradient,
)

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
RIM = 3.5
"""Pixels of the rim around a text that stands on a picture."""


def write(
    painter: QPainter,
    box: QRectF,
    align: Qt.AlignmentFlag,
    text: str,
    font: QFont,
    color: QColor,
    fleeting: bool = False,
) -> None:
    """`painter.drawText(box, align, text)`, for texts that come again and again.

    fleeting: this text will hardly come again, so that a picture of it would be made for nothing.
    """
    if fleeting:
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(box, align, text)
        return
    picture = text_picture(text, font.key(), _Font(font), color.rgb(), painter.device().devicePixelRatioF())
    ratio = picture.devicePixelRatio()
    width, height = picture.width() / ratio, picture.height() / ratio
    if align & Qt.AlignmentFlag.AlignHCenter:
        x = box.x() + (box.width() - width) / 2
    elif align & Qt.AlignmentFlag.AlignRight:
        x = box.right() - width + 1
    else:
        x = box.x() - 1
    y = box.y() + (box.height() - height) / 2
    painter.drawPixmap(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), picture)


class _Font:
    """A font that does not count in a cache's key: its own key string stands beside it."""

    def __init__(self, font: QFont) -> None:
        self.font = font

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Font)


@lru_cache(maxsize=1024)
def text_picture(text: str, key: str, font: _Font, rgb: int, ratio: float) -> QPixmap:
    """A line of text on nothing, with a pixel of air on either side."""
    return line(text, font.font, QColor.fromRgb(rgb), ratio)


def line(text: str, font: QFont, color: QColor, ratio: float) -> QPixmap:
    """A picture of a line of text, made anew."""
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 2, metrics.height()
    picture = _blank(width, height, ratio)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(QPointF(1, metrics.ascent()), text)
    return picture


def haloed(text: str, font: QFont, color: QColor, ground: QColor, ratio: float) -> QPixmap:
    """A picture of a line of text with a rim of the ground's colour around it, made anew."""
    metrics = QFontMetricsF(font)
    picture = _blank(metrics.horizontalAdvance(text) + 2 * RIM, metrics.height() + 2, ratio)
    path, place = QPainterPath(), QPointF(RIM, metrics.ascent() + 1)
    path.addText(place, font, text)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rim = QPen(ground, RIM)
        rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, rim)
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(place, text)
    return picture


@lru_cache(maxsize=1024)
def disc(radius: float, fill: int, ring: int, width: float, ratio: float) -> QPixmap:
    """A filled circle with a ring; the centre of the picture is its centre."""
    reach = radius + width
    picture = _blank(2 * reach, 2 * reach, ratio)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor.fromRgb(fill))
        painter.setPen(QPen(QColor.fromRgb(ring), width))
        painter.drawEllipse(QPointF(reach, reach), radius, radius)
    return picture


@lru_cache(maxsize=64)
def dotted_ring(rgb: int, radius: float, ratio: float) -> QPixmap:
    """The mark of what is selected."""
    reach = radius + 1
    picture = _blank(2 * reach, 2 * reach, ratio)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor.fromRgb(rgb), 1.4, Qt.PenStyle.DotLine))
        painter.drawEllipse(QPointF(reach, reach), radius, radius)
    return picture


@lru_cache(maxsize=512)
def halo(rgb: int, inner: float, reach: float, ratio: float) -> QPixmap:
    """A ring of light around a disc of radius `inner`, fading out `reach` pixels further."""
    outer = inner + reach
    fade = QRadialGradient(QPointF(outer, outer), outer)
    for at, alpha in ((inner / outer, 0.6), ((inner + 0.45 * reach) / outer, 0.2), (1.0, 0.0)):
        fade.setColorAt(at, _faded(rgb, alpha))
    picture = _blank(2 * outer, 2 * outer, ratio)
    with QPainter(picture) as painter:
        _light(painter, QPointF(outer, outer), outer, fade)
    return picture


@lru_cache(maxsize=512)
def glow(rgb: int, radius: float, ratio: float, hollow: bool = False) -> QPixmap:
    """A pulse. Forward ones are hollow rings, so that direction is not told by hue alone."""
    reach = radius * 1.9 + 1
    centre = QPointF(reach, reach)
    fade = QRadialGradient(centre, reach)
    for at, alpha in ((0.0, 0.75), (0.35, 0.4), (0.7, 0.1), (1.0, 0.0)):
        fade.setColorAt(at, _faded(rgb, alpha * (0.4 if hollow else 1.0)))
    picture = _blank(2 * reach, 2 * reach, ratio)
    with QPainter(picture) as painter:
        _light(painter, centre, reach, fade)
        core = max(radius * 0.42, 1.6)
        if hollow:
            painter.setPen(QPen(QColor.fromRgb(rgb), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setBrush(QColor.fromRgb(rgb))
        painter.drawEllipse(centre, core, core)
    return picture


def place(painter: QPainter, centre: QPointF, picture: QPixmap) -> None:
    """Draw a picture around a point."""
    half = picture.width() / picture.devicePixelRatio() / 2
    painter.drawPixmap(QPointF(centre.x() - half, centre.y() - half), picture)


def _blank(width: float, height: float, ratio: float) -> QPixmap:
    picture = QPixmap(max(round(width * ratio), 1), max(round(height * ratio), 1))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture


def _faded(rgb: int, alpha: float) -> QColor:
    color = QColor.fromRgb(rgb)
    color.setAlphaF(alpha)
    return color


def _light(painter: QPainter, centre: QPointF, reach: float, fade: QRadialGradient) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(fade))
    painter.drawEllipse(centre, reach, reach)
