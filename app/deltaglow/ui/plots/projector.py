"""Where a layer puts the samples, seen along its principal axes: which classes it has told apart."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu, QWidget

from deltaglow.engine.verdicts import is_regression
from deltaglow.explain.gathered import Gathered
from deltaglow.explain.numbers import full
from deltaglow.explain.projection import Projection, principal
from deltaglow.model.samples import prepared
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme, blend
from deltaglow.ui.theme.classes import class_color, class_mark
from deltaglow.ui.widgets.combo import Combo

from .choice_menu import offer_tick
from .export import Table
from .state_plot import StatePlot

if TYPE_CHECKING:
    from .plane import Plane
    from .spots import Marks

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
MOST, MOVING = 600, 240
"""Samples that are drawn, and while a run goes: of more, evenly spaced ones."""
PAIRS = {"12": (0, 1), "13": (0, 2), "23": (1, 2)}
GROUPS = 5
"""Into so many groups of about equal size predicted numbers are divided, from the least to the greatest."""
ROOM, MOVING_ROOM = 0.06, 0.15
"""How far the axes go beyond the samples, as a share of their range, and while a run goes."""
FILLED = 0.6
"""How much of the part in view the samples take up at least: as long as they do, and are all in it, it need
not follow them while a run goes, and its axes need not be drawn anew."""


class ProjectorPlot(StatePlot):
    """Principal components of a layer's activations over the samples, of the step that is shown."""

    heading = "Projector"
    about = (
        "Every sample where a layer puts it: its activations, seen along the two directions in which they "
        "differ most (PCA). Crossed out: samples the network is wrong about. Press one to look at it."
    )

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        self._plane: Plane | None = None
        self._samples: Gathered | None = None
        self._gathered: dict[int, Gathered] = {}
        """By how many there are at most."""
        self._found: Projection | None = None
        self._wrong: npt.NDArray[np.bool_] = np.empty(0, dtype=bool)
        self._fitted: object = None
        """What the part in view was chosen for."""
        self.crossed = True
        """Whether samples that the network is wrong about are marked."""
        super().__init__(lab, theme, parent)
        self._layer, self._pair = Combo(self), Combo(self)
        self._layer.setToolTip("Whose numbers are projected: what the network is given, or a layer's a")
        self._layer.setAccessibleName("Layer of the projector")
        self._pair.offer(
            [(name, f"{name[0]}, {name[1]}", f"Axis {name[0]} across, {name[1]} up") for name in PAIRS],
            next(iter(PAIRS)),
        )
        self._pair.setToolTip("Along which principal axes it is seen; the first has the greatest variance")
        self._pair.setAccessibleName("Axes of the projector")
        for combo, width in ((self._layer, 84), (self._pair, 72)):
            combo.setMaximumWidth(width)
            combo.activated.connect(self._on_chosen)
            self._header.addWidget(combo)

    def prepare(self) -> None:
        """Builds the plane, which imports pyqtgraph."""
        if self._plane is None:
            from .plane import Plane  # late on purpose: pyqtgraph costs more time than the first frame has

            self._plane = Plane(self._theme, self)
            self._plane.setAccessibleName("Projected samples, a picture")
            self._plane.pointed.connect(self._on_pointed)
            self._plane.pressed.connect(self._on_pressed)
            self._layout.addWidget(self._plane, 1)
            self._empty.hide()

    def begin(self) -> None:
        """Other samples, or another network."""
        lab = self._lab
        self._samples, self._gathered = None, {}
        count = len(lab.frame.architecture.layers)
        offered = [("0", "inputs", "What the network is given")]
        offered += [(str(k), f"layer {k}", "Its activations a") for k in range(1, count + 1)]
        before = self._layer.name()
        usual = str(max(count - 1, 0))  # the one that the output is made of
        self._layer.offer(offered, before if before in {name for name, *_ in offered} else usual)

    def draw(self) -> None:
        """Ask the network shown where its layer puts the samples."""
        lab, most = self._lab, MOVING if self._lab.running else MOST
        if most not in self._gathered:
            made, shape = prepared(lab.project), lab.frame.architecture
            self._gathered[most] = Gathered(lab.project, made, shape, None, most)
        samples = self._samples = self._gathered[most]
        outputs = samples.outputs(lab.frame, lab.complete)
        self._wrong = samples.wrong(outputs)
        try:
            self._found = principal(samples.activations(int(self._layer.name())))
        except ValueError:
            self._found = None
        self._draw()

    def mark(self) -> None:
        """Ring the sample shown."""
        assert self._plane is not None and self._samples is not None
        there = np.flatnonzero(self._samples.rows == self._lab.row)
        shown = self._found is not None and there.size > 0 and not self._lab.running
        self._plane.ring(self._places[there[0]] if shown else None)

    @property
    def _axes(self) -> tuple[int, int]:
        return PAIRS[self._pair.name()]

    @property
    def _places(self) -> Floats:
        """Of each sample on the plane (n, 2)."""
        assert self._found is not None
        return self._found.places[:, list(self._axes)]

    def _draw(self) -> None:
        plane = self._plane
        assert plane is not None
        self._empty.setVisible(self._found is None)
        plane.setVisible(self._found is not None)
        if self._found is None:
            self._empty.setText("A number of this layer is not finite: there is nothing to project.")
            self._write("")
            return
        share = _whole_share if self._lab.running else _share
        plane.dress(*[f"axis {axis + 1} ({share(self._found.shares[axis])})" for axis in self._axes])
        plane.show_marks(self._marks(), self._crosses())
        chosen = (self._project, self._layer.name(), self._pair.name())
        if chosen != self._fitted or (plane.following and not self._seen_well):
            self._fitted = chosen
            self._view_all()
        self._say()

    def _marks(self) -> list[Marks]:
        from .spots import Marks  # as above

        samples, places = self._samples, self._places
        assert samples is not None
        made = []
        for group, (colour, shape) in zip(self._groups, self._looks, strict=True):
            for held in (False, True):
                rows = group[samples.held_out[group] == held]
                if len(rows):
                    made.append(Marks(places[rows], shape, colour, held))
        return made

    def _crosses(self) -> list[Marks]:
        """Over those that the network is wrong about."""
        from .spots import Marks  # as above

        rows = np.flatnonzero(self._wrong)
        shown = self.crossed and len(rows) > 0
        return [Marks(self._places[rows], "x", self._theme.color("loss"), size=9)] if shown else []

    @property
    def _numbers(self) -> bool:
        return is_regression(self._lab.project.network.loss)

    @property
    def _groups(self) -> list[Rows]:
        """The samples that have a colour in common."""
        assert self._samples is not None
        y = self._samples.y
        if self._numbers:
            return np.array_split(np.argsort(y[:, 0], kind="stable"), GROUPS)
        return [np.flatnonzero(y.argmax(axis=1) == k) for k in range(y.shape[1])]

    @property
    def _looks(self) -> list[tuple[QColor, str]]:
        """Their colours and shapes."""
        theme = self._theme
        if self._numbers:
            low, high = theme.color("negative"), theme.color("positive")
            return [(blend(low, high, k / (GROUPS - 1)), "o") for k in range(GROUPS)]
        return [(class_color(theme, k), class_mark(k)) for k in range(len(self._lab.dataset.class_names))]

    def _say(self) -> None:
        """How much of the variance is seen, and which colour is which class, as far as there is room."""
        assert self._found is not None and self._samples is not None
        seen = f"{_share(float(self._found.shares[list(self._axes)].sum()))} of the variance"
        if len(self._samples.rows) < self._samples.there_are:
            seen += f" · {len(self._samples.rows):,} of {self._samples.there_are:,}"
        names = ["least", "…", "greatest"] if self._numbers else list(self._lab.dataset.class_names)
        looks = self._looks[:: 2 if self._numbers else 1]
        room = self._legend.fontMetrics().horizontalAdvance("  ".join([*names, "·", seen]))
        if room > self._legend.width():
            long = self._legend.fontMetrics().horizontalAdvance(seen) > self._legend.width()
            self._write(seen.split(" of the")[0] if long else seen)
            return
        key = [
            f'<span style="color:{colour.name()}">{escape(name)}</span>'
            for name, (colour, _) in zip(names, looks, strict=True)
        ]
        self._write_rich(f"{'&nbsp; '.join(key)} · {seen}")

    @Slot()
    def _on_room(self) -> None:
        if self._found is not None:
            self._say()

    @Slot()
    def _on_chosen(self) -> None:
        if self._project is not None:
            self.draw()
            self.mark()

    def _nearest(self, place: tuple[float, float]) -> int | None:
        """Which sample is nearest to a place, as it is seen; None where none is near."""
        if self._found is None or self._plane is None or not len(self._places):
            return None
        away = np.hypot(*self._plane.pixels(self._places - np.array(place)).T)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= 12 else None

    @Slot(object)
    def _on_pointed(self, place: tuple[float, float] | None) -> None:
        if self._found is None or self._samples is None:
            return
        at = None if place is None else self._nearest(place)
        if at is None:
            self._say()
            return
        names, y = self._lab.dataset.class_names, self._samples.y[at]
        said = f"{names[0]} {full(y[0], 3)}" if self._numbers else names[int(y.argmax())]
        verdict = ", taken for another" if self._wrong[at] else ""
        held = ", kept out" if self._samples.held_out[at] else ""
        self._write(f"sample {self._samples.rows[at] + 1}: {said}{verdict}{held}")

    @Slot(object)
    def _on_pressed(self, place: tuple[float, float]) -> None:
        at = self._nearest(place)
        if at is not None and self._samples is not None:
            self._lab.look_at(int(self._samples.rows[at]))

    @property
    def body(self) -> QWidget | None:
        """The plane."""
        return self._plane

    def table(self) -> Table | None:
        """Where each sample that is drawn lies along the three axes."""
        found, samples = self._found, self._samples
        if found is None or samples is None:
            return None
        names = self._lab.dataset.class_names
        axes = [f"axis {k + 1} ({_share(share)})" for k, share in enumerate(found.shares.tolist())]
        rows = [
            [
                int(row) + 1,
                float(y[0]) if self._numbers else names[int(y.argmax())],
                int(held),
                int(bad),
                *place,
            ]
            for row, y, held, bad, place in zip(
                samples.rows, samples.y, samples.held_out, self._wrong, found.places.tolist(), strict=True
            )
        ]
        return Table(["sample", "is", "kept out", "wrong", *axes], rows)

    def _fill(self, menu: QMenu) -> None:
        whole = menu.addAction("View all")
        whole.triggered.connect(self._view_all)
        tip = "Mark the samples that the network shown is wrong about"
        offer_tick(menu, "Cross out what is wrong", tip, self.crossed, self.cross_out)

    @Slot(bool)
    def cross_out(self, on: bool) -> None:
        """Mark the samples that the network is wrong about, or no more."""
        self.crossed = on
        if self._found is not None:
            self._draw()

    @property
    def _seen_well(self) -> bool:
        """Whether the part in view will do for now."""
        if not self._lab.running or self._plane is None or not len(self._places):
            return False
        begins, ends = self._plane.in_view.T
        low, high = self._places.min(axis=0), self._places.max(axis=0)
        return bool(
            (low >= begins).all() and (high <= ends).all() and (high - low >= FILLED * (ends - begins)).all()
        )

    @Slot()
    def _view_all(self) -> None:
        if self._plane is None or self._found is None or not len(self._places):
            return
        low, high = self._places.min(axis=0), self._places.max(axis=0)
        room = np.where(high > low, (MOVING_ROOM if self._lab.running else ROOM) * (high - low), 1.0)
        left, bottom = (low - room).tolist()
        right, top = (high + room).tolist()
        self._plane.fit(left, right, bottom, top)


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _whole_share(value: float) -> str:
    return f"{100 * value:.0f} %"
