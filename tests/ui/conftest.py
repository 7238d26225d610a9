"""A theme, and windows on projects: shown, and closed after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from deltaglow.model.project import Project
from deltaglow.session.lab import Lab
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme import Theme

OpenProject = Callable[[Project], MainWindow]


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme("dark")


@pytest.fixture
def open_project(qapp: QApplication, qtbot: QtBot, theme: Theme) -> Iterator[OpenProject]:
    opened: list[MainWindow] = []
    theme.apply(qapp)

    def show(project: Project) -> MainWindow:
        window = MainWindow(Lab(project), theme)
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
