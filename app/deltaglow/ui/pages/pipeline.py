"""From the logits to δ: a row for each class, a column for each thing that is done to it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from deltaglow.engine import LOSSES, Frame
from deltaglow.engine.ops import Array
from deltaglow.explain import softmax_columns, softmax_lab
from deltaglow.explain.numbers import DIGITS, full
from deltaglow.model.naming import quoted
from deltaglow.model.output_names import output_name
from deltaglow.model.quantity import Quantity
from deltaglow.model.samples import output_word
from deltaglow.ui.pages.cells import (
    LEFT,
    RIGHT,
    UNKNOWN,
    Bar,
    Cell,
    Formula,
    Layout,
    Line,
    fitting,
    share_bar,
    signed_bar,
)
from deltaglow.ui.pages.row_names import row_names
from deltaglow.ui.pages.sheet import Sheet

MOST_ROWS = 16
HEAD, ROW, TIGHT_ROW = 44.0, 36.0, 26.0
NAMES, MOST_NAMES, MARKED = 54.0, 112.0, 20.0
"""Pixels of the classes' names at least and at most, and of them for the mark of the target."""
GAP = 12.0


@dataclass(frozen=True, eq=False)
class Column:
    """One thing that is done to every class.

    kind, layer: of the numbers' addresses. values (K,). foot: the last row's words and number, the address it
    leads to. span: what the whole of a bar stands for; both: whether bars go both ways. digits: of each
    number, where there is room for them.
    """

    latex: str
    text: str
    kind: str
    layer: int | None
    values: Array
    token: str
    span: float
    both: bool = False
    falls: bool = False
    foot: str = ""
    total: float | None = None
    to: Quantity | None = None
    adds: bool = True
    digits: int = DIGITS


