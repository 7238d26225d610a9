"""The window while it trains at full speed for long: memory does not grow with the steps."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.plots.history_plot import HistoryPlot

MINUTES = float(os.environ.get("DELTAGLOW_SOAK_MINUTES", "20"))
WARM_UP = 0.25
"""The share of the time that is not judged: caches fill, and states are kept until their memory is full."""
MOST = 0.5
"""Megabytes a minute that the anonymous memory may grow."""
STEPS = 20_000
"""Steps from one look at the memory to the next."""
MB = 1e6


def anonymous() -> float:
    """The bytes of this process that are no file's."""
    found = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return 1024.0 * float(found[1])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_memory_does_not_grow(open_window: Callable[[str], MainWindow], qtbot: QtBot) -> None:
    window = open_window("spirals")
    lab, begun = window.lab, monotonic()
    seen: list[tuple[float, float]] = []
    lab.train()
    while monotonic() - begun < 60 * MINUTES:
        due = lab.history.length + STEPS
        qtbot.waitUntil(lambda due=due: lab.history.length >= due, timeout=600_000)
        kept = lab.memory
        seen.append(((monotonic() - begun) / 60, anonymous() - kept.nbytes))
        if len(seen) % 15 == 0:
            print(
                f"{seen[-1][0]:5.1f} min {lab.head:>11,} steps: {seen[-1][1] / MB:.1f} MB beside"
                f" {kept.nbytes / MB:.1f} MB of states and {kept.spill.nbytes / MB:.1f} MB in the file",
                flush=True,
            )
    lab.pause()
    times, sizes = np.array(seen).T
    judged = times > WARM_UP * MINUTES
    slope = float(np.polyfit(times[judged], sizes[judged] / MB, 1)[0])
    print(f"{lab.head:,} steps in {MINUTES} minutes: {slope:+.2f} MB a minute")
    shown = [plot.steps_shown for plot in window.plots if isinstance(plot, HistoryPlot)]
    assert shown and set(shown) == {lab.head}
    assert slope < MOST
