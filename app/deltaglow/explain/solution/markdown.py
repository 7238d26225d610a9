r"""Markdown with mathematics in dollars, as GitHub and Jupyter show it."""

from collections.abc import Iterator, Sequence

from deltaglow.explain.solution.blocks import lined_up, number
from deltaglow.explain.solution.sheet import Cell, Equation, Heading, Paragraph, Sheet, Table

_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|$"})


def markdown(sheet: Sheet) -> str:
    """The sheet in Markdown."""
    parts = [f"# {escaped(sheet.title)}", escaped(sheet.subtitle)]
    for block in lined_up(sheet):
        match block:
            case Heading():
                parts.append(f"{'#' * (block.level + 1)} {escaped(block.text)}")
            case Paragraph():
                parts.append(("> " if block.role == "note" else "") + escaped(block.text))
            case Table():
                parts.append("\n".join(_table(block)))
            case _:
                parts.append(display(block))
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Prose in which nothing is taken for markup."""
    return text.translate(_SPECIAL)


def display(equations: Sequence[Equation]) -> str:
    r"""Equations as one display, lined up at their equals signs: $$ … $$, each dollar pair on a line."""
    return f"$$\n{aligned(equations)}\n$$"


def aligned(equations: Sequence[Equation]) -> str:
    r"""\begin{aligned} … \end{aligned}; a single line stands by itself."""
    rows = list(alignment_rows(equations))
    if len(rows) == 1:
        return rows[0].replace("&", "")
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def alignment_rows(equations: Sequence[Equation]) -> Iterator[str]:
    """The rows of an alignment; the ampersand stands before the equals sign."""
    for equation in equations:
        left = equation.left.latex
        for right in equation.rights:
            yield f"{left} &{right.latex}"
            left = ""


def _table(table: Table) -> Iterator[str]:
    yield _row(table.header)
    yield "|" + "|".join([" :-- ", *[" --: "] * (len(table.header) - 1)]) + "|"
    yield from map(_row, table.rows)


def _row(cells: Sequence[Cell]) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(cell: Cell) -> str:
    plain = number(cell)
    if plain is not None:
        return plain
    return escaped(cell) if isinstance(cell, str) else f"${cell.latex}$"
