"""Into what a phase opens: whole layers, unit by unit, or term by term."""

from __future__ import annotations

from PySide6.QtCore import Slot

from deltaglow.explain.opening import DEPTHS
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets.segments import Choice, Segments

TIPS = {
    "layer": "Whole layers at once",
    "unit": "Open a layer: one unit after the other",
    "term": "Open a unit: each product of its sum, w · a forward, w · δ back",
}


class DepthSwitch(Segments):
    """Three buttons of which one is down. D goes from one to the next wherever the focus is."""

    def __init__(self, lab: Lab) -> None:
        after = "→ and ← step by that. (D: the next of the three)"
        choices = [Choice(depth, f"{TIPS[depth]}; {after}", "") for depth in DEPTHS]
        super().__init__("Depth of the phases", choices)
        self._lab = lab
        self.chosen.connect(self._on_chosen)
        lab.depthChanged.connect(self.refresh)
        self.refresh()

    @Slot(str)
    def _on_chosen(self, depth: str) -> None:
        self._lab.set_depth(depth)

    @Slot()
    def refresh(self) -> None:
        """Show the depth that is chosen."""
        self.show_choice(self._lab.depth)
