"""What all derivations need: a frame's numbers as labelled references, and putting the parts together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from deltaglow.engine import PRECISIONS, Frame, LayerTrace
from deltaglow.engine.ops import Array
from deltaglow.explain import rows, symbols
from deltaglow.explain.errata import erratum
from deltaglow.explain.expr import Expr, Ref, largest
from deltaglow.explain.numbers import DIGITS, full, plain, reconcile, reconcile_sum, show
from deltaglow.explain.parts import MOST_USES, Derivation, Group, Operand, Row
from deltaglow.explain.pieces import (
    EQUALS,
    LINE_WIDTH,
    SYMBOLS,
    Label,
    Mode,
    Piece,
    coloured,
    join_text,
    lines,
    width_of,
    with_numbers,
)
from deltaglow.explain.uses import uses
from deltaglow.model import naming
from deltaglow.model.decided import SCALE, WATCHED
from deltaglow.model.project import Project
from deltaglow.model.quantity import KINDS, UPDATE_ARRAYS, Quantity, value
from deltaglow.model.sizes import FACTOR, NORM, RATIO, TOTAL

TERMS = 6
"""Terms of a sum shown one by one; of a longer one, the five largest and the rest together."""

_ROLE = {
    **dict.fromkeys(
        ("x", "z", "a", "slope", "x_hat", "mean", "var", "keep", "shifted", "exp", "exp_sum"), "forward"
    ),
    **dict.fromkeys(("back", "delta", "dW", "db", "dP"), "delta"),
    **dict.fromkeys(("dW_sample", "db_sample", "dP_sample"), "delta"),
    "jacobian": "forward",
    "dL_dy_hat": "loss",
    "y_hat": "y_hat",
    "y": "target",
    **dict.fromkeys(UPDATE_ARRAYS, "delta"),
    **dict.fromkeys(("loss", "loss_after", "data_loss", "penalty"), "loss"),
    **dict.fromkeys(("rate_W", "rate_b"), "text"),
    "learning_rate": "text",
    **dict.fromkeys((NORM, TOTAL), "delta"),
    **dict.fromkeys((FACTOR, RATIO, *SCALE), "text"),
    **dict.fromkeys(WATCHED, "loss"),
}
_GIVEN = frozenset({"x", "y", "learning_rate", "keep", *SCALE, "waited", "waited_before"})
_STRAIGHT = frozenset({"identity", "relu", "leaky_relu", "hard_tanh"})
"""Activation functions made of straight lines: their slopes are exact, and printed without padding zeros."""
_ALONE = _GIVEN | {"slope"}
"""Kinds that are printed without padding zeros when there is nothing to work out."""


def sign_role(number: float) -> str:
    """The colour token of a signed number."""
    return "positive" if number > 0 else "negative" if number < 0 else "zero"


Bar = tuple[Label, Quantity | None, str]
"""A bar of a group: its label, where a click leads, its colour token."""


@dataclass(frozen=True)
class Context:
    """One frame of one project, seen from one row of its batch.

    row: the row that per-sample quantities are taken from. mark: that row if addresses should name it, else
    None. line_width: em that a display line has, a page's or a panel's.
    """

    project: Project
    frame: Frame
    row: int
    mark: int | None
    line_width: float = LINE_WIDTH

    @property
    def samples(self) -> int:
        """Rows in the batch."""
        return self.frame.samples

    @property
    def depth(self) -> int:
        """Layers, and so the number of the output layer."""
        return len(self.frame.layers)

    def layer(self, k: int) -> LayerTrace:
        """Layer k's numbers; k counts from 1."""
        return self.frame.layers[k - 1]

    def activation(self, k: int) -> str:
        """The name of layer k's activation function."""
        return self.frame.layers[k - 1].activation

    def width(self, k: int) -> int:
        """Units of layer k; of the input for k = 0."""
        return self.frame.architecture.widths[k]

    def connected(self, k: int, j: int, i: int) -> bool:
        """Whether the connection from unit i of layer k-1 to unit j of layer k exists."""
        mask = self.layer(k).mask
        return mask is None or bool(mask[j, i])

    def value(self, q: Quantity) -> float:
        """The number at an address, seen from this row."""
        return value(q, self.frame, self.row)

    def at(self, kind: str, k: int, *index: int, row: int | None = None) -> Ref:
        """A reference to a quantity of layer k; `row` names another row of the batch."""
        return self.ref(Quantity(kind, k, index, self._sample(kind, row)))

    def flat(self, kind: str, *index: int, row: int | None = None) -> Ref:
        """A reference to a quantity that belongs to no layer."""
        return self.ref(Quantity(kind, None, index, self._sample(kind, row)))

    def before(self, k: int, i: int, row: int | None = None) -> Ref:
        """What unit i of layer k-1 says to layer k: its activation, or the input."""
        return self.flat("x", i, row=row) if k == 1 else self.at("a", k - 1, i, row=row)

    def said(self, k: int) -> Array:
        """The activations of layer k for this row, (units,); the inputs for k = 0."""
        said: Array = (self.frame.x if k == 0 else self.layer(k).a)[self.row]
        return said

    def logit(self, j: int) -> Ref:
        """What softmax gets from output j: z where the output layer's activation is the identity, else a."""
        kind = "z" if self.activation(self.depth) == "identity" else "a"
        return self.at(kind, self.depth, j)

    def ref(self, q: Quantity) -> Ref:
        """A reference to the quantity, with its symbol, value and colour."""
        number = self.value(q)
        short = q.kind in _GIVEN or (q.kind == "slope" and self.activation(q.layer or 1) in _STRAIGHT)
        return Ref(q, symbols.label(self.project, q), number, self.role(q, number), short)

    def role(self, q: Quantity, number: float) -> str:
        """The colour token of a quantity: that of its kind, or for parameters that of its sign."""
        return _ROLE.get(q.kind) or sign_role(number)

    def unit(self, k: int, j: int) -> str:
        """A unit in words: "hidden unit 1", "output 2", "unit 1 in hidden layer 2"; by its own name where it
        has one: "hidden unit ‘edge detector’".
        """
        name = naming.unit_name(self.project, k, j)
        if name:
            return f"{'input' if k == 0 else 'output' if k == self.depth else 'hidden unit'} ‘{name}’"
        if k == 0:
            return f"input {j + 1}"
        if k == self.depth:
            return f"output {j + 1}"
        return f"hidden unit {j + 1}" if self.depth == 2 else f"unit {j + 1} in hidden layer {k}"

    def _sample(self, kind: str, row: int | None) -> int | None:
        if not KINDS[kind].per_sample:
            return None
        return self.mark if row is None else row

    def derivation(
        self,
        q: Quantity,
        title: str,
        sentence: str,
        formulas: Sequence[Expr],
        numerics: Sequence[Expr] = (),
        *,
        groups: Sequence[Group] = (),
        extra: Iterable[Ref] = (),
        why: str | None = None,
        note: str | None = None,
        digits: int = DIGITS,
        of: tuple[Label, float] | None = None,
    ) -> Derivation:
        """Put the parts together: choose digits, set the lines, list operands and uses.

        formulas: the right-hand sides in symbols, line by line. numerics: those to show with numbers put in;
        all of them must be worth the quantity's value. extra: operands that no formula shows. of: the symbol
        and value of a number without an address of its own, which `q` then stands nearest to.
        """
        label, number = (symbols.label(self.project, q), self.value(q)) if of is None else of
        role = self.role(q, number) if of is None else "delta"
        found = reconcile(number, [expression.evaluate for expression in numerics], digits, self.coarseness)
        result = found.result
        if not numerics:
            result = plain(number, FULL_GIVEN) if q.kind in _ALONE else show(number, digits)
        drowned = None
        if numerics and number != 0.0 and result.value == 0.0:
            drowned = _DROWNED.format(show(number, 2).text)
        left = Piece(coloured(role, label.latex), label.text, width_of(label.text))
        symbolic = _equation(left, formulas, SYMBOLS, self.line_width)
        answer = Piece(coloured(role, result.latex), result.text, 0.6 * len(result.text))
        shown = rows.enough(numerics, groups, found) if numerics else found.digits
        numeric = _chain(numerics, with_numbers(shown), answer, self.line_width)
        refs = [ref for expression in numerics for ref in expression.refs()]
        listed, more = uses(self.frame, q, self.row, MOST_USES)
        return Derivation(
            quantity=q,
            label=label,
            title=title,
            sentence=sentence,
            symbolic=tuple(line.latex for line in symbolic),
            numeric=tuple(line.latex for line in numeric),
            text_symbolic=tuple(line.text for line in symbolic),
            text_numeric=tuple(line.text for line in numeric),
            groups=tuple(groups),
            operands=_operands((*refs, *extra), shown),
            value=number,
            printed=result.text,
            precise=full(number),
            role=role,
            used_in=listed,
            used_in_more=more,
            why=why,
            note=_notes(erratum(self.project, self.frame, q, number) if of is None else None, drowned, note),
            addressed=of is None,
        )

    @property
    def coarseness(self) -> float:
        """How many times as much rounding the step's numbers have been through as float64's."""
        return PRECISIONS[self.frame.precision].coarseness

    def symbol(self, q: Quantity) -> str:
        """The quantity's symbol in plain text, for titles."""
        return symbols.text(self.project, q)

    def owner(self, q: Quantity) -> str:
        """The parameter that a number of the update belongs to, in words: "w₇", "the bias of output 1"."""
        k = q.layer or 1
        if len(q.index) == 2 or self.layer(k).kind == "batch_norm":
            return self.symbol(symbols.owner(q))
        return f"the bias of {self.unit(k, q.index[0])}"

    def sum_group(
        self,
        heading: str,
        total: float,
        values: Sequence[float],
        bar: Callable[[int], Bar],
        role: str,
        quantity: Quantity | None = None,
        last: tuple[Bar, float] | None = None,
        always: int | None = None,
    ) -> Group:
        """A group of bars that add up to `total`: the largest of many one by one, and the rest as one.

        values: what every term is worth. bar: (label, where a click leads, colour token) of the one at an
        index. last: one more bar, shown in any case, with its value. always: the index of a bar that is shown
        however small it is.
        """
        kept, rest = largest(values, TERMS, always)
        bars = [(bar(index), values[index]) for index in kept]
        if len(kept) < len(values):
            words = f"{len(values) - len(kept)} more"
            bars.append(((Label(coloured("muted", rf"\text{{{words}}}"), words), None, "muted"), rest))
        bars += [last] if last else []
        shown_total, shown = reconcile_sum(total, [value for _, value in bars], coarseness=self.coarseness)
        bars_shown = tuple(
            Row(label.latex, label.text, link, value, printed.text, token)
            for ((label, link, token), value), printed in zip(bars, shown, strict=True)
        )
        return Group(heading, total, shown_total.text, role, bars_shown, "", (), quantity, adds_up=True)


