"""The axes of a history plot: whole steps across, few round values up. On pyqtgraph, as charts are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsSceneResizeEvent

from deltaglow.ui.theme import Theme


class StepAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """A horizontal axis whose name stands at the left of its figures instead of taking a row of its own."""

    whole = True
    """Whether it is steps, of which there are no fractions."""

    def resizeEvent(self, event: QGraphicsSceneResizeEvent | None = None) -> None:
        """Places the name; pyqtgraph would centre it below."""
        del event
        if self.label is not None:
            box = self.label.boundingRect()
            self.label.setPos(-box.width() - 8, -1)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """In groups of three digits; whole steps only."""
        del scale, spacing
        if not self.whole:
            return [f"{value:,.6g}".replace(",", "\u2009") for value in values]
        return [f"{value:,.0f}".replace(",", "\u2009") if value == int(value) else "" for value in values]

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, float]]:
        """One level of ticks on 1, 2 or 5 times a power of ten, never closer than 64 px nor than one step."""
        wanted = max((maxVal - minVal) * 64 / max(size, 64), 1.0 if self.whole else 1e-9)
        power = 10.0 ** math.floor(math.log10(wanted))
        return [(next(power * m for m in (1, 2, 5, 10) if power * m >= wanted * 0.999), 0)]


class ValueAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """A vertical axis with few ticks: whole decades (thinned) on a logarithmic scale, 0 at its floor."""

    floor: float | None = None
    """Where zeros are drawn on a logarithmic scale (log10 of the value), or None if there are none."""

    def boundingRect(self) -> QRectF:
        """With room for half a line of text at either end, which pyqtgraph would leave out."""
        box: QRectF = super().boundingRect()
        return box.adjusted(0, -8, 0, 8)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """One level of ticks, never closer than 22 px."""
        room = max(size / 22, 2.0)
        if not self.logMode:
            return [(1.0, _round_values(minVal, maxVal, room))]
        if maxVal - minVal >= 1.7:
            step = math.ceil((maxVal - minVal) / room)
            ticks = [k * step * 1.0 for k in range(math.ceil(minVal / step), math.floor(maxVal / step) + 1)]
        else:
            ticks = _within_decades(minVal, maxVal, (maxVal - minVal) / room)
        if self.floor is not None:
            ticks = [self.floor, *(t for t in ticks if t > self.floor + (maxVal - minVal) / room)]
        return [(1.0, ticks)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Plain numbers, powers of ten as 1e−3, with a true minus sign."""
        del scale, spacing
        if self.logMode:
            return ["0" if value == self.floor else _plain(10.0**value) for value in values]
        return [f"{value:.6g}".replace("-", "\u2212") for value in values]


def _round_values(low: float, high: float, count: float) -> list[float]:
    """The multiples of 1, 2 or 5 times a power of ten between `low` and `high`: at most about `count`."""
    wanted = max((high - low) / max(count, 1.0), 1e-300)
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= wanted * 0.999)
    return [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _within_decades(low: float, high: float, apart: float) -> list[float]:
    """log10 of the roundest values between 10**low and 10**high that stand `apart`: 1, then 3, 2, 5, 7."""
    ticks: list[float] = []
    for digit in (1, 3, 2, 5, 7, 1.5, 4, 6, 8, 9):
        for decade in range(math.floor(low), math.ceil(high) + 1):
            tick = decade + math.log10(digit)
            if low <= tick <= high and all(abs(tick - other) >= apart for other in ticks):
                ticks.append(tick)
    return sorted(ticks)


def _plain(value: float) -> str:
    if 1e-3 < value < 1e4:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.2e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}".replace("-", "\u2212")


def set_up(plot: pg.PlotItem) -> None:
    """How the axes of a history plot are laid out."""
    for name in ("bottom", "left"):
        axis = plot.getAxis(name)
        axis.setStyle(tickLength=0, autoExpandTextSpace=False, hideOverlappingLabels=False)
        axis.enableAutoSIPrefix(False)
        axis.setZValue(-1000)
    plot.getAxis("bottom").setStyle(tickTextOffset=5)
    plot.getAxis("bottom").setHeight(20)
    plot.getAxis("left").setWidth(56)
    plot.getAxis("left").setStyle(tickTextOffset=6)


def dress(plot: pg.PlotItem, theme: Theme, across: str, up: str) -> None:
    """Gives them the theme's colours and their names."""
    muted = theme.color("muted")
    for where, label in (("bottom", across), ("left", up)):
        axis = plot.getAxis(where)
        axis.setPen(QPen(theme.color("hairline" if where == "bottom" else "panel"), 1))
        axis.setTextPen(muted)
        axis.setTickFont(theme.mono_font(10))
        axis.setLabel(label, color=muted.name())
        axis.label.setFont(theme.ui_font(11))
        axis.showLabel()
    # pyqtgraph draws its grid with an alpha of its own and the ticks' pen: opaque is cheaper and exact
    plot.getAxis("left").setTickPen(QPen(theme.color("plot_grid"), 1))
    plot.getAxis("left").setGrid(255)
