"""A formula laid out by ziamath, as marks: which glyph or bar stands where, and in which colour."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QTransform

_COMMAND = re.compile(r"([MLQCHVZ])|(-?[0-9.]+(?:e-?[0-9]+)?)")
_ARGUMENTS = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
_LETTER = 0x800000
"""Colours from this one on stand for letters while a formula is laid out."""
_GLYPHS: dict[str, QPainterPath] = {}
"""Every glyph that was drawn yet, by its name in the font, at the size in which ziamath describes it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A glyph, scaled by `scale` and with its origin at (x, y); or without a glyph a bar with that corner.

    colour: "#rrggbb" as the formula has it.
    """

    glyph: str
    x: float
    y: float
    scale: float
    width: float
    height: float
    colour: str

    def path(self) -> QPainterPath:
        """Its outline in the formula's coordinates."""
        if not self.glyph:
            bar = QPainterPath()
            bar.addRect(QRectF(self.x, self.y, self.width, self.height))
            return bar
        return QTransform(self.scale, 0.0, 0.0, self.scale, self.x, self.y).map(_GLYPHS[self.glyph])


@dataclass(frozen=True, slots=True)
class Layout:
    """A formula's marks, its size, and where its left edge and its top lie; y is 0 on the baseline."""

    marks: tuple[Mark, ...]
    left: float
    top: float
    width: float
    height: float


@cache
def figures() -> dict[str, tuple[tuple[str, ...], int]]:
    """Of every glyph that is a figure: the glyphs of 0 to 9 of its kind, and which of them it is.

    Figures in indices, and in indices of those, are glyphs of their own.
    """
    found: dict[str, tuple[tuple[str, ...], int]] = {}
    for latex in ("0123456789", "a^{0123456789}", "a^{a^{0123456789}}"):
        kind = tuple(mark.glyph for mark in lay_out(latex, 16.0).marks[-10:])
        found |= {glyph: (kind, number) for number, glyph in enumerate(kind)}
    return found


_MINUS, _CLOSING = ("-", "−"), (")", "]", "}", "|", "‖", "′", "!")
"""Signs of subtraction; operators that end a value, after which a minus subtracts."""


def lay_out(latex: str, size: float) -> Layout:
    """The formula at an em of `size`, black where it does not colour itself. Takes 2 to 60 ms.

    Raises what ziamath raises, one of `refusals()`.
    """
    engine = _engine()
    return _read(engine.draw(engine.parse(latex), size))


def lay_out_slots(written: Sequence[str], size: float) -> tuple[Layout, tuple[int | None, ...]]:
    """The layout of a formula, and of each mark the number of the digit that it is; None if it is none.

    written: the formula with its digits numbered through, each as the last figure of its number, then as the
    one before that, and so on. Only the first is laid out; where in it a digit went is told by the
    colour of the letters that it came in, each of which has one of its own meanwhile. Raises as `lay_out`.
    """
    engine = _engine()
    trees = [engine.parse(latex) for latex in written]
    letters = [[leaf for leaf in tree.iter() if not len(leaf) and leaf.text] for tree in trees]
    colours, slots = _colours(trees[0], "#000000"), []
    for number, same in enumerate(zip(*letters, strict=True)):
        slots.append((colours[id(same[0])], iter(_digits([leaf.text or "" for leaf in same]))))
        same[0].set("mathcolor", f"#{_LETTER + number:06x}")
    layout = _read(engine.draw(trees[0], size))
    marks: list[Mark] = []
    digits: list[int | None] = []
    for mark in layout.marks:
        number = int(mark.colour.removeprefix("#"), 16) - _LETTER
        colour, waiting = slots[number] if number >= 0 else (mark.colour, iter(()))
        marks.append(replace(mark, colour=colour))
        digits.append(next(waiting) if number >= 0 and mark.glyph in figures() else None)
    return replace(layout, marks=tuple(marks)), tuple(digits)


def _colours(node: ET.Element, inherited: str) -> dict[int, str]:
    """The colour of every element of a tree, by its identity."""
    own = node.get("mathcolor", inherited)
    found = {id(node): own}
    for child in node:
        found |= _colours(child, own)
    return found


def _digits(texts: Sequence[str]) -> list[int]:
    """The numbers of the digits in some letters, given their figures from the last one up."""
    found = zip(*texts, strict=True)
    return [int("".join(reversed(parts))) for parts in found if parts[0] in "0123456789"]


def _read(svg: ET.Element) -> Layout:
    left, top, width, height = (float(part) for part in svg.attrib["viewBox"].split())
    frames = {}
    for symbol in svg.iter("symbol"):
        frames[symbol.attrib["id"]] = tuple(float(part) for part in symbol.attrib["viewBox"].split())
        if symbol.attrib["id"] not in _GLYPHS:
            _GLYPHS[symbol.attrib["id"]] = _outline("".join(path.attrib["d"] for path in symbol))
    return Layout(tuple(_marks(svg, frames)), left, top, width, height)


def _marks(svg: ET.Element, frames: dict[str, tuple[float, ...]]) -> Iterator[Mark]:
    for child in svg:
        at = child.attrib
        colour = at.get("fill", "")
        colour = colour if colour.startswith("#") else "#000000"  # a root's bar is "black"
        if child.tag == "use":
            name = at["href"].removeprefix("#")
            x, y, _, height = frames[name]  # a space has no width
            scale = float(at["height"]) / height
            yield Mark(name, float(at["x"]) - x * scale, float(at["y"]) - y * scale, scale, 0.0, 0.0, colour)
        elif child.tag == "rect":
            x, y, width, height = (float(at[key]) for key in ("x", "y", "width", "height"))
            yield Mark("", x, y, 1.0, width, height, colour)


