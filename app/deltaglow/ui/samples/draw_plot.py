"""Decision regions to draw on: the same picture, over all that is in view, under the points there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from deltaglow.model.project import InlineData
from deltaglow.model.samples import drawn, output_word
from deltaglow.session.lab import Lab
from deltaglow.ui.plots import labelled
from deltaglow.ui.plots.regions import RegionPlot
from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.classes import class_color, class_mark

if TYPE_CHECKING:
    from deltaglow.ui.plots.spots import Marks

    from .canvas import Canvas

ICON = 8
"""Half the pixels of a class's icon."""
CHOOSER = 144
"""Pixels of a list of features."""
EMPTY = (-1.25, 1.25, -1.25, 1.25)
"""What is seen of an empty plane."""


class DrawPlot(RegionPlot):
    """Shows the project's samples or, with `blank`, others that are not the project's yet."""

    most = 20_000
    ready = Signal()
    """The canvas is there."""

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        self.blank: InlineData | None = None
        super().__init__(lab, theme, parent)
        self.title.hide()
        self.setProperty("surface", "")
        self._layout.setContentsMargins(0, 0, 0, 0)
        for combo in self._choosers:
            combo.setMinimumWidth(CHOOSER)

    @property
    def canvas(self) -> Canvas:
        """What is drawn on."""
        from .canvas import Canvas  # late on purpose: it costs more time than the first frame has

        assert isinstance(self._plane, Canvas)
        return self._plane

    def put_tools(self, tools: Sequence[QWidget]) -> None:
        """Put what draws over the plane, on the left."""
        for place, tool in enumerate(tools):
            self._header.insertWidget(place, tool)

    @property
    def pair(self) -> tuple[int, int]:
        """The features across and up, by their numbers."""
        return self._pair

    def class_icon(self, k: int) -> QIcon:
        """The mark of a class in its colour."""
        from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols  # as above

        made = QPixmap(2 * ICON, 2 * ICON)
        made.fill(Qt.GlobalColor.transparent)
        with QPainter(made) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(ICON, ICON)
            painter.scale(1.6 * ICON, 1.6 * ICON)
            painter.fillPath(Symbols[class_mark(k)], class_color(self._theme, k))
        return QIcon(made)

    def prepare(self) -> None:
        """Builds the canvas, which imports pyqtgraph."""
        if self._plane is None:
            from .canvas import Canvas  # as above

            self._plane = made = Canvas(self._theme, self)
            made.pointed.connect(self._on_pointed)
            made.looked.connect(self.renew)
            self._layout.addWidget(made, 1)
            self._empty.hide()
            self.ready.emit()

    def empty(self, data: InlineData | None) -> None:
        """Show these samples in place of the project's; None shows the project's again."""
        begun = data is not None and self.blank is None
        self.blank = data
        if begun:
            self._fitted = (None, (0, 0))
        if self.isVisible():
            self.renew()

    def keep_view(self) -> None:
        """What is in view stays so, although the samples are others now."""
        self._fitted = (self._lab.project.data, self._pair)

    def begin(self) -> None:
        blank = self.blank
        if blank is None:
            if self._sees_all():
                self.keep_view()
            super().begin()
            return
        self._regions, self._outputs, self._pair = None, None, (0, 1)
        self.prepare()
        canvas = self.canvas
        for combo in self._choosers:
            combo.hide()
        if self._fitted[0] != "blank":
            canvas.fit(*EMPTY)
            self._fitted = ("blank", self._pair)
        names = blank.features or ("x₁", "x₂")
        canvas.dress(names[0], names[1])
        canvas.clear_curves()
        canvas.clear_picture()
        canvas.ring(None)
        canvas.show_marks(self._blank_marks(blank))

    def draw(self) -> None:
        if self.blank is None:
            super().draw()

    def mark(self) -> None:
        if self.blank is None:
            super().mark()

    def _bounds(self) -> tuple[float, float, float, float] | None:
        """All that is in view, if that stays: else what the samples need."""
        data, pair = self._fitted
        kept = self._plane is not None and data is self._lab.project.data and pair == self._pair
        return self.canvas.view() if kept and not self._single else None

    def _in_list(self, name: str) -> str:
        """As the axes call it: there is room."""
        return name

    def _key(self) -> str:
        """How a label is told; which colour is which class, the buttons say already."""
        return super()._key() if self._labels and self.blank is None else ""

    def _sees_all(self) -> bool:
        """Whether the samples are all in view already, and the plane is the same one."""
        if self._plane is None or self._fitted[0] is None:
            return False
        found = drawn(self._lab.project)
        if self._single or max(self._pair) >= found.x.shape[1]:
            return False
        if self._regions is not None and self._regions.names != found.feature_names:
            return False
        left, right, bottom, top = self.canvas.view()
        x, y = (found.x[:, feature] for feature in self._pair)
        return bool(((x >= left) & (x <= right) & (y >= bottom) & (y <= top)).all())

    def _blank_marks(self, data: InlineData) -> list[Marks]:
        from deltaglow.ui.plots.spots import Marks  # as above

        classes = data.y.argmax(1) if len(data.y) else np.zeros(0, dtype=np.intp)
        if output_word(self._lab.project) == "label":
            has = data.y[:, min(self.label, data.y.shape[1] - 1)] > 0.5
            return [
                Marks(data.x[has == yes][:, :2], *labelled.dress(self._theme, self.label, yes))
                for yes in (False, True)
            ]
        return [
            Marks(data.x[classes == k][:, :2], class_mark(k), class_color(self._theme, k))
            for k in np.unique(classes).tolist()
        ]
