"""The page "Samples": all of them in a table, the one shown looked at closely beside it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from deltaglow.explain.sample_answers import SampleAnswers
from deltaglow.model.samples import Prepared, picture, prepared
from deltaglow.session.lab import Lab
from deltaglow.ui.pages.following import Following
from deltaglow.ui.pages.page import HEAD
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label, restyle
from deltaglow.ui.widgets.combo import Combo

from .card import SampleCard
from .editor import SampleEditor
from .model import SHOWN, USED, SampleModel
from .table import SampleTable

_CARD = 216
"""Pixels of what stands beside the table."""


class SamplesPage(Following, QWidget):
    """Follows the laboratory while it is seen; the row gone to is the sample that everything shows."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__()
        self.lab, self.theme = lab, theme
        self._made: Prepared | None = None
        self._answers: SampleAnswers | None = None
        self._of: tuple[object, ...] = ()
        self._pictured: tuple[tuple[int, int], tuple[float, float]] | None = None
        self._told: tuple[str, bool] = ("", False)
        self.model = SampleModel(theme)
        self.table = SampleTable(theme, self.model)
        self.card = SampleCard(lab, theme)
        self.editor = SampleEditor(lab)
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.timeout.connect(self._gather)
        self._arrange()
        self.setFocusProxy(self.table)
        self.setAccessibleName("Samples")
        self.table.chosen.connect(self._on_chosen)
        self.table.typed.connect(self._on_cell_typed, Qt.ConnectionType.QueuedConnection)
        self.model.edited.connect(self._on_edited)
        self.card.typed.connect(self._on_typed)
        self.card.painted.connect(self._on_painted)
        self.editor.said.connect(self._on_said)
        for signal in (lab.frameChanged, lab.positionChanged, lab.projectChanged, lab.runningChanged):
            signal.connect(self.follow)
        theme.changed.connect(self._on_theme)

    # Parts

    def _arrange(self) -> None:
        self.heading = label("Samples", "heading")
        self.heading.setFixedHeight(HEAD - 9)
        self.said = label(role="small", wrap=True)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.table, 1)
        self.card.setFixedWidth(_CARD)
        below.addWidget(self.card)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 9, 14, 12)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addLayout(self._bar())
        column.addLayout(below, 1)
        column.addWidget(self.said)
        self.said.hide()

    def _bar(self) -> QHBoxLayout:
        self.shown, self.used = Combo(), Combo()
        for box, items, name in (
            (self.shown, SHOWN, "Which samples, by what the network says of them"),
            (self.used, USED, "Which samples, by their use"),
        ):
            box.offer([(key, text, tip) for key, (text, tip) in items.items()], "all")
            box.setToolTip(name)
            box.setAccessibleName(name)
            box.activated.connect(self._on_filter)
        self.back = self._button("‹", "The misclassified sample before (Shift+F4)")
        self.on = self._button("›", "The next misclassified sample (F4)")
        self.back.clicked.connect(self.previous_wrong)
        self.on.clicked.connect(self.next_wrong)
        self.count = label(role="small")
        self.count.setMinimumWidth(40)
        self.new, self.gone = QPushButton("New"), QPushButton("Delete")
        for button, tip in (
            (self.new, "One more sample, like the one shown, to be typed (Insert)"),
            (self.gone, "Delete the sample that is shown (Delete)"),
        ):
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.new.clicked.connect(self.add)
        self.gone.clicked.connect(self.remove)
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.shown, self.used, self.back, self.on, self.count):
            row.addWidget(widget)
        row.addStretch(1)
        for button in (self.new, self.gone):
            row.addWidget(button)
        return row

    def _button(self, text: str, tip: str) -> QToolButton:
        made = QToolButton()
        made.setText(text)
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made

    # Following

    def settle(self) -> None:
        """Bring everything up to date now, all answers too."""
        self.renew()
        while not self.answers.complete:
            self.answers.gather()
        self._on_gathered()

    @property
    def answers(self) -> SampleAnswers:
        """What the network says of each."""
        assert self._answers is not None
        return self._answers

    def renew(self) -> None:
        """Show what there is now."""
        lab = self.lab
        self._prepare()
        if self.answers.follow(lab.frame, lab.complete):
            self.model.renew_answers()
            if self.answers.quick:
                self.answers.gather()
                self._on_gathered()
            elif not lab.running:
                self._more.start(0)
        elif not self.answers.complete and not lab.running and not self._more.isActive():
            self._more.start(0)
        if lab.running:
            self._more.stop()
        if not lab.running or not self.table.currentIndex().isValid():
            self.table.go_to(lab.row)
        self.card.show_sample(self.made.raw, self.answers, self.row, self._pictured)
        self._show_state()

    @property
    def made(self) -> Prepared:
        """The samples that are shown."""
        assert self._made is not None
        return self._made

    @property
    def row(self) -> int:
        """The row of the data that is looked at: while training, the one that is held on to."""
        lab = self.lab
        if not lab.running:
            return lab.row
        current = self.table.currentIndex()
        return int(self.model.order[current.row()]) if current.isValid() else lab.row

    def _prepare(self) -> None:
        """Other samples, or another network?"""
        lab = self.lab
        project, shape = lab.project, lab.frame.architecture
        of = (project.data, project.network, project.preparation, project.validation)
        before = self._of
        if before and before[0] is of[0] and before[1] is of[1] and before[2:] == of[2:]:
            return
        self._of = of
        made = self._made = prepared(project)
        self._answers = SampleAnswers(project, made, shape)
        sides = picture(project)
        x = made.raw.x
        self._pictured = None if sides is None else (sides, (float(x.min()), float(x.max()) or 1.0))
        if self._pictured is not None:
            self.table.pictures.shape, self.table.pictures.bounds = self._pictured
        self.table.targets.classes = self._answers.kind == "distribution"
        self._answers.follow(lab.frame, lab.complete)
        if self._answers.quick:
            self._answers.gather()
        self.model.show_samples(made.raw, self._answers, self._pictured is not None)
        if not self._answers.judged and self.model.shown != "all":
            self.shown.setCurrentIndex(0)
            self._on_filter()
        elif not self._answers.complete:
            self._more.start(0)

    @Slot()
    def _gather(self) -> None:
        answers = self.answers
        if not self.isVisible() or self.lab.running or answers.complete:
            return
        answers.gather()
        if answers.gathered < answers.count:
            self._more.start(0)
        else:
            self._on_gathered()
        self._show_count()

    def _on_gathered(self) -> None:
        """All is known. While a run goes rows stay where they are: they could not be read otherwise. So they
        do while one is typed into, until it is done.
        """
        if not self.lab.running and not self.table.typing:
            self.model.arrange()
            self.table.go_to(self.lab.row)
        self._show_count()

    @Slot()
    def _on_cell_typed(self) -> None:
        """Now the rows may be sorted as they should be."""
        if self._answers is not None and self._answers.complete:
            self._on_gathered()

    def _show_state(self) -> None:
        lab, judged = self.lab, self.answers.judged
        self.shown.setEnabled(judged)
        for button in (self.back, self.on):
            button.setEnabled(judged and not lab.running)
        self.gone.setEnabled(self.answers.count > 1)
        self._show_count()

    def _show_count(self) -> None:
        answers = self.answers
        if not answers.judged:
            text = f"{answers.count:,} samples"
        elif not answers.complete:
            text = f"judging, {100 * answers.gathered // answers.count} %"
        else:
            text = f"{int(answers.wrong.sum()):,} of {answers.count:,} wrong"
        self.count.setText(text)
        self.count.setToolTip("With the parameters shown, of all samples, those kept out too")

    # What is done

    @Slot(int)
    def _on_chosen(self, row: int) -> None:
        self.lab.look_at(row)
        self.renew()

    @Slot()
    def _on_filter(self) -> None:
        self.model.filter_by(self.shown.name(), self.used.name())
        self.renew()

    @Slot()
    def next_wrong(self) -> None:
        """Show the next sample that the network is wrong about."""
        self.step_wrong(1)

    @Slot()
    def previous_wrong(self) -> None:
        """Show the one before."""
        self.step_wrong(-1)

    def step_wrong(self, by: int) -> None:
        """Show the next one of the table's that the network is wrong about (1), or the one before (−1)."""
        if self.lab.running:
            return
        self.renew()
        if not self.answers.judged:
            self._on_said("The network predicts numbers: they are not right or wrong. Sort by loss.", False)
            return
        place = self.model.place_of(self.lab.row)
        if place < 0:
            place = -1 if by > 0 else 0
        row = self.answers.next_wrong(place, by, self.model.order)
        if row is None:
            self._on_said("The network is right about all of these samples", False)
        else:
            self._on_said("", False)
            self.lab.look_at(row)

    @Slot()
    def add(self) -> None:
        """One more sample to be typed."""
        self.renew()
        if not self.editor.add_like(self.row):
            return
        for box in (self.shown, self.used):
            box.setCurrentIndex(0)
        self._on_filter()
        if self.isVisible():
            self.card.list.begin()

    @Slot()
    def remove(self) -> None:
        """Delete the sample that is shown; the one after it is shown."""
        row = self.row
        if self.editor.remove([row]):
            self.lab.look_at(min(row, len(self.lab.dataset.x) - 1))

    @Slot(int, int, str)
    def _on_edited(self, row: int, feature: int, text: str) -> None:
        """Typed in the table."""
        if feature >= 0:
            self.editor.type_feature(row, feature, text)
        else:
            self.editor.type_target(row, text)

    @Slot(int, str)
    def _on_typed(self, feature: int, text: str) -> None:
        """Typed in the list of features."""
        if feature >= 0:
            self.editor.type_feature(self.row, feature, text)
        else:
            self.editor.type_one_target(self.row, -1 - feature, text)

    @Slot(object)
    def _on_painted(self, values: npt.NDArray[np.float64]) -> None:
        self.editor.paint(self.row, values)

    @Slot(str, bool)
    def _on_said(self, text: str, bad: bool) -> None:
        self._told = (text, bad)
        self.said.setText(text)
        self.said.setAccessibleName(text)
        restyle(self.said, tone="bad" if bad else "")
        self.said.setVisible(bool(text))

    @Slot()
    def _on_theme(self) -> None:
        self.table.viewport().update()

    # As Qt asks for it

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.renew()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._more.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Insert adds a sample, Delete removes the one shown; the other keys are the window's."""
        if event.key() == Qt.Key.Key_Insert and not event.modifiers():
            self.add()
        elif event.key() == Qt.Key.Key_Delete and not event.modifiers():
            self.remove()
        else:
            event.ignore()
