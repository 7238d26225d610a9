"""What the diagram says: of a number, of what is under way, and to whom cannot see it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QWidget

from deltaglow.explain import symbols
from deltaglow.explain.captions import Caption
from deltaglow.explain.numbers import full
from deltaglow.model.quantity import Quantity, value
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import locks
from deltaglow.ui.diagram.accessible import Tree
from deltaglow.ui.diagram.responses import ResponseMaps
from deltaglow.ui.diagram.scene import Scene

FROM_ZERO = "(an address counts units from 0)"


class Speech(QObject):
    """Describes numbers; tells screen readers what is under way and what is selected.

    view: the diagram; words: the caption of what is under way.
    """

    def __init__(
        self,
        view: QWidget,
        lab: Lab,
        scene: Callable[[], Scene],
        words: Callable[[Scene], Caption],
        responses: ResponseMaps,
    ) -> None:
        super().__init__(view)
        self._view, self._lab, self._scene, self._words = view, lab, scene, words
        self._responses = responses
        self._told = ""
        self._tree: Tree | None = None
        for signal in (lab.frameChanged, lab.positionChanged):
            signal.connect(self.tell)
        lab.selectionChanged.connect(self._on_selection)

    def tree(self) -> Tree:
        """The diagram as assistive programs see it; made when one of them first asks."""
        if self._tree is None:
            self._tree = Tree(self._view, self._lab, self._scene)
        return self._tree

    def describe(self, quantity: Quantity) -> str:
        """Lines about a number: its name in words, its symbol, and its value if it is known yet."""
        lab = self._lab
        name = symbols.spoken(lab.project, quantity)
        symbol = symbols.text(lab.project, quantity)
        frozen = locks.describe(lab.project, quantity)
        address = f"{quantity}  {FROM_ZERO}" if quantity.index else str(quantity)
        lines = f"{address}\n{frozen}" if frozen else address
        lines += self._responses.words(quantity)
        if not lab.reached(quantity):
            return f"{name}\n{symbol} is not computed yet\n{lines}"
        return f"{name}\n{symbol} = {full(value(quantity, lab.frame, lab.sample))}\n{lines}"

    @Slot()
    def tell(self) -> None:
        """What is under way, whenever that is something else, and what is selected."""
        if self._lab.running:
            return
        told = ". ".join(self._words(self._scene()))
        selected = self.describe(self._lab.selected)
        self._view.setAccessibleDescription(f"{told} Selected: {selected}".replace("\n", "; "))
        if told != self._told:
            self._told = told
            if QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._view, told))

    @Slot()
    def _on_selection(self) -> None:
        self.tell()
        path = self.tree().focused() if QAccessible.isActive() and self._view.hasFocus() else None
        if path is not None:
            event = QAccessibleEvent(self.tree().item(path), QAccessible.Event.Focus)
            QAccessible.updateAccessibility(event)


def interface(name: str, widget: QObject) -> QAccessibleInterface | None:
    """For `QAccessible.installFactory`: a widget with speech is told by it, every other as Qt does."""
    del name
    speech = getattr(widget, "speech", None)
    return speech.tree() if isinstance(speech, Speech) else None
