"""The second opinion on a number: a box that is green, amber or red, and says so in words."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QFrame, QVBoxLayout

from deltaglow.engine import Frame
from deltaglow.explain.check import Check
from deltaglow.explain.numbers import full
from deltaglow.ui.widgets import label, restyle

_NUDGED = (
    "D(h) = (L(+h) − L(−h)) / 2h with half and with a quarter of the nudge h,\n"
    "extrapolated to h → 0 as (4 D(h/4) − D(h/2)) / 3 (Richardson): one alone agrees to fewer digits"
)


def can_be_checked(frame: Frame) -> bool:
    """Whether nothing in the step has overflowed: only finite numbers can be compared."""
    return all(bool(np.isfinite(each).all()) for each in (frame.loss, frame.gradient, frame.theta))


class VerdictBox(QFrame):
    """Shows a `Check`, or that one is under way."""

    def __init__(self) -> None:
        super().__init__()
        self._head = label(wrap=True)
        self._body = label(role="small", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(2)
        layout.addWidget(self._head)
        layout.addWidget(self._body)

    @property
    def text(self) -> str:
        """Everything it says."""
        return f"{self._head.text()}\n{self._body.text()}"

    def show_check(self, check: Check, value: float) -> None:
        """Shows the outcome for a number that is `value`."""
        how = "nudged" if check.method == "nudge" else "worked out again"
        by_hand = check.by_hand.replace("; ", ";\n")
        tip = f"{_NUDGED}.\nHere, {by_hand}" if by_hand else _NUDGED
        self.setToolTip(tip if check.method == "nudge" else "")
        if check.corner:
            self._say("warn", "∠", f"not checked: {how} {check.nudged}", check.sentence)
        elif check.ok:
            surface, mark = ("good", "✓") if check.telling else ("warn", "≈")
            self._say(surface, mark, f"{how} {check.nudged}", check.sentence)
        else:
            both = f"shown here {full(value)}, second opinion {full(check.value)}"
            self._say("bad", "✗", f"differs: {how} {check.nudged}", both)

    def show_overflow(self) -> None:
        """Says that the step's numbers have left the range in which anything can be compared."""
        self._say("warn", "!", "not checked", "this step has overflowed: some of its numbers are not finite")

    def _say(self, surface: str, mark: str, head: str, body: str) -> None:
        self._head.setText(f"{mark} {head}")
        self._body.setText(body[:1].upper() + body[1:] + ("." if body and not body.endswith(".") else ""))
        self._body.setVisible(bool(body))
        self.setAccessibleName(self.text)
        restyle(self, surface=surface)
