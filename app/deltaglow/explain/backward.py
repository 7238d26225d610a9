"""The backward pass: what comes back to a unit, and its error δ."""

from deltaglow.explain import symbols
from deltaglow.explain.context import TERMS, Bar, Context, bar_label, worked_lines
from deltaglow.explain.expr import Const, Difference, Expr, Product, Ref, Sum, elide
from deltaglow.explain.forward import slope_formula, slope_share
from deltaglow.explain.numbers import DIGITS
from deltaglow.explain.parts import Derivation, Group
from deltaglow.explain.pieces import Label, coloured
from deltaglow.model.quantity import Quantity

_COLLAPSE = (
    "Why so simple: the loss passes −yᵢ/ŷᵢ back to each ŷᵢ, softmax's Jacobian turns that into Σᵢ (−yᵢ/ŷᵢ) "
    "ŷᵢ ([i = j] − ŷⱼ), and because the targets add up to 1 the sum collapses to ŷⱼ − yⱼ."
)


def back(ctx: Context, q: Quantity) -> Derivation:
    """∂L/∂a: ŷ − y at the output, Σⱼ wⱼ δⱼ at a hidden unit."""
    k, j = q.layer or 1, q.index[0]
    title = f"What comes back to {ctx.unit(k, j)}"
    if k == ctx.depth:
        gap = _gap(ctx, j)
        return ctx.derivation(q, title, _GAP_WORDS, [gap], [gap], why=_COLLAPSE)
    total = _returning(ctx, k, j)
    sentence = "every error it fed, times the weight between them, added up"
    if total is None:
        return ctx.derivation(q, title, "nothing: every connection out of it is deleted", [Const(0.0)])
    return ctx.derivation(q, title, sentence, [total], [total], groups=[_returning_group(ctx, k, j)])


def delta(ctx: Context, q: Quantity) -> Derivation:
    """δ = ∂L/∂z = back · φ′(z)."""
    k, j = q.layer or 1, q.index[0]
    title = f"The error of {ctx.unit(k, j)}"
    came = ctx.at("back", k, j)
    if k == ctx.depth:
        return _output_delta(ctx, q, title)
    total = _returning(ctx, k, j)
    sentence = "what comes back, times how much the unit listens"
    if total is None:
        silent = "nothing comes back: every connection out of it is deleted"
        return ctx.derivation(q, title, silent, [Const(0.0)], extra=[came, ctx.at("slope", k, j)])
    slope = ctx.at("slope", k, j)
    worked = Product((total, slope))
    groups = [_returning_group(ctx, k, j), _listening_group(ctx, k, j)]
    return ctx.derivation(
        q, title, sentence, [worked], [worked], groups=groups, extra=[came], note=_silenced(ctx, k, j)
    )


def _output_delta(ctx: Context, q: Quantity, title: str) -> Derivation:
    k, j = ctx.depth, q.index[0]
    gap, came = _gap(ctx, j), ctx.at("back", k, j)
    if ctx.activation(k) == "identity":
        return ctx.derivation(
            q, title, _GAP_WORDS, [gap], [gap], groups=[_gap_group(ctx, j)], extra=[came], why=_COLLAPSE
        )
    worked = Product((gap, ctx.at("slope", k, j)))
    return ctx.derivation(
        q,
        title,
        f"{_GAP_WORDS}, times how much the unit listens",
        [worked],
        [worked],
        groups=[_gap_group(ctx, j), _listening_group(ctx, k, j)],
        extra=[came],
        why=_COLLAPSE,
        note=_silenced(ctx, k, j),
    )


_GAP_WORDS = "what softmax says, less what the target says"


def _gap(ctx: Context, j: int) -> Expr:
    return Difference(ctx.flat("y_hat", j), ctx.flat("y", j))


def _gap_group(ctx: Context, j: int) -> Group:
    said, wanted = ctx.flat("y_hat", j), ctx.flat("y", j)
    came = ctx.at("back", ctx.depth, j)
    minus = Label(rf"-{coloured(wanted.role, wanted.label.latex)}", f"−{wanted.label.text}")
    bars: tuple[Bar, Bar] = (
        (bar_label(said), said.quantity, said.role),
        (minus, wanted.quantity, wanted.role),
    )
    values = (said.value, -wanted.value)
    return ctx.sum_group("comes back", came.value, values, bars.__getitem__, "delta", came.quantity)


def _onward(ctx: Context, k: int, j: int) -> tuple[list[int], list[float]]:
    """The units of layer k+1 that unit j of layer k feeds, and what each sends back: w δ."""
    fed = [m for m in range(ctx.width(k + 1)) if ctx.connected(k + 1, m, j)]
    following = ctx.layer(k + 1)
    return fed, (following.W[:, j] * following.delta[ctx.row])[fed].tolist()


def _returning(ctx: Context, k: int, j: int) -> Expr | None:
    """Σ w δ over the units that this one feeds; None if it feeds none."""
    fed, products = _onward(ctx, k, j)
    terms = elide(products, TERMS, lambda n: Product(_sent_back(ctx, k, fed[n], j)))
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else Sum(terms)


def _returning_group(ctx: Context, k: int, j: int) -> Group:
    fed, products = _onward(ctx, k, j)

    def product_bar(n: int) -> Bar:
        w, error = _sent_back(ctx, k, fed[n], j)
        return bar_label(w, error), error.quantity, "delta"

    came = ctx.at("back", k, j)
    return ctx.sum_group("comes back", came.value, products, product_bar, "delta", came.quantity)


def _sent_back(ctx: Context, k: int, m: int, j: int) -> tuple[Ref, Ref]:
    return ctx.at("W", k + 1, m, j), ctx.at("delta", k + 1, m)


def _listening_group(ctx: Context, k: int, j: int) -> Group:
    slope = ctx.at("slope", k, j)
    formula = slope_formula(ctx, k, j, bare=True)
    name = symbols.function(ctx.project, k)
    worked: tuple[Label, ...] = ()
    if formula is not None:
        worked = worked_lines(Label(rf"{name.latex}'(z)", f"{name.text}′(z)"), [formula], slope.value)
    note = slope_share(ctx.activation(k), slope.value) or ""
    return Group(
        "the unit listens", slope.value, slope.shown(DIGITS).text, "forward", (), note, worked, slope.quantity
    )


def _silenced(ctx: Context, k: int, j: int) -> str | None:
    """A remark where the unit lets nothing through."""
    if ctx.at("slope", k, j).value != 0.0:
        return None
    if ctx.activation(k) == "relu":
        return (
            "Its z is not above 0, where ReLU is flat: no error passes, and the unit learns nothing from it."
        )
    return "The unit is saturated: its function is flat here to the last digit, and no error passes."
