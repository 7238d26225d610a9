"""How the network learns."""

from __future__ import annotations

import secrets
from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton

from deltaglow.model.project import Project
from deltaglow.model.rules import LEARNING_RATE_BANDS, RULES, learning_rate_band
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.band_slider import BandSlider
from deltaglow.ui.widgets.spins import IntSpin, NumberSpin

from . import edits
from .tab import CONTROL_WIDTH, Tab

_DECADES = (-5, 1)
_SEEDS = 10_000


class TrainingTab(Tab):
    """Optimiser, batch size, shuffle, seed, learning rate."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__(lab)
        self._optimiser = label("SGD")
        self._optimiser.setToolTip("Stochastic gradient descent: w ← w − η ∂L/∂w, without momentum.")
        self._optimiser.setAccessibleName("Optimiser: stochastic gradient descent")
        self._row("Optimiser", self._optimiser).setToolTip(RULES["optimizer"].tooltip)
        self.batch_size = IntSpin(RULES["batch_size"])
        self._row("&Batch size", self.batch_size)
        self.shuffle = QCheckBox()
        self.shuffle.setToolTip(RULES["shuffle"].tooltip)
        self.shuffle.setAccessibleName(RULES["shuffle"].label)
        self.shuffle.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row("S&huffle", self.shuffle)
        self.seed = IntSpin(RULES["seed"])
        self._row("S&eed", self.seed)
        self.new_seed = QPushButton("&New seed")
        self.new_seed.setToolTip("Draws another seed: other weights and another order of the samples")
        self.new_seed.setAccessibleName("New seed")
        self.new_seed.setFixedWidth(CONTROL_WIDTH)
        self.new_seed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.new_seed)
        self._column.addLayout(row)
        self._column.addSpacing(6)
        self.rate = NumberSpin(RULES["learning_rate"], ratio=True)
        self._row("&Learning rate η", self.rate)
        bands = [(band.low, f"band_{place}") for place, band in enumerate(LEARNING_RATE_BANDS, start=1)]
        self.slider = BandSlider(theme, _DECADES, bands)
        self.slider.setAccessibleName("Learning rate, logarithmic")
        self.slider.setToolTip(
            f"{RULES['learning_rate'].tooltip}\nThe groove's bands are the usual advice for each range."
        )
        self._column.addWidget(self.slider)
        self.advice = label(role="muted", wrap=True)
        self.advice.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.advice.setMinimumHeight(64)
        self._column.addWidget(self.advice)
        self._column.addStretch(1)
        self._connect()
        self.show_project()

    def _connect(self) -> None:
        self.batch_size.valueChanged.connect(self._on_batch_size)
        self.shuffle.toggled.connect(self._on_shuffle)
        self.seed.valueChanged.connect(self._on_seed)
        self.new_seed.clicked.connect(self._on_new_seed)
        self.rate.valueChanged.connect(self._on_rate)
        self.rate.refused.connect(self.refused)
        self.slider.chosen.connect(self._on_slider)

    def load(self, project: Project) -> None:
        """Fills the controls."""
        training = project.training
        self.batch_size.setValue(training.batch_size)
        self.shuffle.setChecked(training.shuffle)
        self.seed.setValue(training.seed)
        value = training.optimizer.learning_rate
        if self.rate.value() != value:
            self.rate.setValue(value)
        if not self.slider.isSliderDown():
            self.slider.show_number(value)
        self.advice.setText(learning_rate_band(value).advice)

    @Slot(int)
    def _on_batch_size(self, value: int) -> None:
        self._train("Batch size", batch_size=value)

    @Slot(bool)
    def _on_shuffle(self, on: bool) -> None:
        self._train("Shuffle", shuffle=on)

    @Slot(int)
    def _on_seed(self, value: int) -> None:
        self._train("Seed", seed=value)

    @Slot()
    def _on_new_seed(self) -> None:
        current = self._lab.project.training.seed
        seed = secrets.randbelow(_SEEDS)
        self._train("New seed", seed=seed if seed != current else (seed + 1) % _SEEDS)

    def _train(self, text: str, **changes: object) -> None:
        if not self.loading:
            project = self._lab.project
            self._edit(text, replace(project, training=replace(project.training, **changes)))  # type: ignore[arg-type]

    @Slot(float)
    def _on_rate(self, value: float) -> None:
        self._edit("Learning rate", edits.with_learning_rate(self._lab.project, value))

    @Slot(float)
    def _on_slider(self, value: float) -> None:
        project = edits.with_learning_rate(self._lab.project, value)
        self._edit("Learning rate slider", project, merge=True)
