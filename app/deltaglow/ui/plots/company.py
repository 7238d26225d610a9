"""What a history plot draws beside its own run: the one it is compared with, several seeds, others chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from deltaglow.explain.band import Band
from deltaglow.session.lab import Lab
from deltaglow.session.overlays import Overlay
from deltaglow.ui.theme import Theme

from .pyramid import Pyramid
from .run_colours import swatch
from .scales import scale
from .versus import other, pyramid_of

if TYPE_CHECKING:
    from .chart import Chart
    from .overlaid import Drawn

ONE_BY_ONE = 30
"""More runs than that are chosen in their lists alone."""
LONELY = "There is but this run. Go back and change something, or repeat it over seeds (Run menu)"
Columns = tuple[str, ...]


class Company:
    """Brings a chart up to what there is of them, and no more often than there is anything new."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        self._lab = lab
        self._theme = theme
        self._against: tuple[int, str, int, Columns] | None = None
        self._banded: tuple[Band | None, Columns] = (None, ())
        self._known: dict[tuple[str, int, Columns], Pyramid] = {}
        self._overlaid: list[tuple[object, ...]] = []

    def bring(self, chart: Chart, columns: Sequence[str], across: str) -> bool:
        """Whether the chart has others now than before."""
        found = (
            self._bring_other(chart, tuple(columns)),
            self._bring_band(chart, tuple(columns)),
            self._bring_overlaid(chart, tuple(columns), across),
        )
        return any(found)

    def _bring_other(self, chart: Chart, columns: Columns) -> bool:
        branch = other(self._lab)
        against = None if branch is None else (branch.number, branch.title, branch.head, columns)
        if against == self._against:
            return False
        self._against = against
        chart.compare(Pyramid(0) if branch is None else pyramid_of(branch.history, columns))
        return True

    def _bring_band(self, chart: Chart, columns: Columns) -> bool:
        banded = self._lab.band, columns
        if banded == self._banded:
            return False
        self._banded = banded
        chart.seeds.show(*banded)
        return True

    def _bring_overlaid(self, chart: Chart, columns: Columns, across: str) -> bool:
        runs = self._lab.overlays.drawn
        wanted: list[tuple[object, ...]] = [
            (one.key, one.title, number, one.history.length, columns, across) for one, number in runs
        ]
        if wanted == self._overlaid:
            return False
        self._overlaid = wanted
        keys = [(one.key, one.history.length, columns) for one, _ in runs]
        self._known = {
            key: self._known.get(key) or pyramid_of(one.history, columns)
            for key, (one, _) in zip(keys, runs, strict=True)
        }
        drawn = [
            self._drawn(one, number, self._known[key], across)
            for key, (one, number) in zip(keys, runs, strict=True)
        ]
        chart.overlaid.show(drawn, len(columns))
        return True

    @staticmethod
    def _drawn(one: Overlay, number: int, pyramid: Pyramid, across: str) -> Drawn:
        from .overlaid import Drawn  # with the chart, whose import nobody waits for

        return Drawn(one.title, one.short, number, pyramid, scale(across, one.steps_per_epoch, one.history))

    # the menu

    def fill(self, menu: QMenu) -> None:
        """All runs that there are beside the one stood on, to be drawn or not."""
        menu.setToolTipsVisible(True)
        overlays, offered = self._lab.overlays, self._lab.overlays.offered
        keys = [one.key for one in offered]
        for one in offered[:ONE_BY_ONE]:
            number = overlays.number(one.key)
            action = menu.addAction(one.title.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(number is not None)
            if number is not None:
                action.setIcon(swatch(self._theme, number))
            action.setToolTip(
                f"Draw the curves of {one.title} over those of this run, in all plots of curves"
            )
            action.toggled.connect(lambda on, key=one.key: overlays.show([key], on))
        menu.addSeparator()
        for text, on in (("All", True), ("None", False)):
            action = menu.addAction(text)
            action.setEnabled(bool(offered))
            action.triggered.connect(lambda _=False, on=on: overlays.show(keys, on))
            action.setToolTip("" if offered else LONELY)
