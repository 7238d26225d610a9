"""Freezes the program, makes a .deb of it, and proves both by running them. Run `side_venv.py package` first.

    build/package-venv/bin/python packaging/build.py

Leaves dist/deltaglow/ and dist/deltaglow_VERSION_ARCHITECTURE.deb.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import make_deb
import smoke

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
FROZEN = DIST / "deltaglow"


class BuildError(Exception):
    """A step failed; the message is one line."""


def main() -> int:
    try:
        freeze()
        prove(FROZEN / "deltaglow", "the frozen folder")
        package = make_deb.build(FROZEN, DIST, version())
        with tempfile.TemporaryDirectory() as unpacked:
            subprocess.run(["dpkg-deb", "--extract", str(package), unpacked], check=True)
            prove(Path(unpacked) / "usr" / "bin" / "deltaglow", "the unpacked .deb")
    except (BuildError, make_deb.DebError, smoke.SmokeError) as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    print(
        f"\n{FROZEN}  {megabytes(make_deb.size_of(FROZEN))}\n{package}  {megabytes(package.stat().st_size)}"
    )
    return 0


def version() -> str:
    text = (ROOT / "app" / "deltaglow" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'__version__ = "([^"]+)"', text)
    if match is None:
        raise BuildError("app/deltaglow/__init__.py says no version")
    return match.group(1)


def freeze() -> None:
    """Runs PyInstaller; its long log goes to build/pyinstaller.log. Raises BuildError."""
    work = ROOT / "build" / "pyinstaller"
    log = ROOT / "build" / "pyinstaller.log"
    work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(FROZEN, ignore_errors=True)
    print("package: freezing", flush=True)
    options = ["--noconfirm", "--clean", "--distpath", str(DIST), "--workpath", str(work)]
    # Its hooks import what they look at, pyqtgraph among them, on machines that have no display.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with log.open("w", encoding="utf-8") as file:
        done = subprocess.run(
            [sys.executable, "-m", "PyInstaller", *options, str(ROOT / "packaging" / "deltaglow.spec")],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise BuildError(f"PyInstaller failed; the reason is at the end of {log}")


def prove(executable: Path, what: str) -> None:
    print(f"package: running {what}", flush=True)
    smoke.check(executable)


def megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
