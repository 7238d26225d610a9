"""Numbers too many for a line each: tables that say what they leave out."""

from collections.abc import Iterator, Sequence

from deltaglow.engine.ops import Array
from deltaglow.explain.layout import column
from deltaglow.explain.numbers import MINUS, plain
from deltaglow.explain.pieces import Label
from deltaglow.explain.solution.sheet import Block, Cell, Equation, Paragraph, Table
from deltaglow.explain.solution.view import View
from deltaglow.explain.unit_tables import HEADS, unit_columns
from deltaglow.model.naming import quoted, unit_name

MOST_ROWS, MOST_COLUMNS = 24, 8
"""Rows of a table, and weights in one, that are printed."""


def listed(header: tuple[Cell, ...], rows: Sequence[tuple[Cell, ...]], noun: str) -> Iterator[Block]:
    """A table with its first rows, and how many more there are."""
    yield Table(header, tuple(rows[:MOST_ROWS]))
    if len(rows) > MOST_ROWS:
        yield Paragraph(f"… and {len(rows) - MOST_ROWS} more {noun}.", "muted")


def units(view: View, k: int | None, row: int, kinds: Sequence[str]) -> Iterator[Block]:
    """A row of numbers for each unit of a layer, or for each output: its z, a … Each column follows from
    those before it, as printed.
    """
    count = view.frame.architecture.widths[-1 if k is None else k]
    columns, total = unit_columns(view.frame, k, row, kinds, MOST_ROWS)
    noun = "output" if k is None else "unit"
    rows: list[tuple[Cell, ...]] = [
        (f"{noun} {j + 1}{_named(view, k, j)}", *(as_label(column[j]) for column in columns.values()))
        for j in range(min(count, MOST_ROWS))
    ]
    yield Table((noun, *(HEADS[kind] for kind in kinds)), tuple(rows))
    if count > MOST_ROWS:
        yield Paragraph(f"… and {count - MOST_ROWS} more {noun}s.", "muted")
    if total:
        yield Equation(
            Label("S", "S"), (Label(rf"= \sum e^{{s}} = {as_label(total).latex}", f"= Σ eˢ = {total}"),)
        )


def _named(view: View, k: int | None, j: int) -> str:
    return quoted(unit_name(view.project, len(view.frame.layers) if k is None else k, j))


def matrix(view: View, W: Array, b: Array, k: int) -> Iterator[Block]:
    """A layer's weights: a row for each unit, a column for each source and one for the bias."""
    rows, columns = min(W.shape[0], MOST_ROWS), min(W.shape[1], MOST_COLUMNS)
    cells = numbers([float(v) for j in range(rows) for v in (*W[j, :columns], b[j])])
    source = "input" if k == 1 else "unit"
    header = ("to \\ from", *(f"{source} {i + 1}" for i in range(columns)), "bias")
    width = columns + 1
    yield Table(header, tuple((str(j + 1), *cells[j * width : (j + 1) * width]) for j in range(rows)))
    if (rows, columns) != W.shape:
        left = "the first rows and columns of" if rows < W.shape[0] else "the first columns of"
        yield Paragraph(f"These are {left} {W.shape[0]} × {W.shape[1]} weights.", "muted")


def numbers(values: Sequence[float]) -> list[Label]:
    """Numbers with the same count of decimals, so that points stand under points."""
    return [as_label(text) for text in column(values)]


def as_label(text: str) -> Label:
    """A printed number in both notations."""
    return Label(_latex(text), text)


def given_number(value: float) -> Label:
    """A number that was given rather than computed."""
    found = plain(value, 4)
    return Label(found.latex, found.text)


def _latex(text: str) -> str:
    mantissa, separator, exponent = text.replace(MINUS, "-").partition("e")
    return mantissa + (rf"\times10^{{{int(exponent)}}}" if separator else "")
