"""File → Import table…: the first rows, how they are written, what is learned from what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deltaglow.data import Table, TableError
from deltaglow.data.delimited import Format
from deltaglow.data.tabular import Choices, Samples, misread, samples, used
from deltaglow.engine import LossSpec
from deltaglow.engine.verdicts import is_regression
from deltaglow.model import importing
from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.project import Preparation, Project, Validation
from deltaglow.session.lab import Lab
from deltaglow.ui.panels.edits import with_own_data
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label, restyle

from .columns import ColumnList
from .options import FormatBar, OptionForm
from .preview import Preview
from .reader import Look, Reader, Source

NAME = "import_table"


class ImportDialog(QDialog):
    """Reads a table in a thread, shows what it found, and makes of it what is chosen.

    source: the file or text. opens: is given a new project, and says whether it was
    opened.
    """

    def __init__(
        self, parent: QWidget, lab: Lab, theme: Theme, source: Source, opens: Callable[[Project], bool]
    ) -> None:
        super().__init__(parent)
        self._lab, self._opens = lab, opens
        self.name = printable(source.stem, 100) if isinstance(source, Path) else "Pasted table"
        self._source = source
        self._reader: Reader | None = None
        self._number = 0
        self._form: Format | None = None
        """How the table is written, once that is found out or chosen."""
        self._table: Table | None = None
        self._found: Samples | None = None
        self.setObjectName(NAME)
        self.setWindowTitle(f"Import {self.name}")
        self.format = FormatBar()
        self.preview = Preview(theme)
        self.columns = ColumnList()
        self.options = OptionForm()
        self._arrange()
        self.format.changed.connect(self._read_as_chosen)
        self.columns.columns.ticked.connect(self._judge)
        self.options.changed.connect(self._judge)
        self.options.targeted.connect(self._on_target)
        self.stop.clicked.connect(self._on_stop)
        self._read()

    # Parts

    def _arrange(self) -> None:
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName("How much of the table is read")
        self.reading = label(role="muted")
        self.stop = QPushButton("Sto&p")
        self.stop.setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.reading)
        row.addWidget(self.progress, 1)
        row.addWidget(self.stop)
        self.outcome = label(wrap=True)
        below = QHBoxLayout()
        below.setSpacing(16)
        below.addLayout(self._column_box(), 1)
        below.addWidget(self.options)
        self.options.setFixedWidth(360)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip("Leave everything as it is")
        self.take = QPushButton("&Import")
        self.take.setDefault(True)
        self.buttons.addButton(self.take, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.rejected.connect(self.reject)
        self.take.clicked.connect(self.make)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(self.format)
        column.addWidget(self.preview, 3)
        column.addLayout(row)
        column.addLayout(below, 2)
        column.addWidget(self.outcome)
        column.addWidget(self.buttons)
        self.resize(920, 690)

    def _column_box(self) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(6)
        box.addWidget(self.columns, 1)
        row = QHBoxLayout()
        for text, tip, use in (
            ("All", "Learn from all columns but the target", True),
            ("None", "Leave all columns out", False),
        ):
            button = QPushButton(text)
            button.setProperty("role", "quiet")
            button.setAutoDefault(False)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda checked=False, use=use: self.columns.columns.tick_all(use))
            row.addWidget(button)
        row.addStretch(1)
        box.addLayout(row)
        return box

    # Reading

    def _read(self) -> None:
        self.end_reading()
        self._number += 1
        self._table = self._found = None
        self.columns.columns.show_table(None, "", ())
        reader = self._reader = Reader(self._number, self._source, self._form, self)
        reader.looked.connect(self._on_looked)
        reader.advanced.connect(self._on_advanced)
        reader.done.connect(self._on_done)
        reader.failed.connect(self._on_failed)
        self._show_reading("Reading…", True)
        self._say("")
        reader.start()

    def end_reading(self) -> None:
        """Have nothing read any more; returns when that is so."""
        if self._reader is not None:
            self._reader.stop()
            self._reader.deleteLater()
            self._reader = None

    def done(self, result: int) -> None:
        self.end_reading()
        super().done(result)
        self.deleteLater()

    @Slot()
    def _read_as_chosen(self) -> None:
        self._form = self.format.format
        self._read()

    @Slot(int, object)
    def _on_looked(self, number: int, look: Look) -> None:
        if number != self._number:
            return
        self._source, self._form = look.source, look.format
        self.format.show_format(look.format, isinstance(look.source, str))
        self.preview.show_look(look)

    @Slot(int, float)
    def _on_advanced(self, number: int, share: float) -> None:
        if number == self._number:
            self.progress.setValue(round(1000 * share))

    @Slot(int, object)
    def _on_done(self, number: int, table: Table) -> None:
        if number != self._number:
            return
        self._table = table
        count = f"{table.rows:,} row{'s' * (table.rows != 1)}"
        self._show_reading(f"{count}, {len(table.columns):,} columns", False)
        target, features = used(table, Choices())
        self.options.show_table(table, target.name)
        self.columns.columns.show_table(table, target.name, tuple(column.name for column in features))
        self._judge()

    @Slot(int, int, str)
    def _on_failed(self, number: int, line: int, reason: str) -> None:
        if number != self._number:
            return
        self._show_reading("Not read", False)
        self.preview.show_wrong(line)
        self._say(f"Line {line:,} {reason}" if line else f"The table {reason}", bad=True)

    @Slot()
    def _on_stop(self) -> None:
        if self._reader is not None and self._reader.isRunning():
            self.end_reading()
            self._number += 1
            self._show_reading("Stopped", False)
            self.stop.setVisible(True)
            self._say("Reading was stopped before the end of the table.", bad=True)
        else:
            self._read()

    def _show_reading(self, text: str, going: bool) -> None:
        self.reading.setText(text)
        self.progress.setVisible(going)
        self.progress.setValue(0)
        self.stop.setVisible(going)
        self.stop.setText("Sto&p" if going else "&Read again")
        self.stop.setToolTip("Stop reading the table" if going else "Read the table from its beginning")

    # What is made of it

    @Slot(str)
    def _on_target(self, name: str) -> None:
        if self._table is not None:
            self.options.follow(self._table)
            self.columns.columns.set_target(name)

    @Slot()
    def _judge(self) -> None:
        """Say what the choices make of the table, or why nothing."""
        table = self._table
        if table is None:
            return
        features = self.columns.columns.features
        self.preview.rows.show_parts(self.options.target.name(), features)
        self._found = None
        try:
            choices = self.options.choices(features, None)
            most = importing.most_samples(table, choices)
            found = samples(table, self.name, replace(choices, most=most))
        except TableError as error:
            at = f"Line {error.line:,}" if error.line else "The table"
            self._say(f"{at} {error.reason}", bad=True)
            return
        self._found = found
        self.options.ask_for_rows(found.there_were > most)
        doubts = [f"Line {each.line:,} {each.reason}." for each in misread(table)[:2]]
        self._say(" ".join([described(found), *doubts]), bad=bool(doubts))

    def _say(self, line: str, bad: bool = False) -> None:
        self.outcome.setText(line)
        restyle(self.outcome, tone="negative" if bad else "forward")
        self.take.setEnabled(self._found is not None)
        self.take.setToolTip(
            "Make the samples of the table" if self._found is not None else line or "The table is being read"
        )

    @Slot()
    def make(self) -> None:
        """Open the new project, or replace the data of this one."""
        if self._found is None:
            return
        here = self.options.place.name() == "here"
        held_out = self.options.held_out.value()
        try:
            if here:
                importing.check(self._changed(self._lab.project))
            else:
                project = importing.learner(self._found, self.options.scale.name(), held_out)
                importing.check(project)
        except ProjectError as error:
            self._say(str(error), bad=True)
            return
        if here:
            self._lab.edit(f"Import {self.name}", self._changed)
        elif not self._opens(project):
            return
        self.accept()

    def _changed(self, project: Project) -> Project:
        """The project with the samples in place of its data, its network as far as it fits."""
        assert self._found is not None
        loss, classes, share = project.network.loss, self._found.classes, self.options.held_out.value()
        if classes == is_regression(loss):
            loss = LossSpec("softmax_cross_entropy" if classes else "squared_error")
        prepared = replace(
            project,
            preparation=Preparation(self.options.scale.name()),
            validation=Validation(share) if share else None,
        )
        return with_own_data(prepared, importing.own_data(self._found), loss)


def described(found: Samples) -> str:
    """The samples in a sentence or two."""
    data = found.dataset
    count, features, outputs = len(data.x), data.x.shape[1], data.y.shape[1]
    names = ", ".join(data.class_names[:6]) + (", …" if outputs > 6 else "")
    aim = f"{outputs} classes ({names})" if found.classes else f"{names}, a number"
    said = [f"{_count(count, 'sample')}: {_count(features, 'feature')}, to tell {aim}."]
    if count < found.there_were:
        said.append(f"There are {found.there_were:,}; a project holds {count:,} of them at most.")
    if found.left_out:
        said.append(f"{_count(found.left_out, 'row')} left out for a missing value.")
    if found.filled:
        said.append(f"{_count(found.filled, 'missing value')} filled.")
    return " ".join(said)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
