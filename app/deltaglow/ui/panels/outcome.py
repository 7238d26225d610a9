"""The last line of an explanation: the number itself, to nine digits."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QWidget

from deltaglow.explain.parts import Derivation
from deltaglow.ui.formula import FormulaView, Typesetter
from deltaglow.ui.theme import Theme
from deltaglow.ui.typeset import in_line
from deltaglow.ui.widgets import label, restyle


class Outcome(QWidget):
    """The symbol, and the number in a fixed size, so that a new one asks for no new layout."""

    def __init__(self, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__()
        self._symbol = FormulaView(theme, typesetter, 17.0)
        self._value = label(role="value")
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._theme = theme
        self.enlarge(1.0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._symbol, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._value)

    def enlarge(self, by: float) -> None:
        """Has room for text that is so many times as large."""
        metrics = QFontMetrics(self._theme.mono_font(16 * by))
        self._value.setFixedSize(metrics.horizontalAdvance("−0.000000000e−000") + 4, metrics.height() + 4)

    @property
    def number(self) -> str:
        """The number on show."""
        return self._value.text()

    def show_outcome(self, found: Derivation) -> None:
        """Shows the result of a derivation."""
        self._symbol.set_latex(in_line(found.label.latex), found.label.text, found.role)
        self.show_number(found.precise)
        restyle(self._value, tone=found.role)

    def show_number(self, printed: str) -> None:
        """Shows another value of the same number."""
        self._value.setText(printed)
