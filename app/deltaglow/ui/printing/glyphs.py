"""Formulas on paper as letters of a font: a file has every glyph once, and its formulas can be copied.

As outlines, a formula's glyphs would be described anew wherever they stand, which makes a file ten times as
large.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGlyphRun, QPainter, QRawFont

from deltaglow.ui.layout import Mark, font_file
from deltaglow.ui.typeset import EM, marks

_PIXELS = 1000.0
"""The size at which glyphs are placed, in whole parts of it."""
_DESCRIBED = 12.0
"""The em at which a mark's scale is 1."""
_FAMILY, _RENAMED = "STIX Two Math", "STIX On Paper"


class GlyphError(RuntimeError):
    """The font of the formulas cannot be loaded."""


class Printed:
    """A formula of which each colour's glyphs of a size are one run, and its bars.

    Raises FormulaError on bad input, and GlyphError without a font.
    """

    def __init__(self, latex: str, size: float, colour: str) -> None:
        layout, placed = marks(latex, colour)
        self._scale, self._left, self._top = size / EM, layout.left, layout.top
        self.width, self.height = layout.width * self._scale, layout.height * self._scale
        self.ascent = -layout.top * self._scale
        self._bars = [(mark, shown) for mark, shown in placed if not mark.glyph]
        runs: dict[tuple[float, str], list[Mark]] = {}
        for mark, shown in placed:
            if mark.glyph:
                runs.setdefault((mark.scale, shown), []).append(mark)
        self._runs = [(scale, shown, _run(scale, run)) for (scale, shown), run in runs.items()]

    def draw(self, painter: QPainter, x: float, y: float, scale: float = 1.0) -> None:
        """Draws it with its upper left corner at (x, y)."""
        painter.save()
        painter.translate(x, y)
        painter.scale(self._scale * scale, self._scale * scale)
        painter.translate(-self._left, -self._top)
        for bar, colour in self._bars:
            painter.fillRect(QRectF(bar.x, bar.y, bar.width, bar.height), QColor(colour))
        for size, colour, run in self._runs:
            painter.save()
            painter.scale(_part(size), _part(size))
            painter.setPen(QColor(colour))
            painter.drawGlyphRun(QPointF(0.0, 0.0), run)
            painter.restore()
        painter.restore()


def _part(scale: float) -> float:
    """How large a mark of this scale is beside the glyphs of the font as it is loaded."""
    return scale * _DESCRIBED / _PIXELS


def _run(scale: float, run: list[Mark]) -> QGlyphRun:
    made = QGlyphRun()
    made.setRawFont(raw_font())
    made.setGlyphIndexes([int(mark.glyph.rpartition("_")[2]) for mark in run])
    made.setPositions([QPointF(mark.x / _part(scale), mark.y / _part(scale)) for mark in run])
    return made


@lru_cache(maxsize=1)
def raw_font() -> QRawFont:
    """The font that formulas are laid out with.

    It is loaded by another name: the interface has a part of the same font, with other numbers of its glyphs.
    Only what the font database knows is embedded by Qt. Raises GlyphError.
    """
    described = font_file().read_bytes()
    for written in ("utf-16-be", "ascii"):
        described = described.replace(_FAMILY.encode(written), _RENAMED.encode(written))
    families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFontFromData(described))
    if _RENAMED not in families:
        raise GlyphError(f"{font_file()}: not a font that can be loaded")
    font = QFont(_RENAMED)
    font.setPixelSize(int(_PIXELS))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setStyleStrategy(QFont.StyleStrategy.NoFontMerging)
    return QRawFont.fromFont(font)