class Pipeline(Sheet):
    """The columns, left to right in the order in which a step computes them."""

    title = "From logits to delta, class by class"

    def lay_out(self, width: float) -> Layout:
        frame, row = self.lab.frame, self.lab.sample
        shown = softmax_lab.prominent(frame, row, MOST_ROWS)
        columns = columns_of(frame, row, shown)
        rest = frame.y.shape[1] - len(shown)
        pitch = ROW if len(shown) <= 6 else TIGHT_ROW
        font = self.theme.ui_font(12, 600)
        names, named = row_names(self.lab.project, shown, font, NAMES, MOST_NAMES, MARKED)
        room = (width - named) / len(columns) - GAP
        made = Layout(HEAD + pitch * (len(shown) + (1 if rest else 0)) + 32.0)
        self._name_rows(made, names, rest, pitch, named)
        bottom = made.height - 30.0
        for n, column in enumerate(columns):
            left = named + n * (room + GAP) + GAP
            known = self._known(column)
            made.formulas.append(Formula(QRectF(left - 6, 2, room + 6, 34), column.latex, column.text))
            token = column.token if known else "hairline"
            made.lines.append(Line(left, HEAD - 4, left + room, HEAD - 4, token, 2.0))
            for place, k in enumerate(shown):
                area = QRectF(left, HEAD + place * pitch + 2, room, pitch - 4)
                made.cells.append(self._number(column, k, area, known))
            if rest:
                area = QRectF(left, HEAD + len(shown) * pitch + 2, room, pitch - 4)
                made.cells.append(self._rest(column, shown, area, known))
            self._foot(made, column, QRectF(left - GAP + 2, bottom + 6, room + GAP - 2, 20), known)
        made.lines.append(Line(0, bottom, width, bottom))
        return made

    def _known(self, column: Column) -> bool:
        return self.lab.reached(self._address(column, 0))

    def _address(self, column: Column, k: int) -> Quantity:
        if column.kind == "loss":
            averaged = self.lab.frame.samples > 1 or self.lab.frame.divisor != 1.0
            return Quantity("loss", sample=self.lab.sample if averaged else None)
        return Quantity(column.kind, column.layer, (k,))

    def _name_rows(
        self, made: Layout, names: Mapping[int, str], rest: int, pitch: float, width: float
    ) -> None:
        y, word = self.lab.frame.y[self.lab.sample], output_word(self.lab.project)
        marked = np.flatnonzero(y > 0.0) if word == "label" else [int(y.argmax())] if word == "class" else []
        made.cells.append(Cell(QRectF(0, 10, width, 18), word, "muted", align=LEFT, mono=False))
        for place, (k, name) in enumerate(names.items()):
            hot = k in marked and y[k] > 0.0
            area = QRectF(0, HEAD + place * pitch, width, pitch - 6)
            own = output_name(self.lab.project, k)
            tip = f"{word.capitalize()} {k + 1}{quoted(own)}" + (", a target of this sample" if hot else "")
            made.cells.append(
                Cell(
                    area, f"{name} ●" if hot else name, "text" if hot else "muted", align=LEFT,
                    size=12, weight=600 if hot else 400, tip=tip, mono=not own,
                )
            )  # fmt: skip
        if rest:
            area = QRectF(0, HEAD + len(names) * pitch, width, pitch - 6)
            tip = f"The other {rest} together, which are less probable"
            made.cells.append(Cell(area, f"+{rest}", "muted", align=LEFT, tip=tip))

    def _number(self, column: Column, k: int, area: QRectF, known: bool) -> Cell:
        q, number = self._address(column, k), float(column.values[k])
        if not known:
            return Cell(area, UNKNOWN, "disabled", q)
        text = fitting(
            number,
            self.theme.mono_font(11),
            area.width(),
            column.digits,
            signed=column.kind in ("delta", "back"),
        )
        token = column.token if math.isfinite(number) else "loss"
        return Cell(area, text, token, q, bar=self._bar(column, number))

    def _bar(self, column: Column, number: float) -> Bar:
        if column.both:
            return signed_bar(number, column.span, column.token)
        if column.falls:
            share = min(-number / column.span, 1.0) if math.isfinite(number) and column.span > 0 else 0.0
            return Bar(1.0 - share, 1.0, column.token)
        return share_bar(number, column.span, column.token)

    def _rest(self, column: Column, shown: list[int], area: QRectF, known: bool) -> Cell:
        if not column.adds:
            return Cell(area, "", tip="These do not add up to anything")
        total = float(np.delete(column.values, shown).sum())
        text = fitting(total, self.theme.mono_font(11), area.width(), column.digits) if known else UNKNOWN
        return Cell(area, text, "muted" if known else "disabled", tip=f"The others together: {full(total)}")

    def _foot(self, made: Layout, column: Column, area: QRectF, known: bool) -> None:
        if column.total is None:
            return
        font = self.theme.mono_font(11, 600)
        prefix = f"{column.foot} "
        if known:
            number = 0.0 if abs(column.total) < 1e-12 else column.total
            room = area.width() - QFontMetricsF(font).horizontalAdvance(prefix)
            text = prefix + fitting(number, font, room, column.digits)
        else:
            text = prefix + UNKNOWN
        tip = f"{column.foot} {full(column.total)}" if known else "Not computed yet"
        token = column.token if known else "disabled"
        made.cells.append(Cell(area, text, token, column.to, align=RIGHT, weight=600, tip=tip))


def columns_of(frame: Frame, row: int, shown: Sequence[int]) -> list[Column]:
    """What is done to the outputs of this network, in order. shown: the classes that have a row."""
    depth, plain = len(frame.layers), frame.layers[-1].activation == "identity"
    v = frame.layers[-1].a[row]
    size = max(float(np.abs(v).max()), 1e-300)
    letter = "z" if plain else "a"
    logit = Column(
        letter, letter, letter, depth, v, "forward", size, both=True, adds=False,
    )  # fmt: skip
    loss = frame.architecture.loss
    if LOSSES[loss.name].softmax:
        middle = _softmax(frame, row, logit, softmax_columns.digits(frame, row, shown))
    else:
        middle = [logit, _output(frame, row)]
    return [*middle, _target(frame, row), _cost(frame, row), _error(frame, row, depth, plain)]


