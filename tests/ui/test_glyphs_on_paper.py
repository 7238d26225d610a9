"""Formulas in letters of a font: they look as the outlines do, and take little room in a file."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QPainter, QPdfWriter

from deltaglow.ui.printing.glyphs import Printed
from deltaglow.ui.typeset import FormulaError, Typeset, typeset

pytestmark = pytest.mark.usefixtures("qapp")

FORMULA = (
    r"\textcolor{#C2186B}{\delta^{(2)}_{13}} = \sum_j \left(\frac{\partial L}{\partial w_{7}}\right)"
    r" \sqrt{\sigma^2 + \varepsilon} \cdot \textcolor{#1769D2}{e^{-0.4321}} - \widehat{y}_1"
)


def pixels(made: Typeset | Printed) -> np.ndarray:
    """The formula twice as large, (height, width, 3)."""
    image = QImage(900, 160, QImage.Format.Format_RGB888)
    image.fill(0xFFFFFFFF)
    with QPainter(image) as painter:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        made.draw(painter, 10.0, 10.0, 2.0)
    read = np.frombuffer(image.constBits(), np.uint8).reshape(160, image.bytesPerLine())
    return read[:, : 3 * 900].reshape(160, 900, 3).astype(int)


def written(made: list[Printed]) -> bytes:
    """A PDF with all of these on one page."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    with QPainter(writer) as painter:
        for place, each in enumerate(made):
            each.draw(painter, 20.0, 20.0 + 40.0 * place)
    return bytes(buffer.data().data())


def test_a_formula_looks_as_its_outlines_do() -> None:
    for size in (12.0, 16.0):
        outlines, letters = typeset(FORMULA, size, "#111111"), Printed(FORMULA, size, "#111111")
        assert (letters.width, letters.height, letters.ascent) == pytest.approx(
            (outlines.width, outlines.height, outlines.ascent)
        )
        expected, drawn = pixels(outlines), pixels(letters)
        ink = (expected < 128).any(axis=2)
        assert ink.sum() > 1000
        # A pixel of ink has ink within a pixel of it in the other picture, of much the same colour.
        near = np.min([np.roll(drawn, shift, axis) for axis in (0, 1) for shift in (-1, 0, 1)], axis=0)
        assert (near[ink] < 200).any(axis=1).mean() > 0.995
        assert abs(expected.sum(axis=(0, 1)) / drawn.sum(axis=(0, 1)) - 1.0).max() < 0.01


def test_a_file_has_every_glyph_once() -> None:
    few, many = (written([Printed(FORMULA, 12.0, "#111111")] * count) for count in (1, 20))
    assert len(re.findall(rb"/FontFile\d", many)) == 1
    assert len(many) - len(few) < 19 * 600


def test_what_cannot_be_typeset_is_refused() -> None:
    with pytest.raises(FormulaError):
        Printed(r"\frac{", 12.0, "#111111")
