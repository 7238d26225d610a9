"""What the pages have in common: they scroll, follow the run while they are seen, and have sections."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from deltaglow.session.lab import Lab
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.pages.following import Following
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label

HEAD = 38
"""Pixels over what scrolls: there stands the heading, and beside it the tabs that lead to the pages."""
WIDE = 980
"""Pixels from which sections stand two abreast."""
_SCROLLS = {
    Qt.Key.Key_Down: 40,
    Qt.Key.Key_Up: -40,
    Qt.Key.Key_PageDown: 320,
    Qt.Key.Key_PageUp: -320,
}


class Section(QWidget):
    """A heading, a sentence under it, and what it is about. `wide` ones take the whole width."""

    def __init__(self, heading: str, wide: bool = False) -> None:
        super().__init__()
        self.wide = wide
        self.heading = label(heading, "subheading")
        self.sentence = label(role="muted", wrap=True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(6)
        self.column.addWidget(self.heading)
        self.column.addWidget(self.sentence)
        self.sentence.hide()

    def say(self, text: str) -> None:
        """What it shows, in words."""
        self.sentence.setText(text)
        self.sentence.setVisible(bool(text))

    def add(self, widget: QWidget) -> None:
        """Put a widget below."""
        self.column.addWidget(widget)

    def row(self, *widgets: QWidget) -> QHBoxLayout:
        """Put widgets side by side below; those that can, share the room."""
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget in widgets:
            line.addWidget(widget)
        self.column.addLayout(line)
        return line

    def refresh(self) -> None:
        """Show the numbers as they are now."""


class Page(Following, QScrollArea):
    """Sections below each other, or two abreast where there is room; while hidden it lays nothing out."""

    def __init__(self, lab: Lab, theme: Theme, heading: str) -> None:
        super().__init__()
        self.lab, self.theme = lab, theme
        self.typesetter = Typesetter(self)
        self._sections: list[Section] = []
        self._abreast: bool | None = None
        self._state: object = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(heading)
        content = QWidget()
        content.setMinimumHeight(1)  # else it stays as high as it would be at its narrowest
        column = QVBoxLayout(content)
        column.setContentsMargins(18, 0, 14, 16)
        column.setSpacing(12)
        self.setViewportMargins(0, HEAD, 0, 0)
        self.heading = label(heading, "heading")
        self.heading.setParent(self)
        self.heading.move(18, 9)
        self.intro = label(role="muted", wrap=True)
        column.addWidget(self.intro)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(34)
        self._grid.setVerticalSpacing(22)
        column.addLayout(self._grid)
        column.addStretch(1)
        self.setWidget(content)
        for signal in (lab.frameChanged, lab.positionChanged, lab.projectChanged, lab.runningChanged):
            signal.connect(self.follow)
        lab.selectionChanged.connect(self.follow)
        theme.changed.connect(self.redraw)

    def put(self, sections: list[Section]) -> None:
        """The sections, in order."""
        self._sections = sections
        self._arrange()

    @abstractmethod
    def state(self) -> object:
        """All that what is shown depends on, beside the theme and the size."""

    def refresh(self) -> None:
        """Show the numbers as they are now."""
        for section in self._sections:
            if section.isVisibleTo(self):
                section.refresh()

    @Slot()
    def redraw(self) -> None:
        """In another theme."""
        self._state = None
        if self.isVisible():
            self.renew()

    def renew(self) -> None:
        """Refresh, if what is shown is not what there is."""
        state = self.state()
        if state != self._state:
            self._state = state
            self.refresh()

    def settle(self) -> None:
        """Bring everything up to date now, typeset formulas included."""
        self.renew()
        self.typesetter.flush()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.renew()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.heading.resize(max(self.width() - 362, 100), 24)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down scroll; the other keys are the window's."""
        by = _SCROLLS.get(Qt.Key(event.key()))
        if by is None or event.modifiers():
            event.ignore()
            return
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + by)

    def _arrange(self) -> None:
        abreast = self.viewport().width() >= WIDE
        if abreast == self._abreast and self._grid.count() == len(self._sections):
            return
        self._abreast = abreast
        while self._grid.count():
            self._grid.takeAt(0)
        row = column = 0
        for section in self._sections:
            if section.wide or not abreast:
                row += 1 if column else 0
                self._grid.addWidget(section, row, 0, 1, 2)
                row, column = row + 1, 0
            else:
                self._grid.addWidget(section, row, column, Qt.AlignmentFlag.AlignTop)
                row, column = row + column, 1 - column
        for each in (0, 1):
            self._grid.setColumnStretch(each, 1)
