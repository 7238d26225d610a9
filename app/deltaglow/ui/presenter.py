"""The presenter mode: network and explanation alone, large, for a room that looks at them from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot

if TYPE_CHECKING:
    from deltaglow.ui.main_window import MainWindow

ROOM = (600.0, 440.0)
"""Pixels in which a diagram is laid out when it is shown as large as it can be."""
MOST = 2.2
"""By how much the diagram is shown larger at most."""
PART = 0.34
"""Of the window's width, for the explanation."""
TEXT_AT = 1040.0
"""A window's width in which the explanation has its usual size; in twice that it has twice it."""


class Presenter(QObject):
    """Hides what nobody looks at in a lecture and shows the rest larger, as large as there is room for."""

    changed = Signal(bool)
    """Whether it is on now."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._before = Qt.WindowState.WindowNoState
        self.on = False
        window.diagram.installEventFilter(self)

    @Slot()
    def toggle(self) -> None:
        """On or off."""
        window = self._window
        self.on = not self.on
        if self.on:
            window.spotlight.leave()
            self._before = window.windowState()
            window.setWindowState(self._before | Qt.WindowState.WindowFullScreen)
        else:
            window.setWindowState(self._before)
        for beside in (window.parameters, window.transport.where):
            beside.setVisible(not self.on)
        window.share_out()
        self._enlarge_text()
        self._enlarge()
        window.diagram.setFocus()
        self.changed.emit(self.on)

    def leave(self) -> None:
        """Off, if it was on."""
        if self.on:
            self.toggle()

    def share_out(self) -> None:
        """Give the explanation its part of the window, and the diagram the rest."""
        window = self._window
        for slot in window.slots:
            slot.hide()
        window.explanation.setFixedWidth(round(window.width() * PART))
        self._enlarge_text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the diagram's size."""
        if self.on and event.type() == QEvent.Type.Resize:
            self._enlarge()
        return super().eventFilter(watched, event)

    def _enlarge(self) -> None:
        diagram = self._window.diagram
        fits = min(diagram.width() / ROOM[0], diagram.height() / ROOM[1], MOST)
        diagram.magnifier.magnify(max(round(fits, 2), 1.0) if self.on else 1.0)

    def _enlarge_text(self) -> None:
        by = max(round(self._window.width() / TEXT_AT, 2), 1.0) if self.on else 1.0
        if by != self._window.explanation.enlarged:
            self._window.explanation.enlarge(by)