def _outline(described: str) -> QPainterPath:
    """A path as SVG describes it, with absolute commands."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    command = ""
    numbers: list[float] = []
    for match in _COMMAND.finditer(described):
        if match[1]:
            command, numbers = match[1], []
        else:
            numbers.append(float(match[2]))
        if len(numbers) == _ARGUMENTS[command]:
            _draw(path, command, numbers)
            numbers = []
    return path


def _draw(path: QPainterPath, command: str, numbers: list[float]) -> None:
    points = [QPointF(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    match command:
        case "M":
            path.moveTo(points[0])
        case "L":
            path.lineTo(points[0])
        case "Q":
            path.quadTo(*points)
        case "C":
            path.cubicTo(*points)
        case _:
            path.closeSubpath()


@dataclass(frozen=True)
class _Engine:
    """parse: LaTeX to MathML; draw: MathML, at an em of so many pixels, to SVG."""

    parse: Callable[[str], ET.Element]
    draw: Callable[[ET.Element, float], ET.Element]


@cache
def _engine() -> _Engine:
    """What turns LaTeX into SVG: ziamath, imported late because it takes a quarter of a second.

    ziamath lays out the contents of every row twice, at every depth, to know how far its fences must stretch.
    Rows without a stretching operator need not: with a row class of ours, registered for the tag as ziamath
    registers its own, and without rows of one, formulas come out the same in a tenth of the time. It also
    describes a glyph anew in each formula, and copies every style deeply to read a few words of it: a third
    of what is left.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ziamath finds its font by an old way
        import ziamath
    from ziafont.glyph import SimpleGlyph
    from ziamath import operators, styles
    from ziamath.nodes.mrow import Mrow
    from ziamath.nodes.nodetools import elementtext
    from ziamath.tex import tex2mml
    from ziamath.zmath import apply_mstyle, denamespace

    ziamath.config.svg2 = True  # every glyph once, by name
    described: dict[str, ET.Element] = {}
    describe = SimpleGlyph.svgsymbol

    def symbol(glyph: Any) -> ET.Element:
        if glyph.id not in described:
            described[glyph.id] = describe(glyph)
        return described[glyph.id]

    setattr(SimpleGlyph, "svgsymbol", symbol)  # noqa: B010 - a method, put in the place of another
    setattr(styles, "asdict", vars)  # noqa: B010 - likewise

    def stretches(operator: ET.Element) -> bool:
        if operator.get("stretchy") == "false":
            return False
        name, forms = elementtext(operator), ("prefix", "infix", "postfix")
        return any(operators.get_params(name, form).get("stretchy", "false") != "false" for form in forms)

    class QuickRow(Mrow, tag="mrow"):
        def _get_height_nostretch(self, line: list[ET.Element], **settings: Any) -> tuple[float, float]:
            if any(stretches(operator) for child in line for operator in child.iter("mo")):
                found: tuple[float, float] = super()._get_height_nostretch(line, **settings)
                return found
            return 0.0, 0.0

    def parse(latex: str) -> ET.Element:
        tree = apply_mstyle(denamespace(ET.fromstring(tex2mml(latex))))  # noqa: S314 - made here
        tree.set("mathcolor", "#000000")
        _mark_signs(tree)
        fences = any(stretches(operator) for operator in tree.iter("mo"))
        return tree if fences else _flattened(tree)

    def draw(tree: ET.Element, size: float) -> ET.Element:
        svg: ET.Element = ziamath.Math(tree, size=size).svgxml()
        return svg

    return _Engine(parse, draw)


def font_file() -> Path:
    """The font that formulas are laid out with: behind the last "_" of a glyph's name is its number there."""
    import ziamath

    return Path(ziamath.__file__).parent / "fonts" / "STIXTwoMath-Regular.ttf"


@cache
def refusals() -> tuple[type[Exception], ...]:
    """What ziamath and latex2mathml raise on bad input: a dozen classes without a base of their own."""
    from latex2mathml import exceptions

    found = [kind for kind in vars(exceptions).values() if isinstance(kind, type)]
    own = [kind for kind in found if issubclass(kind, Exception)]
    return (*own, ValueError, LookupError, StopIteration, AssertionError, ET.ParseError)


def _mark_signs(node: ET.Element) -> None:
    """Marks each minus that follows an operator as a sign: it stands close to its number, as in "= −0.3"."""
    before: ET.Element | None = None
    for child in node:
        _mark_signs(child)
        after_operator = before is not None and before.tag == "mo" and before.text not in _CLOSING
        if child.tag == "mo" and child.text in _MINUS and after_operator:
            child.set("form", "prefix")
        if child.tag != "mspace":
            before = child


def _flattened(node: ET.Element) -> ET.Element:
    """The same mathematics without rows of one."""
    for place, child in enumerate(list(node)):
        node[place] = _flattened(child)
    single = node.tag == "mrow" and len(node) == 1 and node[0].tag != "mo"
    if single and set(node.attrib) <= {"mathcolor"}:
        for name, value in node.attrib.items():
            node[0].attrib.setdefault(name, value)
        return node[0]
    return node
