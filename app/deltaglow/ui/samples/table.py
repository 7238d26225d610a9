"""The table of samples: one row at a time, typed into, sorted by its headings."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from deltaglow.ui.theme import Theme

from .model import SampleModel
from .picture import SIDE, PictureDelegate

Index = QModelIndex | QPersistentModelIndex
Key = Qt.Key
_WIDTHS = {"row": 46, "picture": SIDE + 8, "target": 92, "says": 106, "sure": 54, "loss": 64, "use": 64}
_FEATURE, _WIDEST = 78, 150
_OWN = (
    Key.Key_Up,
    Key.Key_Down,
    Key.Key_Left,
    Key.Key_Right,
    Key.Key_PageUp,
    Key.Key_PageDown,
    Key.Key_F2,
    Key.Key_Tab,
    Key.Key_Backtab,
)
"""Keys that the table takes, without Ctrl; all others but a few are the window's."""


class TargetDelegate(QStyledItemDelegate):
    """Chooses a class from a list; numbers are typed."""

    def __init__(self, model: SampleModel) -> None:
        super().__init__()
        self._model = model
        self.classes = True

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        if not self.classes:
            return super().createEditor(parent, option, index)
        box = QComboBox(parent)
        box.addItems(list(self._model.raw.class_names))
        box.activated.connect(lambda _: self._take(box))
        return box

    def _take(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentText(str(index.data(Qt.ItemDataRole.EditRole)))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentText(), Qt.ItemDataRole.EditRole)
        else:
            super().setModelData(editor, model, index)


class SampleTable(QTableView):
    """Rows of one height, so that a million cost no more than a screenful.

    `chosen` carries the row of the data that was gone to with the mouse or the keys; `typed` tells that a
    cell is no longer edited.
    """

    chosen = Signal(int)
    typed = Signal()

    def __init__(self, theme: Theme, model: SampleModel) -> None:
        super().__init__()
        self.samples = model
        self.setModel(model)
        self.pictures, self.targets = PictureDelegate(theme, model), TargetDelegate(model)
        self._following = False
        self._widths_of: object = None
        self.setAccessibleName("The samples")
        self.setToolTip("The row you are on is the sample shown; click a heading to sort")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setFont(theme.mono_font(11))
        down = self.verticalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across = self.horizontalHeader()
        across.setHighlightSections(False)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setTextElideMode(Qt.TextElideMode.ElideRight)
        across.setDefaultSectionSize(_FEATURE)
        across.setSortIndicatorClearable(True)
        across.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        model.modelReset.connect(self._dress)

    @Slot()
    def _dress(self) -> None:
        """Delegates and widths for other columns."""
        columns = self.samples.columns
        if columns == self._widths_of:
            return
        self._widths_of = list(columns)
        across, metrics = self.horizontalHeader(), self.fontMetrics()
        pictured = False
        for place, column in enumerate(columns):
            self.setItemDelegateForColumn(place, None)  # type: ignore[arg-type]
            if column.kind == "picture":
                pictured = True
                self.setItemDelegateForColumn(place, self.pictures)
            elif column.kind == "target":
                self.setItemDelegateForColumn(place, self.targets)
            title = across.fontMetrics().horizontalAdvance(column.title) + 30
            width = _WIDTHS.get(column.kind, _FEATURE)
            if column.kind in ("target", "says"):
                names = (metrics.horizontalAdvance(name) for name in self.samples.raw.class_names)
                width = max(width, max(names) + (34 if column.kind == "says" else 20))
            across.resizeSection(place, min(max(width, title), _WIDEST) if column.title else width)
        self.verticalHeader().setDefaultSectionSize(SIDE + 4 if pictured else 22)

    def go_to(self, row: int) -> None:
        """Stand on a row of the data, without telling anybody."""
        place = self.samples.place_of(row)
        current = self.currentIndex()
        if place == (current.row() if current.isValid() else -1):
            return
        self._following = True
        if place < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            column = current.column() if current.isValid() else 0
            index = self.samples.index(place, column)
            self.setCurrentIndex(index)
            self.scrollTo(index)
        self._following = False

    @property
    def typing(self) -> bool:
        """Whether a cell is edited now."""
        return self.state() == QAbstractItemView.State.EditingState

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self.typed.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Nobody has gone to the row that Qt takes up when there is none."""
        self._following = True
        super().focusInEvent(event)
        self._following = False

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        moved = current.isValid() and current.row() != (previous.row() if previous.isValid() else -1)
        if moved and not self._following:
            self.chosen.emit(int(self.samples.order[current.row()]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go through samples and columns, Return types; what else there is belongs to the window."""
        key, control = Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if self.typing:
            return  # Return has ended the typing already
        alternate = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if key in (Key.Key_Home, Key.Key_End) and control and len(self.samples.order):
            place = 0 if key == Key.Key_Home else len(self.samples.order) - 1
            self.setCurrentIndex(self.samples.index(place, max(self.currentIndex().column(), 0)))
        elif key in _OWN and not control and not alternate:
            super().keyPressEvent(event)
        elif key in (Key.Key_Return, Key.Key_Enter) and self.currentIndex().isValid():
            self.edit(self.currentIndex())
        else:
            event.ignore()
