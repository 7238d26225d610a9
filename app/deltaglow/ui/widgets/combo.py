"""A combo box of words from a table."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QWidget

from deltaglow.ui.widgets.deaf import Deaf


class Combo(Deaf, QComboBox):
    """Shows labels, knows names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # After a choice by mouse the window's keys work on, instead of searching the list for a T.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._why_not: Callable[[str], str] | None = None
        self._tips: list[str] = []

    def offer(self, items: list[tuple[str, str, str]], current: str) -> None:
        """Offers (name, label, tooltip) and shows `current`, without telling anybody."""
        blocked = self.blockSignals(True)
        wanted = [(name, text) for name, text, _ in items]
        if wanted != [(self.itemData(place), self.itemText(place)) for place in range(self.count())]:
            self.clear()
            for place, (name, text, tip) in enumerate(items):
                self.addItem(text, name)
                self.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self._tips = [tip for _, _, tip in items]
        self.setCurrentIndex(self.findData(current))
        self.blockSignals(blocked)

    def judge(self, why_not: Callable[[str], str]) -> None:
        """Grey what cannot be chosen, with the reason as its tooltip. why_not: of a name, "" if it can be;
        asked whenever something could be chosen.
        """
        self._why_not = why_not

    def ask(self) -> None:
        """Find out anew what can be chosen."""
        model = self.model()
        if self._why_not is None or not isinstance(model, QStandardItemModel):
            return
        for place, tip in enumerate(self._tips):
            name, item = self.itemData(place), model.item(place)
            reason = "" if place == self.currentIndex() else self._why_not(name)
            item.setEnabled(not reason)
            item.setToolTip(reason or tip)

    def name(self) -> str:
        """The name of the item on show, "" for none."""
        found = self.currentData()
        return found if isinstance(found, str) else ""

    def showPopup(self) -> None:
        """The list, as far as it can be chosen from."""
        self.ask()
        super().showPopup()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who moves through a list by keys hears what is greyed."""
        self.ask()
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Past what cannot be chosen."""
        if self.hasFocus():
            self.ask()
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters are the window's: T trains, and does not look for a word that begins with it."""
        if event.text().isalpha():
            event.ignore()
        else:
            self.ask()
            super().keyPressEvent(event)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """A name that has no room ends in an ellipsis; the style would cut it, even to another name."""
        super().initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self)
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room.width() - 2
        )

    def sizeHint(self) -> QSize:
        """Room for two words."""
        return QSize(116, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for one word."""
        return QSize(72, super().minimumSizeHint().height())
