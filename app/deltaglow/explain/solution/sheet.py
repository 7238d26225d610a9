"""What a worked solution is made of: blocks in reading order, which every format writes in its own way."""

from dataclasses import dataclass

from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import Label, uncoloured, width_of

Cell = Label | str
"""Mathematics, or words."""


@dataclass(frozen=True, slots=True)
class Heading:
    """level: 1 for a step of training, 2 for a part of it."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose. role: "" for text, "note" for what stands apart, "muted" for small print."""

    text: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Equation:
    """`left` and what it equals: lines that begin with an equals sign, or go on with the one before.

    Without a left side the lines stand by themselves.
    """

    left: Label
    rights: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; the first column names the row, the others are numbers."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


Block = Heading | Paragraph | Equation | Table


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worked solution: its title, a line under it, and its blocks."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]


def equation(derived: Derivation, width: float) -> Equation:
    """A derivation's formula and numbers, without colours: symbol = formula, = numbers = result, in one line
    if `width` em hold both.
    """
    symbolic = _labels(derived.symbolic, derived.text_symbolic)
    left = Label(uncoloured(derived.label.latex), derived.label.text)
    first = symbolic[0]
    begun = Label(first.latex.removeprefix(left.latex).strip(), first.text.removeprefix(left.text).strip())
    rights = [begun, *symbolic[1:], *_labels(derived.numeric, derived.text_numeric)]
    rights = [right for right in rights if right.text]
    if width_of(" ".join((left.text, *(right.text for right in rights)))) <= width:
        latex = " ".join(right.latex.removeprefix(r"\quad ") for right in rights)
        rights = [Label(latex, " ".join(right.text for right in rights))]
    return Equation(left, tuple(rights))


def _labels(latex: tuple[str, ...], text: tuple[str, ...]) -> list[Label]:
    return [Label(_lined_up(uncoloured(a)), b.strip()) for a, b in zip(latex, text, strict=True)]


def _lined_up(latex: str) -> str:
    """A line without the indent of a panel, where it begins with an equals sign to stand under others."""
    bare = latex.strip().removeprefix(r"\quad ").strip()
    return bare if bare.startswith("=") else latex.strip()
