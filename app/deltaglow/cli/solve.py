"""`deltaglow solve`: steps worked out, in words or as JSON."""

from __future__ import annotations

import argparse
import json
import tempfile

from deltaglow.cli import arguments
from deltaglow.cli.output import say
from deltaglow.cli.subject import opened
from deltaglow.engine import Frame, Trainer
from deltaglow.explain.report import solve_text
from deltaglow.model import build, solution


def _solve(options: argparse.Namespace) -> int:
    project = opened(options)
    trainer = build.trainer(project, evaluation=options.evaluation)
    if options.json:
        _solve_json(trainer, options.steps)
    else:
        frames = [_captured(trainer) for _ in range(options.steps)]
        say(solve_text(project, frames))
    return 0


def _solve_json(trainer: Trainer, steps: int) -> None:
    """Print only when every step worked: half a document is of no use to anyone."""
    with tempfile.SpooledTemporaryFile(64 * 2**20, "w+", encoding="utf-8") as document:
        for k in range(steps):
            document.write(", " if k else '{"steps": [')
            document.write(json.dumps(solution.step(_captured(trainer)), allow_nan=False))
        document.write("]}\n")
        document.seek(0)
        while piece := document.read(2**20):
            say(piece, end="")


def _captured(trainer: Trainer) -> Frame:
    frame = trainer.step(capture=True)
    assert frame is not None
    return frame


def _solve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", metavar="N", type=arguments.steps, default=1, help="how many steps (1)")
    parser.add_argument("--json", action="store_true", help="print every number at full precision, as JSON")
    arguments.evaluation(parser)
    arguments.computing(parser)


COMMAND = arguments.Command(
    "solve", "Print forward pass, loss, errors, gradients and update.", _solve, _solve_arguments
)
