"""Plain text for a terminal: aligned tables, chains of equations, wrapped paragraphs."""

import math
import textwrap
from collections.abc import Sequence

from deltaglow.explain.numbers import fixed, show

WIDTH = 100
"""Columns that nothing goes beyond."""
DIGITS = 4
"""Significant digits that the largest number of a column has, unless others have to follow from it."""
_MORE_DECIMALS = 3


def table(header: Sequence[str], rows: Sequence[Sequence[str]], indent: int = 2, left: int = 1) -> list[str]:
    """Rows under a header, the first `left` columns aligned to the left and the others to the right."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if n < left else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return (" " * indent + "   ".join(padded)).rstrip()

    return [line(header), *(line(row) for row in rows)]


def column(values: Sequence[float], digits: int = DIGITS) -> list[str]:
    """Numbers with the same count of decimals, so that points stand under points; the largest has so many
    significant digits.

    A number too small for those decimals is shown in scientific notation rather than as a zero it is not.
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    exponent = math.floor(math.log10(largest)) if largest else 0
    if exponent < -DIGITS or exponent > DIGITS + _MORE_DECIMALS:
        return [show(value, digits).text for value in values]
    decimals = min(max(digits - 1 - exponent, 0), digits + _MORE_DECIMALS)
    out = []
    for value in values:
        shown = fixed(value, decimals)
        out.append(shown.text if shown.value != 0.0 or value == 0.0 else show(value, digits - 2).text)
    return out


def vector(values: Sequence[str], most: int = 12) -> str:
    """ "(1, 2, −1)", cut after `most` entries."""
    shown = ", ".join(values[:most])
    return f"({shown}, … {len(values) - most} more)" if len(values) > most else f"({shown})"


def chain(parts: Sequence[str], indent: int = 2) -> list[str]:
    """An equation "left = … = result" on one line if it fits, else broken before its equals signs.

    A part that is too long by itself is broken before a plus or minus sign.
    """
    joined = " " * indent + " = ".join(parts)
    if len(joined) <= WIDTH:
        return [joined]
    margin = " " * (indent + len(parts[0]))
    out: list[str] = []
    current = " " * indent + parts[0]
    for part in parts[1:]:
        for piece in _pieces(f"= {part}", WIDTH - len(margin) - 4):
            if len(current) + 1 + len(piece) > WIDTH or not piece.startswith("="):
                out.append(current)
                current = margin + ("   " if not piece.startswith("=") else "")
            current += f" {piece}"
    return [*out, current]


def paragraph(words: str, indent: int = 0, first: str = "") -> list[str]:
    """Prose, wrapped; `first` begins the first line and the others hang under it."""
    hang = " " * (indent + len(first))
    start = " " * indent + first
    lines = textwrap.wrap(
        words.replace(" %", "\N{NO-BREAK SPACE}%"),
        WIDTH,
        initial_indent=start,
        subsequent_indent=hang,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [line.replace("\N{NO-BREAK SPACE}%", " %") for line in lines]


def rule(title: str) -> str:
    """A heading that spans the page."""
    return f"── {title} " + "─" * max(WIDTH - len(title) - 4, 0)


def bar(value: float, largest: float, width: int = 24) -> str:
    """A bar as long as the value's share of the largest; at least a thin one unless it is 0."""
    if value == 0.0 or largest == 0.0:
        return "·"
    eighths = max(1, round(8 * width * abs(value) / largest))
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]


def _pieces(part: str, width: int) -> list[str]:
    """The part cut, where it is too long, before its " + " and " − ", as little inside brackets as can be."""
    if len(part) <= width:
        return [part]
    depth, signs = 0, []
    for place, letter in enumerate(part):
        depth += (letter == "(") - (letter == ")")
        if part[place : place + 3] in (" + ", " − "):
            signs.append((depth, place))
    lines = [part]
    for most in sorted({depth for depth, _ in signs}):
        lines = _filled(part, [place for depth, place in signs if depth <= most], width)
        if max(map(len, lines)) <= width:
            break
    return lines


def _filled(part: str, places: Sequence[int], width: int) -> list[str]:
    """The part in lines as full as can be that end at some of these places."""
    ends = [*places, len(part)]
    words = [part[a:b].strip() for a, b in zip([0, *places], ends, strict=True)]
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
