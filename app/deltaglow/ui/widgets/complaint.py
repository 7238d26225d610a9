"""What is wrong with what was typed into a field, said beside it for as long as it is of use."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Slot
from PySide6.QtWidgets import QLabel, QWidget

from deltaglow.ui.widgets.labels import label

LASTS_MS = 10_000
WIDEST, GAP, EDGE = 250, 3, 6
"""Pixels: as wide as it becomes, between it and its field, and between it and the window's edge."""


class Complaint(QObject):
    """One a window. It goes with the next letter that is typed, with its field, or after ten seconds."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.box: QLabel = label(role="complaint", wrap=True)
        self.box.setParent(window)
        self.box.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.box.hide()
        self.field: QWidget | None = None
        self._end = QTimer(self, singleShot=True, interval=LASTS_MS)
        self._end.timeout.connect(self.withdraw)

    def say(self, field: QWidget, text: str) -> None:
        """Show it under the field, or above where that is outside of the window."""
        self.withdraw()
        self.field, window, box = field, field.window(), self.box
        field.installEventFilter(self)
        box.setText(text)
        box.setAccessibleName(text)
        wide = min(box.fontMetrics().horizontalAdvance(text) + 24, WIDEST)
        box.setFixedWidth(wide)
        box.setFixedHeight(box.heightForWidth(wide))
        at = field.mapTo(window, QPoint(0, 0)) if field is not window else QPoint(0, 0)
        x = min(max(at.x() + field.width() - wide, EDGE), max(window.width() - wide - EDGE, EDGE))
        y = at.y() + field.height() + GAP
        if y + box.height() > window.height() - EDGE:
            y = at.y() - box.height() - GAP
        box.move(x, y)
        box.show()
        box.raise_()
        self._end.start()

    @Slot()
    def withdraw(self) -> None:
        """Nothing is wrong any more."""
        self._end.stop()
        self.box.hide()
        if self.field is not None:
            self.field.removeEventFilter(self)
            self.field = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It goes with its field, also where that is scrolled away."""
        if event.type() in (QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.EnabledChange):
            self.withdraw()
        return super().eventFilter(watched, event)


def complain(field: QWidget, text: str) -> None:
    """Say beside a field what is wrong with what was typed into it; "" for nothing."""
    window = field.window()
    found = window.findChild(Complaint, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if text:
        (found or Complaint(window)).say(field, text)
    elif found is not None and found.field is field:
        found.withdraw()


def complaint_within(widget: QWidget) -> str:
    """What is said of one of the fields in a widget now, "" for nothing."""
    found = widget.window().findChild(Complaint, options=Qt.FindChildOption.FindDirectChildrenOnly)
    field = found.field if found is not None else None
    inside = field is not None and (field is widget or widget.isAncestorOf(field))
    return found.box.text() if found is not None and inside else ""
