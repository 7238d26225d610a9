"""What plots' menus have to choose from: one of several things, or whether to have something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu


def offer(
    menu: QMenu, choices: Mapping[str, tuple[str, str]], chosen: str, choose: Callable[[str], None]
) -> None:
    """Fill it. choices: of each name the word for it, and what it means."""
    menu.setToolTipsVisible(True)
    group = QActionGroup(menu)
    for name, (word, tip) in choices.items():
        action = menu.addAction(word)
        action.setToolTip(tip)
        action.setCheckable(True)
        action.setChecked(name == chosen)
        action.triggered.connect(partial(_chosen, choose, name))
        group.addAction(action)


def offer_tick(menu: QMenu, word: str, tip: str, on: bool, choose: Callable[[bool], object]) -> QAction:
    """Add something that is there or not."""
    action = menu.addAction(word)
    action.setToolTip(tip)
    action.setCheckable(True)
    action.setChecked(on)
    action.toggled.connect(choose)
    return action


def _chosen(choose: Callable[[str], None], name: str, checked: bool = True) -> None:
    del checked
    choose(name)
