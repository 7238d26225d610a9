"""What a gesture is: begun by a press and a movement, ended by the release or by Esc."""

from __future__ import annotations

from itertools import count
from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from deltaglow.model.project import Change
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.scene import Scene

NO_MODIFIER = Qt.KeyboardModifier.NoModifier
_numbers = count(2)


def merging() -> int:
    """A number for the edits of one gesture, which are one step of the history and merge with no others."""
    return next(_numbers)


class Stage(Protocol):
    """What a gesture works on."""

    @property
    def lab(self) -> Lab:
        """The laboratory."""

    @property
    def selection(self) -> Selection:
        """What is selected."""

    def scene(self) -> Scene:
        """What is drawn now."""

    def choose(self, selection: Selection) -> None:
        """Select something else."""

    def refusal(self, change: Change) -> str:
        """Why an edit is not possible, "" if it is."""

    def apply(self, name: str, change: Change, merge: int = 0) -> bool:
        """Make an edit, as one step of the history; edits of one name and number `merge` are one step."""

    def withdraw(self, name: str, merge: int) -> None:
        """Take back the edits of a gesture that was cancelled, as if they had never been."""

    def pan(self, by: QPointF) -> None:
        """Move what is shown by so many pixels."""


class Gesture:
    """One gesture under way.

    The constructor starts it; `update` follows the mouse; then either `commit` or `cancel`. `why_not` says at
    every moment why releasing the button here would do nothing, and `hint` what it would do.
    """

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, stage: Stage, start: QPointF) -> None:
        self.stage = stage
        self.start = start
        self.point = start
        self.why_not = ""
        self.hint = ""

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse is here now."""
        del modifiers
        self.point = point

    def commit(self) -> None:
        """The button was released."""

    def cancel(self) -> None:
        """Esc was pressed: leave everything as it was."""

    def draw(self, painter: QPainter, scene: Scene) -> None:
        """What it shows over the diagram."""
