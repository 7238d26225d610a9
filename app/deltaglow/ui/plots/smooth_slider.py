"""The control of how much curves are smoothed."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QMenu, QWidget

from deltaglow.ui.widgets.slider import Slider

from .smoothing import CHOICES


def words(steps: int) -> str:
    """What a choice does."""
    return f"over about {steps:,} steps".replace(",", "\u2009") if steps else "off"


class SmoothSlider(Slider):
    """Off at the left, and from there over ever more steps. `chosen` carries the steps."""

    chosen = Signal(int)

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = heading
        self.setRange(0, len(CHOICES) - 1)
        self.setPageStep(1)
        self.setFixedWidth(58)
        self.valueChanged.connect(self._on_value)
        self._tell()

    @property
    def steps(self) -> int:
        """Over about how many steps curves are smoothed; 0 for not at all."""
        return CHOICES[self.value()]

    def fill(self, menu: QMenu) -> None:
        """The same choices in a menu."""
        for number, steps in enumerate(CHOICES):
            action = menu.addAction(words(steps).capitalize())
            action.setCheckable(True)
            action.setChecked(number == self.value())
            action.triggered.connect(lambda _=False, number=number: self.setValue(number))

    @Slot(int)
    def _on_value(self, number: int) -> None:
        self._tell()
        self.chosen.emit(CHOICES[number])

    def _tell(self) -> None:
        self.setToolTip(
            f"Smoothing: {words(self.steps)}. The running mean is drawn over the values, as in TensorBoard; "
            "it lags behind them."
        )
        self.setAccessibleName(f"Smoothing of the {self._heading.lower()} plot: {words(self.steps)}")
