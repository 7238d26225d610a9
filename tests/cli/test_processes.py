"""The command line as a process: what it imports, and how it ends when the world around it does."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import termios
import types
from pathlib import Path

import pytest

from deltaglow import cli
from deltaglow.ui.pages import centre

PROGRAM = [sys.executable, "-m", "deltaglow"]


def ended(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **options.pop("env", {})}  # type: ignore[dict-item]
    return subprocess.run(
        [*PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
        **options,
    )  # type: ignore[call-overload,no-any-return]


HEADLESS = [
    ("solve", "@worked-example", "--json"),
    ("solve", "@worked-example"),
    ("explain", "@worked-example", "delta[1][0]"),
    ("train", "@xor", "--steps", "3"),
    ("check", "@worked-example"),
]

WITHOUT_QT = """
import sys
from deltaglow.cli import main
code = main(sys.argv[1:])
heavy = {"PySide6", "shiboken6", "pyqtgraph", "ziamath", "tqdm"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else code)
"""


@pytest.mark.parametrize("arguments", HEADLESS, ids=" ".join)
def test_without_a_window_there_is_no_qt(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_QT, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_installed_and_as_a_module_are_the_same() -> None:
    script = Path(sys.executable).with_name("deltaglow")
    outputs = [
        subprocess.run([*program, "--version"], capture_output=True, timeout=60, check=True).stdout
        for program in (PROGRAM, [str(script)])
    ]
    assert outputs[0] == outputs[1]


def test_a_reader_that_has_enough_hears_nothing() -> None:
    with subprocess.Popen(
        [*PROGRAM, "solve", "@spirals", "--steps", "300", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == cli.NO_READER


def test_ctrl_c_while_training_is_one_line(tmp_path: Path) -> None:
    """On a terminal, so that the bar shows when training has begun."""
    out = tmp_path / "out.json"
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (24, 80))
    command = [*PROGRAM, "train", "@spirals", "--steps", "900000000", "--out", str(out)]
    # A shell that runs the tests in the background has them ignore SIGINT, which the child would inherit.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        signal.signal(signal.SIGINT, before)
        os.close(theirs)
        said = os.read(ours, 1024)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # the other end of a terminal closes with an error
            while piece := os.read(ours, 1024):
                said += piece
        assert process.wait(60) == 130
        assert process.stdout is not None and process.stdout.read() == b""
    os.close(ours)
    assert said.endswith(b"interrupted\r\n") and b"Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_behind_stdout_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "solve", "@worked-example"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "@worked-example: No space left on device\n")


def test_a_terminal_without_greek() -> None:
    done = ended("solve", "@worked-example", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "") and "\\u03b4" in done.stdout


def test_shot_refuses_before_it_loads_qt(tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    for arguments, message in {
        ("@nope",): "@nope: is no example",
        ("@worked-example", "--phase", "delta:3"): "@worked-example: no phase 'delta:3' here",
        ("@worked-example", "--select", "delta[1]"): "@worked-example: delta[1]: write it as",
    }.items():
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_QT, "shot", *arguments, "--out", str(out)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1 and done.stderr.startswith(message) and done.stderr.count("\n") == 1
    assert not out.exists()


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Stands in for the window's side and notes what it is asked for."""
    asked: list[object] = []
    fake = types.ModuleType("deltaglow.bootstrap")
    fake.open_window = lambda file, theme: asked.append((file, theme)) or 7  # type: ignore[attr-defined]
    fake.selftest = lambda: asked.append("selftest") or 0  # type: ignore[attr-defined]
    fake.shot = lambda file, out, **rest: asked.append((file, out, rest))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "deltaglow.bootstrap", fake)
    monkeypatch.setattr("deltaglow.bootstrap", fake, raising=False)
    return asked


def test_what_the_window_is_asked_for(bootstrap: list[object]) -> None:
    assert [cli.main(a) for a in ([], ["x.dglow"], ["@xor", "--theme", "light"], ["--selftest"])] == [
        7,
        7,
        7,
        0,
    ]
    assert bootstrap == [(None, None), ("x.dglow", None), ("@xor", "light"), "selftest"]


def test_what_a_picture_is_asked_for(bootstrap: list[object]) -> None:
    assert cli.main(["shot", "@xor", "--out", "a.png"]) == 0
    asked = {
        "size": "1920x1080",
        "theme": "light",
        "phase": "delta:1@0.5",
        "select": "delta[1][0]",
        "page": "softmax",
        "depth": "term",
    }
    options = [word for name, given in asked.items() for word in (f"--{name}", given)]
    assert cli.main(["shot", "@xor", "--out", "b.png", *options]) == 0
    usual = {"size": (1280, 800), "theme": "dark", "phase": "update", "select": None, "page": "network"}
    assert bootstrap == [
        ("@xor", Path("a.png"), {**usual, "depth": "layer"}),
        ("@xor", Path("b.png"), {**asked, "size": (1920, 1080)}),
    ]


def test_a_picture_can_have_every_page_of_the_window(bootstrap: list[object]) -> None:
    """They are named a second time here: the command line must not import Qt to know them."""
    for name in centre.NAMES:
        assert cli.main(["shot", "@xor", "--out", "a.png", "--page", name]) == 0
    with pytest.raises(SystemExit):
        cli.main(["shot", "@xor", "--out", "a.png", "--page", "nowhere"])


def test_no_display_is_one_line() -> None:
    bare = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
    done = ended("@worked-example", env=bare)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "display" in done.stderr
