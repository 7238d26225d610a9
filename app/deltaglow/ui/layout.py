"""A formula laid out by ziamath, as marks: which glyph or bar stands where, and in which colour."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QTransform

_COMMAND = re.compile(r"([MLQCHVZ])|(-?[0-9.]+(?:e-?[0-9]+)?)")
_ARGUMENTS = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
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


def lay_out(latex: str, size: float) -> Layout:
    """The formula at an em of `size`, black where it does not colour itself. Takes 2 to 60 ms.

    Raises what ziamath raises, one of `refusals()`.
    """
    svg = _engine()(latex, size)
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


@cache
def _engine() -> Callable[[str, float], ET.Element]:
    """What turns LaTeX into SVG: ziamath, imported late because it takes a quarter of a second.

    ziamath lays out the contents of every row twice, at every depth, to know how far its fences must stretch.
    Rows without a stretching operator need not: with a row class of ours, registered for the tag as ziamath
    registers its own, and without rows of one, formulas come out the same in a tenth of the time.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ziamath finds its font by an old way
        import ziamath
    from ziamath import operators
    from ziamath.nodes.mrow import Mrow
    from ziamath.nodes.nodetools import elementtext
    from ziamath.tex import tex2mml
    from ziamath.zmath import apply_mstyle, denamespace

    ziamath.config.svg2 = True  # every glyph once, by name

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

    def render(latex: str, size: float) -> ET.Element:
        tree = apply_mstyle(denamespace(ET.fromstring(tex2mml(latex))))  # noqa: S314 - made here
        tree.set("mathcolor", "#000000")
        fences = any(stretches(operator) for operator in tree.iter("mo"))
        svg: ET.Element = ziamath.Math(tree if fences else _flattened(tree), size=size).svgxml()
        return svg

    return render


@cache
def refusals() -> tuple[type[Exception], ...]:
    """What ziamath and latex2mathml raise on bad input: a dozen classes without a base of their own."""
    from latex2mathml import exceptions

    found = [kind for kind in vars(exceptions).values() if isinstance(kind, type)]
    own = [kind for kind in found if issubclass(kind, Exception)]
    return (*own, ValueError, LookupError, StopIteration, AssertionError, ET.ParseError)


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
