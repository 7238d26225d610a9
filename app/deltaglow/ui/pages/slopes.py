"""δ as a slope: what each output costs over its own number, and the tangent where the network is."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from deltaglow.engine import LOSSES
from deltaglow.explain import softmax_lab
from deltaglow.explain.loss_curve import LossCurve, loss_curve
from deltaglow.explain.numbers import show
from deltaglow.model.output_names import output_name
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.pages.cells import CENTRE, LEFT, Cell, Layout, Line
from deltaglow.ui.pages.page import Page, Section
from deltaglow.ui.pages.sheet import Sheet
from deltaglow.ui.theme import Theme

MOST = 3
"""Outputs that there is room for beside each other."""
HEIGHT, HEAD, FOOT, GAP = 150.0, 20.0, 34.0, 22.0
TANGENT = 0.22
"""How far the tangent reaches to each side, as a share of the width."""


class Slopes(Sheet):
    """A curve for each output, with a point where the network is and the tangent there."""

    title = "What each output costs over its own number, and the slope there"

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__(lab, theme, typesetter)
        self.curves: list[tuple[QRectF, LossCurve]] = []

    def lay_out(self, width: float) -> Layout:
        lab, made = self.lab, Layout(HEAD + HEIGHT + FOOT)
        frame, row, depth = lab.frame, lab.sample, lab.phases.depth
        self.curves = []
        if LOSSES[frame.architecture.loss.name].softmax:
            return made
        shown = softmax_lab.prominent(frame, row, MOST)
        side = (width - GAP * (len(shown) - 1)) / len(shown)
        plain = frame.layers[-1].activation == "identity"
        letter, kind = ("z", "delta") if plain else ("a", "back")
        for place, k in enumerate(shown):
            left = place * (side + GAP)
            area, q = QRectF(left, HEAD, side, HEIGHT), Quantity(kind, depth, (k,))
            name = output_name(lab.project, k) or f"output {k + 1}"
            made.cells.append(
                Cell(QRectF(left, 0, side * 0.5, 16), name, "text", align=LEFT, mono=False, weight=600)
            )
            made.lines.append(Line(area.left(), area.bottom(), area.right(), area.bottom(), "muted"))
            below = QRectF(left, area.bottom() + 3, side, 14)
            made.cells.append(Cell(below, letter, "muted", size=10, align=CENTRE, mono=False))
            if lab.reached(q):
                found = loss_curve(frame, row, k)
                if all(map(math.isfinite, (found.at, found.here, found.slope))):
                    self.curves.append((area, found))
                told = QRectF(left + side * 0.4, 0, side * 0.6, 16)
                text = f"{'δ' if plain else '∂L/∂a'} = {show(found.slope, 3).text}"
                made.cells.append(Cell(told, text, "delta", q))
        return made

    def draw_over(self, painter: QPainter) -> None:
        for area, found in self.curves:
            self._draw_curve(painter, area, found)

    def _draw_curve(self, painter: QPainter, area: QRectF, found: LossCurve) -> None:
        low, high = float(found.v[0]), float(found.v[-1])
        top = max(float(found.cost.max()), 1e-300)

        def place(v: float, cost: float) -> QPointF:
            across = area.left() + (v - low) / (high - low) * area.width()
            return QPointF(across, area.bottom() - 0.94 * cost / top * area.height())

        painter.save()
        painter.setClipRect(area.adjusted(-6, -6, 6, 6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color("loss"), 1.6))
        points = [place(float(v), float(cost)) for v, cost in zip(found.v, found.cost, strict=True)]
        painter.drawPolyline(QPolygonF(points))
        reach = TANGENT * (high - low)
        ends = [place(found.at + by, found.here + by * found.slope) for by in (-reach, reach)]
        painter.setPen(QPen(self.theme.color("delta"), 2.0, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(*ends))
        painter.setPen(QPen(self.theme.color("canvas"), 1.5))
        painter.setBrush(self.theme.color("y_hat"))
        painter.drawEllipse(place(found.at, found.here), 5, 5)
        painter.restore()


class SlopesSection(Section):
    """The curves, and what they say."""

    def __init__(self, lab: Lab, theme: Theme, page: Page) -> None:
        super().__init__("δ is a slope", wide=True)
        self._lab = lab
        self.sheet = Slopes(lab, theme, page.typesetter)
        self.add(self.sheet)

    def refresh(self) -> None:
        real = LOSSES[self._lab.frame.architecture.loss.name].targets == "real"
        shape = (
            "The cost of an output is a parabola over its number, lowest at the target"
            if real
            else "The cost of a label falls towards the side that is right and never gets to nothing"
        )
        rest = self._lab.frame.y.shape[1] - MOST
        more = f" {rest} more outputs are not shown." if rest > 0 else ""
        self.say(f"{shape}; δ is the slope of the curve where the network stands, at the dot.{more}")
        self.sheet.refresh()
