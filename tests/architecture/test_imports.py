"""The house rules that code cannot break by accident: which room may know which."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def loaded_after(importing: str) -> set[str]:
    """The modules that a fresh interpreter holds after `import importing`."""
    code = f"import sys, {importing}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_contracts_hold() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("room", ["engine", "data", "model", "explain", "resources"])
def test_lower_rooms_leave_qt_unloaded(room: str) -> None:
    loaded = {name.partition(".")[0] for name in loaded_after(f"deltaglow.{room}")}
    assert loaded.isdisjoint({"PySide6", "shiboken6", "pyqtgraph"})


def test_session_needs_no_widgets() -> None:
    # import-linter sees PySide6 as one package, so this one is asked of a running interpreter.
    loaded = loaded_after("deltaglow.session")
    assert loaded.isdisjoint({"PySide6.QtWidgets", "PySide6.QtSvg", "PySide6.QtSvgWidgets", "pyqtgraph"})


def test_what_only_tests_need_stays_out_of_the_program() -> None:
    loaded = {name.partition(".")[0] for name in loaded_after("deltaglow.explain")}
    assert loaded.isdisjoint({"pytest", "hypothesis", "torch", "sklearn", "scipy", "matplotlib"})
