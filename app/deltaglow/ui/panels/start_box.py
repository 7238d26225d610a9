"""What an initialiser leaves to choose: its gain, or its constant. Shows nothing where it leaves nothing."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from deltaglow.engine import ACTIVATIONS, AUTO, INITIALIZERS
from deltaglow.model.project import Layer
from deltaglow.model.rules import RULES
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.spins import NumberSpin

from .tab import CONTROL_WIDTH

_PLAIN, _OTHER = "1", "other"


class StartBox(QWidget):
    """A row with the gain for rules that have one, a row with the number for "constant", else no row."""

    gain_chosen = Signal(object)
    """1.0 or "auto"."""
    constant_chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.gain = Combo()
        self.gain.setAccessibleName(RULES["gain"].label)
        self.gain.activated.connect(self._on_gain)
        self.constant = NumberSpin(RULES["constant"])
        self.constant.valueChanged.connect(self.constant_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._gain_row = _row("&Gain", self.gain, column)
        self._constant_row = _row("Cons&tant", self.constant, column)

    def load(self, layers: list[Layer], drawn: bool) -> None:
        """Shows the settings of these layers; `drawn` is false where their parameters are given."""
        inits = {layer.init for layer in layers} if drawn else set()
        has_gain = bool(inits) and all(INITIALIZERS[init].own_gain is not None for init in inits)
        self._gain_row.setVisible(has_gain)
        self._constant_row.setVisible(inits == {"constant"})
        self.setVisible(has_gain or inits == {"constant"})
        gains = {layer.gain for layer in layers}
        table = ", ".join(f"{a.label} {a.gain:.4g}" for a in ACTIVATIONS.values() if a.gain != 1.0)
        items = [
            (_PLAIN, "1", "The weights as the rule draws them"),
            (AUTO, "By activation", f"{table}, the others 1"),
        ]
        current = {1.0: _PLAIN, AUTO: AUTO}.get(gains.pop(), _OTHER) if len(gains) == 1 else _OTHER
        if current == _OTHER:
            shown = "mixed" if len({layer.gain for layer in layers}) > 1 else f"{layers[0].gain:g}"
            items.insert(0, (_OTHER, shown, "From the project file"))
        self.gain.offer(items, current)
        tip = next(tip for name, _, tip in items if name == current)
        self.gain.setToolTip(f"{RULES['gain'].help}.\n{tip}.")
        blocked = self.constant.blockSignals(True)
        self.constant.setValue(float(layers[0].constant) if layers else Layer.constant)
        self.constant.blockSignals(blocked)

    @Slot(int)
    def _on_gain(self, index: int) -> None:
        name = self.gain.itemData(index)
        if name != _OTHER:
            self.gain_chosen.emit(1.0 if name == _PLAIN else name)


def _row(text: str, control: QWidget, column: QVBoxLayout) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    name = label(text, tone="muted")
    name.setBuddy(control)
    row.addWidget(name, 1)
    control.setFixedWidth(CONTROL_WIDTH)
    row.addWidget(control)
    column.addWidget(made)
    return made
