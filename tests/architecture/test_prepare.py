"""The set-up of a bare machine: what it asks for, what it says, and when it leaves things alone."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import PySide6
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "packaging" / "prepare.py"


@pytest.fixture
def prepare() -> ModuleType:
    """The script as a module; its folder's name is that of a package which others install."""
    spec = importlib.util.spec_from_file_location("prepare", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_loader_decides_what_is_missing(prepare: ModuleType) -> None:
    needs = {"libc.so.6": "libc6", "libnot-there.so.1": "libnot", "libneither.so.2": "libnot"}
    assert prepare.missing_packages(needs) == ["libnot"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about Linux libraries")
def test_all_that_qt_misses_here_is_asked_for(prepare: ModuleType) -> None:
    plugins = Path(PySide6.__file__).parent / "Qt" / "plugins"
    parts = [plugins / "platforms" / f"libq{name}.so" for name in ("offscreen", "xcb", "wayland")]
    said = subprocess.run(["ldd", *parts], capture_output=True, text=True, check=True, timeout=60).stdout
    missed = {line.split()[0] for line in said.splitlines() if "not found" in line}
    assert missed <= {*prepare.OFF_SCREEN, *prepare.X11, *prepare.WAYLAND}


def test_a_display_adds_its_own_libraries(prepare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    bare = prepare.needs_of_display(every=False)
    assert bare == prepare.OFF_SCREEN
    monkeypatch.setenv("DISPLAY", ":0")
    assert prepare.needs_of_display(every=False) == {**bare, **prepare.X11}


def test_who_cannot_become_root_is_told_the_command(
    prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "apt-get"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(prepare.PrepareError) as caught:
        prepare.install_system_packages(["libgl1", "libegl1"])
    assert str(caught.value).endswith("run: sudo apt-get install -y --no-install-recommends libgl1 libegl1")


def test_another_system_is_told_what_is_missing(
    prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(prepare.PrepareError, match=r"missing on this system \(named as in Debian\): libgl1"):
        prepare.install_system_packages(["libgl1"])


def test_a_stamp_holds_for_what_it_was_made_from(
    prepare: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(prepare, "VENV", tmp_path)
    monkeypatch.setattr(prepare, "STAMP", tmp_path / ".prepared")
    python = prepare.venv_python(tmp_path)
    python.parent.mkdir()
    python.touch()
    assert not prepare.is_fresh("run")
    prepare.STAMP.write_text(f"run\n{prepare.fingerprint()}\n{ROOT}\n")
    assert prepare.is_fresh("run")
    assert not prepare.is_fresh("test")
    prepare.STAMP.write_text(f"test\n{prepare.fingerprint()}\n{ROOT}\n")
    assert prepare.is_fresh("run")
    assert prepare.is_fresh("test")
    prepare.STAMP.write_text(f"test\n{prepare.fingerprint()}\n/elsewhere\n")
    assert not prepare.is_fresh("test")
    prepare.STAMP.write_text(f"test\nolder\n{ROOT}\n")
    assert not prepare.is_fresh("test")


def test_wrong_usage_is_one_line_and_exit_code_2() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "x"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usage: prepare.py run|test|package\n"


def test_names_no_host() -> None:
    for path in (SCRIPT, ROOT / "Makefile", *SCRIPT.parent.glob("*.py")):
        assert "://" not in path.read_text(encoding="utf-8"), path
