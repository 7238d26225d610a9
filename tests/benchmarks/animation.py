"""The window while the animation plays: what each frame takes, at the three depths.

Run by `make bench`. A network of 64 units and 496 connections, at the default speed; time goes by a sixtieth
of a second from frame to frame, so that every frame of the same stretch of a step is drawn, however fast.
Beside the time by the clock stands what the processor spent on it: on a machine that is shared, a frame that
is late by the clock alone was kept waiting by somebody else.
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from time import perf_counter, thread_time

if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop

from deltaglow import bootstrap
from deltaglow.explain.opening import DEPTHS
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Optimizer, Project, Training
from deltaglow.session.lab import Lab
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.theme.theme import Theme

HERTZ = 60.0
WIDTHS = (24, 10, 8, 8, 8, 6)
PLACES = ("forward:2", "softmax", "delta:2", "delta:1", "gradients", "update")
FRAMES = 60
"""Frames drawn from the beginning of each of these phases."""


def main() -> int:
    """Measure, print, and judge against a frame's time."""
    app = bootstrap.application()
    theme = Theme("dark")
    theme.apply(app)
    lab = Lab(_project())
    window = MainWindow(lab, theme)
    window.resize(1280, 800)
    window.show()
    bootstrap.settle(window)
    lab.playingChanged.disconnect(window.clock._on_state)  # here time goes by the frame
    edges = sum(a * b for a, b in pairwise(WIDTHS))
    name = "-".join(map(str, WIDTHS))
    print(f"{name} ({sum(WIDTHS)} units, {edges} connections) playing at 1280×800 ({app.platformName()})")
    good, over, own, drawn = True, 0, 0, 0
    for depth in DEPTHS:
        lab.set_depth(depth)
        for place in PLACES:
            times, spent = np.array(_frames(lab, window, place)).T * 1e3
            median, late = np.percentile(times, [50, 95])
            slow = int((times > 1e3 / HERTZ).sum())
            good &= bool(late <= 1e3 / HERTZ)
            over, own, drawn = over + slow, own + int((spent > 1e3 / HERTZ).sum()), drawn + len(times)
            figures = f"median {median:5.1f} ms, 95 % {late:5.1f} ms, worst {times.max():5.1f} ms"
            figures += f" ({spent.max():4.1f} of the processor)"
            print(f"  {depth:<6} {place:<10} {figures}, {slow} of {len(times)} over {1e3 / HERTZ:.1f} ms")
    said = "yes" if good else "NO"
    print(f"  {over} of {drawn} frames late, {own} by what they cost the processor;", end=" ")
    print(f"95 of 100 within a sixtieth of a second everywhere: {said}")
    window.close()
    return 0 if good else 1


def _frames(lab: Lab, window: MainWindow, place: str) -> list[tuple[float, float]]:
    """Seconds each frame takes, from asking for the next position to having painted it: by the clock, and of
    the processor.
    """
    lab.show_step(0, lab.phases.position(f"{place}@0"))
    _rest(window)
    lab.set_playing(True)
    QCoreApplication.processEvents()
    times = []
    for _ in range(FRAMES):
        start, begun = perf_counter(), thread_time()
        lab.advance(1.0 / HERTZ)
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()
        times.append((perf_counter() - start, thread_time() - begun))
    lab.set_playing(False)
    return times


def _rest(window: MainWindow) -> None:
    """As long as it takes the window to paint what is shown, and then to look ahead, which it does while
    nobody does anything.
    """
    bootstrap.settle(window)
    while window.explanation.ahead.busy:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _project() -> Project:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, WIDTHS[0]))
    y = np.eye(WIDTHS[-1])[rng.integers(0, WIDTHS[-1], 8)]
    layers = (*(Layer(n, "tanh") for n in WIDTHS[1:-1]), Layer(WIDTHS[-1]))
    return Project(NetworkSpec(WIDTHS[0], layers), InlineData(x, y), Training(Optimizer(), 4))


if __name__ == "__main__":
    sys.exit(main())
