"""The window while it trains flat out: frame intervals, and training speed against no window.

Run by `make bench`. Prints figures of one run; the ratio is what counts, absolute times are the machine's.
"""

from __future__ import annotations

import os
import sys
from time import perf_counter

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer

from deltaglow import bootstrap
from deltaglow.model import build, examples
from deltaglow.session.lab import Lab
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme.theme import Theme

SECONDS = 10.0
LIMIT_MS, LEAST_RATIO = 25.0, 0.70


class PaintWatch(QObject):
    """Notes when a widget is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.times.append(perf_counter())
        return False


def headless(name: str, seconds: float) -> float:
    """Steps per second without a window."""
    trainer = build.trainer(examples.load(name))
    start, steps = perf_counter(), 0
    while perf_counter() - start < seconds:
        for _ in range(200):
            trainer.step()
        steps += 200
    return steps / (perf_counter() - start)


def main() -> int:
    """Measure, print, and judge against the bounds."""
    name = "spirals"
    app = bootstrap.application()
    theme = Theme("dark")
    theme.apply(app)
    before = headless(name, 3.0)
    lab = Lab(examples.load(name))
    window = MainWindow(lab, theme)
    window.resize(1280, 800)
    window.show()
    watch = PaintWatch()
    window.diagram.installEventFilter(watch)
    figures: dict[str, float] = {}

    def begin() -> None:
        figures["start"] = perf_counter()
        lab.train()

    def end() -> None:
        lab.pause()
        figures["seconds"] = perf_counter() - figures["start"]
        QTimer.singleShot(200, app.quit)

    QTimer.singleShot(1000, begin)
    QTimer.singleShot(int(1000 + SECONDS * 1000), end)
    app.exec()
    window.refresh_plots()
    shown = [plot.steps_shown for plot in window.plots]
    steps = lab.head
    platform = app.platformName()
    window.close()
    after = headless(name, 3.0)

    begun = figures["start"]
    painted = np.array([t for t in watch.times if begun + 0.2 < t < begun + figures["seconds"]])
    intervals = np.diff(painted) * 1e3
    median, p99, worst = np.percentile(intervals, [50, 99, 100])
    trained = steps / figures["seconds"]
    ratio = trained / ((before + after) / 2)
    seconds = figures["seconds"]
    print(f"@{name} flat out in the shown window ({platform}), {seconds:.1f} s, {len(painted)} frames")
    print(f"  frame interval: median {median:.1f} ms, 99th percentile {p99:.1f} ms, worst {worst:.1f} ms")
    print(f"  training: {trained:,.0f} steps/s, headless {before:,.0f} and {after:,.0f}: ratio {ratio:.2f}")
    print(f"  steps made {steps:,}; in the plots {', '.join(f'{n:,}' for n in shown)}")
    ok = p99 < LIMIT_MS and ratio >= LEAST_RATIO and all(n == steps for n in shown)
    bounds = f"p99 < {LIMIT_MS:g} ms, ratio ≥ {LEAST_RATIO:g}, every step in the plots"
    print(f"  bounds ({bounds}): {'met' if ok else 'MISSED'}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
