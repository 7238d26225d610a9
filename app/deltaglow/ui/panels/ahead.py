"""Formulas laid out before they are asked for, while nothing moves and nobody waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Slot

from deltaglow.explain.parts import Derivation
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme
from deltaglow.ui.typeset import coloured, in_line, prepare

REST_MS = 30
"""From one formula to the next: whatever else is due comes in between."""


class Ahead(QObject):
    """Lays out what the explanation will show once the step has come further: playing then only fills in
    digits. `coming` gives the derivations to come; it is asked when the first formula is due.
    """

    def __init__(
        self, lab: Lab, theme: Theme, coming: Callable[[], Iterator[Derivation]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._lab, self._theme, self._coming = lab, theme, coming
        self._formulas: Iterator[str] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._next)
        lab.playingChanged.connect(self.stop)
        lab.runningChanged.connect(self.stop)

    @property
    def busy(self) -> bool:
        """Whether there is more to lay out."""
        return self._timer.isActive()

    def begin(self) -> None:
        """What is on show has come to rest: look ahead."""
        if not self._lab.playing and not self._lab.running:
            self._formulas = (latex for found in self._coming() for latex in formulas(found))
            self._timer.start()

    @Slot()
    def stop(self) -> None:
        """Something else is under way."""
        self._timer.stop()

    @Slot()
    def _next(self) -> None:
        for latex in self._formulas:
            if prepare(coloured(latex, self._theme)):
                return
        self._timer.stop()


def formulas(found: Derivation) -> Iterator[str]:
    """All that is typeset of a derivation."""
    yield from (*found.symbolic, *found.numeric)
    yield in_line(found.label.latex)
    for group in found.groups:
        yield from (line.latex for line in group.formula)
        yield from (row.label_latex for row in group.rows)
    yield from (operand.latex for operand in found.operands)
