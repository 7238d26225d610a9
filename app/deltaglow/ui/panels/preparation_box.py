"""How features become inputs: their scaling, and what is made of them beside."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from deltaglow.data import FEATURES, SCALINGS
from deltaglow.model.project import Preparation
from deltaglow.model.rules import RULES
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo

_WIDTH = 118


class PreparationBox(QWidget):
    """A list of scalings, and a switch for each family of engineered features.

    `chosen` carries what was edited and the preparation that it makes.
    """

    chosen = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._shown = Preparation()
        self.scale = Combo()
        self.scale.setAccessibleName(RULES["scale"].label)
        self.scale.setFixedWidth(_WIDTH)
        name = label("Scalin&g", tone="muted")
        name.setBuddy(self.scale)
        scaling = QHBoxLayout()
        scaling.addWidget(name, 1)
        scaling.addWidget(self.scale)
        self.switches = {key: self._switch(key) for key in FEATURES}
        families = QHBoxLayout()
        families.setSpacing(4)
        families.addWidget(label("Add", tone="muted"), 1)
        for switch in self.switches.values():
            families.addWidget(switch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(scaling)
        column.addLayout(families)
        self.scale.activated.connect(self._on_scale)

    def _switch(self, key: str) -> QPushButton:
        kind = FEATURES[key]
        made = QPushButton(kind.label)
        made.setCheckable(True)
        made.setToolTip(
            f"{kind.description}\nGiven to the network as more inputs, made of the scaled features."
        )
        made.setAccessibleName(f"Engineered features: {kind.description}")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(self._on_switch)
        return made

    def show_preparation(self, chosen: Preparation) -> None:
        """Shows it, without telling anybody."""
        self._shown = chosen
        items = [(name, kind.label, f"{kind.description}\n{kind.formula}") for name, kind in SCALINGS.items()]
        self.scale.offer(items, chosen.scale)
        self.scale.setToolTip(f"{RULES['scale'].tooltip}\n{SCALINGS[chosen.scale].formula}")
        for key, switch in self.switches.items():
            switch.setChecked(key in chosen.features)

    @Slot(int)
    def _on_scale(self, place: int) -> None:
        name = self.scale.itemData(place)
        if name != self._shown.scale:
            self.chosen.emit("Scaling", Preparation(name, self._shown.features))

    @Slot()
    def _on_switch(self) -> None:
        features = tuple(key for key, switch in self.switches.items() if switch.isChecked())
        self.chosen.emit("Engineered features", Preparation(self._shown.scale, features))