def _softmax(frame: Frame, row: int, logit: Column, digits: Mapping[str, int]) -> list[Column]:
    shifted, exps, naive = frame.shifted[row], frame.exps[row], frame.architecture.loss.naive
    letter = logit.text
    power = letter if naive else f"{letter}-\\max {letter}"
    powers = letter if naive else f"({letter} − max)"
    steps = [_with_maximum(replace(logit, digits=digits["logit"]))]
    if not naive:
        span = max(float(-shifted.min()), 1e-300)
        steps.append(
            Column(
                rf"{letter}-\max {letter}", f"{letter} − max", "shifted", None, shifted, "forward", span,
                falls=True, adds=False, digits=digits["shifted"],
            )
        )  # fmt: skip
    largest = float(np.nanmax(exps)) if np.isfinite(exps).any() else 1.0
    total = Quantity("exp_sum")
    steps.append(
        Column(
            rf"e^{{{power}}}", f"e^{powers}", "exp", None, exps, "forward", largest,
            foot="S =", total=float(frame.exp_sums[row]), to=total, digits=digits["exp"],
        )
    )  # fmt: skip
    y_hat = frame.y_hat[row]
    said = rf"\hat{{y}}=\frac{{e^{{{power}}}}}{{S}}"
    steps.append(
        Column(
            said, "ŷ = e / S", "y_hat", None, y_hat, "y_hat", 1.0,
            foot="Σ =", total=float(y_hat.sum()), digits=digits["y_hat"],
        )
    )  # fmt: skip
    return steps


def _with_maximum(logit: Column) -> Column:
    largest = int(np.nanargmax(logit.values)) if np.isfinite(logit.values).any() else 0
    return Column(
        logit.latex, logit.text, logit.kind, logit.layer, logit.values, "forward", logit.span, both=True,
        adds=False, digits=logit.digits, foot="max", total=float(logit.values[largest]),
        to=Quantity(logit.kind, logit.layer, (largest,)),
    )  # fmt: skip


def _output(frame: Frame, row: int) -> Column:
    y_hat = frame.y_hat[row]
    if LOSSES[frame.architecture.loss.name].targets == "unit":
        return Column(r"\hat{y}=\sigma(z)", "ŷ = σ(z)", "y_hat", None, y_hat, "y_hat", 1.0, adds=False)
    return Column(r"\hat{y}", "ŷ", "y_hat", None, y_hat, "y_hat", _size(frame, row), both=True, adds=False)


def _size(frame: Frame, row: int) -> float:
    both = np.abs(np.concatenate([frame.y_hat[row], frame.y[row]]))
    return max(float(np.nan_to_num(both).max()), 1e-300)


def _target(frame: Frame, row: int) -> Column:
    real = LOSSES[frame.architecture.loss.name].targets == "real"
    y = frame.y[row]
    span = _size(frame, row) if real else 1.0
    return Column("y", "y", "y", None, y, "target", span, both=real, adds=not real)


def _cost(frame: Frame, row: int) -> Column:
    heads = {
        "softmax_cross_entropy": (r"-y\ln\hat{y}", "−y ln ŷ"),
        "sigmoid_cross_entropy": (r"\ell(y,\hat{y})", "ℓ(y, ŷ)"),
    }
    spec = frame.architecture.loss
    latex, text = heads.get(spec.name, (r"\frac{1}{2}(\hat{y}-y)^2", "½(ŷ − y)²"))
    if spec.name == "softmax_cross_entropy" and (spec.label_smoothing or spec.class_weights):
        latex, text = r"-t\ln\hat{y}", "−t ln ŷ"
    costs = softmax_lab.costs(frame, row)
    span = max(float(np.nan_to_num(costs, posinf=0.0).max()), 1.0)
    averaged = frame.samples > 1 or frame.divisor != 1.0
    to = Quantity("loss", sample=row if averaged else None)
    return Column(
        latex, text, "loss", None, costs, "loss", span, foot="L =", total=float(frame.losses[row]), to=to
    )


def _error(frame: Frame, row: int, depth: int, plain: bool) -> Column:
    layer = frame.layers[-1]
    values = np.array(layer.delta[row] if plain else layer.back[row])
    latex, text = (r"\delta", "δ") if plain else (r"\frac{\partial L}{\partial a}", "∂L/∂a")
    span = 1.0 if LOSSES[frame.architecture.loss.name].targets != "real" else 0.0
    span = max(span, float(np.nan_to_num(np.abs(values), posinf=0.0).max()), 1e-300)
    softmax = LOSSES[frame.architecture.loss.name].softmax
    total = float(values.sum()) if softmax else None
    kind = "delta" if plain else "back"
    return Column(latex, text, kind, depth, values, "delta", span, both=True, foot="Σ =", total=total)
