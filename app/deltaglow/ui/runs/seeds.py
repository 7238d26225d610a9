"""Repeat the run over several seeds: how many, for how many steps, how far it is, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deltaglow.explain.band import Band
from deltaglow.model.rules import Rule
from deltaglow.session.lab import Lab
from deltaglow.session.overlays import seed_key
from deltaglow.session.seeds import COLUMNS, LEAST, MOST, MOST_NUMBERS, USUAL, SeedRuns
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.spins import IntSpin

NAME = "seeds"
FEWEST, USUAL_STEPS = 10, 1000
ABOUT = (
    "Trains the same project from several seeds, which draw its weights and batches: how much of a curve is"
    " luck? The band is drawn in the loss plot, for the loss and for the accuracy."
)
GIVEN = "The weights of this project are given, so the seeds draw its batches alone."


class SeedDialog(QDialog):
    """It stays open beside the window, which can be used meanwhile; closing it stops what is under way."""

    def __init__(self, parent: QWidget, lab: Lab) -> None:
        super().__init__(parent)
        self._lab = lab
        self._runs: SeedRuns | None = None
        self.every = QCheckBox("Dra&w each run as well")
        self.every.setToolTip("The curves of all these runs, each in a colour of its own, beside the band")
        self.every.toggled.connect(self._on_every)
        self._broken: list[int] = []
        self.setObjectName(NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Repeat over seeds")
        self.resize(420, 240)
        self.seeds = IntSpin(Rule("Seeds", "From how many seeds it is trained", LEAST, MOST, integer=True))
        self.seeds.setValue(USUAL)
        most = MOST_NUMBERS // (MOST * len(COLUMNS))
        self.steps = IntSpin(Rule("Steps", "How many steps each run makes", FEWEST, most, integer=True))
        self.steps.setValue(min(max(lab.head, FEWEST), most) if lab.head else USUAL_STEPS)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName("How far the runs are")
        self.progress.setToolTip("The share of all steps of all runs that is done")
        self.words = label("", "muted", wrap=True)
        self.given = label(GIVEN, "muted", wrap=True)
        self.start = self._button("&Start", "Train from each seed, one after the other", self._on_start)
        self.cancel = self._button("S&top", "Stop; runs that are whole stay in the band", self._on_stop)
        self.clear = self._button("&Clear the band", "Take the band out of the plots", self._on_clear)
        self._arrange()
        lab.bandChanged.connect(self._enable)
        lab.overlays.changed.connect(self._enable)
        lab.closing.connect(self.end)
        lab.projectChanged.connect(self._enable)
        self._enable()

    def _button(self, text: str, tip: str, action: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(action)
        return button

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.addWidget(label(ABOUT, "muted", wrap=True))
        column.addWidget(self.given)
        form = QFormLayout()
        form.addRow("S&eeds", self.seeds)
        form.addRow("Ste&ps each", self.steps)
        column.addLayout(form)
        column.addWidget(self.progress)
        column.addWidget(self.words)
        column.addWidget(self.every)
        column.addStretch(1)
        row = QHBoxLayout()
        for button in (self.start, self.cancel, self.clear):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)

    @Slot()
    def _enable(self) -> None:
        going, there = self._runs is not None, self._lab.band
        drawn = (layer for layer in self._lab.project.network.layers if layer.type in ("dense", "conv1d"))
        self.given.setVisible(all(layer.W is not None for layer in drawn))
        for widget in (self.seeds, self.steps, self.start):
            widget.setEnabled(not going)
        self.cancel.setEnabled(going)
        self.clear.setEnabled(there is not None)
        self.every.setEnabled(there is not None)
        self.every.setChecked(there is not None and all(map(self._shown, there.seeds)))
        if not going and there is not None:
            broken = (
                f" Not finite before the end: {', '.join(map(str, self._broken))}." if self._broken else ""
            )
            listed = ", ".join(map(str, there.seeds))
            self.words.setText(f"{there.words}. Seeds {listed}; {there.steps:,} steps.{broken}")
        elif not going:
            self.words.setText("")

    def _shown(self, seed: int) -> bool:
        return self._lab.overlays.number(seed_key(seed)) is not None

    @Slot(bool)
    def _on_every(self, on: bool) -> None:
        band = self._lab.band
        if band is not None and on != all(map(self._shown, band.seeds)):
            self._lab.overlays.show([seed_key(seed) for seed in band.seeds], on)

    @Slot()
    def _on_start(self) -> None:
        project, first = self._lab.project, self._lab.project.training.seed
        seeds = [first + place for place in range(self.seeds.value())]
        self._broken = []
        self._runs = SeedRuns(project, seeds, self.steps.value(), self)
        self._runs.advanced.connect(self._on_advanced)
        self._runs.broke.connect(self._on_broke)
        self._runs.done.connect(self._on_done)
        self.progress.setValue(0)
        self._enable()
        self._runs.start()

    @Slot()
    def _on_stop(self) -> None:
        if self._runs is not None:
            self._runs.ask_to_stop()

    @Slot()
    def _on_clear(self) -> None:
        self._lab.set_band(None)

    @Slot(int, float)
    def _on_advanced(self, done: int, share: float) -> None:
        self.progress.setValue(round(1000 * share))
        self.words.setText(f"Run {done + 1} of {self.seeds.value()}")

    @Slot(int, str)
    def _on_broke(self, seed: int, reason: str) -> None:
        del reason
        self._broken.append(seed)

    @Slot(object)
    def _on_done(self, found: Band | None) -> None:
        self._let_go()
        self.progress.setValue(1000 if found is not None and len(found.seeds) == self.seeds.value() else 0)
        fits = found is not None and found.fits(self._lab.document.project)
        if fits:
            self._lab.set_band(found)
        self._enable()
        if found is not None and not fits:
            self.words.setText(
                f"The project was edited meanwhile: the runs from {len(found.seeds)} seeds are of the one"
                " before, and are not shown. Repeat the one that is there now."
            )

    def done(self, result: int) -> None:
        """Nothing goes on behind a dialog that is closed, be it with Esc."""
        self.end()
        super().done(result)

    @Slot()
    def end(self) -> None:
        """Stop what is under way, and forget it."""
        if self._runs is not None:
            self._runs.done.disconnect(self._on_done)
        self._let_go()

    def _let_go(self) -> None:
        """Of the thread, which has ended or ends now."""
        if self._runs is not None:
            self._runs.stop()
            self._runs.deleteLater()
            self._runs = None


def show_seeds(parent: QWidget, lab: Lab) -> None:
    """Open the dialog, or bring it to the front; it does not block."""
    known = parent.findChild(SeedDialog, NAME)
    if known is None:
        known = SeedDialog(parent, lab)
        known.show()
    known.activateWindow()
