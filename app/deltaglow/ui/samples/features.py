"""One sample's features, one below the other: easier to type than a row of a wide table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from deltaglow.data import Dataset
from deltaglow.explain.numbers import plain
from deltaglow.ui.theme import Theme

from .model import number

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_NOWHERE = QModelIndex()


class FeatureModel(QAbstractTableModel):
    """A row for each feature: its name and value; below, of targets that are numbers, each of those.

    `edited` carries the feature, or −1 − the target's number, and the text that was typed.
    """

    edited = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self._raw: Dataset | None = None
        self._row = 0
        self._targets = 0

    def show_sample(self, raw: Dataset, row: int, targets: bool) -> None:
        """Show a sample, and, if they can be typed, its targets."""
        count = raw.y.shape[1] if targets else 0
        before = (
            None if self._raw is None else (self._raw.feature_names, self._raw.class_names, self._targets)
        )
        if before == (raw.feature_names, raw.class_names, count):
            shown = self._values
            self._raw, self._row = raw, row
            if np.array_equal(shown, self._values):
                return  # what is being typed stays
            self.dataChanged.emit(self.index(0, 1), self.index(self.rowCount() - 1, 1))
            return
        self.beginResetModel()
        self._raw, self._row, self._targets = raw, row, count
        self.endResetModel()

    @property
    def _features(self) -> int:
        return 0 if self._raw is None else self._raw.x.shape[1]

    @property
    def _values(self) -> npt.NDArray[np.float64]:
        """What stands in the rows."""
        raw, row = self._raw, self._row
        assert raw is not None
        return np.concatenate([raw.x[row], raw.y[row, : self._targets]])

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._features + self._targets

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else 2

    def flags(self, index: Index) -> Qt.ItemFlag:
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain | Qt.ItemFlag.ItemIsEditable if index.column() else plain

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        raw, at = self._raw, index.row()
        assert raw is not None
        feature = at < self._features
        name = raw.feature_names[at] if feature else raw.class_names[at - self._features]
        if role == Role.ToolTipRole:
            return f"{name}: Return or F2 types another value" if feature else f"Target {name}"
        if role == Role.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role not in (Role.DisplayRole, Role.EditRole):
            return None
        if index.column() == 0:
            return name if feature else f"Target: {name}"
        value = float(self._values[at])
        return number(value) if role == Role.EditRole else plain(value).text

    def setData(self, index: Index, value: object, role: int = Role.EditRole) -> bool:
        if role != Role.EditRole or index.column() == 0:
            return False
        if str(value) != str(self.data(index, Role.EditRole)):
            at = index.row()
            self.edited.emit(at if at < self._features else -1 - (at - self._features), str(value))
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        if role == Role.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return ("Feature", "Value")[section]
        return None


class FeatureList(QTableView):
    """The features; Return or F2 types, and goes on to the next one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.features = FeatureModel()
        self.setModel(self.features)
        self.setAccessibleName("The features of the sample")
        self.setToolTip("The sample's features in their own units; type to change one")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFont(theme.mono_font(11))
        down, across = self.verticalHeader(), self.horizontalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(22)
        across.setHighlightSections(False)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        across.setMinimumSectionSize(64)
        across.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def begin(self) -> None:
        """Begin to type the first feature."""
        index = self.features.index(0, 1)
        self.setFocus()
        self.setCurrentIndex(index)
        self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go through the features, Return and digits type; the rest is the window's."""
        if self.state() == QAbstractItemView.State.EditingState:
            return  # Return has ended the typing already
        key, index = Qt.Key(event.key()), self.currentIndex()
        value = self.features.index(index.row(), 1) if index.isValid() else index
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2) and value.isValid():
            self.setCurrentIndex(value)
            self.edit(value)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Tab):
            super().keyPressEvent(event)
        else:
            event.ignore()
