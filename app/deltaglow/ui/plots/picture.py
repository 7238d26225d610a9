"""A plot as a picture for others: its heading, its legend and what is drawn, without the controls."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QTextDocument
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from deltaglow.ui.theme import Theme

HEAD, LEFT, RIGHT = 32, 12, 8
"""Pixels above the plot, and beside its heading and its legend."""
SHARPNESS = 2.0
"""Pixels of a picture for each of the screen."""


@dataclass(frozen=True, eq=False)
class Picture:
    """heading: the plot's name. words: its legend, rich text. body: the widget that draws it."""

    theme: Theme
    heading: str
    words: str
    body: QWidget

    @property
    def size(self) -> QSize:
        """In pixels of the screen."""
        return QSize(self.body.width() + LEFT + RIGHT, self.body.height() + HEAD + RIGHT)

    def pixmap(self) -> QPixmap:
        """As pixels, sharp enough to be printed."""
        made = QPixmap(self.size * SHARPNESS)
        made.setDevicePixelRatio(SHARPNESS)
        with QPainter(made) as painter:
            self._paint(painter)
        return made

    def png(self) -> bytes:
        """As a PNG file."""
        data = QBuffer()
        data.open(QBuffer.OpenModeFlag.WriteOnly)
        self.pixmap().save(data, "PNG")
        return bytes(data.data().data())

    def svg(self) -> bytes:
        """As an SVG file, lines as lines and text as text."""
        data = QBuffer()
        data.open(QBuffer.OpenModeFlag.WriteOnly)
        # Only the newer of the two versions keeps curves within their axes when a part is enlarged.
        generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
        generator.setOutputDevice(data)
        generator.setResolution(96)
        generator.setSize(self.size)
        generator.setViewBox(QRect(QPoint(), self.size))
        generator.setTitle(self.heading)
        generator.setDescription("Made by Deltaglow")
        with QPainter(generator) as painter:
            self._paint(painter)
        return bytes(data.data().data())

    def _paint(self, painter: QPainter) -> None:
        theme, size = self.theme, self.size
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRect(QPoint(), size), theme.color("panel"))
        painter.setPen(theme.color("text"))
        painter.setFont(theme.ui_font(13, 600))
        head = QRectF(LEFT, 4, size.width() - LEFT - RIGHT, HEAD - 8)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft | middle, self.heading)
        legend = QTextDocument()
        legend.setDefaultFont(theme.mono_font(11))
        legend.setDefaultStyleSheet(f"body {{ color: {theme.hex('muted')}; }}")
        legend.setHtml(f"<body>{self.words}</body>")
        painter.save()
        painter.translate(head.right() - legend.idealWidth(), head.center().y() - legend.size().height() / 2)
        legend.drawContents(painter)
        painter.restore()
        _paint_body(painter, self.body, QRectF(LEFT, HEAD, self.body.width(), self.body.height()))


def _paint_body(painter: QPainter, body: QWidget, space: QRectF) -> None:
    """A scene item by item, so that lines stay lines; any other widget as it paints itself."""
    if not isinstance(body, QGraphicsView):
        body.render(painter, space.topLeft().toPoint())
        return
    # The items of pyqtgraph draw marks as marks only when they are told; else they draw pictures of them.
    items = [item for item in body.scene().items() if hasattr(item, "setExportMode")]
    for item in items:
        item.setExportMode(True, {"antialias": True, "background": None, "painter": None})
    body.render(painter, space, body.viewport().rect())
    for item in items:
        item.setExportMode(False)
