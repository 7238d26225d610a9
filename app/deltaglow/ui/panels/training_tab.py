"""How the network learns."""

from __future__ import annotations

import secrets
from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton

from deltaglow.engine import OPTIMIZERS
from deltaglow.model.project import Change, Project
from deltaglow.model.rules import LEARNING_RATE_BANDS, RULES, learning_rate_band
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.band_slider import BandSlider
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.spins import NumberSpin

from . import edits
from .memory_page import MemoryPage
from .tab import Tab
from .training_pages import BatchPage, LimitsPage, Page, RulePage

_DECADES = (-5, 1)
_SEEDS = 10_000
_PAGES = (
    ("Batches", "How samples are fed: batch size, order, seed, noise"),
    ("Rule", "The optimiser's own settings, and the schedule of the learning rate"),
    ("Limits", "Penalties, weight decay, clipping, early stopping"),
    ("Memory", "What the run takes up, and what trades time for memory or memory for time"),
)


class TrainingTab(Tab):
    """Optimiser and learning rate, and below them pages: batches, the rule's settings, limits, memory."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__(lab)
        self._column.setSpacing(6)
        self.optimiser = Combo()
        self.optimiser.setAccessibleName(RULES["optimizer"].label)
        self.optimiser.setToolTip(RULES["optimizer"].tooltip)
        self._row("&Optimiser", self.optimiser)
        self.rate = NumberSpin(RULES["learning_rate"], ratio=True)
        self._row("&Learning rate η", self.rate)
        bands = [(band.low, f"band_{place}") for place, band in enumerate(LEARNING_RATE_BANDS, start=1)]
        self.slider = BandSlider(theme, _DECADES, bands)
        self.slider.setAccessibleName("Learning rate, logarithmic")
        self.slider.setToolTip(
            f"{RULES['learning_rate'].tooltip}\nThe groove's bands are the usual advice for each range."
        )
        self._column.addWidget(self.slider)
        self.advice = label(role="muted")
        self.advice.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._column.addWidget(self.advice)
        self.batches, self.rule, self.limits = BatchPage(), RulePage(), LimitsPage()
        self.memory = MemoryPage(lab)
        self._each: tuple[Page, ...] = (self.batches, self.rule, self.limits, self.memory)
        self._column.addLayout(self._build_choice())
        # Not a stack, which is as tall as the tallest of its pages whichever is seen.
        for page in self._each:
            self._column.addWidget(page, 1)
            page.setVisible(page is self.batches)
        self.batch_size, self.shuffle = self.batches.batch_size, self.batches.shuffle
        self.seed, self.new_seed = self.batches.seed, self.batches.new_seed
        self._connect()
        self.show_project()

    def _build_choice(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.choice = QButtonGroup(self)
        for place, (text, tip) in enumerate(_PAGES):
            button = QPushButton(text)
            button.setProperty("role", "page")
            button.setCheckable(True)
            button.setChecked(place == 0)
            button.setToolTip(tip)
            button.setAccessibleName(f"{text}: {tip}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.choice.addButton(button, place)
            row.addWidget(button, 1)
        return row

    def _connect(self) -> None:
        self.choice.idClicked.connect(self._on_page)
        self.optimiser.activated.connect(self._on_optimiser)
        self.rate.valueChanged.connect(self._on_rate)
        self.slider.chosen.connect(self._on_slider)
        self.new_seed.clicked.connect(self._on_new_seed)
        for page in self._each:
            page.edited.connect(self._on_edited)

    def load(self, project: Project) -> None:
        """Fills the controls."""
        optimizer = project.training.optimizer
        items = [(name, rule.label, rule.formula) for name, rule in OPTIMIZERS.items()]
        self.optimiser.offer(items, optimizer.name)
        self.optimiser.setToolTip(f"{RULES['optimizer'].tooltip}\n{OPTIMIZERS[optimizer.name].formula}")
        value = optimizer.learning_rate
        if self.rate.value() != value:
            self.rate.setValue(value)
        if not self.slider.isSliderDown():
            self.slider.show_number(value)
        band = learning_rate_band(value)
        self.advice.setText(band.brief)
        self.advice.setToolTip(band.advice)
        for page in self._each:
            page.load(project)

    @Slot(int)
    def _on_page(self, place: int) -> None:
        chosen = self._each[place]
        for page in self._each:
            if page is not chosen:
                page.hide()
        chosen.show()

    @Slot(int)
    def _on_optimiser(self, place: int) -> None:
        name = self.optimiser.itemData(place)
        if name != self._lab.project.training.optimizer.name:
            self._edit("Optimiser", edits.with_optimizer(self._lab.project, name))

    @Slot(str, object)
    def _on_edited(self, text: str, change: Change) -> None:
        if not self.loading:
            self._edit(text, change(self._lab.project))

    @Slot()
    def _on_new_seed(self) -> None:
        training = self._lab.project.training
        seed = secrets.randbelow(_SEEDS)
        seed = seed if seed != training.seed else (seed + 1) % _SEEDS
        self._edit("New seed", replace(self._lab.project, training=replace(training, seed=seed)))

    @Slot(float)
    def _on_rate(self, value: float) -> None:
        self._edit("Learning rate", edits.with_learning_rate(self._lab.project, value))

    @Slot(float)
    def _on_slider(self, value: float) -> None:
        project = edits.with_learning_rate(self._lab.project, value)
        self._edit("Learning rate slider", project, merge=True)
