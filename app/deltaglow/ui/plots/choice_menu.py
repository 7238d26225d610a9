"""A menu of which one thing is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtGui import QActionGroup
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


def _chosen(choose: Callable[[str], None], name: str, checked: bool = True) -> None:
    del checked
    choose(name)
