"""Precision against recall, class by class: what another threshold than the network's own would give."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from deltaglow.data.dataset import brief
from deltaglow.engine.verdicts import is_regression
from deltaglow.explain.gathered import Gathered
from deltaglow.explain.numbers import full
from deltaglow.explain.precision_recall import PrecisionRecall, by_class
from deltaglow.model.samples import prepared
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.classes import class_color
from deltaglow.ui.widgets.combo import Combo

from .export import Table
from .held_button import HeldButton
from .state_plot import StatePlot

if TYPE_CHECKING:
    from .plane import Plane

WORK, MOVING = 40_000, 2_500
"""Outputs that are put in order for one picture, and while a run goes: of more samples, which are told of,
evenly spaced ones are taken.
"""
ALL = "all"
ROOM = 0.04
"""How far the axes go beyond 0 and 1."""


class PrecisionRecallPlot(StatePlot):
    """A curve for each class, against all others, or for each label; of the step that is shown."""

    heading = "Precision, recall"
    about = (
        "If a class were said wherever its output reaches a threshold: how much of what is said is right "
        "(precision), and how much of the class is said (recall), for all thresholds. AP: the area under it."
    )

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        self._plane: Plane | None = None
        self._samples: Gathered | None = None
        self._gathered: dict[int, Gathered] = {}
        """By how many outputs of theirs there are at most."""
        self._found: list[PrecisionRecall] = []
        super().__init__(lab, theme, parent)
        self._which = Combo(self)
        self._which.setToolTip("The class whose curve is shown")
        self._which.setAccessibleName("Class of the precision and recall plot")
        self._which.setMaximumWidth(96)
        self._which.activated.connect(self._draw)
        self._held = HeldButton(self.heading, self)
        self._held.toggled.connect(self._on_held)
        self._header.addWidget(self._which)
        self._header.addWidget(self._held)

    def prepare(self) -> None:
        """Builds the plane, which imports pyqtgraph."""
        if self._plane is None:
            from .plane import Plane  # late on purpose: pyqtgraph costs more time than the first frame has

            self._plane = Plane(self._theme, self)
            self._plane.setAccessibleName("Precision against recall, a picture")
            self._plane.pointed.connect(self._on_pointed)
            self._plane.fit(-ROOM, 1 + ROOM, -ROOM, 1 + ROOM)
            self._layout.addWidget(self._plane, 1)

    def begin(self) -> None:
        """Other samples, or another network."""
        lab = self._lab
        self._held.follow(lab.project)
        names = lab.dataset.class_names
        offered = [(ALL, "all classes", "Every curve")]
        offered += [(str(k), brief(name), name) for k, name in enumerate(names)]
        before = self._which.name()
        self._which.offer(offered, before if before in {name for name, *_ in offered} else ALL)
        self._found, self._samples, self._gathered = [], None, {}
        self._empty.setText(
            "This network predicts numbers, so there is no class to be said. Its R² stands in the loss plot."
        )
        there = not is_regression(lab.project.network.loss)
        self._empty.setVisible(not there)
        for widget in (self._plane, self._which, self._held):
            assert widget is not None
            widget.setVisible(there)
        if self._plane is not None:
            self._plane.dress("recall", "precision")

    def draw(self) -> None:
        """Ask the network shown about the samples."""
        lab, work = self._lab, MOVING if self._lab.running else WORK
        if is_regression(lab.project.network.loss):
            return
        if work not in self._gathered:
            made, shape = prepared(lab.project), lab.frame.architecture
            most = max(work // len(lab.dataset.class_names), 100)
            self._gathered[work] = Gathered(lab.project, made, shape, self._held.isChecked(), most)
        samples = self._samples = self._gathered[work]
        outputs = samples.outputs(lab.frame, lab.complete)
        self._found = by_class(lab.project.network.loss, samples.y, outputs)
        self._draw()

    @property
    def _shown(self) -> list[int]:
        """The classes whose curves are drawn."""
        name = self._which.name()
        return list(range(len(self._found))) if name in (ALL, "") else [int(name)]

    @Slot()
    def _draw(self) -> None:
        if self._plane is None or not self._found:
            self._write("")
            return
        shown = self._shown
        colours = [class_color(self._theme, k) for k in shown]
        self._plane.show_lines([self._found[k].outline() for k in shown], colours)
        self._plane.ring(None)
        self._say()

    def _say(self) -> None:
        """The average precision of each, as far as there is room; else their mean."""
        samples, shown = self._samples, self._shown
        assert samples is not None
        averages = [(k, self._found[k].average) for k in shown]
        words = [f"{self._name(k)} {_number(value)}" for k, value in averages]
        count = f"{len(samples.rows):,}"
        if len(samples.rows) < samples.there_are:
            count += f" of {samples.there_are:,}"
        room = self._legend.width()
        if self._legend.fontMetrics().horizontalAdvance(f"AP  {'  '.join(words)} · {count}") <= room:
            tinted = [
                f'<span style="color:{class_color(self._theme, k).name()}">{escape(text)}</span>'
                for (k, _), text in zip(averages, words, strict=True)
            ]
            self._write_rich(f"AP&nbsp; {'&nbsp; '.join(tinted)} · {count}")
            return
        known = [value for _, value in averages if not np.isnan(value)]
        mean = _number(float(np.mean(known)) if known else float("nan"))
        long = f"mean AP {mean} · {count}"
        self._write(long if self._legend.fontMetrics().horizontalAdvance(long) <= room else f"AP {mean}")

    def _name(self, k: int) -> str:
        return brief(self._lab.dataset.class_names[k])

    @Slot()
    def _on_room(self) -> None:
        if self._found:
            self._say()

    @Slot(object)
    def _on_pointed(self, place: tuple[float, float] | None) -> None:
        """The threshold nearest to the pointer, and what it would give."""
        if self._plane is None or not self._found:
            return
        known = [k for k in self._shown if self._found[k].positives and len(self._found[k].thresholds)]
        if place is None or not known:
            self._plane.ring(None)
            self._say()
            return
        (_, at), k = min((self._found[k].nearest(*place), k) for k in known)
        one = self._found[k]
        self._plane.ring(np.array([one.recall[at], one.precision[at]]))
        right, wrong, missed, left = one.counts(at)
        self._write(
            f"{self._name(k)} ≥ {full(one.thresholds[at], 3)}: precision {one.precision[at]:.3f}, "
            f"recall {one.recall[at]:.3f} · TP {right} FP {wrong} FN {missed} TN {left}"
        )

    @property
    def body(self) -> QWidget | None:
        """The plane."""
        return self._plane

    def table(self) -> Table | None:
        """Every threshold of every curve that is drawn, with what it would give."""
        if not self._found:
            return None
        heads = ["class", "threshold", "precision", "recall", "TP", "FP", "FN", "TN"]
        rows = [
            [self._lab.dataset.class_names[k], threshold, precision, recall, *self._found[k].counts(at)]
            for k in self._shown
            for at, (threshold, precision, recall) in enumerate(
                np.column_stack(
                    [self._found[k].thresholds, self._found[k].precision, self._found[k].recall]
                ).tolist()
            )
        ]
        return Table(heads, rows)

    @Slot()
    def _on_held(self) -> None:
        if self._project is not None:
            self.renew()


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"
