"""Laboratories for the panels, closed after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from deltaglow.model import examples
from deltaglow.session.lab import Lab


@pytest.fixture
def lab(qapp: QApplication) -> Iterator[Lab]:
    made = Lab(examples.load("worked-example"))
    yield made
    made.close()


@pytest.fixture
def spirals(qapp: QApplication) -> Iterator[Lab]:
    made = Lab(examples.load("spirals"))
    yield made
    made.close()
