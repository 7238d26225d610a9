"""Names cut to the room there is so that they can still be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

_MODES = (Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideLeft)


def told_apart(names: Sequence[str], font: QFont, room: float) -> tuple[str, ...]:
    """The names, with … where they are longer than so many pixels: in such a place that no two become alike,
    and where there is none each with its number before it.
    """
    return _cut(tuple(names), font.key(), float(room))


@lru_cache(maxsize=64)
def _cut(names: tuple[str, ...], font: str, room: float) -> tuple[str, ...]:
    made = QFont()
    made.fromString(font)
    metrics = QFontMetricsF(made)
    for mode in _MODES:
        cut = tuple(metrics.elidedText(name, mode, room) for name in names)
        if len(set(cut)) == len(set(names)):
            return cut
    return tuple(metrics.elidedText(f"{k} {name}", _MODES[0], room) for k, name in enumerate(names, 1))
