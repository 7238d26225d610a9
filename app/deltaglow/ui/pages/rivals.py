"""Why cross-entropy: δ of the same sample under it and under squared error, side by side."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QPushButton

from deltaglow.engine.ops import Array
from deltaglow.explain import sample_answers, softmax_lab
from deltaglow.explain.numbers import full, show
from deltaglow.explain.softmax_lab import Rivals
from deltaglow.model.quantity import Quantity
from deltaglow.model.samples import prepared
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.pages.cells import (
    CENTRE,
    LEFT,
    RIGHT,
    Cell,
    Formula,
    Layout,
    Line,
    fitting,
    in_decimals,
    share_bar,
    signed_bar,
)
from deltaglow.ui.pages.dial import Dial
from deltaglow.ui.pages.page import Page, Section
from deltaglow.ui.pages.row_names import row_names
from deltaglow.ui.pages.sheet import Sheet
from deltaglow.ui.theme import Theme

MOST = 6
NAMES, MOST_NAMES, MARKED = 44.0, 100.0, 18.0
"""Pixels of the classes' names at least and at most, and of them for the mark of the target."""
HEAD, ROW = 42.0, 27.0
PLOT = 150.0
POINTS = 101


class Duel(Sheet):
    """ŷ, δ under cross-entropy and δ under squared error; below, |δ| at the target against its ŷ."""

    title = "Delta under cross-entropy and under squared error"

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__(lab, theme, typesetter)
        self.push = 0.0
        self.rivals: Rivals | None = None
        self._plot = QRectF()

    def lay_out(self, width: float) -> Layout:
        frame, row = self.lab.frame, self.lab.sample
        found = self.rivals = softmax_lab.rivals(self._logits(), frame.y[row])
        shown = softmax_lab.prominent(frame, row, MOST)
        rest = len(found.y_hat) - len(shown)
        made = Layout(HEAD + ROW * (len(shown) + (1 if rest else 0)) + PLOT + 34)
        gap = 16.0
        font = self.theme.mono_font(11)
        names, named = row_names(self.lab.project, shown, font, NAMES, MOST_NAMES, MARKED)
        side = (width - named - 2 * gap) / 3
        xs = [named + n * (side + gap) for n in range(3)]
        heads = (
            (r"\hat{y}", "ŷ"),
            (r"\textcolor{delta}{\hat{y}-y}", "ŷ − y"),
            (r"\textcolor{negative}{J\,(\hat{y}-y)}", "J (ŷ − y)"),
        )
        words = ("the network says", "cross-entropy's δ", "squared error's δ")
        for x, (latex, text), word in zip(xs, heads, words, strict=True):
            made.cells.append(Cell(QRectF(x, 0, side, 15), word, "muted", align=RIGHT, mono=False))
            made.formulas.append(Formula(QRectF(x, 14, side, 24), latex, text))
        for place, k in enumerate(shown):
            top = HEAD + place * ROW
            word = f"{names[k]} ●" if k == found.target else names[k]
            made.cells.append(Cell(QRectF(0, top, named, ROW - 6), word, "muted", align=LEFT))
            areas = [QRectF(x, top, side, ROW - 4) for x in xs]
            made.cells.append(self._share(areas[0], float(found.y_hat[k]), k))
            made.cells.append(self._error(areas[1], float(found.cross_entropy[k]), k, True))
            made.cells.append(self._error(areas[2], float(found.squared_error[k]), k, False))
        if rest:
            area = QRectF(0, HEAD + len(shown) * ROW, width, ROW)
            made.cells.append(Cell(area, f"and {rest} more", "muted", align=LEFT, mono=False))
        self._lay_plot(made, width)
        return made

    def _lay_plot(self, made: Layout, width: float) -> None:
        top = made.height - PLOT - 22
        self._plot = QRectF(34, top + 8, width - 34 - 8, PLOT - 16)
        plot = self._plot
        made.lines += [
            Line(plot.left(), plot.bottom(), plot.right(), plot.bottom(), "muted"),
            Line(plot.left(), plot.top(), plot.left(), plot.bottom(), "muted"),
        ]
        for share in (0.0, 0.5, 1.0):
            y, x = plot.bottom() - share * plot.height(), plot.left() + share * plot.width()
            made.cells.append(Cell(QRectF(0, y - 8, 28, 16), f"{share:g}", "muted", size=10))
            made.cells.append(
                Cell(QRectF(x - 14, plot.bottom() + 2, 28, 14), f"{share:g}", "muted", size=10, align=CENTRE)
            )
        across = QRectF(plot.center().x() - 150, plot.bottom() + 13, 300, 14)
        made.cells.append(Cell(across, "ŷ of the target", "muted", size=10, align=CENTRE, mono=False))
        key = QRectF(plot.right() - 190, plot.top(), 190, 14)
        made.cells += [
            Cell(key, "|δ| at the target: cross-entropy", "delta", size=10, mono=False),
            Cell(key.translated(0, 15), "squared error", "negative", size=10, mono=False),
        ]

    def draw_over(self, painter: QPainter) -> None:
        found = self.rivals
        if found is None or self._plot.isEmpty():
            return
        rest = softmax_lab.others(found.y_hat, found.target)
        said = np.linspace(0.0, 1.0, POINTS)
        present = np.array([found.said])
        marks = softmax_lab.target_slopes(present, rest)
        curves = softmax_lab.target_slopes(said, rest)
        painter.setClipRect(self._plot.adjusted(-6, -6, 6, 6))
        for curve, mark, token in zip(curves, marks, ("delta", "negative"), strict=True):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            dashed = Qt.PenStyle.SolidLine if token == "delta" else Qt.PenStyle.DashLine
            painter.setPen(QPen(self.theme.color(token), 1.6, dashed))
            painter.drawPolyline(QPolygonF([self._point(x, y) for x, y in zip(said, curve, strict=True)]))
            painter.setPen(QPen(self.theme.color("canvas"), 1.5))
            painter.setBrush(self.theme.color(token))
            painter.drawEllipse(self._point(found.said, float(mark[0])), 5, 5)
        painter.setClipping(False)

    def _point(self, x: float, y: float) -> QPointF:
        return QPointF(
            self._plot.left() + float(x) * self._plot.width(),
            self._plot.bottom() - float(y) * self._plot.height(),
        )

    def _logits(self) -> Array:
        frame, row = self.lab.frame, self.lab.sample
        v = softmax_lab.logits(frame, row)
        v[softmax_lab.rival_class(v, int(frame.y[row].argmax()))] += self.push
        return v

    def _share(self, area: QRectF, number: float, k: int) -> Cell:
        text = in_decimals(number, self.theme.mono_font(11), area.width())
        q = Quantity("y_hat", None, (k,)) if self.push == 0.0 else None
        return Cell(area, text, "y_hat", q, bar=share_bar(number, 1.0, "y_hat"), tip=self._tip(number))

    def _error(self, area: QRectF, number: float, k: int, cross: bool) -> Cell:
        loss = self.lab.frame.architecture.loss
        own = loss.name == ("softmax_cross_entropy" if cross else "softmax_squared_error")
        own = own and not (loss.label_smoothing or loss.class_weights)
        plain = self.lab.frame.layers[-1].activation == "identity"
        kind = "delta" if plain else "back"
        q = Quantity(kind, self.lab.phases.depth, (k,)) if own and self.push == 0.0 else None
        token = "delta" if cross else "negative"
        text = fitting(number, self.theme.mono_font(11), area.width(), signed=True)
        return Cell(area, text, token, q, bar=signed_bar(number, 1.0, token), tip=self._tip(number))

    def _tip(self, number: float) -> str:
        return full(number) + ("" if self.push == 0.0 else "\nWhat if: not a number of this step")


