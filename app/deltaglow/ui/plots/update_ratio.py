"""How far each step moves the parameters, against how large they are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor

from .history_plot import HistoryPlot


class UpdateRatioPlot(HistoryPlot):
    """‖Δθ‖ / ‖θ‖ of every step, over all parameters."""

    heading = "Update ratio"
    about = (
        "How far a step moves the parameters, as a share of their size: ‖Δθ‖ / ‖θ‖. Near 0.001 is usual; "
        "far above it training is restless, far below it hardly learns."
    )
    quantity = "‖Δθ‖ / ‖θ‖"
    log_by_default = True

    def columns(self, names: Sequence[str]) -> list[str]:
        """The one."""
        return [name for name in names if name == "update_ratio"]

    def label(self, column: str) -> str:
        """Over what it is taken."""
        del column
        return "all parameters"

    def colour(self, column: str) -> QColor:
        """That of what moves the weights."""
        del column
        return self._theme.text_color("delta")
