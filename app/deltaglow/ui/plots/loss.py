"""The loss of every step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor

from .history_plot import HistoryPlot


class LossPlot(HistoryPlot):
    """The mean cross-entropy of each step's batch, natural logarithm, before the step's update."""

    heading = "Loss"
    quantity = "loss (nats)"

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
