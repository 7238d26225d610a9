"""The timeline: all steps of the run from left to right, to be dragged through."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent

from deltaglow.session.lab import Lab
from deltaglow.ui.later import Later
from deltaglow.ui.widgets.slider import Slider

HEIGHT = 16
TIP = (
    "The steps of the run: drag to go to any of them, complete, and everything shows it.\n"
    "PageUp and PageDown go by a twentieth of the run, End to the step that comes next."
)
NOTHING = "Nothing was trained yet: here are the steps of the run, to be dragged through"
PARTS = 20


class StepSlider(Slider):
    """The step shown, among those that can be. Dragged while a run trains, it pauses that. However fast it is
    dragged, what is under way is painted before the next step is looked for.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._soon = Later(self._go, self)
        self.setProperty("tone", "delta")
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Timeline: the step shown")
        self.valueChanged.connect(self._soon.ask)
        self.sliderReleased.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show where the laboratory is, but for a hand that is elsewhere."""
        lab = self._lab
        if self._soon.asked or (self.isSliderDown() and not lab.running):
            return
        first, head = lab.first_step, lab.head
        if (first, head) != (self.minimum(), self.maximum()) or self.isEnabled() != (head > first):
            self.blockSignals(True)
            self.setRange(first, head)
            self.blockSignals(False)
            self.setEnabled(head > first)
            nothing = f"Steps before {first:,} {lab.unseen}" if first else NOTHING
            self.setToolTip(TIP if head > first else nothing)
            self.setPageStep(max((head - first) // PARTS, 1))
        if self.value() != lab.frame.step:
            self.blockSignals(True)
            self.setValue(lab.frame.step)
            self.blockSignals(False)

    def _go(self) -> None:
        lab, step = self._lab, self.value()
        if step != lab.frame.step or lab.running:
            lab.pause()
            lab.set_playing(False)
            lab.show_step(step, lab.phases.end if step < lab.head else 0.0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows to the side and Home are the window's."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home):
            event.ignore()
        else:
            super().keyPressEvent(event)