_DROWNED = (
    "Its terms cancel each other. That {} is left of them and not 0 is the rounding of the computation: no"
    " digit of it means anything, and 0 is printed."
)
FULL_GIVEN = 6
"""Digits of a number that was given, where it is shown by itself."""


def worked_lines(
    left: Label, formulas: Sequence[Expr], number: float, coarseness: float = 1.0
) -> tuple[Label, ...]:
    """In symbols, with numbers, with the result: "σ′(z) = a (1 − a) = 0.4256·(1 − 0.4256) = 0.244"."""
    return _worked(left, formulas, number, coarseness)[0]


def worked_group(
    title: str, left: Label, formula: Expr, number: float, coarseness: float, note: str = ""
) -> Group:
    """A part of an error whose working is shown the same way."""
    shown, result = _worked(left, [formula], number, coarseness)
    return Group(title, number, result, "delta", (), note, shown)


def _worked(
    left: Label, formulas: Sequence[Expr], number: float, coarseness: float
) -> tuple[tuple[Label, ...], str]:
    """The working in lines, and the result as it stands there."""
    found = reconcile(number, [expression.evaluate for expression in formulas], coarseness=coarseness)
    pieces = [Piece(left.latex, left.text, width_of(left.text))]
    for mode in (SYMBOLS, with_numbers(found.digits)):
        for expression in formulas:
            worked = expression.pieces(mode, leading=True)
            if join_text(worked) != found.result.text:
                pieces += [EQUALS, *worked]
    pieces += [EQUALS, Piece(found.result.latex, found.result.text, 0.55 * len(found.result.text))]
    return lines(pieces), found.result.text


