"""Export worked solution: which steps, how deep and in which notation, into which kind of file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from deltaglow.explain.solution import (
    DEPTHS,
    MOST_STEPS,
    NOTATIONS,
    SAMPLES,
    Choices,
    SolutionError,
    worked_solution,
)
from deltaglow.explain.solution.choices import FORMATS, PAPERS
from deltaglow.explain.solution.formats import written
from deltaglow.explain.solution.notation import has_names
from deltaglow.explain.solution.sheet import Sheet
from deltaglow.model import atomic
from deltaglow.session.lab import Lab
from deltaglow.ui.printing import printing
from deltaglow.ui.slices import Slices
from deltaglow.ui.widgets import label, restyle
from deltaglow.ui.widgets.combo import Combo

NAME = "worked_solution"
_ARROW = 64
"""Pixels of a combo box beside its text."""
_TIPS = {
    "html": "One file for a browser, to read or to print; nothing is fetched",
    "pdf": "Pages to hand out, with formulas as vectors",
    "tex": "For the article class with amsmath",
    "md": "With formulas in dollars, as GitHub and Jupyter show them",
    "named": "Weights with the project's own names, others numbered through; units numbered through",
    "index": "Every symbol with its layer above and its unit below",
    "auto": "Small layers with every calculation, larger ones with one of each kind and tables",
    "full": "Every calculation of layers with up to 16 units",
    "brief": "One calculation of each kind in a layer, and tables",
    "first": "The sample of the batch that is shown; gradients are the mean over the batch all the same",
    "all": "The passes of each sample of the batch one after the other, at most 32",
}


class WorkedSolutionDialog(QDialog):
    """Asks what the solution of the steps shown should be like, and writes it to a file."""

    def __init__(self, parent: QWidget, lab: Lab, stem: str) -> None:
        super().__init__(parent)
        self._lab, self._stem = lab, stem
        self.setObjectName(NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export worked solution")
        named = has_names(lab.project)
        self.format = self._combo("Format", FORMATS, "pdf")
        self.paper = self._combo("Paper", PAPERS, "a4", "The size of the pages")
        self.notation = self._combo("Notation", NOTATIONS, "named" if named else "index")
        self.detail = self._combo("Depth", DEPTHS, "auto")
        self.samples = self._combo("Samples", SAMPLES, "first")
        self.first = self._step("First step", "The step that the solution begins with, counted from 0")
        self.last = self._step("Last step", f"The step that it ends with, at most {MOST_STEPS - 1} later")
        self._job: Slices | None = None
        self._target = Path()
        self.outcome = label(wrap=True)
        self.outcome.setVisible(False)
        self._arrange()
        self.format.currentIndexChanged.connect(self._follow_format)
        self._follow_format()

    def _combo(self, name: str, items: dict[str, str], current: str, tip: str = "") -> Combo:
        combo = Combo()
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        combo.setAccessibleName(name)
        combo.setToolTip(tip or f"{name} of the solution")
        combo.offer([(key, text, _TIPS.get(key, "")) for key, text in items.items()], current)
        combo.setMinimumWidth(max(map(combo.fontMetrics().horizontalAdvance, items.values())) + _ARROW)
        return combo

    def _step(self, name: str, tip: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(*self._lab.alike)
        box.setValue(self._lab.frame.step)
        box.setAccessibleName(name)
        box.setToolTip(tip)
        return box

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setSpacing(8)
        for text, control in (
            ("&Format", self.format),
            ("&Paper", self.paper),
            ("&Notation", self.notation),
            ("&Depth", self.detail),
            ("&Samples", self.samples),
            ("F&irst step", self.first),
            ("&Last step", self.last),
        ):
            form.addRow(text, control)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.export = QPushButton("&Export…")
        self.export.setToolTip("Asks where to, and writes the file")
        self.export.setDefault(True)
        self.buttons.addButton(self.export, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip("Back to the window (Esc)")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("How much of the PDF is made")
        self.progress.setToolTip("How much of the PDF is made, per cent")
        self.progress.setVisible(False)
        self.halt = QPushButton("S&top")
        self.halt.setToolTip("Leaves the PDF that is being made; nothing is written")
        self.halt.clicked.connect(self.stop)
        self.buttons.addButton(self.halt, QDialogButtonBox.ButtonRole.ActionRole)
        self.halt.hide()  # it was shown by being added
        self.buttons.rejected.connect(self.reject)
        self.export.clicked.connect(self.ask)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(
            label(
                "A solution to hand out: what is given, every product, the errors and why, the update.",
                "muted",
                wrap=True,
            )
        )
        column.addLayout(form)
        column.addWidget(self.progress)
        column.addWidget(self.outcome)
        column.addWidget(self.buttons)

    @Slot()
    def _follow_format(self) -> None:
        """Markdown has no pages."""
        self.paper.setEnabled(self.format.name() != "md")

    @Slot()
    def ask(self) -> None:
        """Asks for a file and writes it."""
        kind = self.format.name()
        path = self._lab.document.path
        folder = path.parent if path is not None else Path.home()
        start = str(folder / f"{self._stem}, worked solution.{kind}")
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export worked solution", start, f"{FORMATS[kind]} (*.{kind});;All files (*)"
        )
        if chosen:
            target = Path(chosen)
            self.write(target if target.suffix else target.with_suffix(f".{kind}"))

    def write(self, path: Path) -> bool:
        """Writes the solution to this file and says so, or what went wrong. A PDF is only under way then: its
        pages are set while the window goes on.
        """
        QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            sheet, kind, paper = self._sheet(), self.format.name(), self.paper.name()
            made = None if kind == "pdf" else written(sheet, kind, paper)
        except SolutionError as error:
            return self._say(str(error))
        finally:
            QApplication.restoreOverrideCursor()
        if made is not None:
            return self._save(path, made)
        self._target = path
        self._job = Slices(printing(sheet, paper), self)
        self._job.progressed.connect(self._on_progress)
        self._job.finished.connect(self._on_printed)
        self._show_work(True)
        return True

    @Slot()
    def stop(self) -> None:
        """Leaves the PDF that is being made."""
        if self._job is not None:
            self._job.stop()
            self._show_work(False)
            self._say("Stopped: nothing was written")

    def done(self, result: int) -> None:
        """Closing stops what is under way."""
        if self._job is not None:
            self._job.stop()
        super().done(result)

    @Slot(float)
    def _on_progress(self, done: float) -> None:
        self.progress.setValue(round(100 * done))

    @Slot(object)
    def _on_printed(self, made: bytes) -> None:
        self._show_work(False)
        self._save(self._target, made)

    def _show_work(self, under_way: bool) -> None:
        """The bar and the button to stop, or the button to export."""
        if not under_way:
            self._job = None
        held = self.focusWidget() in (self.export, self.halt)
        for part in (self.progress, self.halt):
            part.setVisible(under_way)
        self.progress.setValue(0)
        self.outcome.setVisible(False)
        self.export.setEnabled(not under_way)
        if held:
            (self.halt if under_way else self.export).setFocus(Qt.FocusReason.OtherFocusReason)

    def _sheet(self) -> Sheet:
        lab = self._lab
        lab.pause()
        rows = None if self.samples.name() == "all" else (lab.sample,)
        choices = Choices(self.notation.name(), self.detail.name(), rows)
        return worked_solution(
            lab.project, lab.frames(self.first.value(), self.last.value(), MOST_STEPS), choices
        )

    def _save(self, path: Path, made: bytes) -> bool:
        try:
            atomic.write(path, made)
        except OSError as error:
            return self._say(f"{path}: cannot be written: {error.strerror or error}")
        self._say(f"Written: {path}", "forward")
        return True

    def _say(self, line: str, tone: str = "negative") -> bool:
        self.outcome.setText(line)
        restyle(self.outcome, tone=tone)
        self.outcome.setVisible(True)
        return False


def show_worked_solution(parent: QWidget, lab: Lab, stem: str) -> None:
    """Opens the dialog; it does not block. Training pauses: the steps are those that there are now."""
    lab.pause()
    lab.set_playing(False)
    known = parent.findChild(WorkedSolutionDialog, NAME)
    if known is None:
        known = WorkedSolutionDialog(parent, lab, stem)
        known.open()
    known.activateWindow()
