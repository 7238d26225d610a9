"""Softmax with cross-entropy, and what label smoothing and class weights make of its targets."""

import math

import numpy as np

from deltaglow.explain.context import Bar, Context, bar_label
from deltaglow.explain.expr import Const, Difference, Expr, Negation, Product, Quotient, Raw, Sum
from deltaglow.explain.functions import Log, Named
from deltaglow.explain.logarithms import counted_targets, logs_from_shifted
from deltaglow.explain.outputs.base import Pair, loss_title, total
from deltaglow.explain.outputs.softmax import softmax_output
from deltaglow.explain.parts import Derivation, Group
from deltaglow.explain.pieces import Label, coloured
from deltaglow.explain.symbols import subscript
from deltaglow.explain.update_terms import Setting
from deltaglow.model.quantity import Quantity


class CrossEntropy(Pair):
    """L = −Σ t ln ŷ and ∂L/∂logit = (Σ t) ŷ − t, where t is c y′; without options t is y."""

    gap_words = "what softmax says, less what the target says"

    def y_hat(self, ctx: Context, q: Quantity) -> Derivation:
        return softmax_output(ctx, q)

    def loss(self, ctx: Context, q: Quantity) -> Derivation:
        targets, costs = Targets(ctx), counted_targets(ctx.frame, ctx.row)
        said = [ctx.flat("shifted" if targets.underflow else "y_hat", j) for j in costs]
        if targets.underflow:
            picked = [targets.value(j) * s.value for j, s in zip(costs, said, strict=True)]
            logged: Expr = Log(ctx.flat("exp_sum"))
            if targets.weights is not None:
                logged = Product((targets.sum, logged))
            told = total(picked, lambda n: _times(targets.expr(costs[n]), said[n]))
            worked: Expr = Difference(logged, told)
            why: str | None = "ŷ is too small for its logarithm, so ln ŷ = s − ln S is put in first."
        else:
            picked = [
                targets.value(j) * (math.log(p.value) if p.value > 0.0 else -math.inf)
                for j, p in zip(costs, said, strict=True)
            ]
            worked = Negation(total(picked, lambda n: _times(targets.expr(costs[n]), Log(said[n]))))
            why = "Only the target's output counts: y is 0 everywhere else." if len(costs) == 1 else None
        groups = []
        if len(costs) > 1 and not targets.underflow:

            def cost_bar(n: int) -> Bar:
                return targets.cost_label(costs[n]), said[n].quantity, "loss"

            groups.append(
                ctx.sum_group("what each target costs", ctx.value(q), [-v for v in picked], cost_bar, "loss")
            )
        symbol = targets.letter("j")
        definition = Negation(
            Raw(Label(rf"\sum_{{j}} {symbol.latex} \,\ln \hat{{y}}_{{j}}", f"Σⱼ {symbol.text} ln ŷⱼ"), 5.5)
        )
        smoothed = ctx.frame.architecture.loss.label_smoothing > 0.0
        certain = (
            "with smoothing not even certainty costs 0" if smoothed else "0 would mean it was certain of it"
        )
        sentence = f"how surprised the network is by the target: {certain}"
        return ctx.derivation(
            q, loss_title(ctx), sentence, [definition, worked], [worked],
            groups=[*groups, *targets.groups()], why=why, note=targets.note(),
        )  # fmt: skip

    def cost(self, ctx: Context, j: int) -> Expr:
        targets = Targets(ctx)
        if targets.underflow:
            log: Expr = Difference(Log(ctx.flat("exp_sum")), ctx.flat("shifted", j))
            return _times(targets.expr(j), log)
        return Negation(_times(targets.expr(j), Log(ctx.flat("y_hat", j))))

    def gap(self, ctx: Context, j: int) -> Expr:
        targets = Targets(ctx)
        if targets.weights is None:
            return Difference(ctx.flat("y_hat", j), targets.expr(j))
        if targets.one_class is not None:
            difference = Difference(ctx.flat("y_hat", j), ctx.flat("y", j))
            return Product((targets.weight(targets.one_class), difference))
        return Difference(Product((targets.sum, ctx.flat("y_hat", j))), targets.expr(j))

    def gap_groups(self, ctx: Context, j: int) -> list[Group]:
        targets = Targets(ctx)
        if targets.plain:
            return super().gap_groups(ctx, j)
        said, wanted = ctx.flat("y_hat", j), ctx.flat("y", j)
        symbol = targets.letter(str(j + 1))
        left = bar_label(said)
        if targets.weights is not None:
            left = Label(rf"C\,{left.latex}", f"C {left.text}")
        bars: tuple[Bar, Bar] = (
            (left, said.quantity, said.role),
            (Label(rf"-{symbol.latex}", f"−{symbol.text}"), wanted.quantity, wanted.role),
        )
        values = (targets.total * said.value, -targets.value(j))
        return [self.back_group(ctx, j, values, bars.__getitem__), *targets.groups()]

    def gap_note(self, ctx: Context, j: int) -> str | None:
        return Targets(ctx).note()


