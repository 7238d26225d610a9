"""The fixture that fails a test which leaves something behind is itself put to the test."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"

LEAKS = """
import gc
import threading
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QWidget

KEPT = []
STOP = threading.Event()

def test_thread():
    thread = threading.Thread(target=STOP.wait, name="forgotten", daemon=True)
    thread.start()

def test_qthread(qapp):
    KEPT.append(QThread(objectName="stray"))
    KEPT[-1].start()

def test_timer(qapp):
    KEPT.append(QTimer(objectName="ticking"))
    KEPT[-1].start(1000)

def test_window(qapp):
    KEPT.append(QWidget(objectName="open"))
    KEPT[-1].show()

def test_tidy(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    timer = QTimer(widget)
    timer.start(1000)
    thread = QThread()
    thread.start()
    thread.quit()
    assert thread.wait(5000)

class Painted(QWidget):
    def paintEvent(self, event):
        gc.collect()
        KEPT.append(self.parent().objectName())

def test_seen_after_its_end(qtbot):
    shown = QWidget(objectName="whole")
    shown.itself = shown
    Painted(shown)
    qtbot.addWidget(shown)
    shown.show()

def test_was_whole_when_it_was_painted():
    assert KEPT.pop() == "whole"

def test_qt_warning(qapp):
    from PySide6.QtCore import qWarning
    qWarning("something is off")

def test_settings(tmp_path):
    from PySide6.QtCore import QSettings
    assert QSettings("Deltaglow", "Deltaglow").fileName().startswith(str(tmp_path))
"""


def test_each_leak_fails_its_own_test_and_is_named(tmp_path: Path) -> None:
    shutil.copy(CONFTEST, tmp_path / "conftest.py")
    (tmp_path / "test_leaks.py").write_text(LEAKS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nqt_api = pyside6\nqt_log_level_fail = WARNING\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    for message in (
        "threading.Thread 'forgotten' still runs",
        "QThread 'stray' started at test_leaks.py:",
        "QTimer 'ticking' started at test_leaks.py:",
        "top-level widget QWidget 'open' is left",
        "something is off",
    ):
        assert message in done.stdout
    for passed in ("test_tidy PASSED", "test_was_whole_when_it_was_painted PASSED", "test_settings PASSED"):
        assert f"::{passed}" in done.stdout
    assert "1 failed, 8 passed, 4 errors" in done.stdout
