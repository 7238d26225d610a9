"""The loss of every step, or how much of the data the network is right about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolButton, QWidget

from deltaglow.engine.verdicts import is_regression
from deltaglow.explain.output_words import output_words
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme

from .history_plot import HistoryPlot

_LOSSES = ("loss", "validation_loss")
_SCORES = ("accuracy", "r_squared", "validation_accuracy", "validation_r_squared")


class LossPlot(HistoryPlot):
    """The mean loss of each step's batch, before the step's update, and of the samples that are kept out of
    the training, now and then, with the same parameters; logarithms are natural.

    A switch shows accuracy instead, or R² in regression: there on all samples of the training, now and then.
    """

    heading = "Loss"
    about = "The loss of every step's batch and, of a run with validation, of the samples kept out of it."

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        self._scores = False
        super().__init__(lab, theme, parent)

    def _build(self) -> None:
        self._switch = QToolButton(self)
        self._switch.setProperty("role", "quiet")
        self._switch.setCheckable(True)
        self._switch.toggled.connect(self.show_scores)
        super()._build()
        self._header.insertWidget(self._header.indexOf(self._log_button), self._switch)

    def _show(self, curves: bool) -> None:
        self._switch.setVisible(curves)
        super()._show(curves)

    @Slot(bool)
    def show_scores(self, on: bool) -> None:
        """Shows accuracy (in regression R²) in place of the loss, or the loss again."""
        self._scores = on
        self._switch.setChecked(on)
        self.heading = self._score() if on else "Loss"
        self.renew()

    @property
    def has_log_scale(self) -> bool:
        """Shares and R² go up to 1, and R² below 0."""
        return not self._scores

    def axis_label(self) -> str:
        """The loss, in nats where it is one of logarithms; the share of samples that are right; R²."""
        if self._scores:
            return "R²" if self._regression else "share right"
        return output_words(self._lab.project.network.loss).axis

    def columns(self, names: Sequence[str]) -> list[str]:
        """Of the batch or of all samples of the training, then of those that are kept out of it."""
        wanted = _SCORES if self._scores else _LOSSES
        return [name for name in wanted if name in names and not (name == "accuracy" and self._regression)]

    def sparse(self, column: str) -> bool:
        """All but the batch's own numbers."""
        return column not in ("loss", "accuracy")

    def label(self, column: str) -> str:
        """Which data the loss was taken on."""
        if column.startswith("validation"):
            return "validation"
        return "training set" if self.sparse(column) else "training batch"

    def short_label(self, column: str) -> str:
        """The same in a word."""
        return self.label(column).removeprefix("training ")

    def readout_label(self, column: str) -> str:
        """Which of two it is, in short: there is room for two numbers, not for their names."""
        return "val" if column.startswith("validation") else ""

    def colour(self, column: str) -> QColor:
        """The colour of the loss everywhere, of outputs for a score; validation in that of the text."""
        if column.startswith("validation"):
            return self._theme.text_color("text")
        return self._theme.text_color("y_hat" if self._scores else "loss")

    def _dress(self) -> None:
        score = self._score()
        self._switch.setText(score.lower() if score == "Accuracy" else score)
        self._switch.setToolTip(f"{score} in place of the loss")
        self._switch.setAccessibleName(f"Show {score} in place of the loss")
        if self._scores:
            self.heading = score
        super()._dress()

    @property
    def _regression(self) -> bool:
        return is_regression(self._lab.project.network.loss)

    def _score(self) -> str:
        return "R²" if self._regression else "Accuracy"
