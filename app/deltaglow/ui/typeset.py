"""LaTeX to shapes, cached: what a formula looks like and how much room it takes.

Laying a formula out takes 2 to 60 ms, and while one goes through a run only its digits and colours change. So
what is laid out is a *template*, a formula whose digits and colours are slots: figures are all of one width,
so that any fit. A new formula of a known structure is its template with other glyphs and colours there.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QTransform

from deltaglow.ui.layout import Layout, Mark, figures, lay_out_slots, refusals
from deltaglow.ui.theme import Theme

_COLOUR = re.compile(r"\\(textcolor|color)\{([a-z_]+)\}")
_SLOT = re.compile(r"(\\(?:textcolor|color)\{)([^}]*)\}|([0-9])")


EM = 16.0
"""The size at which formulas are laid out, in pixels; every other is that one made larger or smaller."""


class FormulaError(ValueError):
    """LaTeX that cannot be typeset."""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A formula ready to be drawn: outlines by colour, its size in logical pixels, and how much of its height
    stands above the baseline.
    """

    outlines: tuple[tuple[QColor, QPainterPath], ...]
    left: float
    width: float
    height: float
    ascent: float

    def draw(self, painter: QPainter, x: float, y: float, scale: float = 1.0) -> None:
        """Draws it with its upper left corner at (x, y)."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(x - self.left * scale, y + self.ascent * scale)
        painter.scale(scale, scale)
        for colour, outline in self.outlines:
            painter.fillPath(outline, colour)
        painter.restore()


@dataclass(frozen=True, slots=True)
class _Template:
    """A layout; of each mark, which of the formula's digits it is (None: none) and which of its colours."""

    layout: Layout
    digits: tuple[int | None, ...]
    colours: tuple[int, ...]


@lru_cache(maxsize=1024)
def typeset(latex: str, size: float, colour: str) -> Typeset:
    """`latex` at an em of `size` pixels, in `colour` ("#RRGGBB") where it does not colour itself.

    Takes a fraction of a millisecond where a formula of the same structure was typeset before, with whatever
    digits and colours, else 5 to 100 ms. Raises FormulaError on bad input.
    """
    layout, placed = marks(latex, colour)
    outlines: dict[str, QPainterPath] = {}
    for mark, shown in placed:
        outline = outlines.setdefault(shown, QPainterPath())
        outline.setFillRule(Qt.FillRule.WindingFill)
        outline.addPath(mark.path())
    scale = size / EM
    grow = QTransform.fromScale(scale, scale)
    pairs = tuple((QColor(name), grow.map(outline)) for name, outline in outlines.items())
    return Typeset(
        pairs, layout.left * scale, layout.width * scale, layout.height * scale, -layout.top * scale
    )


def marks(latex: str, colour: str) -> tuple[Layout, list[tuple[Mark, str]]]:
    """The layout of `latex` at an em of EM pixels, and its marks with their colours: `colour` where it does
    not colour itself. Raises FormulaError on bad input.
    """
    shape, written, colours = _taken_apart(latex)
    template, known, palette = _template(shape), figures(), (colour, *colours)
    placed = []
    for mark, digit, which in zip(template.layout.marks, template.digits, template.colours, strict=True):
        shown = mark if digit is None else replace(mark, glyph=known[mark.glyph][0][written[digit]])
        placed.append((shown, palette[which]))
    return template.layout, placed


def prepare(latex: str) -> bool:
    """Lays out what formulas of this one's structure have in common; whether that was still to be done.

    What cannot be typeset is found out here and said by `typeset`.
    """
    before = _template.cache_info().misses
    with suppress(FormulaError):
        _template(_taken_apart(latex)[0])
    return _template.cache_info().misses > before


def _taken_apart(latex: str) -> tuple[str, list[int], list[str]]:
    """The formula's structure, with a 0 for every digit and its colours numbered; its digits; its colours."""
    written: list[int] = []
    colours: list[str] = []

    def slot(match: re.Match[str]) -> str:
        if match[3]:
            written.append(int(match[3]))
            return "0"
        colours.append(match[2])
        return f"{match[1]}{_numbered(len(colours))}}}"

    return _SLOT.sub(slot, latex), written, colours


def _numbered(number: int) -> str:
    return f"#{number:06x}"


@lru_cache(maxsize=1024)
def _template(shape: str) -> _Template:
    """The layout of a structure, and which of its marks are which digit and have which colour."""
    count = len(_taken_apart(shape)[1])
    written = [_counting(shape, power) for power in range(max(1, len(str(count - 1))))]
    try:
        layout, found = lay_out_slots(written, EM)
    except refusals() as error:
        raise FormulaError(f"cannot be typeset: {shape}") from error
    if sorted(place for place in found if place is not None) != list(range(count)):
        raise FormulaError(f"cannot be typeset: {shape}")
    colours = tuple(int(mark.colour.removeprefix("#"), 16) for mark in layout.marks)
    return _Template(layout, found, colours)


def _counting(shape: str, power: int) -> str:
    """The structure with its digits numbered through, each showing one figure of its number."""
    number = -1

    def slot(match: re.Match[str]) -> str:
        nonlocal number
        if not match[3]:
            return match[0]
        number += 1
        return str(number // 10**power % 10)

    return _SLOT.sub(slot, shape)


def coloured(latex: str, theme: Theme) -> str:
    """`latex` with the colour tokens of `\\textcolor{token}{…}` replaced by the theme's readable colours."""

    def colour(match: re.Match[str]) -> str:
        known = match[2] in theme.tokens.colors
        return f"\\{match[1]}{{{theme.tokens.text_hex(match[2]) if known else match[2]}}}"

    return _COLOUR.sub(colour, latex)


def in_line(latex: str) -> str:
    r"""A fraction that is the whole symbol, written in one line: \frac{a}{b} becomes a/b."""
    if not latex.startswith(r"\frac{") or not latex.endswith("}"):
        return latex
    depth = 0
    for place in range(5, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[place], 0)
        if depth == 0:
            return f"{latex[6:place]}/{latex[place + 2 : -1]}"
    return latex
