"""The bar that tells of a sample that is held on to, and lets go of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from deltaglow.session.lab import Lab
from deltaglow.ui.notices import Choice, Notices

SUBJECT = "sample"


class HoldBar(QObject):
    """Stands over the diagram as long as a row of the data is held on to."""

    def __init__(self, lab: Lab, notices: Notices) -> None:
        super().__init__(notices)
        self._lab, self._notices = lab, notices
        for signal in (lab.frameChanged, lab.positionChanged, lab.runningChanged):
            signal.connect(self.follow)

    @Slot()
    def follow(self) -> None:
        """Say what there is to say now."""
        row = self._lab.pinned
        if row is None:
            if self._notices.bar(SUBJECT) is not None:
                self._notices.drop(SUBJECT)
            return
        text = self._words(row)
        bar = self._notices.bar(SUBJECT)
        if bar is None:
            tip = "Let go of the sample: show those of each step's batch again"
            self._notices.say(SUBJECT, text, (Choice("To the batch", tip, self._let_go),))
        elif bar.text.text() != text:
            bar.text.setText(text)
            bar.setAccessibleName(text)

    def _words(self, row: int) -> str:
        lab, name = self._lab, f"Sample {row + 1}"
        if lab.running:
            return f"{name} is shown again when the run pauses."
        if lab.apart:
            return f"{name} is not in step {lab.frame.step}'s batch: it is only asked about."
        return f"{name} is shown at every step; it is in this one's batch."

    def _let_go(self) -> None:
        self._lab.look_at(None)
