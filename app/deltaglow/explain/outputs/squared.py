"""Half the squared gap: on plain outputs, and on softmax, where it learns slowly when sure and wrong."""

from dataclasses import replace

from deltaglow.explain.context import Bar, Context, bar_label
from deltaglow.explain.expr import Const, Difference, Expr, Negation, Product, Quotient, Raw, Ref
from deltaglow.explain.functions import Square
from deltaglow.explain.numbers import show
from deltaglow.explain.outputs.base import Pair, loss_title, numbered, total
from deltaglow.explain.outputs.softmax import softmax_output
from deltaglow.explain.parts import Derivation, Group
from deltaglow.explain.pieces import Label, Mode, Piece, coloured
from deltaglow.explain.symbols import subscript
from deltaglow.model.quantity import Quantity

_SLOW = 0.25
"""A slope that is smaller than this share of cross-entropy's is worth a remark."""


class SquaredError(Pair):
    """ŷ = logit, L = ½ Σ (ŷ − y)², ∂L/∂logit = ŷ − y."""

    gap_words = "what was predicted, less what should have been"

    def y_hat(self, ctx: Context, q: Quantity) -> Derivation:
        j = q.index[0]
        sentence = "what the last layer says is the prediction, as it is"
        said = ctx.logit(j)
        return ctx.derivation(q, f"Prediction {numbered(ctx, j)}", sentence, [said], [said])

    def loss(self, ctx: Context, q: Quantity) -> Derivation:
        outputs = range(ctx.width(ctx.depth))
        pairs = [(ctx.flat("y_hat", j), ctx.flat("y", j)) for j in outputs]
        squares = [(said.value - wanted.value) ** 2 for said, wanted in pairs]
        worked = Product((_half(), total(squares, lambda n: Square(Difference(*pairs[n])))))
        definition = Product(
            (_half(), Raw(Label(r"\sum_{j} (\hat{y}_{j} - y_{j})^{2}", "Σⱼ (ŷⱼ − yⱼ)²"), 6.0))
        )
        groups = []
        if len(pairs) > 1:

            def cost_bar(n: int) -> Bar:
                return _cost_label(*pairs[n]), pairs[n][0].quantity, "loss"

            halves = [0.5 * square for square in squares]
            groups.append(ctx.sum_group("what each output costs", ctx.value(q), halves, cost_bar, "loss"))
        sentence = "half the squared distance between what the network says and the target"
        why = "The ½ is there to cancel the 2 of the square's slope."
        return ctx.derivation(
            q, loss_title(ctx), sentence, [definition, worked], [worked], groups=groups, why=why
        )

    def cost(self, ctx: Context, j: int) -> Expr:
        return Product((_half(), Square(Difference(ctx.flat("y_hat", j), ctx.flat("y", j)))))


class SoftmaxSquaredError(SquaredError):
    """ŷ = softmax(logits), L = ½ Σ (ŷ − y)², ∂L/∂logitⱼ = Σᵢ (ŷᵢ − yᵢ) ŷᵢ ([i = j] − ŷⱼ)."""

    gap_words = "every output's gap, times how much this logit moves that output, added up"

    def y_hat(self, ctx: Context, q: Quantity) -> Derivation:
        return softmax_output(ctx, q)

    def gap(self, ctx: Context, j: int) -> Expr:
        return total(self._shares(ctx, j), lambda i: self._share(ctx, i, j))

    def gap_formulas(self, ctx: Context, j: int) -> list[Expr]:
        number = j + 1
        gap, said = r"(\hat{y}_{i} - y_{i})\, \hat{y}_{i}", rf"\hat{{y}}_{{{number}}}"
        latex = rf"\sum_{{i}} {gap} ([i={number}] - {said})"
        text = f"Σᵢ (ŷᵢ − yᵢ) ŷᵢ ([i={number}] − ŷ{subscript(number)})"
        return [Raw(Label(latex, text), 11.0), self.gap(ctx, j)]

    def gap_groups(self, ctx: Context, j: int) -> list[Group]:
        def share_bar(i: int) -> Bar:
            said, wanted = ctx.flat("y_hat", i), ctx.flat("y", i)
            slope = Label(
                rf"\frac{{\partial \hat{{y}}_{{{i + 1}}}}}{{\partial v_{{{j + 1}}}}}",
                f"∂ŷ{subscript(i + 1)}/∂v{subscript(j + 1)}",
            )
            gap = rf"({coloured(said.role, said.label.latex)} - {coloured(wanted.role, wanted.label.latex)})"
            text = f"({said.label.text} − {wanted.label.text}) {slope.text}"
            return Label(rf"{gap}\,{slope.latex}", text), said.quantity, "delta"

        return [self.back_group(ctx, j, self._shares(ctx, j), share_bar)]

    def gap_note(self, ctx: Context, j: int) -> str | None:
        said, wanted, came = (
            ctx.flat("y_hat", j).value, ctx.flat("y", j).value, ctx.at("back", ctx.depth, j).value,
        )  # fmt: skip
        crossed = said - wanted
        if abs(crossed) < 0.5 or abs(came) > _SLOW * abs(crossed):
            return None
        return (
            f"The network is sure here, and wrong: ŷ − y is {show(crossed, 3).text}, which cross-entropy "
            f"would send back whole. Through softmax's flat slopes only {show(came, 2).text} arrives, so it "
            "learns slowest where it is most mistaken. That is why softmax goes with cross-entropy."
        )

    def _shares(self, ctx: Context, j: int) -> list[float]:
        said, wanted = ctx.frame.y_hat[ctx.row], ctx.frame.y[ctx.row]
        shares = (said - wanted) * said * -said[j]
        shares[j] = (said[j] - wanted[j]) * said[j] * (1.0 - said[j])
        found: list[float] = shares.tolist()
        return found

    def _share(self, ctx: Context, i: int, j: int) -> Expr:
        said, wanted = ctx.flat("y_hat", i), ctx.flat("y", i)
        other = ctx.flat("y_hat", j)
        last = Difference(Const(1.0), other) if i == j else Negation(other)
        return Product((_Gap(said, wanted), said, last))


class _Gap(Difference):
    """A difference that no line ends in."""

    def pieces(self, mode: Mode, leading: bool = False) -> list[Piece]:
        return [replace(piece, breakable=False) for piece in super().pieces(mode, leading)]


def _half() -> Expr:
    return Quotient(Const(1.0), Const(2.0))


def _cost_label(said: Ref, wanted: Ref) -> Label:
    left, right = bar_label(said), bar_label(wanted)
    return Label(rf"\frac{{1}}{{2}}({left.latex} - {right.latex})^{{2}}", f"½ ({left.text} − {right.text})²")
