"""The blocks of a worked solution as boxes that stand below each other, all lengths in points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTextLayout, QTextOption

from deltaglow.explain.pieces import Label
from deltaglow.explain.solution.blocks import Together, lined_up, number
from deltaglow.explain.solution.sheet import Cell, Equation, Heading, Paragraph, Sheet, Table
from deltaglow.ui.printing.glyphs import Printed
from deltaglow.ui.theme.fonts import UI_FAMILIES, font
from deltaglow.ui.typeset import FormulaError

INK, GREY, HAIRLINE = "#111111", "#555555", "#c8c8c8"
_MATHS, _SMALL_MATHS = 12.0, 10.0
_INDENT = 12.0
_LINE_GAP = 3.5
_LEADING = 1.42
"""From line to line of prose, in sizes of the letters."""


class Part(Protocol):
    """Something that stands in a line: it is so wide, and so much of it is above and below the baseline."""

    width: float
    ascent: float
    descent: float

    def draw(self, painter: QPainter, x: float, baseline: float) -> None:
        """Draws it with its left end at x."""


@dataclass
class Box:
    """A piece of a page that is never broken.

    height: with the room below it. keep: the next box must be on the same page. parts: (x, baseline, part);
    rules: (y, from x, to x, colour). above: what begins a new page before this box, as a table's header.
    """

    height: float
    parts: list[tuple[float, float, Part]] = field(default_factory=list)
    rules: list[tuple[float, float, float, str]] = field(default_factory=list)
    keep: bool = False
    above: Box | None = None

    def draw(self, painter: QPainter, y: float) -> None:
        """Draws it with its top at y."""
        for x, baseline, part in self.parts:
            part.draw(painter, x, y + baseline)
        for at, left, right, colour in self.rules:
            painter.setPen(QPen(QColor(colour), 0.5))
            painter.drawLine(QLineF(left, y + at, right, y + at))


class Words:
    """Words in one line."""

    def __init__(self, text: str, size: float, weight: int = 400, colour: str = INK) -> None:
        self._text, self._font, self._colour = text, paper_font(size, weight), colour
        metrics = QFontMetricsF(self._font)
        self.width = metrics.horizontalAdvance(text)
        self.ascent, self.descent = metrics.ascent(), metrics.descent()

    def draw(self, painter: QPainter, x: float, baseline: float) -> None:
        painter.setFont(self._font)
        painter.setPen(QColor(self._colour))
        painter.drawText(QPointF(x, baseline), self._text)


class Formula:
    """Typeset mathematics, in letters of a font; its plain text where it cannot be typeset."""

    def __init__(self, label: Label, size: float, most: float) -> None:
        self._plain: Words | None = None
        try:
            made = Printed(label.latex, size, INK)
        except FormulaError:
            self._plain = Words(label.text, size)
            self.width, self.ascent, self.descent = (
                self._plain.width, self._plain.ascent, self._plain.descent,
            )  # fmt: skip
            return
        scale = min(1.0, most / made.width) if made.width else 1.0
        self._made, self._scale = made, scale
        self.width, self.ascent = made.width * scale, made.ascent * scale
        self.descent = made.height * scale - self.ascent

    def draw(self, painter: QPainter, x: float, baseline: float) -> None:
        if self._plain is not None:
            self._plain.draw(painter, x, baseline)
            return
        self._made.draw(painter, x, baseline - self.ascent, self._scale)


class Lines:
    """Wrapped prose: a part as high as it needs."""

    def __init__(self, text: str, size: float, width: float, weight: int = 400, colour: str = INK) -> None:
        self._colour = colour
        self._layout = QTextLayout(text, paper_font(size, weight))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.beginLayout()
        # Lines stand evenly, whatever fonts the letters of one have to come from.
        above, height = QFontMetricsF(self._layout.font()).ascent(), 0.0
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0.0, height + above - line.ascent()))
            height += size * _LEADING
        self._layout.endLayout()
        self.width, self.ascent, self.descent = width, 0.0, height

    def draw(self, painter: QPainter, x: float, baseline: float) -> None:
        painter.setPen(QColor(self._colour))
        self._layout.draw(painter, QPointF(x, baseline))


def paper_font(size: float, weight: int = 400) -> QFont:
    """The interface's font on paper."""
    return font(UI_FAMILIES, size, weight)


def boxes(sheet: Sheet, width: float) -> Iterator[tuple[float, Box]]:
    """The sheet as boxes for a column of this width, each with how much of the sheet is before it, 0 to 1."""
    blocks = tuple(lined_up(sheet))
    yield from ((0.0, box) for box in _titles(sheet, width))
    headed = False
    for place, block in enumerate(blocks):
        for box in _of_block(block, width):
            # What is said under a heading, and the heading with it, is of what comes next.
            box.keep |= headed and isinstance(block, Paragraph)
            yield place / len(blocks), box
        headed = isinstance(block, Heading) and place < len(blocks) - 2


