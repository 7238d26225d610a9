"""How long a new formula takes: during a scrub over a run, and when other numbers are selected."""

from __future__ import annotations

import os
import re
import statistics
import time
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from deltaglow.engine import Frame
from deltaglow.explain.derivation import derive
from deltaglow.explain.parts import Derivation
from deltaglow.model import build, examples
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity
from deltaglow.ui.typeset import _template, typeset

STEPS = 60
LIMIT_MS = 5.0
"""What a new formula may take at the median."""
_TOKEN = re.compile(r"\\textcolor\{[a-z_]+\}")


def timed(lines: Iterator[str]) -> list[float]:
    """Milliseconds of each formula that was not typeset before."""
    found = []
    for line in lines:
        misses, before = typeset.cache_info().misses, time.perf_counter()
        typeset(_TOKEN.sub(r"\\textcolor{#4DA3FF}", line), 16.0, "#E8ECF4")
        if typeset.cache_info().misses > misses:
            found.append(1e3 * (time.perf_counter() - before))
    return found


def lines(derived: Derivation) -> Iterator[str]:
    """What the panel typesets of one number."""
    yield from (*derived.symbolic, *derived.numeric)
    for group in derived.groups:
        yield from (row.label_latex for row in group.rows)
        yield from (line.latex for line in group.formula)


def scrub(project: Project, frames: list[Frame]) -> list[float]:
    """Through a run, with one number selected."""
    shown = Quantity("delta", 1, (0,))
    return timed(line for frame in frames for line in lines(derive(project, frame, shown)))


def select(project: Project, frame: Frame) -> list[float]:
    """Through every unit's and every weight's numbers of one step."""
    found = []
    for k, trace in enumerate(frame.layers, start=1):
        for j in range(len(trace.b)):
            kinds = ("z", "a", "slope", "delta", "db", "b_after")
            asked = [Quantity(kind, k, (j,)) for kind in kinds]
            asked += [
                Quantity(kind, k, (j, i)) for i in range(trace.W.shape[1]) for kind in ("dW", "W_after")
            ]
            for q in asked:
                found += timed(lines(derive(project, frame, q)))
    return found


def main() -> int:
    """Scrub, selection, and how many layouts that took; 1 if a median is above the limit."""
    app = QApplication.instance() or QApplication([])
    project = examples.load("worked-example")
    trainer = build.trainer(project)
    frames = [frame for _ in range(STEPS) if (frame := trainer.step(capture=True)) is not None]
    runs = {
        f"typeset, scrub over {STEPS} steps": scrub(project, frames),
        "typeset, every number selected once": select(project, frames[0]),
    }
    del app
    for name, found in runs.items():
        tail = sorted(found)[int(0.95 * len(found))]
        print(
            f"{name}: {len(found)} new formulas, median {statistics.median(found):.2f} ms, 95 % {tail:.1f} ms"
        )
    print(f"typeset, layouts made: {_template.cache_info().misses}")
    return int(any(statistics.median(found) > LIMIT_MS for found in runs.values()))


if __name__ == "__main__":
    raise SystemExit(main())
