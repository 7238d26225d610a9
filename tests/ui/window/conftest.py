"""The whole window on an example."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.ui.conftest import OpenProject

from deltaglow.model import examples
from deltaglow.ui.main_window import MainWindow

Open = Callable[[str], MainWindow]


@pytest.fixture
def open_window(open_project: OpenProject) -> Open:
    return lambda name: open_project(examples.load(name))


@pytest.fixture
def window(open_window: Open) -> MainWindow:
    return open_window("worked-example")