class RivalsSection(Section):
    """The two columns, the slider that makes the network sure of a wrong class, and the most wrong sample."""

    def __init__(self, lab: Lab, theme: Theme, page: Page) -> None:
        super().__init__("Why cross-entropy")
        self._lab = lab
        self.sheet = Duel(lab, theme, page.typesetter)
        self.push = Dial(
            theme, "Make it surer of a wrong class", (0.0, 12.0), 0.0,
            "Added to the logit of the wrong class that it thinks most of, 0 to 12",
            written=lambda number: f"+{number:.1f}",
        )  # fmt: skip
        self.worst = QPushButton("Show the most wrong sample of the batch")
        self.worst.setToolTip("The sample whose target has the smallest ŷ becomes the one shown")
        self.worst.clicked.connect(self._show_worst)
        self.worst_of_all = QPushButton("Show the most wrong of all samples")
        self.worst_of_all.setToolTip(
            "Asks the network about every sample of the data, those kept out too, and holds on to the one "
            "whose target has the smallest ŷ"
        )
        self.worst_of_all.clicked.connect(self._hold_worst)
        self.push.turned.connect(self._on_turned)
        self.add(self.sheet)
        self.add(self.push)
        self.add(self.worst)
        self.add(self.worst_of_all)

    def refresh(self) -> None:
        frame = self._lab.frame
        self.sheet.push = self.push.value
        self.sheet.refresh()
        worst = softmax_lab.most_wrong(frame)
        self.worst.setVisible(frame.samples > 1)
        self.worst.setEnabled(worst != self._lab.sample)
        self.worst_of_all.setVisible(len(self._lab.dataset.x) > 1)
        found = self.sheet.rivals
        assert found is not None
        cross, squared = abs(found.cross_entropy[found.target]), abs(found.squared_error[found.target])
        self.say(
            f"The target has ŷ = {show(found.said, 3).text}. Cross-entropy sends back "
            f"{show(float(cross), 3).text} at its logit, squared error {show(float(squared), 3).text}. "
            "Squared error's δ goes through softmax's slope, and has its factor ŷ(1 − ŷ): it dies where the "
            "network is sure and wrong, just where it should learn most. In cross-entropy's, 1/ŷ takes that "
            "factor away."
        )

    @Slot()
    def _on_turned(self) -> None:
        self.refresh()

    @Slot()
    def _show_worst(self) -> None:
        self._lab.set_sample(softmax_lab.most_wrong(self._lab.frame))

    @Slot()
    def _hold_worst(self) -> None:
        lab = self._lab
        lab.look_at(sample_answers.most_wrong(lab.project, prepared(lab.project), lab.frame, lab.complete))
