"""LaTeX to SVG by ziamath, cached: what a formula looks like and how much room it takes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from xml.etree import ElementTree as ET

from deltaglow.ui.theme import Theme

_COLOUR = re.compile(r"\\(textcolor|color)\{([a-z_]+)\}")
_BOX = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')


class FormulaError(ValueError):
    """LaTeX that cannot be typeset."""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A drawn formula: its SVG, its size in logical pixels and how much stands above the baseline."""

    svg: bytes
    width: float
    height: float
    ascent: float


@lru_cache(maxsize=1024)
def typeset(latex: str, size: float, colour: str) -> Typeset:
    """`latex` at an em of `size` pixels, in `colour` ("#RRGGBB") where it does not colour itself.

    Takes 2 to 30 ms the first time, so never while something moves. Raises FormulaError on bad input.
    """
    try:
        svg = _engine()(latex, size, colour)
    except _refusals() as error:
        raise FormulaError(f"cannot be typeset: {latex}") from error
    box = _BOX.search(svg)
    if box is None:
        raise FormulaError(f"cannot be typeset: {latex}")
    _, top, width, height = (float(part) for part in box.groups())
    return Typeset(svg.encode(), width, height, -top)


@cache
def _engine() -> Callable[[str, float, str], str]:
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

    ziamath.config.svg2 = False  # QSvgRenderer draws SVG 2's <symbol>s as blanks, and calls itself valid

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

    def render(latex: str, size: float, colour: str) -> str:
        tree = apply_mstyle(denamespace(ET.fromstring(tex2mml(latex))))  # noqa: S314 - made here
        tree.set("mathcolor", colour)
        fences = any(stretches(operator) for operator in tree.iter("mo"))
        svg: str = ziamath.Math(tree if fences else _flattened(tree), size=size).svg()
        return svg

    return render


@cache
def _refusals() -> tuple[type[Exception], ...]:
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


def coloured(latex: str, theme: Theme) -> str:
    """`latex` with the colour tokens of `\\textcolor{token}{…}` replaced by the theme's readable colours."""

    def colour(match: re.Match[str]) -> str:
        known = match[2] in theme.tokens.colors
        return f"\\{match[1]}{{{theme.tokens.text_hex(match[2]) if known else match[2]}}}"

    return _COLOUR.sub(colour, latex)


def plain(latex: str) -> str:
    """`latex` without its colour commands, as one pastes it into a paper."""
    found, at = [], 0
    for match in _COLOUR.finditer(latex):
        found.append(latex[at : match.start()])
        at = match.end()
    found.append(latex[at:])
    return "".join(found)


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
