"""The loss of every step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor

from deltaglow.explain.output_words import output_words

from .history_plot import HistoryPlot


class LossPlot(HistoryPlot):
    """The mean loss of each step's batch, before the step's update; logarithms are natural."""

    heading = "Loss"

    def axis_label(self) -> str:
        """The loss, in nats where it is one of logarithms."""
        return output_words(self._lab.project.network.loss).axis

    def columns(self, names: Sequence[str]) -> list[str]:
        """The batch's loss."""
        return [name for name in names if name == "loss"]

    def label(self, column: str) -> str:
        """Which data the loss was taken on."""
        del column
        return "training batch"

    def colour(self, column: str) -> QColor:
        """The colour of the loss everywhere."""
        del column
        return self._theme.text_color("loss")
