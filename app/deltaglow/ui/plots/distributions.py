"""How the numbers of a layer spread over a run: histograms side by side, and how many units are stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from deltaglow.explain.numbers import full
from deltaglow.explain.sketch import Histogram
from deltaglow.session.lab import Lab
from deltaglow.session.sketches import Sketches
from deltaglow.ui.later import Later
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets.combo import Combo

from .card import PlotCard
from .choice_menu import offer
from .colours import Floats
from .export import Table
from .spreads import (
    WAYS,
    along_steps,
    draw_density,
    draw_histograms,
    draw_percentiles,
    step_at,
)

if TYPE_CHECKING:
    from .plane import Plane

KINDS = {
    "W": ("weights W", "How the layer's weights are distributed", "positive"),
    "dW": ("gradient ∂L/∂W", "How the gradients of its weights are distributed", "delta"),
    "z": ("pre-activation z", "How z is distributed, over units and samples of the batch", "forward"),
    "a": ("activation a", "How a is distributed, over units and samples of the batch", "forward"),
    "delta": ("error δ", "How δ is distributed, over units and samples of the batch", "delta"),
    "stuck": (
        "stuck units",
        "The share of units that are silent (dead) or let nothing back (saturated)",
        "loss",
    ),
}


class DistributionPlot(PlotCard):
    """Histograms of the steps, drawn in one of WAYS.

    While it is seen, sketches are taken of the frames shown; what is missing of the past is worked out again,
    step by step, when nothing runs.
    """

    heading = "Distributions"
    about = (
        "How a layer's numbers are distributed, step by step: as density, percentiles or histograms (menu). "
        "And how many of its units are stuck, passing no error back."
    )

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(lab, theme, parent)
        self._sketches = Sketches(lab, self)
        self._plane: Plane | None = None
        self._drawn: object = None
        self.way = "density"
        """How histograms are drawn, one of WAYS."""
        self._kind, self._layer = Combo(self), Combo(self)
        self._kind.offer([(name, words, tip) for name, (words, tip, _) in KINDS.items()], "W")
        self._kind.setToolTip("Which numbers are shown")
        self._kind.setAccessibleName("Quantity of the distributions")
        self._layer.setToolTip("The layer whose numbers are shown")
        self._layer.setAccessibleName("Layer of the distributions")
        for chooser, width in ((self._kind, 104), (self._layer, 84)):
            chooser.setMaximumWidth(width)
            chooser.activated.connect(self._view_all)
            self._header.addWidget(chooser)
        self._filling = QTimer(self)
        self._filling.setInterval(0)
        self._filling.timeout.connect(self._fill_one)
        self._soon = Later(self._on_place, self)
        for signal in (lab.positionChanged, lab.frameChanged, lab.historyReset, lab.runningChanged):
            signal.connect(self._soon.ask)
        theme.changed.connect(self._on_theme)

    def prepare(self) -> None:
        """Builds the plane, which imports pyqtgraph."""
        if self._plane is None:
            from .plane import Plane  # late on purpose: pyqtgraph costs more time than the first frame has

            self._plane = Plane(self._theme, self, steps=True)
            self._plane.setAccessibleName("Distributions by step, a picture")
            self._plane.pointed.connect(self._on_pointed)
            self._plane.pressed.connect(self._on_pressed)
            self._plane.hide()
            self._layout.addWidget(self._plane, 1)

    def refresh(self) -> None:
        """Takes a sketch of the frame shown, and draws if there is anything new."""
        self._sketches.take()
        self._offer_layers()
        if not self._lab.running and self._sketches.missing() and self.isVisible():
            self._filling.start()
        self._draw_if_new()

    def settle(self) -> None:
        """Work out all that is missing now."""
        while self._filling.isActive():
            self._fill_one()

    @Slot()
    def _fill_one(self) -> None:
        missing = [] if self._lab.running else self._sketches.missing()
        if not missing:
            self._filling.stop()
            self._draw_if_new()
            return
        self._sketches.fill(missing[0])
        if len(missing) % 8 == 0:
            self._draw_if_new()

    def _offer_layers(self) -> None:
        layers = [(str(k), f"layer {k}", "") for k in range(1, len(self._lab.frame.layers) + 1)]
        before = self._layer.name()
        self._layer.offer(layers, before if int(before or 0) in range(1, len(layers) + 1) else "1")

    def _draw_if_new(self) -> None:
        lab = self._lab
        state = (lab.history, lab.head, lab.alike, len(self._sketches.steps), self._theme.name)
        if state != self._drawn:
            self._drawn = state
            self._draw()

    @Slot()
    def _draw(self) -> None:
        self._offer_layers()
        steps = self._sketches.steps
        kind, layer = self._kind.name(), int(self._layer.name())
        found = [self._sketches.at(step).histograms.get((kind, layer)) for step in steps]
        there = bool(steps) and (kind == "stuck" or all(one is not None for one in found))
        self.prepare()
        assert self._plane is not None
        self._empty.setVisible(not there)
        self._plane.setVisible(there)
        self._write("")
        if not steps:
            self._empty.setText(self._empty_text())
        elif not there:
            self._empty.setText(f"Layer {layer} has none of these numbers.")
        elif kind == "stuck":
            self._draw_stuck(steps)
        else:
            self._draw_spread(steps, [one for one in found if one is not None])
        self._mark_shown()

    @Slot()
    def _mark_shown(self) -> None:
        if self._plane is not None:
            across = self._kind.name() == "stuck" or along_steps(self.way)
            self._plane.mark_shown(self.step_shown if across else -1)

    def _draw_spread(self, steps: list[int], found: list[Histogram]) -> None:
        plane = self._plane
        assert plane is not None
        words, _, token = KINDS[self._kind.name()]
        symbol, ends = words.split()[-1], self._range(steps)
        across = along_steps(self.way)
        plane.count_steps(across)
        plane.name_rows([])
        plane.dress(*(("step", symbol) if across else (symbol, "step" if self.way == "offset" else "share")))
        if self.way == "density":
            draw_density(plane, self._theme, token, steps, found, ends)
        elif self.way == "percentiles":
            draw_percentiles(plane, self._theme, token, steps, found, ends)
        else:
            draw_histograms(plane, self._theme, token, steps, found, self.way == "offset")

    def set_way(self, way: str) -> None:
        """Draws them in one of WAYS."""
        self.way = way
        self._view_all()

    @Slot()
    def _view_all(self) -> None:
        if self._plane is not None:
            self._plane.following = True
        self._draw()

    def _fill(self, menu: QMenu) -> None:
        whole = menu.addAction("View all")
        whole.triggered.connect(self._view_all)
        offer(menu.addMenu("Drawn as"), WAYS, self.way, self.set_way)

    def _draw_stuck(self, steps: list[int]) -> None:
        assert self._plane is not None
        layer = int(self._layer.name()) - 1
        made = [self._sketches.at(step) for step in steps]
        y: Floats = np.array([[one.dead[layer], one.saturated[layer]] for one in made], dtype=np.float64)
        y /= max(made[-1].units[layer], 1)
        self._plane.count_steps(True)
        self._plane.name_rows([])
        self._plane.dress("step", "share of units")
        self._plane.show_curves(
            np.array(steps, dtype=np.float64), y, [self._theme.color("loss"), self._theme.color("negative")]
        )
        self._plane.follow(*self._range(steps), -0.03, 1.03)
        dead, saturated = made[-1].dead[layer], made[-1].saturated[layer]
        self._write_rich(
            self._tinted("loss", f"dead {dead}")
            + "&nbsp; "
            + self._tinted("negative", f"saturated {saturated}")
        )

    def _tinted(self, token: str, text: str) -> str:
        return f'<span style="color:{self._theme.text_color(token).name()}">{text}</span>'

    def _range(self, steps: list[int]) -> tuple[float, float]:
        first, last = self._lab.alike
        return max(steps[0], first) - 0.5, max(last, steps[-1] + 1) - 0.5

    @property
    def body(self) -> QWidget | None:
        """The plane."""
        return self._plane

    def table(self) -> Table | None:
        """Of each step that was looked at, how many numbers lie in each part; or how many units are stuck."""
        steps, kind, layer = self._sketches.steps, self._kind.name(), int(self._layer.name())
        made = [self._sketches.at(step) for step in steps]
        if not made:
            return None
        if kind == "stuck":
            k = layer - 1
            stuck = [[one.step, one.dead[k], one.saturated[k], one.units[k]] for one in made]
            return Table(["step", "dead", "saturated", "units"], stuck)
        rows = [
            [one.step, low, high, count]
            for one in made
            if (kind, layer) in one.histograms
            for low, high, count in one.histograms[kind, layer].parts()
        ]
        return Table(["step", "from", "to", "count"], rows)

    @Slot(object)
    def _on_pointed(self, place: tuple[float, float] | None) -> None:
        kind, layer = self._kind.name(), int(self._layer.name())
        if kind == "stuck" or not self._sketches.steps:
            return
        if place is None:
            self._write("")
            return
        nearest = self._sketches.at(step_at(self.way, place, self._sketches.steps))
        if (kind, layer) not in nearest.histograms:
            return
        low, high = nearest.histograms[kind, layer].between(0.9)
        self._write(f"step {nearest.step}: 90 % in {full(low, 3)} … {full(high, 3)}")

    @Slot(object)
    def _on_pressed(self, place: tuple[float, float]) -> None:
        steps, way = self._sketches.steps, "density" if self._kind.name() == "stuck" else self.way
        if steps and way != "overlay":
            self.go_to(min(max(step_at(way, place, steps), 0), max(self._lab.head - 1, 0)))

    def _on_place(self) -> None:
        if self._lab.running:
            self._filling.stop()
        elif self.isVisible() and not self._lab.playing:
            self.refresh()
            self._mark_shown()

    def showEvent(self, event: QShowEvent) -> None:
        """What was missed while it was hidden is worked out."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        self._filling.stop()
        super().hideEvent(event)

    @Slot()
    def _on_theme(self) -> None:
        super()._on_theme()
        if self.isVisible():
            self._draw_if_new()
