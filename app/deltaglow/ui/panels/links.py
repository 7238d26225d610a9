"""A heading with chips under it, each of which leads to a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from deltaglow.model.quantity import Quantity
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.theme import Theme
from deltaglow.ui.typeset import in_line
from deltaglow.ui.widgets import Chip, FlowLayout, label


class Link(NamedTuple):
    """Where a chip leads, and what stands on it; `printed` is "" for no number."""

    quantity: Quantity
    latex: str
    text: str
    spoken: str
    printed: str = ""
    role: str = "text"


class LinkArea(QWidget):
    """Shows links under a heading, and nothing at all without any. Chips are kept, so that focus stays."""

    chosen = Signal(object)

    def __init__(self, heading: str, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__()
        self._theme, self._typesetter = theme, typesetter
        self._chips: list[Chip] = []
        self._flow = FlowLayout(5)
        self._more = label(role="small")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(label(heading, "muted"))
        layout.addLayout(self._flow)
        layout.addWidget(self._more)

    @property
    def chips(self) -> list[Chip]:
        """All chips that were ever needed; those not on show are hidden."""
        return self._chips

    def show_links(self, links: Sequence[Link], more: int = 0) -> None:
        """Shows these; `more`: how many are not among them."""
        while len(self._chips) < len(links):
            chip = Chip(self._theme, self._typesetter)
            chip.chosen.connect(self._on_chosen)
            self._chips.append(chip)
            self._flow.addWidget(chip)
        for place, chip in enumerate(self._chips):
            chip.setVisible(place < len(links))
        for chip, each in zip(self._chips, links, strict=False):
            chip.show_quantity(each.quantity, in_line(each.latex), each.text, each.spoken)
            chip.show_value(each.printed, each.role)
        self._more.setVisible(more > 0)
        self._more.setText(f"and {more} more")
        self.setVisible(bool(links))

    @Slot(object)
    def _on_chosen(self, quantity: Quantity) -> None:
        self.chosen.emit(quantity)
