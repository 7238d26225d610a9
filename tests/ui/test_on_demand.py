"""What is made when it is first seen stands in the order of Tab where it stands in the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from deltaglow.ui.widgets.on_demand import OnDemand


def two_fields() -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    for name in ("a", "b"):
        field = QLineEdit()
        field.setObjectName(name)
        column.addWidget(field)
    return made


def test_it_is_made_when_seen_and_tab_goes_through_it_in_its_place(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    first, last, place = QLineEdit(), QLineEdit(), OnDemand(two_fields)
    place.hide()
    for widget in (first, place, last):
        column.addWidget(widget)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    assert place.made is None
    place.show()
    assert place.made is place.content
    first.setFocus()
    seen = []
    for _ in range(2):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget().objectName())
    assert seen == ["a", "b"]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is last
