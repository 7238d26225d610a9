"""What every format does with the blocks of a sheet before it writes them."""

import re
from collections.abc import Iterator
from itertools import groupby

from deltaglow.explain.numbers import MINUS
from deltaglow.explain.solution.sheet import Block, Cell, Equation, Heading, Paragraph, Sheet, Table

_NUMBER = re.compile(rf"{MINUS}?[0-9.]+")

Together = Heading | Paragraph | Table | tuple[Equation, ...]
"""A block, or equations that follow each other and are lined up at their equals signs."""


def lined_up(sheet: Sheet) -> Iterator[Together]:
    """The blocks, with equations that follow each other in one."""

    def together(block: Block) -> bool:
        return isinstance(block, Equation)

    for equations, some in groupby(sheet.blocks, together):
        if equations:
            yield tuple(block for block in some if isinstance(block, Equation))
        else:
            yield from (block for block in some if not isinstance(block, Equation))


def number(cell: Cell) -> str | None:
    """The number that a cell is, as text; None where it holds words or a formula."""
    text = cell if isinstance(cell, str) else cell.text
    return text if _NUMBER.fullmatch(text) else None
