"""Commands of a menu that cannot be given just now: greyed while it is open, with the reason as a tooltip."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu


class Reasons(QObject):
    """Of one menu. What has a key can be tried by that at any time: nothing stays greyed when it closes."""

    def __init__(self, menu: QMenu) -> None:
        super().__init__(menu)
        self._asked: list[tuple[QAction, Callable[[], str], str]] = []
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._ask)
        menu.aboutToHide.connect(self._forget)

    def add(self, action: QAction, why_not: Callable[[], str], tip: str = "") -> None:
        """why_not: asked when the menu opens, "" if the command can be given. tip: what it says then."""
        self._asked.append((action, why_not, tip))

    @Slot()
    def _ask(self) -> None:
        for action, why_not, tip in self._asked:
            reason = why_not()
            action.setEnabled(not reason)
            action.setToolTip(reason or tip)

    @Slot()
    def _forget(self) -> None:
        for action, _, _ in self._asked:
            action.setEnabled(True)