def _titles(sheet: Sheet, width: float) -> Iterator[Box]:
    yield _prose(sheet.title, 20, width, 600, gap=2, keep=True)
    under = _prose(sheet.subtitle, 11, width, colour=GREY, gap=12, keep=True)
    under.rules.append((under.height - 6, 0.0, width, HAIRLINE))
    yield under


def _of_block(block: Together, width: float) -> Iterator[Box]:
    match block:
        case Heading():
            yield from _heading(block, width)
        case Paragraph():
            yield _paragraph(block, width)
        case Table():
            yield from _table(block, width)
        case _:
            yield from _equations(block, width)


def _heading(block: Heading, width: float) -> Iterator[Box]:
    size, weight, above = {1: (16, 600, 18), 2: (13, 600, 13), 3: (11, 500, 7)}[block.level]
    yield Box(float(above), keep=True)
    box = _prose(block.text, size, width, weight, gap=4, keep=True)
    if block.level == 1:
        box.rules.append((box.height - 2, 0.0, width, HAIRLINE))
        box.height += 3
    yield box


def _paragraph(block: Paragraph, width: float) -> Box:
    if block.role == "muted":
        return _prose(block.text, 9, width, colour=GREY, gap=4)
    if block.role == "note":
        box = _prose(block.text, 10, width - _INDENT, gap=7)
        box.parts = [(_INDENT, y, part) for _, y, part in box.parts]
        box.parts.append((0.0, 0.0, Bar(box.height - 7)))
        return box
    return _prose(block.text, 11, width, gap=5, keep=len(block.text) < 90)


class Bar:
    """A bar beside a remark."""

    width, ascent = 2.0, 0.0

    def __init__(self, height: float) -> None:
        self.descent = height

    def draw(self, painter: QPainter, x: float, baseline: float) -> None:
        painter.fillRect(QRectF(x, baseline, self.width, self.descent), QColor(GREY))


def _prose(
    text: str,
    size: float,
    width: float,
    weight: int = 400,
    colour: str = INK,
    gap: float = 0.0,
    keep: bool = False,
) -> Box:
    lines = Lines(text, size, width, weight, colour)
    return Box(lines.descent + gap, [(0.0, 0.0, lines)], keep=keep)


def _equations(block: Sequence[Equation], width: float) -> Iterator[Box]:
    """Lined up at their equals signs; the lines of one equation stay together, and so do the first two
    equations and the last two.
    """
    room = width - _INDENT
    lefts = [Formula(each.left, _MATHS, room) if each.left.latex else None for each in block]
    edge = _INDENT + max((left.width for left in lefts if left is not None), default=0.0)
    gap = 4.0 if edge > _INDENT else 0.0
    for n, (equation, left) in enumerate(zip(block, lefts, strict=True)):
        beside = len(block) > 1 and n in (0, len(block) - 2)
        for place, right in enumerate(equation.rights):
            shown = Formula(right, _MATHS, width - edge - gap)
            parts: list[tuple[float, Part]] = [(edge + gap, shown)]
            if left is not None and place == 0:
                parts.append((edge - left.width, left))
            yield _line(parts, keep=beside or place < len(equation.rights) - 1)
    yield Box(3.0)


def _line(parts: Sequence[tuple[float, Part]], gap: float = _LINE_GAP, keep: bool = False) -> Box:
    ascent = max(part.ascent for _, part in parts)
    descent = max(part.descent for _, part in parts)
    return Box(ascent + descent + gap, [(x, ascent, part) for x, part in parts], keep=keep)


def _table(table: Table, width: float) -> Iterator[Box]:
    """Rows with hairlines between them, all on one page where one is long enough; else their header comes
    again on every page.
    """
    size = 9 if len(table.header) > 7 else 10
    grid = [[_cell(cell, size, width) for cell in row] for row in (table.header, *table.rows)]
    pad = 5.0 if len(table.header) > 7 else 8.0
    widths = [max(cell.width for cell in column) + 2 * pad for column in zip(*grid, strict=True)]
    header = _row(grid[0], widths, pad, GREY)
    header.keep = True
    yield Box(2.0, keep=True)
    yield header
    for place, cells in enumerate(grid[1:], start=2):
        row = _row(cells, widths, pad, HAIRLINE)
        row.above, row.keep = header, place < len(grid)
        yield row
    yield Box(7.0)


def _row(cells: Sequence[Part], widths: Sequence[float], pad: float, rule: str) -> Box:
    parts, x = [], _INDENT
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        parts.append((x + pad if place == 0 else x + width - pad - cell.width, cell))
        x += width
    box = _line(parts, gap=6.0)
    box.parts = [(at, baseline + 2.0, part) for at, baseline, part in box.parts]
    box.rules.append((box.height - 0.5, _INDENT, x, rule))
    return box


def _cell(cell: Cell, size: float, width: float) -> Part:
    plain = number(cell)
    if plain is not None:
        return Words(plain, size)
    return Words(cell, size) if isinstance(cell, str) else Formula(cell, _SMALL_MATHS, width / 2)


__all__ = ["GREY", "Box", "Words", "boxes", "paper_font"]
