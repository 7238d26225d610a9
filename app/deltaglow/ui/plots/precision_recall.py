"""Precision against recall, class by class: what another threshold than the network's own would give."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QWidget

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

from .company import Company
from .export import Table
from .held_button import HeldButton
from .other_answers import Answered, OtherAnswers
from .run_colours import run_color, run_dashes
from .state_plot import StatePlot
from .stroke import Stroke

if TYPE_CHECKING:
    from .plane import Plane

WORK, MOVING = 40_000, 2_500
"""Outputs that are put in order for one picture, and while a run goes: of more samples, which are told of,
evenly spaced ones are taken.
"""
ALL = "all"
B_DASHES = (5.0, 3.0)
ROOM = 0.04
"""How far the axes go beyond 0 and 1."""


class PrecisionRecallPlot(StatePlot):
    """A curve for each class, against all others, or for each label; of the step that is shown."""

    heading = "Precision, recall"
    about = (
        "If a class were said wherever its output reaches a threshold: how much of what is said is right "
        "(precision), and how much of the class is said (recall), for all thresholds. AP: the area under it. "
        "Runs that are drawn over this one (menu) have theirs, at the same step or at their end."
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
        self._company = Company(lab, theme)
        self._others = OtherAnswers(lab, self)
        self._others.changed.connect(self._draw)
        lab.overlays.changed.connect(self._on_overlays)
        lab.runningChanged.connect(self._on_overlays)
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
        self._on_overlays()

    @Slot()
    def _on_overlays(self) -> None:
        """Others may be drawn over it, at other steps."""
        if self._found:
            past = self.step_shown
            steps = -1 if past < 0 else past + self._lab.complete
            most = max(WORK // len(self._lab.dataset.class_names), 100)
            self._others.ask(self._held.isChecked(), most, steps)
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
        strokes = []
        for other in self._others.answered:
            for k in self._common(other):
                colour = class_color(self._theme, k)
                colour = colour if other.number is None else run_color(self._theme, other.number)
                dashes = B_DASHES if other.number is None else run_dashes(other.number)
                strokes.append(Stroke(other.found[k].outline(), colour, dashes))
        plain = bool(strokes) and len(self._shown) == 1  # a run may have the colour of the class
        tints = [self._theme.color("text") if plain else class_color(self._theme, k) for k in self._shown]
        own = [Stroke(self._found[k].outline(), t) for k, t in zip(self._shown, tints, strict=True)]
        self._plane.show_strokes([*strokes, *own])
        self._plane.ring(None)
        self._say()

    def _common(self, other: Answered) -> list[int]:
        """Those classes whose curves are drawn that the other run has, too."""
        return [k for k in self._shown if k < len(other.found)]

    def _mean(self, found: list[PrecisionRecall]) -> str:
        """The mean of their average precisions in words."""
        known = [one.average for one in found if not np.isnan(one.average)]
        return _number(float(np.mean(known)) if known else float("nan"))

    def _say_all(self, others: list[Answered]) -> None:
        """The mean average precision of each run, this one first, as far as there is room."""
        words = [("text", f"AP {self._mean([self._found[k] for k in self._shown])}")]
        for other in others:
            tint = "muted" if other.number is None else run_color(self._theme, other.number).name()
            words.append((tint, f"{other.short} {self._mean([other.found[k] for k in self._common(other)])}"))
        metrics, room = self._legend.fontMetrics(), self._legend.width()
        while len(words) > 1 and metrics.horizontalAdvance("  ".join(w for _, w in words)) > room:
            words.pop()
        tinted = [
            f'<span style="color:{tint if tint[0] == "#" else self._theme.hex(tint)}">{escape(text)}</span>'
            for tint, text in words
        ]
        self._write_rich("&nbsp; ".join(tinted))

    def _say(self) -> None:
        """The average precision of each, as far as there is room; else their mean."""
        if others := self._others.answered:
            self._say_all(others)
            return
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
        mean = self._mean([self._found[k] for k in shown])
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
        curves = [(f"{self._name(k)}", self._found[k]) for k in self._shown]
        for other in self._others.answered:
            named = [(f"{other.short} {self._name(k)}", other.found[k]) for k in self._common(other)]
            curves += named
        known = [(name, one) for name, one in curves if one.positives and len(one.thresholds)]
        if place is None or not known:
            self._plane.ring(None)
            self._say()
            return
        (_, at), number = min((one.nearest(*place), n) for n, (_, one) in enumerate(known))
        name, one = known[number]
        self._plane.ring(np.array([one.recall[at], one.precision[at]]))
        right, wrong, missed, left = one.counts(at)
        self._write(
            f"{name} ≥ {full(one.thresholds[at], 3)}: precision {one.precision[at]:.3f}, "
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
        heads = ["run", "class", "threshold", "precision", "recall", "TP", "FP", "FN", "TN"]
        runs = [(self._lab.branches.here.title, self._found, self._shown)]
        runs += [(one.branch.title, one.found, self._common(one)) for one in self._others.answered]
        rows = [
            [title, self._lab.dataset.class_names[k], threshold, precision, recall, *found[k].counts(at)]
            for title, found, shown in runs
            for k in shown
            for at, (threshold, precision, recall) in enumerate(
                np.column_stack([found[k].thresholds, found[k].precision, found[k].recall]).tolist()
            )
        ]
        return Table(heads, rows)

    def _fill(self, menu: QMenu) -> None:
        self._company.fill(menu.addMenu("Runs"))

    @Slot()
    def _on_held(self) -> None:
        if self._project is not None:
            self.renew()


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"
