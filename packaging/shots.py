"""The window at every phase of the worked example, dark and light, into build/shots: to be looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "build" / "shots"
PHASES = (
    "forward:1",
    "forward:2",
    "softmax",
    "loss",
    "delta:2",
    "delta:1@0.5",
    "delta:1",
    "gradients",
    "update",
)
SIZES = ("1280x800", "1920x1080")


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for theme in ("dark", "light"):
        for number, phase in enumerate(PHASES):
            for size in SIZES if phase == "delta:1" else SIZES[:1]:
                name = f"{theme}-{number}-{phase.replace(':', '-').replace('@', '-at-')}-{size}.png"
                options = ["--phase", phase, "--theme", theme, "--size", size, "--out", str(FOLDER / name)]
                select = ["--select", "delta[1][0]"] if phase == "delta:1" else []
                command = [sys.executable, "-m", "deltaglow", "shot", "@worked-example", *options, *select]
                done = subprocess.run(command, check=False).returncode
                if done:
                    return done
    print(f"Look at {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
