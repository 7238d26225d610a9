"""The loss along a line through the parameters: downhill, along a step, at random, from the start, or one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from deltaglow.explain.line import Line, NoDirection, ray
from deltaglow.explain.numbers import full
from deltaglow.model.samples import prepared
from deltaglow.session.lab import Lab
from deltaglow.ui.later import Later
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets.combo import Combo

from .export import Table
from .work_plot import WorkPlot

if TYPE_CHECKING:
    from .plane import Plane

DIRECTIONS = [
    ("gradient", "downhill", "Against the gradient of the batch shown, the way of steepest descent"),
    ("step", "the step", "The way the step shown goes, and further: is it too long, or too short?"),
    ("random", "at random", "A random direction, each unit's weights moved as much as they are long"),
    ("path", "from the start", "Straight from where the run began to where it stands"),
    ("parameter", "one weight", "The weight or bias that is selected, all others held"),
]


class LinePlot(WorkPlot):
    """Once begun it follows what is shown while nothing runs: the step, and what is selected."""

    heading = "Loss along a line"
    about = (
        "The loss of all training samples, and of those kept out, along a straight line through the space of "
        "parameters: downhill, along the step, at random, from the start, or over one weight."
    )
    verb = "Draw it"
    does = "Works out the loss at 101 points of a line through the parameters shown"

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        self._line: Line | None = None
        self._of: tuple[object, ...] = ()
        self._why_not = ""
        self._directions = Combo()
        self._directions.offer(DIRECTIONS, "gradient")
        self._directions.setToolTip("Along which line the loss is drawn")
        self._directions.setAccessibleName("Direction of the loss along a line")
        super().__init__(lab, theme, parent)
        self._header.insertWidget(self._header.indexOf(self._button), self._directions)
        self._directions.activated.connect(self._on_choice)
        self._soon = Later(self._follow, self)
        for signal in (lab.frameChanged, lab.positionChanged, lab.selectionChanged, lab.projectChanged):
            signal.connect(self._soon.ask)

    def _empty_text(self) -> str:
        return "See how the loss goes along a line through the parameters, and where on it the run stands."

    @property
    def work(self) -> Line | None:
        """The line."""
        return self._line

    def begin(self) -> None:
        """Another line, through the parameters shown."""
        lab = self._lab
        self._of = self._what()
        passed = [theta for step, theta in lab.passed if step <= lab.frame.step]
        try:
            found = ray(self._directions.name(), lab.frame, lab.complete, passed, lab.selected)
        except NoDirection as error:
            self._line, self._why_not = None, str(error)
        else:
            self._line = Line(lab.project, prepared(lab.project), lab.frame, lab.complete, found)

    def forget(self) -> None:
        """No line, until another is asked for."""
        self._line, self._of, self._why_not = None, (), ""

    def dress(self, plane: Plane) -> None:
        """The pointer asks for the loss."""
        plane.pointed.connect(self._on_pointed)

    def refresh(self) -> None:
        """What is shown is another: so is the line."""
        self._soon.now()

    def draw(self) -> None:
        """The losses so far, and where the parameters shown lie."""
        line = self._line
        there = line is not None and bool(np.isfinite(line.losses).any())
        self._empty.setText(self._why_not if self._of and line is None else self._empty_text())
        self.show_plane(there)
        if line is None or not there or self._plane is None:
            return
        theme, plane = self._theme, self._plane
        plane.dress(line.ray.axis, "loss")
        curves = 2 if np.isfinite(line.losses[:, 1]).any() else 1
        colours = [theme.text_color("loss"), theme.text_color("text")][:curves]
        plane.show_curves(line.u, line.losses[:, :curves], colours)
        low, high = float(np.nanmin(line.losses)), float(np.nanmax(line.losses))
        room = 0.08 * (high - low) or 0.1
        plane.fit(line.ray.low, line.ray.high, low - room, high + room)
        plane.lines([(line.ray.now, "now")])

    def say(self) -> None:
        """Which curve is which. What is done needs no button: it follows by itself."""
        super().say()
        line = self._line
        finished = line is not None and line.done
        self._button.setVisible(not finished)
        if line is not None and finished:
            self._write_rich(self._legend_of(line))

    def table(self) -> Table | None:
        """The losses along the line."""
        line = self._line
        if line is None:
            return None
        rows = np.column_stack([line.u, line.losses])
        return Table([line.ray.axis, "training loss", "validation loss"], rows.tolist())

    def _legend_of(self, line: Line) -> str:
        words = [("loss", "train")]
        if np.isfinite(line.losses[:, 1]).any():
            words.append(("text", "val"))
        colours = [self._theme.text_color(token).name() for token, _ in words]
        return "&nbsp; ".join(
            f'<span style="color:{colour}">{word}</span>'
            for colour, (_, word) in zip(colours, words, strict=True)
        )

    def _what(self) -> tuple[object, ...]:
        """What the line depends on."""
        lab, direction = self._lab, self._directions.name()
        return lab.frame, lab.complete, direction, lab.selected if direction == "parameter" else None

    def _follow(self) -> None:
        lab = self._lab
        still = self.isVisible() and not lab.running and not lab.playing
        if self._of and still and not _same(self._of, self._what()):
            self._go.stop()
            self.start()

    @Slot()
    def _on_choice(self) -> None:
        if self._of and not self._lab.running:
            self._follow()

    @Slot(object)
    def _on_pointed(self, place: tuple[float, float] | None) -> None:
        line = self._line
        if line is None:
            return
        if place is None:
            self._write_rich(self._legend_of(line))
            return
        nearest = int(np.abs(line.u - place[0]).argmin())
        losses = [full(loss, 4) for loss in line.losses[nearest] if np.isfinite(loss)]
        self._write(f"at {full(line.u[nearest], 3)}: {'  '.join(losses)}")


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether they say the same: frames are the same when they are one, as they are never compared."""
    return one[0] is other[0] and one[1:] == other[1:]
