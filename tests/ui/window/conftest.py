"""The whole window, shown, and closed after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from deltaglow.model import examples
from deltaglow.session.lab import Lab
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme import Theme

Open = Callable[[str], MainWindow]


@pytest.fixture
def open_window(qapp: QApplication, qtbot: QtBot) -> Iterator[Open]:
    opened: list[MainWindow] = []

    theme = Theme("dark")
    theme.apply(qapp)

    def show(name: str = "worked-example") -> MainWindow:
        window = MainWindow(Lab(examples.load(name)), theme)
        opened.append(window)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    yield show
    for window in filter(isValid, opened):
        window.lab.document.undo_stack.setClean()
        window.close()
        window.deleteLater()


@pytest.fixture
def window(open_window: Open) -> MainWindow:
    return open_window("worked-example")
