"""The page of the training tab about precision, memory and processors: what may be saved, what is used."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from deltaglow.engine import AUTO_SEGMENTS, segment_count
from deltaglow.explain.errata import SAVINGS
from deltaglow.explain.memory import Entry, entries
from deltaglow.model.project import Project
from deltaglow.model.rules import RULES
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo

from .precision_form import PrecisionForm
from .training_pages import Page


class LedgerView(QWidget):
    """The lines of a ledger, the sum last."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self._lines: list[tuple[QLabel, QLabel]] = []

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What is on show: names and sizes."""
        return [(name.text(), size.text()) for name, size in self._lines if not name.isHidden()]

    def show_entries(self, found: list[Entry]) -> None:
        """Shows these lines."""
        while len(self._lines) < len(found):
            row = len(self._lines)
            name, size = label(tone="muted"), label(role="mono")
            size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(size, row, 1)
            self._lines.append((name, size))
        for place, line in enumerate(self._lines):
            for one in line:
                one.setVisible(place < len(found))
        for (name, size), entry in zip(self._lines, found, strict=False):
            name.setText(entry.label.capitalize())
            size.setText(entry.size)
            size.setAccessibleName(f"Memory, {entry.label}: {entry.size}")
            for one in (name, size):
                one.setToolTip(f"{entry.help}.\n{entry.bytes:,} bytes.")


class MemoryPage(Page):
    """Precision, segments and micro-batches, and below them the ledger of the run as it is held now.

    It is looked up while the page is on show and nothing trains: when the page appears, a run ends or the
    project changes.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.numbers = PrecisionForm(lab)
        self.numbers.edited.connect(self.edited)
        self._column.addWidget(self.numbers)
        self.segments = Combo()
        self.segments.setAccessibleName(RULES["checkpoint"].label)
        self.segments.setToolTip(RULES["checkpoint"].tooltip)
        self.row("La&yer segments", self.segments)
        self.micro_batches = self.whole("micro_batches", "&Micro-batches")
        heading = label("In memory", role="subheading")
        heading.setToolTip("Every array of the run, each counted once. 1 kB is 1000 bytes.")
        self._column.addSpacing(6)
        self._column.addWidget(heading)
        self.ledger = LedgerView()
        self._column.addWidget(self.ledger)
        self._column.addWidget(label(SAVINGS, "small", wrap=True))
        self.fill()
        self.segments.activated.connect(self._on_segments)
        self.micro_batches.valueChanged.connect(partial(self._on_training, "Micro-batches", "micro_batches"))
        lab.runningChanged.connect(self._on_run)

    def _load(self, project: Project) -> None:
        self.numbers.load(project)
        training, layers = project.training, len(project.network.layers)
        chosen = training.checkpoint
        root = segment_count(AUTO_SEGMENTS, layers)
        items = [
            ("1", "off", "Every layer has memory of its own"),
            (AUTO_SEGMENTS, f"auto: {root}", f"The square root of {layers}, the number of layers"),
            *(
                (str(n), str(n), f"{n} segments, of {layers / n:.2g} layers each or so")
                for n in range(2, layers + 1)
            ),
        ]
        self.segments.offer([], "")
        self.segments.offer(items, str(chosen if chosen == AUTO_SEGMENTS else segment_count(chosen, layers)))
        self.micro_batches.setValue(training.micro_batches)
        self._look_up()

    def showEvent(self, event: QShowEvent) -> None:
        """Shows the ledger as it is now."""
        super().showEvent(event)
        self._look_up()

    def _look_up(self) -> None:
        if self.isVisible() and not self._lab.running:
            self.ledger.show_entries(entries(self._lab.ledger()))

    @Slot(bool)
    def _on_run(self, running: bool) -> None:
        del running
        self._look_up()

    @Slot(int)
    def _on_segments(self, place: int) -> None:
        name = str(self.segments.itemData(place))
        self._on_training("Segments", "checkpoint", name if name == AUTO_SEGMENTS else int(name))
