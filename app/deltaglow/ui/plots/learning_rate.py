"""The learning rate of every step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor

from .history_plot import HistoryPlot


class LearningRatePlot(HistoryPlot):
    """η as each step used it, by its schedule."""

    heading = "Learning rate"
    about = "The learning rate η that each step used, as the schedule makes it from the one that is set."
    quantity = "η"

    def columns(self, names: Sequence[str]) -> list[str]:
        """The one."""
        return [name for name in names if name == "learning_rate"]

    def label(self, column: str) -> str:
        """Which schedule."""
        del column
        return self._lab.project.training.schedule.name.replace("_", " ")

    def _empty_text(self) -> str:
        if self._lab.project.training.schedule.name == "constant":
            return (
                "The learning rate stays as it is set. Choose a schedule in Training, Rule, to see it move."
            )
        return super()._empty_text()

    def colour(self, column: str) -> QColor:
        """That of the text: η is no quantity of the network."""
        del column
        return self._theme.text_color("text")
