"""Bars over the diagram that tell of something and offer what can be done; nothing waits for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from deltaglow.ui.widgets import label


@dataclass(frozen=True)
class Choice:
    """A button: its text, what it does in a tooltip, and doing it. It puts its bar away first."""

    text: str
    tip: str
    do: Callable[[], object]


class Notice(QFrame):
    """One bar: a picture, a line, what more there is to say, and the choices, the first one foremost."""

    def __init__(self, text: str, detail: str, choices: Sequence[Choice], picture: QPixmap | None) -> None:
        super().__init__()
        self.setProperty("surface", "note")
        self.setAccessibleName(f"{text} {detail}".strip())
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 8, 5)
        row.setSpacing(10)
        if picture is not None and not picture.isNull():
            shown = label()
            shown.setPixmap(picture)
            shown.setAccessibleName("A picture of it")
            row.addWidget(shown)
        words = QVBoxLayout()
        row.addLayout(words, 1)
        words.setSpacing(1)
        self.text = label(text, wrap=True)
        words.addWidget(self.text)
        self.detail = label(detail, "muted", wrap=True)
        words.addWidget(self.detail)
        self.detail.setVisible(bool(detail))
        self.buttons: list[QPushButton] = []
        for place, choice in enumerate(choices):
            button = QPushButton(choice.text)
            button.setToolTip(choice.tip)
            button.setAccessibleDescription(choice.tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            if place == 0:
                button.setProperty("role", "primary")
            self.buttons.append(button)
            row.addWidget(button)


class Notices(QWidget):
    """The bars there are, one for each subject, the newest below."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 6, 6, 0)
        self._column.setSpacing(4)
        self._bars: dict[str, Notice] = {}
        self.hide()

    def bar(self, subject: str) -> Notice | None:
        """The bar about a subject, if there is one."""
        return self._bars.get(subject)

    def say(
        self,
        subject: str,
        text: str,
        choices: Sequence[Choice],
        detail: str = "",
        picture: QPixmap | None = None,
    ) -> Notice:
        """Show a bar in place of the one about the same subject."""
        self.drop(subject)
        made = Notice(text, detail, choices, picture)
        for button, choice in zip(made.buttons, choices, strict=True):
            button.clicked.connect(lambda _=False, choice=choice: self._choose(subject, choice))
        self._bars[subject] = made
        self._column.addWidget(made)
        self.show()
        return made

    def drop(self, subject: str) -> None:
        """Put the bar about a subject away."""
        bar = self._bars.pop(subject, None)
        if bar is not None:
            self._column.removeWidget(bar)
            bar.hide()
            bar.deleteLater()
        self.setVisible(bool(self._bars))

    def _choose(self, subject: str, choice: Choice) -> None:
        self.drop(subject)
        choice.do()