def bar_label(*refs: Ref) -> Label:
    """The label of a bar: a quantity, or a product such as "w₇ δ⁽²⁾₁"."""
    latex = r"\,".join(coloured(ref.role, ref.label.latex) for ref in refs)
    return Label(latex, " ".join(ref.label.text for ref in refs))


def _equation(left: Piece, formulas: Sequence[Expr], mode: Mode, width: float) -> tuple[Label, ...]:
    pieces = [left]
    for index, expression in enumerate(formulas):
        pieces += [EQUALS if index else Piece(" = ", " = ", 1.4), *expression.pieces(mode, leading=True)]
    return lines(pieces, width)


def _chain(numerics: Sequence[Expr], mode: Mode, answer: Piece, width: float) -> tuple[Label, ...]:
    pieces: list[Piece] = []
    for expression in numerics:
        worked = expression.pieces(mode, leading=True)
        if [piece.text for piece in worked] != [answer.text]:
            pieces += [EQUALS, *worked]
    return lines([*pieces, EQUALS, answer], width)


def _operands(refs: Iterable[Ref], digits: int) -> tuple[Operand, ...]:
    seen: dict[Quantity, Operand] = {}
    for ref in refs:
        if ref.quantity not in seen:
            printed = ref.shown(digits).text
            label = ref.label
            seen[ref.quantity] = Operand(ref.quantity, label.latex, label.text, ref.value, printed, ref.role)
    return tuple(seen.values())


def _notes(*notes: str | None) -> str | None:
    return " ".join(note for note in notes if note) or None
