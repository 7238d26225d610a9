"""What a step costs as the work grows: against the number of parameters and against the batch, as a picture.

Run by `make bench`, which puts it into build/bench/growth.png. Where matrix products rule, time must grow no
faster than work: the slope of the upper end, on two logarithmic scales, is about 1.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import itertools

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication
from tests.benchmarks.engine import BATCHES, Timed, ours, products_alone

WIDTHS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""Units of each of four columns: 4 decades of parameters, and more."""
BATCH = 64
ROWS = (1, 4, 16, 64, 256, 1024, 4096, 16384)
COLUMNS = (64, 128, 128, 10)
ROUNDS = 4
STEEPEST = 1.15
"""The slope up to which growth counts as linear."""
TOP = 3
"""Points at the upper end that the slope is fitted to."""
SCALE = 2
OUT = Path("build/bench/growth.png")

Point = tuple[float, float, float]
"""The size, and seconds per step of ours and of the products alone."""


def main() -> int:
    """Measure, draw, print, and judge."""
    by_size = [_measure((n,) * 4, BATCH, _parameters((n,) * 4)) for n in WIDTHS]
    by_batch = [_measure(COLUMNS, rows, rows) for rows in ROWS]
    name = "-".join(map(str, COLUMNS))
    print("how a step's time grows")
    good = True
    for what, points in (
        (f"n-n-n-n@{BATCH}, by parameters", by_size),
        (f"{name}, by batch", by_batch),
    ):
        slope, products = (_slope(points, column) for column in (1, 2))
        linear = slope <= STEEPEST
        good &= linear
        print(
            f"  {what}: {points[0][0]:,.0f} to {points[-1][0]:,.0f}, {points[0][1] * 1e6:.0f} to "
            f"{points[-1][1] * 1e6:,.0f} µs; slope at the end {slope:.2f} (products alone {products:.2f}): "
            f"{'linear' if linear else 'STEEPER THAN LINEAR'}"
        )
    _draw(by_size, by_batch, name)
    print(f"  drawn: {OUT}")
    return 0 if good else 1


def _parameters(widths: tuple[int, ...]) -> int:
    return sum((i + 1) * o for i, o in itertools.pairwise(widths))


def _measure(widths: tuple[int, ...], batch: int, size: float) -> Point:
    work = _parameters(widths) * batch
    passes = max(1, min(25, round(1e8 / (work * BATCHES))))
    mine, _ = ours(widths, batch, passes)
    timed: list[Timed] = [mine, products_alone(widths, batch, passes)]
    least = [min(run() for _ in range(ROUNDS)) for run in timed]
    return size, least[0], least[1]


def _slope(points: list[Point], column: int) -> float:
    """Of log time against log size over the last points."""
    logs = np.log([(point[0], point[column]) for point in points[-TOP:]])
    return float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0])


def _draw(by_size: list[Point], by_batch: list[Point], name: str) -> None:
    app = QApplication.instance() or QApplication([])
    pg.setConfigOptions(antialias=True, background="w", foreground="k")
    sheet = pg.GraphicsLayoutWidget(size=(1100, 480))
    for points, title, label in (
        (by_size, f"n-n-n-n, batch {BATCH}", "parameters"),
        (by_batch, name, "samples in a batch"),
    ):
        plot = sheet.addPlot(title=title)
        plot.setLogMode(x=True, y=True)
        plot.showGrid(x=True, y=True, alpha=0.25)
        plot.setLabel("bottom", label)
        plot.setLabel("left", "µs per step")
        for axis in ("bottom", "left"):
            plot.getAxis(axis).enableAutoSIPrefix(False)
        plot.addLegend(offset=(20, 10))
        table = np.array(points)
        size, mine, products = table[:, 0], table[:, 1] * 1e6, table[:, 2] * 1e6
        linear = mine[-1] * size / size[-1]
        plot.plot(size, mine, pen=pg.mkPen("#1769D2", width=2), symbol="o", symbolSize=6, name="a step")
        plot.plot(size, products, pen=pg.mkPen("#C25E00", width=2), name="its matrix products alone")
        dashed = pg.mkPen("#8B96AB", width=1, style=pg.QtCore.Qt.PenStyle.DashLine)
        plot.plot(size, linear, pen=dashed, name="linear")
    sheet.show()
    app.processEvents()
    OUT.parent.mkdir(parents=True, exist_ok=True)
    sheet.grab().save(str(OUT))
    sheet.close()


if __name__ == "__main__":
    sys.exit(main())
