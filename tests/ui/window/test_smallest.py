"""The smallest window: nothing in the set-up is squeezed or cut off at its side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from deltaglow.ui.main_window import MainWindow

Open = Callable[[str], MainWindow]


@pytest.mark.parametrize("name", ["iris", "residual"])
def test_every_control_has_the_height_it_needs_and_lies_within_the_panel(
    open_window: Open, qapp: QApplication, name: str
) -> None:
    window = open_window(name)
    window.resize(window.minimumSize())
    panel = window.parameters
    panel.prepare()
    for tab in range(panel.tabs.count()):
        panel.tabs.setCurrentIndex(tab)
        for page in range(len(panel.training.choice.buttons())):
            panel.training.choice.button(page).click()
            qapp.processEvents()
            area = panel.tabs.currentWidget()
            assert isinstance(area, QScrollArea)
            viewport = area.viewport()
            seen = [each for each in area.widget().findChildren(QWidget) if each.isVisible()]
            assert seen
            for each in seen:
                where = f"{each.accessibleName() or each} in tab {tab}, page {page}"
                least = each.minimumHeight() or each.minimumSizeHint().height()
                assert each.height() >= min(least, each.maximumHeight()), (
                    f"{where}: {each.height()} of {least}"
                )
                if each.window() is window:
                    right = each.mapTo(viewport, each.rect().topRight()).x()
                    assert right < viewport.width(), f"{where}: {right} of {viewport.width()}"
