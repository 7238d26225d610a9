"""What is made small: the loss, and the options of those that have some."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from deltaglow.data import DATASETS
from deltaglow.engine import LOSSES, LossSpec
from deltaglow.explain.output_words import output_words
from deltaglow.model.project import BuiltinData, Project
from deltaglow.model.rules import RULES, losses_for
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.complaint import complain
from deltaglow.ui.widgets.spins import NumberSpin

_WEIGHTS_TIP = (
    "How much each class counts in the loss: a number above 0 for each, with spaces between.\n"
    "Empty: every class counts 1."
)


class LossBox(QWidget):
    """A row with the losses that suit the data, and one row or two with the options of the one chosen."""

    chosen = Signal(object)
    """A LossSpec."""

    def __init__(self) -> None:
        super().__init__()
        self._spec = LossSpec()
        self.loss = Combo()
        self.loss.setAccessibleName(RULES["loss"].label)
        self.smoothing = NumberSpin(RULES["label_smoothing"])
        self.smoothing.setFixedWidth(64)
        self.naive = QCheckBox("Nai&ve")
        self.naive.setToolTip(RULES["naive"].tooltip)
        self.naive.setAccessibleName(RULES["naive"].label)
        self.weights = QLineEdit()
        self.weights.setToolTip(_WEIGHTS_TIP)
        self.weights.setAccessibleName("Class weights")
        self.weights.setPlaceholderText("all 1")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        _row("L&oss", self.loss, column, stretch=1)
        self._smoothing_row = _row("S&moothing ε", self.smoothing, column)
        layout = self._smoothing_row.layout()
        assert layout is not None
        layout.addWidget(self.naive)
        self._weights_row = _row("&Class weights", self.weights, column, stretch=2)
        self.loss.activated.connect(self._on_loss)
        self.smoothing.valueChanged.connect(self._on_smoothing)
        self.naive.toggled.connect(self._on_naive)
        self.weights.editingFinished.connect(self._on_weights)

    def load(self, project: Project) -> None:
        """Shows the project's loss, without telling anybody."""
        spec = self._spec = project.network.loss
        data = project.data
        suit = losses_for(data.name) if isinstance(data, BuiltinData) else tuple(LOSSES)
        items = [
            (name, LOSSES[name].label, output_words(LossSpec(name)).loss_formula)
            for name in LOSSES
            if name in suit or name == spec.name
        ]
        self.loss.offer(items, spec.name)
        words = output_words(spec)
        suits = ""
        if isinstance(data, BuiltinData) and len(suit) < len(LOSSES):
            suits = f"\nThe only one for the numbers of the set {DATASETS[data.name].label}."
        self.loss.setToolTip(f"{RULES['loss'].tooltip}\n{words.loss_formula}{suits}")
        options = LOSSES[spec.name].options
        self._smoothing_row.setVisible("label_smoothing" in options)
        self._weights_row.setVisible("class_weights" in options)
        weights = " ".join(f"{weight:g}" for weight in spec.class_weights or ())
        for control in (self.smoothing, self.naive, self.weights):
            control.blockSignals(True)
        self.smoothing.setValue(spec.label_smoothing)
        self.naive.setChecked(spec.naive)
        self.weights.setText(weights)
        for control in (self.smoothing, self.naive, self.weights):
            control.blockSignals(False)

    def _choose(self, spec: LossSpec) -> None:
        if spec != self._spec:
            self.chosen.emit(spec)

    @Slot(int)
    def _on_loss(self, index: int) -> None:
        name = self.loss.itemData(index)
        if name != self._spec.name:
            self._choose(LossSpec(name))

    @Slot(float)
    def _on_smoothing(self, value: float) -> None:
        self._choose(replace(self._spec, label_smoothing=value))

    @Slot(bool)
    def _on_naive(self, on: bool) -> None:
        self._choose(replace(self._spec, naive=on))

    @Slot()
    def _on_weights(self) -> None:
        words = self.weights.text().replace(",", " ").replace(";", " ").split()
        if words == [f"{weight:g}" for weight in self._spec.class_weights or ()]:
            return
        try:
            weights = tuple(float(word) for word in words)
        except ValueError:
            complain(self.weights, "Class weights must be numbers above 0, with spaces between")
            return
        complain(self.weights, "")
        self._choose(replace(self._spec, class_weights=weights or None))


def _row(text: str, control: QWidget, column: QVBoxLayout, stretch: int = 0) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    name = label(text, tone="muted")
    name.setBuddy(control)
    row.addWidget(name, 0 if stretch else 1)
    row.addWidget(control, stretch)
    column.addWidget(made)
    return made