class Targets:
    """What the loss counts of each class: t = c y′, y′ = (1 − ε) y + ε/K, by row of a batch."""

    def __init__(self, ctx: Context) -> None:
        spec = ctx.frame.architecture.loss
        self._ctx, self._y = ctx, ctx.frame.y[ctx.row]
        self.smoothing, self.weights = spec.label_smoothing, spec.class_weights
        self.underflow = logs_from_shifted(ctx.frame, ctx.row) and not spec.naive
        self._classes = len(self._y)
        hot = np.flatnonzero(self._y)
        self.one_class: int | None = None
        """The class of the row, where it is one, and nothing is smoothed."""
        if not self.smoothing and len(hot) == 1 and self._y[hot[0]] == 1.0:
            self.one_class = int(hot[0])

    @property
    def plain(self) -> bool:
        """Whether t is y."""
        return not self.smoothing and self.weights is None

    def value(self, j: int) -> float:
        """t of class j."""
        smoothed = (1.0 - self.smoothing) * float(self._y[j]) + self.smoothing / self._classes
        return smoothed * (1.0 if self.weights is None else self.weights[j])

    @property
    def total(self) -> float:
        """Σ t."""
        return math.fsum(map(self.value, range(self._classes))) if self.weights is not None else 1.0

    @property
    def sum(self) -> Named:
        """C = Σ t, in a formula."""
        return Named(Label("C", "C"), self.total)

    def weight(self, j: int) -> Setting:
        """c of class j, in a formula."""
        return Setting(_c(j), 1.0 if self.weights is None else self.weights[j])

    def expr(self, j: int) -> Expr:
        """t of class j, in a formula."""
        target: Expr = self._ctx.flat("y", j)
        if self.smoothing:
            epsilon = Setting(Label(r"\varepsilon", "ε"), self.smoothing)
            share = Quotient(epsilon, Const(float(self._classes)))
            target = Sum((Product((Difference(Const(1.0), epsilon), target)), share))
        return target if self.weights is None else Product((self.weight(j), target))

    def letter(self, index: str) -> Label:
        """t as a symbol: y, y′, c y or c y′ with an index."""
        below = {"j": "ⱼ"}.get(index) or subscript(int(index))
        prime_latex, prime = ("'", "′") if self.smoothing else ("", "")
        symbol = Label(rf"y{prime_latex}_{{{index}}}", f"y{prime}{below}")
        if self.weights is None:
            return symbol
        return Label(rf"c_{{{index}}}\,{symbol.latex}", f"c{below} {symbol.text}")

    def cost_label(self, j: int) -> Label:
        """What class j adds to the loss, as a symbol."""
        estimate = coloured("y_hat", rf"\hat{{y}}_{{{j + 1}}}")
        symbol = self.letter(str(j + 1))
        target = coloured("target", symbol.latex)
        return Label(rf"-{target} \ln {estimate}", f"−{symbol.text} ln ŷ{subscript(j + 1)}")

    def groups(self) -> list[Group]:
        """C as the sum it is, where a formula uses it."""
        if self.weights is None or self.one_class is not None:
            return []
        values = [self.value(j) for j in range(self._classes)]
        return [self._ctx.sum_group("C, the target's whole weight", self.total, values, self._bar, "text")]

    def note(self) -> str | None:
        """What the options do, with their numbers."""
        said = []
        if self.smoothing:
            share = self.smoothing / self._classes
            said.append(
                f"Label smoothing ε = {self.smoothing:g} takes that share from the target and gives every "
                f"one of the {self._classes} classes {share:.3g}: certainty is never rewarded in full."
            )
        if self.weights is not None and self.one_class is not None:
            said.append(f"Its class counts {self.weights[self.one_class]:g} times.")
        return " ".join(said) or None

    def _bar(self, j: int) -> Bar:
        return self.letter(str(j + 1)), self._ctx.flat("y", j).quantity, "target"


def _c(j: int) -> Label:
    return Label(f"c_{{{j + 1}}}", f"c{subscript(j + 1)}")


def _times(target: Expr, other: Expr) -> Expr:
    factors = target.factors if isinstance(target, Product) else (target,)
    return Product((*factors, other))
