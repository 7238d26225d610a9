"""Above the network: which phase is under way, in plain words."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from deltaglow.explain.captions import Caption
from deltaglow.ui.diagram.edges import phase_token
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.sprites import LEFT, write
from deltaglow.ui.theme.theme import Theme

HEADINGS = 352
"""Pixels at the right that the headings of the centre's pages take."""


def draw(painter: QPainter, scene: Scene, words: Caption) -> None:
    """Title and sentence, at the top left; beside the title stand the headings of the centre's pages."""
    theme, width = scene.theme, scene.geometry.width
    head, box = QRectF(18, 7, width - HEADINGS - 18, 20), QRectF(18, 32, width - 36, 18)
    title, sentence = _fitting(words, round(head.width()), round(box.width()), theme, theme.name)
    write(painter, head, LEFT, title, theme.ui_font(13, 600), theme.text_color(phase_token(scene)))
    write(painter, box, LEFT, sentence, theme.ui_font(12), theme.color("muted"))


@lru_cache(maxsize=64)
def _fitting(words: Caption, head: int, box: int, theme: Theme, name: str) -> tuple[str, str]:
    """Title and sentence as far as there is room; `name` is the theme's, which can change."""
    del name
    title, sentence = words
    fonts, cut = (theme.ui_font(13, 600), theme.ui_font(12)), Qt.TextElideMode.ElideRight
    titled, told = map(QFontMetrics, fonts)
    return titled.elidedText(title, cut, head), told.elidedText(sentence, cut, box)
