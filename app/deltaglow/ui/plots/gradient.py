"""The gradient norm of every layer at every step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor

from .history_plot import HistoryPlot

_PREFIX = "gradient_norm["


class GradientNormPlot(HistoryPlot):
    """‖∂L/∂W‖ of each layer (Frobenius norm of the gradient of the batch's mean loss), one curve a layer."""

    heading = "Gradient norm by layer"
    about = "The length of each layer's weight gradient, ‖∂L/∂W‖. Falling from layer to layer, it vanishes."
    quantity = "‖∂L/∂W‖"
    log_by_default = True

    def columns(self, names: Sequence[str]) -> list[str]:
        """One column a layer, first layer first."""
        return [name for name in names if name.startswith(_PREFIX)]

    def label(self, column: str) -> str:
        """The layer, in full for the first few."""
        layer = self.end_label(column)
        return f"layer {layer}" if len(self._columns) <= 2 else layer

    def short_label(self, column: str) -> str:
        """As it stands at the end of the curve."""
        return self.end_label(column)

    def end_label(self, column: str) -> str:
        """The layer's number."""
        return column.removeprefix(_PREFIX).removesuffix("]")

    def colour(self, column: str) -> QColor:
        """From δ's pink for the first layer towards violet for the last."""
        return self._theme.layer_color(int(self.end_label(column)), len(self._columns))

    def _empty_text(self) -> str:
        if self._lab.first_step:
            return super()._empty_text()
        return "Press Train (T) or play a step: the gradient norms appear here."
