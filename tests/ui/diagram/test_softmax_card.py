"""What the card at the outputs writes has room in it."""

from __future__ import annotations

from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from deltaglow.ui.diagram.softmax_card import losses
from deltaglow.ui.theme import Theme


def test_the_losses_are_told_in_as_many_words_as_there_is_room_for(qapp: QApplication) -> None:
    font = Theme("dark").mono_font(10)
    for words in ("L of the batch", "batch L", "L"):
        text = f"{words} 0.0918 → 0.0876"
        width = QFontMetricsF(font).horizontalAdvance(text)
        assert losses("0.0918", "0.0876", True, font, width) == text
        assert len(losses("0.0918", "0.0876", True, font, width - 1)) < len(text) or words == "L"
    assert losses("0.567", "0.514", False, font, 1000.0) == "L 0.567 → 0.514"
    assert losses("0.567", "", False, font, 1000.0) == "L 0.567 before the step"
    short = "batch L 1.10 before"
    assert losses("1.10", "", True, font, QFontMetricsF(font).horizontalAdvance(short)) == short
