"""Parts of a formula in both notations at once, and setting them in display lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LINE_WIDTH = 17.0
"""Width of a display line in em: a panel 340 px wide at the formula's 18 px."""


@dataclass(frozen=True, slots=True)
class Label:
    """A symbol in both notations."""

    latex: str
    text: str


@dataclass(frozen=True, slots=True)
class Mode:
    """How leaves are shown: as symbols (digits is None) or as numbers with so many significant digits."""

    digits: int | None = None

    @property
    def numeric(self) -> bool:
        """Whether numbers are put in."""
        return self.digits is not None


SYMBOLS = Mode()


def with_numbers(digits: int) -> Mode:
    """Leaves as numbers with `digits` significant digits."""
    return Mode(digits)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a formula that is never broken; `breakable` says a line may end before it."""

    latex: str
    text: str
    width: float
    breakable: bool = False


EQUALS = Piece(" = ", " = ", 1.4, breakable=True)
"""An equals sign, where a line may be broken."""
_INDENT = 1.0
_BREAKS = ((EQUALS.text,), (" + ", " − "), ("·",))
"""Before which pieces a line may end, the loosest first."""


def lines(pieces: Sequence[Piece], width: float = LINE_WIDTH) -> tuple[Label, ...]:
    """The pieces set in display lines no wider than `width` em where breaks allow it.

    Lines end before an equals sign if they can, before a plus or minus only inside a side of an equation that
    is too long for a line of its own, and before a dot only inside a product that is.
    """
    rows: list[list[Piece]] = [[]]
    used = 0.0
    for group in _parted(pieces, width - _INDENT):
        size = total_width(group)
        if rows[-1] and used + size > width:
            rows.append([])
            used = _INDENT
        rows[-1] += group
        used += size
    return tuple(
        Label((r"\quad " if index else "") + join_latex(row).strip(), join_text(row).strip())
        for index, row in enumerate(rows)
    )


def coloured(role: str, latex: str) -> str:
    """The LaTeX in a colour of the theme, by its token; the window puts the theme's colour in."""
    return rf"\textcolor{{{role}}}{{{latex}}}"


_COLOUR = re.compile(r"\\textcolor\{[a-z_]+\}\{")
_BRACES = re.compile(r"(?<!\\)[{}]")


def uncoloured(latex: str) -> str:
    """The LaTeX without its colours, as one pastes it into a paper.

    The braces of what was coloured go too, but where an index follows or a command's name comes before.
    """
    while (match := _COLOUR.search(latex)) is not None:
        end = _closing(latex, match.end())
        inside = latex[match.end() : end]
        kept = latex[end + 1 : end + 2] in ("^", "_") or latex[match.start() - 1 : match.start()].isalpha()
        latex = latex[: match.start()] + (f"{{{inside}}}" if kept else inside) + latex[end + 1 :]
    return latex


def _closing(latex: str, start: int) -> int:
    """Where the brace closes that was opened just before `start`."""
    depth = 1
    for brace in _BRACES.finditer(latex, start):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.start()
    raise ValueError(f"a brace is left open: {latex}")


def _parted(pieces: Sequence[Piece], width: float, level: int = 0) -> Iterator[list[Piece]]:
    """The pieces in parts that no line ends in: as large as fit, at the loosest breaks."""
    if level and (total_width(pieces) <= width or level == len(_BREAKS)):
        yield list(pieces)
        return
    group: list[Piece] = []
    for piece in pieces:
        if group and piece.breakable and piece.text in _BREAKS[level]:
            yield from _parted(group, width, level + 1)
            group = []
        group.append(piece)
    yield from _parted(group, width, level + 1)


def join_latex(pieces: Sequence[Piece]) -> str:
    """The LaTeX of the pieces in a row."""
    return "".join(piece.latex for piece in pieces)


def join_text(pieces: Sequence[Piece]) -> str:
    """The plain text of the pieces in a row."""
    return "".join(piece.text for piece in pieces)


def total_width(pieces: Sequence[Piece]) -> float:
    """The width of the pieces in a row, em."""
    return sum(piece.width for piece in pieces)


_SUBSCRIPTS = frozenset("₀₁₂₃₄₅₆₇₈₉,")
_SUPERSCRIPTS = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁺")
_NARROW = frozenset(".,′()")
_WIDE = frozenset("−+=←")


def width_of(text: str) -> float:
    """About how wide a symbol or number is when typeset, em; sub- and superscripts share their width."""
    below = above = along = 0.0
    inside = False
    for ch in text.replace("∂L/∂", "∂"):
        if ch in "⟨⟩" or inside:
            inside = ch != "⟩"
            above += 0.33
        elif ch in _SUPERSCRIPTS:
            above += 0.33
        elif ch in _SUBSCRIPTS:
            below += 0.35
        else:
            along += 0.35 if ch in _NARROW else 0.75 if ch in _WIDE else 0.52
    return along + max(below, above)
