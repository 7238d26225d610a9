"""The first rows of a table as they are written, under the names of the columns."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QTableView

from deltaglow.data.delimited import column_names
from deltaglow.ui.theme import Theme

from .reader import Look

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_WIDTH, _WIDEST, _TARGET = 90, 240, 50
"""Pixels of a column as a rule and at most; and what the word "(target)" takes."""
_FITTED = 50


class PreviewModel(QAbstractTableModel):
    """Cells as texts; the target and a wrong line are coloured, columns that are left out are grey."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[tuple[int, list[str]]] = []
        self._names: list[str] = []
        self._wrong_line = 0
        self._target = ""
        self._features: frozenset[str] = frozenset()
        self._known = False

    def show_look(self, look: Look) -> None:
        """Show these rows."""
        self.beginResetModel()
        header, rows = look.format.header, look.rows
        self._names = column_names(rows[0][1], look.format) if rows else []
        self._rows = rows[1:] if header else rows
        self._wrong_line, self._known = 0, False
        self.endResetModel()

    def show_parts(self, target: str, features: tuple[str, ...]) -> None:
        """Mark the column that is the target, and those that are not used."""
        self._target, self._features, self._known = target, frozenset(features), True
        self._recolour()

    def show_wrong(self, line: int) -> None:
        """Mark a line that cannot be read."""
        self._wrong_line = line
        self._recolour()

    def row_of(self, line: int) -> int | None:
        """Which row a line is, if it is among those shown."""
        return next((row for row, (there, _) in enumerate(self._rows) if there == line), None)

    def _recolour(self) -> None:
        if self._rows and self._names:
            last = self.index(len(self._rows) - 1, len(self._names) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._names) - 1)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line, cells = self._rows[index.row()]
        there = index.column() < len(cells)
        if role == Qt.ItemDataRole.DisplayRole:
            return cells[index.column()] if there else ""
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(self._names[index.column()], line)
        if role == Qt.ItemDataRole.ToolTipRole and line == self._wrong_line:
            return f"Line {line} cannot be read"
        return None

    def _colour(self, name: str, line: int) -> QColor | None:
        if line == self._wrong_line:
            return self._theme.color("bad")
        if self._known and name == self._target:
            return self._theme.color("y_hat_text")
        if self._known and name not in self._features:
            return self._theme.color("disabled")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            if orientation == Qt.Orientation.Vertical:
                return str(self._rows[section][0])
            name = self._names[section]
            return f"{name} (target)" if self._known and name == self._target else name
        if role == Qt.ItemDataRole.ToolTipRole:
            if orientation == Qt.Orientation.Vertical:
                return f"Line {self._rows[section][0]}"
            return self._names[section]
        return None


class Preview(QTableView):
    """The first rows; arrow keys go through the cells, Tab leads on."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.rows = PreviewModel(theme)
        self.setModel(self.rows)
        self.setAccessibleName("The first rows of the table")
        self.setToolTip("The first rows as they are read; the numbers on the left are lines of the file")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setFont(theme.mono_font(11))
        header = self.horizontalHeader()
        header.setDefaultSectionSize(_WIDTH)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().setDefaultSectionSize(22)

    def show_look(self, look: Look) -> None:
        """Show these rows, the first columns as wide as they need."""
        self.rows.show_look(look)
        header = self.horizontalHeader()
        for column in range(min(self.rows.columnCount(), _FITTED)):
            needed = max(self.sizeHintForColumn(column), header.sectionSizeHint(column) + _TARGET)
            header.resizeSection(column, min(max(needed, _WIDTH), _WIDEST))

    def show_wrong(self, line: int) -> None:
        """Mark a line that cannot be read, and go there."""
        self.rows.show_wrong(line)
        row = self.rows.row_of(line)
        if row is not None:
            self.scrollTo(self.rows.index(row, 0))
