"""Opens the window on the worked example; without a display, shows the same as text and as a picture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from deltaglow.display import display_available

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "build" / "worked-example.png"
PROGRAM = [sys.executable, "-m", "deltaglow"]
EXAMPLE = "@worked-example"


def main() -> int:
    if display_available():
        return subprocess.run([*PROGRAM, EXAMPLE], check=False).returncode
    print("No display here: the worked example follows as text, and its window as a picture.\n", flush=True)
    PICTURE.parent.mkdir(exist_ok=True)
    solve = [*PROGRAM, "solve", EXAMPLE]
    shot = [*PROGRAM, "shot", EXAMPLE, "--phase", "delta:1", "--select", "delta[1][0]", "--out", str(PICTURE)]
    for command in (solve, shot):
        done = subprocess.run(command, check=False).returncode
        if done:
            return done
    print(f"\nThe window: {PICTURE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
