"""The confusion matrix: what the network takes each class for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from deltaglow.engine import Evaluation
from deltaglow.engine.verdicts import is_regression
from deltaglow.explain.judged import Judge
from deltaglow.model.samples import prepared
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme

from .colours import mixed, rgb
from .export import Table
from .grid import Grid
from .held_button import HeldButton
from .state_plot import StatePlot

Counts = npt.NDArray[np.intp]


class ConfusionPlot(StatePlot):
    """A row for each class that is right, a column for each that the network says; of independent labels, a
    row for each label, with how often it was said and right, said and wrong, missed, and rightly not said.
    """

    heading = "Confusion matrix"
    about = "Which class the network takes each class for. A row is what is right, a column what it says."

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        self._judge: Judge | None = None
        self._found: Evaluation | None = None
        super().__init__(lab, theme, parent)
        self._held = HeldButton(self.heading, self)
        self._held.toggled.connect(self._on_held)
        self._header.addWidget(self._held)
        self._grid = Grid(theme, self)
        self._grid.setAccessibleName("Confusion matrix")
        self._grid.pointed.connect(self._on_pointed)
        self._layout.addWidget(self._grid, 1)

    def begin(self) -> None:
        """Another judge."""
        lab = self._lab
        regression = is_regression(lab.project.network.loss)
        self._held.follow(lab.project)
        self._empty.setText(
            "This network predicts numbers, so it has no classes to confuse. Its R² stands in the loss plot."
        )
        self._empty.setVisible(regression)
        self._grid.setVisible(not regression)
        if regression:
            self._judge = None
        else:
            made = prepared(lab.project)
            self._judge = Judge(lab.project, made, lab.frame.architecture, self._held.isChecked())

    def draw(self) -> None:
        """Judge the frame shown."""
        lab = self._lab
        self._found = None if self._judge is None else self._judge(lab.frame, lab.complete)
        if self._found is None or self._found.confusion is None:
            self._write("")
            return
        names = list(lab.dataset.class_names)
        counts, columns = _counts(self._found.confusion, names)
        right = np.eye(len(names), dtype=bool)
        if self._found.confusion.ndim == 3:
            right = np.tile([True, False, False, True], (len(names), 1))
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        good, bad = self._theme.color("y_hat"), self._theme.color("loss")
        colours = mixed(
            self._theme.color("panel"), np.where(right[..., None], rgb(good), rgb(bad)), 0.85 * share
        )
        texts = [[str(n) if n else "·" for n in row] for row in counts.tolist()]
        found, beside = self._found, []
        if found.precision is not None and found.recall is not None:
            rates = (("precision", found.precision), ("recall", found.recall))
            beside = [(name, [_share(value) for value in values.tolist()]) for name, values in rates]
        heads = (names, columns)
        self._grid.show_cells(colours, texts, heads, ("is", "network says"), beside=beside)
        self._say()

    def _say(self) -> None:
        assert self._found is not None and self._judge is not None
        of = f" of {self._judge.there_are:,}" if len(self._judge.rows) < self._judge.there_are else ""
        self._write(f"{100 * self._found.accuracy:.1f} % right · {self._found.samples:,}{of}")

    @Slot(object)
    def _on_pointed(self, cell: tuple[int, int] | None) -> None:
        found = self._found
        if found is None or found.confusion is None:
            return
        if cell is None or found.precision is None or found.recall is None:
            self._say()
            return
        row, column = cell
        names = self._lab.dataset.class_names
        if found.confusion.ndim == 3 or row == column:
            precision, recall = _share(found.precision[row]), _share(found.recall[row])
            self._write(f"{names[row]}: precision {precision}, recall {recall}")
        else:
            self._write(f"{found.confusion[row, column]} × {names[row]} taken for {names[column]}")

    @property
    def body(self) -> QWidget | None:
        """The cells."""
        return self._grid

    def table(self) -> Table | None:
        """The counts; of classes precision and recall as well."""
        found = self._found
        if found is None or found.confusion is None or found.precision is None or found.recall is None:
            return None
        counts, columns = _counts(found.confusion, list(self._lab.dataset.class_names))
        rates = np.column_stack([found.precision, found.recall]).tolist()
        rows = [
            [name, *row, *rate]
            for name, row, rate in zip(self._lab.dataset.class_names, counts.tolist(), rates, strict=True)
        ]
        return Table(["is", *columns, "precision", "recall"], rows)

    @Slot()
    def _on_held(self) -> None:
        if self._project is not None:
            self.renew()


def _counts(confusion: Counts, names: list[str]) -> tuple[Counts, list[str]]:
    """The counts (rows, columns), and the words for the columns."""
    if confusion.ndim != 3:
        return confusion, names
    found = [confusion[:, 1, 1], confusion[:, 0, 1], confusion[:, 1, 0], confusion[:, 0, 0]]
    return np.stack(found, axis=1), ["said, right", "said, wrong", "missed", "rightly not"]


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.0f} %"
