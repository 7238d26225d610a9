"""Time to the first painted window, against a bare window of PySide6 and pyqtgraph that shows a plot.

Run by `make bench`. Both programs are started in turn, several times, as processes of their own.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from time import perf_counter

RUNS = 7
LIMIT = 2.0

WATCH = """
from PySide6.QtCore import QEvent, QObject, QTimer
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self.done)
            watched.removeEventFilter(self)
        return False
    def done(self):
        print("painted", flush=True)
        os._exit(0)
"""
BARE = f"""
import os
import PySide6.QtWidgets as widgets
import pyqtgraph
{WATCH}
app = widgets.QApplication([])
window = widgets.QMainWindow()
plot = pyqtgraph.PlotWidget()
window.setCentralWidget(plot)
window.resize(1280, 800)
watch = Watch()
plot.viewport().installEventFilter(watch)
window.show()
app.exec()
"""
OURS = f"""
import os
from deltaglow import bootstrap
from deltaglow.ui.main_window import MainWindow
{WATCH}
watch = Watch()
show = MainWindow.show
def watched_show(window):
    window.diagram.installEventFilter(watch)
    show(window)
MainWindow.show = watched_show
bootstrap.open_window("@worked-example", theme="dark")
"""


def seconds(program: str) -> float:
    """From starting the process to its window being painted."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    start = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    if "painted" not in done.stdout:
        raise RuntimeError(done.stderr)
    return perf_counter() - start


def main() -> int:
    """Measure, print, and judge against the bound."""
    for program in (BARE, OURS):
        seconds(program)
    pairs = [(seconds(OURS), seconds(BARE)) for _ in range(RUNS)]
    ratio = statistics.median(ours / bare for ours, bare in pairs)
    ours, bare = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
    print(
        f"first painted window, median of {RUNS}: {ours:.0f} ms; "
        f"bare PySide6 + pyqtgraph window: {bare:.0f} ms"
    )
    print(f"  ratio {ratio:.2f}; bound (at most {LIMIT:g}): {'met' if ratio <= LIMIT else 'MISSED'}")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
