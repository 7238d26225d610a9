"""The clipboard, at the end of the program that put something on it."""

from __future__ import annotations

import subprocess
import sys

COPIES = """
from PySide6.QtGui import QGuiApplication
from deltaglow.model import examples
from deltaglow.ui.diagram.editing import clipboard

app = QGuiApplication([])
clipboard.put(examples.load("xor"), [(1, 0)], [])
assert clipboard.get() is not None
"""


def test_a_program_that_ends_with_units_on_the_clipboard_ends_well() -> None:
    ended = subprocess.run([sys.executable, "-c", COPIES], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
