"""The table of runs as Qt has it, a row a run, a column a setting or result: sorted, let through by words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QIcon

from deltaglow.session.overlays import Overlays
from deltaglow.session.run_table import RunRow
from deltaglow.ui.plots.run_colours import swatch
from deltaglow.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NAME = "Run"
TIP = "Ticked: its curves are drawn in the plots, in the colour beside it (Space)"


class RunModel(QAbstractTableModel):
    """`ticked` carries a run's key and whether its curves are wanted."""

    ticked = Signal(str, bool)

    def __init__(self, overlays: Overlays, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._overlays, self._theme = overlays, theme
        self.runs: list[RunRow] = []
        self.columns: list[str] = []

    def show_runs(self, runs: Sequence[RunRow], columns: Sequence[str]) -> None:
        """These from now on; where they are the same ones, what is chosen and sorted stays."""
        same = [run.key for run in runs] == [run.key for run in self.runs] and list(columns) == self.columns
        if not same:
            self.beginResetModel()
        self.runs, self.columns = list(runs), list(columns)
        if not same:
            self.endResetModel()
        elif runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.runs) - 1, len(self.columns)))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """A row a run."""
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Its name, and the columns."""
        return 0 if parent.isValid() else 1 + len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A run's name can be ticked."""
        return super().flags(index) | (
            Qt.ItemFlag.NoItemFlags if index.column() else Qt.ItemFlag.ItemIsUserCheckable
        )

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Role.DisplayRole:
            return NAME if section == 0 else self.columns[section - 1]
        if role == Role.ToolTipRole:
            name = TIP if section == 0 else self.columns[section - 1]
            return f"{name}\nPress to sort by it"
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """A cell."""
        run, column = self.runs[index.row()], index.column()
        if column:
            return self._value(run, self.columns[column - 1], role)
        text = run.title + ("  · here" if run.current else "")
        match role:
            case Role.DisplayRole | Role.ToolTipRole | Role.AccessibleTextRole:
                return text
            case Role.CheckStateRole:
                return Qt.CheckState.Checked if self._drawn(run) else Qt.CheckState.Unchecked
            case Role.DecorationRole:
                number = self._overlays.number(run.key)
                return QIcon() if number is None or run.current else swatch(self._theme, number)
            case Role.FontRole:
                font = QFont()
                font.setBold(run.current)
                return font
        return None

    def _drawn(self, run: RunRow) -> bool:
        return run.current or self._overlays.number(run.key) is not None

    def _value(self, run: RunRow, column: str, role: int) -> Any:
        entry = run.entry(column)
        match role:
            case Role.DisplayRole | Role.ToolTipRole:
                return "" if entry is None else entry.text
            case Role.AccessibleTextRole:
                return f"{run.title}, {column}: {'none' if entry is None else entry.text}"
            case Role.TextAlignmentRole if entry is not None and not isinstance(entry.value, str):
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """A tick."""
        run = self.runs[index.row()]
        if role != Role.CheckStateRole or index.column() or run.current:
            return False
        self.ticked.emit(run.key, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True


class RunFilter(QSortFilterProxyModel):
    """Puts numbers in order as numbers, before words, with what is missing at the end either way; lets those
    through whose name, or a setting or result in one of the columns, has the pattern.
    """

    def __init__(self, model: RunModel) -> None:
        super().__init__(model)
        self._runs = model
        self._pattern = re.compile("")
        self.setSourceModel(model)

    def look_for(self, text: str) -> str:
        """A regular expression, whatever the case of its letters; what is wrong with it as one, if anything
        is: then it is looked for as it stands.
        """
        wrong = ""
        try:
            self._pattern = re.compile(text, re.IGNORECASE)
        except re.error as error:
            self._pattern = re.compile(re.escape(text), re.IGNORECASE)
            wrong = f"Not a regular expression ({error}): looked for letter by letter"
        self.invalidate()
        return wrong

    @property
    def shown(self) -> list[RunRow]:
        """Those that are let through, in their order."""
        places = (self.mapToSource(self.index(row, 0)).row() for row in range(self.rowCount()))
        return [self._runs.runs[place] for place in places]

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a run is let through."""
        del parent
        run = self._runs.runs[row]
        told = ((column, run.entry(column)) for column in self._runs.columns)
        texts = [run.title, *(f"{column}: {entry.text}" for column, entry in told if entry is not None)]
        return any(self._pattern.search(text) for text in texts)

    def lessThan(self, left: Index, right: Index) -> bool:
        """By the column; runs that have the same there keep their order."""
        return self._key(left) < self._key(right)

    def _key(self, index: Index) -> tuple[int, float, str, int]:
        run, column, row = self._runs.runs[index.row()], index.column(), index.row()
        if column == 0:
            return (0, float(row), "", row)
        falling = self.sortOrder() == Qt.SortOrder.DescendingOrder
        entry = run.entry(self._runs.columns[column - 1])
        if entry is None or entry.value != entry.value:
            return (-1 if falling else 2, 0.0, "", row)
        if isinstance(entry.value, str):
            return (1, 0.0, entry.value.casefold(), row)
        return (0, entry.value, "", row)
