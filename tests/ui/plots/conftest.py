"""A theme, and a run that a test writes itself."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from tests.ui.plots.runs import Run

from deltaglow.ui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme("dark")


@pytest.fixture
def run(qapp: QApplication) -> Run:
    return Run()
