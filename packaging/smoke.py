"""Proves a frozen build by running it as a stranger would: elsewhere, with an empty home and no Python.

python3 packaging/smoke.py dist/deltaglow/deltaglow
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT_S = 120
LOSS = 0.567136  # of the worked example's first step, by hand
# What Qt's off-screen platform says of every window that is shown.
OF_THE_PLATFORM = "This plugin does not support propagateSizeHints()"


class SmokeError(Exception):
    """The frozen program did not do what it must; the message is one line."""


def check(executable: Path) -> None:
    """Runs the program in several ways. Raises SmokeError."""
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = Path(folder)
        said = run(executable, ["--version"], elsewhere)
        if not said.startswith("deltaglow "):
            raise SmokeError(f"--version printed {said!r}")
        loss = json.loads(run(executable, ["solve", "@worked-example", "--json"], elsewhere))["steps"][0][
            "loss"
        ]
        if not math.isclose(loss, LOSS, abs_tol=1e-6):
            raise SmokeError(f"solve @worked-example: the loss is {loss}, not about {LOSS}")
        derivation = run(executable, ["explain", "@worked-example", "delta[1][0]"], elsewhere)
        if "δ" not in derivation:
            raise SmokeError("explain @worked-example 'delta[1][0]' printed no derivation")
        picture = elsewhere / "window.png"
        run(executable, ["shot", "@worked-example", "--phase", "delta:1", "--out", str(picture)], elsewhere)
        if not picture.read_bytes().startswith(b"\x89PNG"):
            raise SmokeError("shot wrote no PNG")
        said = run(executable, ["--selftest"], elsewhere)
        if "initialised" not in said.splitlines() or not said.endswith("ok"):
            raise SmokeError(f"--selftest printed {said!r}")
        print(f"  {said.splitlines()[-1]}")


def run(executable: Path, arguments: list[str], folder: Path) -> str:
    """What the program prints, run in that folder with nothing else to lean on. Raises SmokeError."""
    environment = {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(folder),
    }
    what = " ".join([executable.name, *arguments])
    folder.chmod(0o700)
    try:
        done = subprocess.run(
            [str(executable.absolute()), *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SmokeError(f"{what}: not done after {LIMIT_S} s") from error
    complaints = [line for line in done.stderr.splitlines() if line.strip() and line != OF_THE_PLATFORM]
    if done.returncode or complaints:
        complaint = complaints[-1] if complaints else "nothing on stderr"
        raise SmokeError(f"{what}: exit code {done.returncode}, {complaint}")
    print(f"  {what}: fine", flush=True)
    return done.stdout.strip()


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: smoke.py EXECUTABLE", file=sys.stderr)
        return 2
    try:
        check(Path(arguments[0]))
    except SmokeError as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
