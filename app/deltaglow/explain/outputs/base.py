"""What a pair of output function and loss has to explain: its outputs, a sample's loss, and its slope."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from deltaglow.explain.context import TERMS, Bar, Context, bar_label
from deltaglow.explain.expr import Difference, Expr, Sum, elide
from deltaglow.explain.parts import Derivation, Group
from deltaglow.explain.pieces import Label, coloured
from deltaglow.model.naming import quoted, unit_name
from deltaglow.model.quantity import Quantity


class Pair(ABC):
    """Derives what is particular to one loss. `j` counts outputs from 0."""

    @abstractmethod
    def y_hat(self, ctx: Context, q: Quantity) -> Derivation:
        """An output."""

    @abstractmethod
    def loss(self, ctx: Context, q: Quantity) -> Derivation:
        """The loss of the context's row."""

    @abstractmethod
    def cost(self, ctx: Context, j: int) -> Expr:
        """What output j adds to that loss."""

    gap_words = "what the network says, less what the target says"

    def gap(self, ctx: Context, j: int) -> Expr:
        """∂L/∂logit, worked out from the outputs and targets."""
        return Difference(ctx.flat("y_hat", j), ctx.flat("y", j))

    def gap_formulas(self, ctx: Context, j: int) -> list[Expr]:
        """The same in symbols: the definition first, where that is another formula."""
        return [self.gap(ctx, j)]

    def gap_groups(self, ctx: Context, j: int) -> list[Group]:
        """What it is made of, as bars."""
        said, wanted = ctx.flat("y_hat", j), ctx.flat("y", j)
        minus = Label(rf"-{coloured(wanted.role, wanted.label.latex)}", f"−{wanted.label.text}")
        bars: tuple[Bar, Bar] = (
            (bar_label(said), said.quantity, said.role),
            (minus, wanted.quantity, wanted.role),
        )
        return [self.back_group(ctx, j, (said.value, -wanted.value), bars.__getitem__)]

    def gap_note(self, ctx: Context, j: int) -> str | None:
        """A remark on this very number."""
        return None

    def back_group(self, ctx: Context, j: int, values: Sequence[float], bar: Callable[[int], Bar]) -> Group:
        """Bars that add up to what comes back to output j."""
        came = ctx.at("back", ctx.depth, j)
        return ctx.sum_group("comes back", came.value, values, bar, "delta", came.quantity)


def total(values: Sequence[float], term: Callable[[int], Expr]) -> Expr:
    """A sum of terms worth these values, the largest one by one; a single term as it is."""
    kept = elide(values, TERMS, term)
    return kept[0] if len(kept) == 1 else Sum(kept)


def numbered(ctx: Context, j: int) -> str:
    """The number of output j, and its name: "2 ‘or’"."""
    return f"{j + 1}{quoted(unit_name(ctx.project, ctx.depth, j))}"


def loss_title(ctx: Context) -> str:
    """What the loss of the context's row is called."""
    return "The loss" if ctx.samples == 1 else f"The loss of sample {ctx.row + 1} of the batch"
