"""A place in the window whose content is made when it is first seen or asked for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

W = TypeVar("W", bound=QWidget)


class OnDemand(QWidget, Generic[W]):
    """Holds what `make` returns. The first picture of the window waits for nothing that it does not show."""

    def __init__(self, make: Callable[[], W]) -> None:
        super().__init__()
        self._make = make
        self._content: W | None = None

    @property
    def made(self) -> W | None:
        """The content if it is there already."""
        return self._content

    @property
    def content(self) -> W:
        """The content, made now if need be."""
        if self._content is None:
            self._content = content = self._make()
            before = self.previousInFocusChain()
            # What follows an ancestor follows all inside it, and nothing follows what takes no focus.
            while before not in (None, self) and (
                before.isAncestorOf(self) or not before.focusPolicy().value
            ):
                before = before.previousInFocusChain()
            chain = _focus_chain(content)
            column = QVBoxLayout(self)
            column.setContentsMargins(0, 0, 0, 0)
            column.addWidget(content)
            content.show()
            for one, next_one in pairwise([*([] if before is None else [before]), *chain]):
                QWidget.setTabOrder(one, next_one)
            self.setFocusProxy(content)
        return self._content

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        _ = self.content


def _focus_chain(widget: QWidget) -> list[QWidget]:
    """All in a widget that stands alone that takes the focus, as Tab goes through it: added to a window
    later, they would come last in it, wherever they stand.
    """
    chain, each = [widget], widget.nextInFocusChain()
    while each is not None and each is not widget:
        chain.append(each)
        each = each.nextInFocusChain()
    return [each for each in chain if each.focusPolicy() != Qt.FocusPolicy.NoFocus]
