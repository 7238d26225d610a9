"""Above the network: which phase is under way, in plain words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from deltaglow.explain.captions import Caption
from deltaglow.ui.diagram.edges import phase_token
from deltaglow.ui.diagram.scene import Scene

HEADINGS = 352
"""Pixels at the right that the headings of the centre's pages take."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def draw(painter: QPainter, scene: Scene, words: Caption) -> None:
    """Title and sentence, at the top left; beside the title stand the headings of the centre's pages."""
    title, sentence = words
    theme = scene.theme
    painter.setFont(theme.ui_font(13, 600))
    painter.setPen(theme.text_color(phase_token(scene)))
    head = QRectF(18, 7, scene.geometry.width - HEADINGS - 18, 20)
    title = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, int(head.width()))
    painter.drawText(head, LEFT, title)
    painter.setFont(theme.ui_font(12))
    painter.setPen(theme.color("muted"))
    box = QRectF(18, 32, scene.geometry.width - 36, 18)
    text = painter.fontMetrics().elidedText(sentence, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, LEFT, text)
