"""δ at the output two ways: softmax's Jacobian times the loss's slopes, and the fused difference."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF

from deltaglow.explain import softmax_lab
from deltaglow.explain.numbers import DIGITS, full, show
from deltaglow.explain.output_words import output_words
from deltaglow.explain.softmax_lab import TwoWays
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.pages.cells import CENTRE, RIGHT, UNKNOWN, Cell, Formula, Layout, Line, fitting
from deltaglow.ui.pages.page import Page, Section
from deltaglow.ui.pages.row_names import row_names
from deltaglow.ui.pages.sheet import Sheet
from deltaglow.ui.theme import Theme

MOST = 10
FEW, MOST_DIGITS = 4, 6
"""Outputs for which there is room for digits with which the printed product holds, and of how many."""
HEAD, NAMES, MOST_NAMES = 48.0, 20.0, 72.0
VECTOR, SIGN, LEAST_CELL, MOST_CELL = 62.0, 20.0, 24.0, 84.0


class Matrix(Sheet):
    """diag(ŷ) − ŷŷᵀ, the slopes, their product, and what the step has."""

    title = "The Jacobian of softmax times the slopes of the loss, and the fused difference"

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__(lab, theme, typesetter)
        self.found: TwoWays | None = None
        self._digits = DIGITS

    def lay_out(self, width: float) -> Layout:
        lab = self.lab
        found = self.found = softmax_lab.two_ways(lab.frame, lab.sample)
        shown = softmax_lab.prominent(lab.frame, lab.sample, MOST)
        n, more = len(shown), lab.frame.y.shape[1] - len(shown)
        few = not more and n <= FEW
        self._digits = softmax_lab.printed_digits(found, MOST_DIGITS) if few else DIGITS
        font = self.theme.mono_font(11)
        names, named = row_names(lab.project, shown, font, NAMES, MOST_NAMES, 6.0)
        vector = min(VECTOR, (width - named - 3 * SIGN) * 0.12)
        cell = (width - named - 3 * vector - 3 * SIGN) / (n + (1 if more else 0))
        cell = min(max(cell, LEAST_CELL), MOST_CELL)
        side = min(cell, 30.0)
        made = Layout(HEAD + (n + (1 if more else 0)) * side + 8)
        across = named + cell * (n + (1 if more else 0))
        xs = [across + SIGN, across + vector + 2 * SIGN, across + 2 * vector + 3 * SIGN]
        self._heads(made, named, across, xs, vector)
        known = [lab.reached(q) for q in (Quantity("y_hat", None, (0,)), Quantity("dL_dy_hat", None, (0,)))]
        known.append(lab.reached(self.error(0)))
        for place, i in enumerate(shown):
            top = HEAD + place * side
            made.cells.append(_label(QRectF(0, top, named - 6, side), names[i]))
            for across_place, j in enumerate(shown):
                area = QRectF(named + across_place * cell, top, cell, side)
                made.cells.append(self._entry(found, i, j, area, known[0]))
            if more:
                rest = float(np.delete(found.jacobian[i], shown).sum())
                area = QRectF(named + n * cell, top, cell, side)
                made.cells.append(self._extra(area, rest, known[0], f"The other {more} columns together"))
            row = [QRectF(x, top, vector, side) for x in xs]
            made.cells.append(self._slope(found, i, row[0], known[1]))
            made.cells.append(self._product(found, i, row[1], all(known[:2])))
            made.cells.append(self._fused(found, i, row[2], known[2]))
        if more:
            made.cells.append(_label(QRectF(0, HEAD + n * side, named + 2 * cell, side), f"+{more}"))
        middle = HEAD + n * side / 2
        for x, sign in zip((across, xs[0] + vector, xs[1] + vector), ("·", "=", "="), strict=True):
            made.cells.append(Cell(QRectF(x, middle - 10, SIGN, 20), sign, "muted", size=14, align=CENTRE))
        self._brackets(made, (named, across), (HEAD, HEAD + n * side))
        for x in xs:
            self._brackets(made, (x, x + vector), (HEAD, HEAD + n * side))
        return made

    def _heads(self, made: Layout, left: float, across: float, xs: list[float], vector: float) -> None:
        plain = self.lab.frame.layers[-1].activation == "identity"
        name, shorter = (r"\delta", "δ") if plain else (r"\frac{\partial L}{\partial a}", "∂L/∂a")
        words = output_words(self.lab.frame.architecture.loss)
        short = {"ŷ − y": r"\hat{y}-y"}.get(words.short)
        areas = [QRectF(x - 10, 0, vector + 20, 40) for x in xs[:2]]
        made.formulas += [
            Formula(
                QRectF(left, 0, across - left, 40),
                r"\textcolor{forward}{J=\mathrm{diag}(\hat{y})-\hat{y}\,\hat{y}^{T}}",
                "J = diag(ŷ) − ŷ ŷᵀ",
                size=13.0,
                align=CENTRE,
            ),
            Formula(
                areas[0], r"\textcolor{loss}{\frac{\partial L}{\partial \hat{y}}}", "∂L/∂ŷ", align=CENTRE
            ),
            Formula(areas[1], rf"\textcolor{{delta}}{{{name}}}", shorter, align=CENTRE),
        ]
        area = QRectF(xs[2] - 10, 0, vector + 10, 40)
        if short is not None:
            made.formulas.append(Formula(area, rf"\textcolor{{delta}}{{{short}}}", words.short, align=CENTRE))
        else:
            made.cells.append(Cell(area, "fused", "delta", align=CENTRE, mono=False, tip=words.slope))

    def _brackets(self, made: Layout, xs: tuple[float, float], ys: tuple[float, float]) -> None:
        for x, to in ((xs[0] - 2, 4.0), (xs[1] + 2, -4.0)):
            made.lines.append(Line(x, ys[0], x, ys[1], "muted"))
            made.lines += [Line(x, y, x + to, y, "muted") for y in ys]

    def _entry(self, found: TwoWays, i: int, j: int, area: QRectF, known: bool) -> Cell:
        """Row i, column j: how much logit i moves output j."""
        q = Quantity("jacobian", None, (j, i))
        if not known:
            return Cell(area, UNKNOWN, "disabled", q, align=CENTRE)
        number = float(found.jacobian[i, j])
        size = 11.0 if area.width() >= 44 else 9.0
        text = fitting(number, self.theme.mono_font(size), area.width() - 4, self._digits)
        token = "positive" if number >= 0 else "negative"
        return Cell(area, text, "text", q, size, CENTRE, heat=4 * number, heat_token=token)

    def _extra(self, area: QRectF, number: float, known: bool, tip: str) -> Cell:
        text = fitting(number, self.theme.mono_font(9), area.width() - 4) if known else UNKNOWN
        return Cell(area, text, "muted", size=9.0, align=CENTRE, tip=f"{tip}: {full(number)}")

    def _slope(self, found: TwoWays, i: int, area: QRectF, known: bool) -> Cell:
        q, slope = Quantity("dL_dy_hat", None, (i,)), float(found.slopes[i])
        return self._in_column(q, slope, area, known, "loss", self._digits)

    def _product(self, found: TwoWays, i: int, area: QRectF, known: bool) -> Cell:
        number = float(found.product[i])
        if not known:
            return Cell(area, UNKNOWN, "disabled", align=CENTRE, tip="Not computed yet")
        text = fitting(number, self.theme.mono_font(11), area.width() - 2, signed=True)
        tip = f"Row {i + 1} times the slopes = {full(number)}"
        token = "delta" if math.isfinite(number) else "loss"
        return Cell(
            area, text, token, self.error(i) if self._agree(found, i) else None, align=CENTRE, tip=tip
        )

    def _fused(self, found: TwoWays, i: int, area: QRectF, known: bool) -> Cell:
        return self._in_column(self.error(i), float(found.fused[i]), area, known, "delta", signed=True)

    @staticmethod
    def _agree(found: TwoWays, i: int) -> bool:
        gap = abs(float(found.product[i] - found.fused[i]))
        return gap <= 1e-9 * max(abs(float(found.fused[i])), 1e-300) or gap <= 1e-15

    def _in_column(
        self,
        q: Quantity,
        number: float,
        area: QRectF,
        known: bool,
        token: str,
        digits: int = DIGITS,
        signed: bool = False,
    ) -> Cell:
        if not known:
            return Cell(area, UNKNOWN, "disabled", q, align=CENTRE)
        text = fitting(number, self.theme.mono_font(11), area.width() - 2, digits, signed)
        return Cell(area, text, token, q, align=CENTRE)

    def error(self, i: int) -> Quantity:
        plain = self.lab.frame.layers[-1].activation == "identity"
        return Quantity("delta" if plain else "back", self.lab.phases.depth, (i,))


class TwoWaysSection(Section):
    """The matrix, and how equal the two are."""

    def __init__(self, lab: Lab, theme: Theme, page: Page) -> None:
        super().__init__("δ two ways", wide=True)
        self.matrix = Matrix(lab, theme, page.typesetter)
        self.add(self.matrix)

    def refresh(self) -> None:
        self.matrix.refresh()
        found, lab = self.matrix.found, self.matrix.lab
        assert found is not None
        cross = lab.frame.architecture.loss.name == "softmax_cross_entropy"
        words = output_words(lab.frame.architecture.loss)
        start = (
            "By the chain rule: the loss's slope at each ŷ, through softmax's Jacobian, in which every "
            "output depends on every logit."
        )
        if not lab.reached(self.matrix.error(0)):
            self.say(f"{start} Step on to δ to see both.")
            return
        fused = f"The step takes the short cut {words.slope}."
        if found.digits is None:
            self.say(
                f"{start} Here a ŷ underflowed: its slope is infinite, softmax's is 0, and ∞·0 is no "
                f"number. {fused} "
                "It never divides by ŷ, and loses nothing."
            )
            return
        equal = "equal to the last bit" if found.gap == 0.0 else f"equal to {found.digits} digits"
        cancel = " ŷ cancels: once in 1/ŷ, once in the Jacobian." if cross else ""
        gap = f" (largest difference {show(found.gap, 2).text})" if found.gap else ""
        self.say(f"{start}{cancel} {fused} The two are {equal}{gap}.")


def _label(area: QRectF, text: str) -> Cell:
    return Cell(area, text, "muted", align=RIGHT, size=11)
