"""What it costs to be watched: training while 60 frames a second are taken, against training without.

Run by `make bench`. The frames go the window's way, through the mailbox, which takes fewer of a network so
large that copying it would show.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from time import perf_counter

import numpy as np
from tests.benchmarks.engine import CASES, data

from deltaglow.engine import Dense, Network, Trainer
from deltaglow.session.history import History
from deltaglow.session.mailbox import Mailbox
from deltaglow.session.timeline import Timeline
from deltaglow.session.worker import AT_ONCE

HERTZ = 60.0
SLICE_S = 0.25
PAIRS = 25
LEAST = 0.97


def main() -> int:
    """Measure each size in many close pairs, print the median, and judge."""
    print(f"training with frames taken at {HERTZ:.0f} Hz against training without, median of {PAIRS} pairs")
    good = True
    for widths, batch in CASES:
        run = _mailbox(widths, batch)
        ratios, frames = [], 0
        for _ in range(PAIRS):
            before, (watched, taken), after = (
                _run(*run, 0.0)[0],
                _run(*run, HERTZ),
                _run(*run, 0.0)[0],
            )
            ratios.append(2 * watched / (before + after))
            frames += taken
        ratio = float(np.median(ratios))
        good &= ratio >= LEAST
        name = "-".join(map(str, widths)) + f"@{batch}"
        print(f"  {name:<22} {ratio:.3f}   {frames / (PAIRS * SLICE_S):.0f} frames a second", flush=True)
    print(f"  at least {LEAST}: {'yes' if good else 'NO'}")
    return 0 if good else 1


def _mailbox(widths: tuple[int, ...], batch: int) -> tuple[Mailbox, Trainer]:
    x, labels = data(widths, batch)
    rng = np.random.default_rng(0)
    layers = [*(Dense(n, "relu", init="he_normal") for n in widths[1:-1]), Dense(widths[-1])]
    network = Network(widths[0], layers, "softmax_cross_entropy", rng)
    y = np.eye(widths[-1])[labels]
    trainer = Trainer(network, x, y, learning_rate=1e-3, batch_size=batch, shuffle=True, rng=rng)
    mailbox = Mailbox(trainer, History(trainer.scalar_names), Timeline(lambda: trainer, trainer.state()))
    mailbox.step(1, _undisturbed)
    return mailbox, trainer


def _run(mailbox: Mailbox, trainer: Trainer, hertz: float) -> tuple[float, int]:
    """Steps per second over a slice, and frames taken."""
    start = now = perf_counter()
    first, taken = trainer.step_count, 0
    due = start if hertz else float("inf")
    while now < start + SLICE_S:
        if now >= due:
            taken += mailbox.take() is not None
            due += 1.0 / hertz
        mailbox.step(AT_ONCE, _undisturbed)
        now = perf_counter()
    return (trainer.step_count - first) / (now - start), taken


def _undisturbed() -> bool:
    return True


if __name__ == "__main__":
    sys.exit(main())
