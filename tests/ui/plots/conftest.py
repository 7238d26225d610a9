"""A run that a test writes itself."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from tests.ui.plots.runs import Run


@pytest.fixture
def run(qapp: QApplication) -> Run:
    return Run()
