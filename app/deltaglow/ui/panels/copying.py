"""Copying a number with its derivation: as text, LaTeX or Markdown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from deltaglow.explain import symbols
from deltaglow.explain.copying import FORMS, copied
from deltaglow.explain.derivation import derive
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets import label

CONFIRMED_MS = 1600
"""How long it says what was copied."""
KEYS = {"text": "Ctrl+Shift+C", "latex": "Ctrl+Shift+X", "markdown": "Ctrl+Shift+M"}
_TIPS = {
    "text": "The derivation in plain letters",
    "latex": "The formulas as an align* for amsmath, without colours",
    "markdown": "The sentence and the formulas in $$ … $$, as GitHub and Jupyter show them",
}
_ASK = "Copy as"


class CopyRow(QWidget):
    """One control with three forms; for a moment it says what was copied."""

    def __init__(self, shown: Callable[[], Derivation | None]) -> None:
        super().__init__()
        self._shown = shown
        self._said = label(_ASK, "muted")
        self._said.setMinimumWidth(self._said.fontMetrics().horizontalAdvance("Copied ✓") + 4)
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(CONFIRMED_MS)
        self._back.timeout.connect(self._ask_again)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 2, 14, 5)
        row.setSpacing(4)
        row.addWidget(self._said)
        self.buttons: list[QPushButton] = []
        for form, name in FORMS.items():
            button = QPushButton(name[:1].upper() + name[1:])
            button.setProperty("role", "quiet")
            button.setToolTip(f"{_TIPS[form]} ({KEYS[form]})")
            button.setAccessibleName(f"Copy as {name}")
            button.setShortcut(KEYS[form])
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(self._copy, form))
            row.addWidget(button, 1)
            self.buttons.append(button)

    @property
    def said(self) -> str:
        """What stands before the buttons."""
        return self._said.text()

    def _copy(self, form: str, checked: bool = False) -> None:
        del checked
        found = self._shown()
        if found is None:
            return
        QGuiApplication.clipboard().setText(copied(found, form))
        self._said.setText("Copied ✓")
        self._said.setAccessibleName(f"Copied {found.label.text} as {FORMS[form]}")
        QAccessible.updateAccessibility(QAccessibleEvent(self._said, QAccessible.Event.NameChanged))
        self._back.start()

    @Slot()
    def _ask_again(self) -> None:
        self._said.setText(_ASK)
        self._said.setAccessibleName(_ASK)


def copy_quantity(lab: Lab, q: Quantity, form: str) -> None:
    """Puts the derivation of a number that is shown on the clipboard."""
    found = derive(lab.project, lab.frame, q, lab.sample)
    QGuiApplication.clipboard().setText(copied(found, form))


def copies_menu(parent: QWidget, lab: Lab, q: Quantity) -> QMenu:
    """A menu of the three forms; a number that is not computed yet cannot be copied."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    known = lab.reached(q)
    for form, name in FORMS.items():
        action = menu.addAction(f"Copy {symbols.text(lab.project, q)} as {name}")
        action.setToolTip(_TIPS[form] if known else "It is not computed yet: step on to it")
        action.setEnabled(known)
        action.triggered.connect(partial(_given, lab, q, form))
    return menu


def _given(lab: Lab, q: Quantity, form: str, checked: bool = False) -> None:
    del checked
    copy_quantity(lab, q, form)
