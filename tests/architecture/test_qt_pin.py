"""Guards the PySide6 pin: 6.12.0 aborts on Python 3.11 (it drops a reference to None or True per call)."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication, QWidget


class Sender(QObject):
    flagged = Signal(bool)
    carried = Signal(object)


class Receiver(QObject):
    def __init__(self):
        super().__init__()
        self.count = 0

    @Slot(bool)
    def flag(self, value):
        self.count += value is True or value is False

    @Slot(object)
    def carry(self, value):
        self.count += value is None


class Canvas(QWidget):
    painted = 0

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.fillRect(self.rect(), QColor("#0E131F"))
        painter.drawLine(0, 0, self.width(), self.painted)
        painter.end()
        self.painted += 1


application = QApplication([])
sender, receiver = Sender(), Receiver()
sender.flagged.connect(receiver.flag)
sender.carried.connect(receiver.carry)
for i in range(1000):
    sender.flagged.emit(i % 2 == 0)
    sender.carried.emit(None)
assert receiver.count == 2000, receiver.count

canvas = Canvas()
canvas.resize(320, 200)
for _ in range(100):
    canvas.grab()
assert canvas.painted >= 100, canvas.painted
print("fine")
"""


def test_two_thousand_emits_and_a_hundred_frames() -> None:
    command = [sys.executable, "-X", "faulthandler", "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "fine", "")
