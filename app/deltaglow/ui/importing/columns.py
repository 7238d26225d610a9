"""The list of a table's columns: what each holds, and whether it is learned from."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from deltaglow.data.delimited import Column, Table

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_HEADINGS = ("Learn from", "Holds", "Missing")
_ROLE = Qt.ItemDataRole


class ColumnModel(QAbstractTableModel):
    """A row for each column of a table, with a box to tick; the target's cannot be."""

    ticked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._missing: list[int] = []
        self._used: set[str] = set()
        self._target = ""

    def show_table(self, table: Table | None, target: str, features: tuple[str, ...]) -> None:
        """List a table's columns, these features ticked."""
        self.beginResetModel()
        self._columns = () if table is None else table.columns
        self._missing = [int(column.missing.sum()) for column in self._columns]
        self._used, self._target = set(features), target
        self.endResetModel()

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that are ticked, in the table's order."""
        return tuple(
            column.name
            for column in self._columns
            if column.name in self._used and column.name != self._target
        )

    def set_target(self, name: str) -> None:
        """Another column is the target; the one before is learned from."""
        self._used = (self._used | {self._target}) - {name, ""}
        self._target = name
        self._tell()

    def tick_all(self, use: bool) -> None:
        """Use all columns, or none."""
        self._used = {column.name for column in self._columns} if use else set()
        self._tell()

    def _tell(self) -> None:
        if self._columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._columns) - 1, 2))
        self.ticked.emit()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(_HEADINGS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        target = self._columns[index.row()].name == self._target
        return plain if index.column() or target else plain | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        column = self._columns[index.row()]
        target = column.name == self._target
        if role == _ROLE.CheckStateRole and index.column() == 0 and not target:
            return Qt.CheckState.Checked if column.name in self._used else Qt.CheckState.Unchecked
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole):
            name = f"{column.name}  (target)" if target else column.name
            missing = self._missing[index.row()]
            return (name, _holds(column), f"{missing:,}" if missing else "")[index.column()]
        if role == _ROLE.ToolTipRole:
            return _told(column)
        if role == _ROLE.TextAlignmentRole and index.column() == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: object, role: int = _ROLE.EditRole) -> bool:
        if role != _ROLE.CheckStateRole or index.column():
            return False
        name = self._columns[index.row()].name
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._used.add(name)
        else:
            self._used.discard(name)
        self._tell()
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> object:
        if role == _ROLE.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return _HEADINGS[section]
        return None


def _holds(column: Column) -> str:
    count = len(column.labels)
    return "numbers" if column.numbers is not None else f"{count:,} word{'s' * (count != 1)}"


def _told(column: Column) -> str:
    """Why a column is no numbers, or how far its numbers reach."""
    if column.first_text is not None:
        line, text = column.first_text
        return f"Words: line {line} has {text[:40]!r}"
    if column.numbers is None or column.missing.all():
        return "Has no value"
    known = column.numbers[~column.missing]
    return f"Numbers from {known.min():.6g} to {known.max():.6g}"


class ColumnList(QTableView):
    """The columns; Space ticks the one that is selected."""

    def __init__(self) -> None:
        super().__init__()
        self.columns = ColumnModel()
        self.setModel(self.columns)
        self.setAccessibleName("The columns of the table")
        self.setToolTip("Tick the columns that are learned from (Space)")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 96), (2, 72)):
            header.resizeSection(column, width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks, in whatever cell of the row."""
        row = self.currentIndex().row()
        if event.key() == Qt.Key.Key_Space and row >= 0:
            index = self.columns.index(row, 0)
            if self.columns.flags(index) & Qt.ItemFlag.ItemIsUserCheckable:
                on = self.columns.data(index, _ROLE.CheckStateRole) == Qt.CheckState.Checked
                state = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
                self.columns.setData(index, state, _ROLE.CheckStateRole)
            return
        super().keyPressEvent(event)
