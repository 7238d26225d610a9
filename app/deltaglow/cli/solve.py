"""`deltaglow solve`: steps worked out, in words, as JSON, or as a worked solution in a file."""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from pathlib import Path

from deltaglow.cli import arguments
from deltaglow.cli.output import Failed, say
from deltaglow.cli.subject import opened
from deltaglow.engine import Frame, Trainer
from deltaglow.explain.report import solve_text
from deltaglow.explain.solution import MOST_STEPS, Choices, Sheet, SolutionError, worked_solution
from deltaglow.explain.solution.choices import DEPTHS, FORMATS, NOTATIONS, PAPERS, format_of
from deltaglow.model import atomic, build, solution
from deltaglow.model.errors import printable
from deltaglow.model.project import Project

_SUFFIXES = ", ".join(f".{kind}" for kind in FORMATS)


def _solve(options: argparse.Namespace) -> int:
    project = opened(options)
    if options.out is not None and options.steps > MOST_STEPS:
        raise Failed(f"--steps {options.steps}: at most {MOST_STEPS} go into a worked solution")
    trainer = build.trainer(project, evaluation=options.evaluation)
    for _ in range(options.skip):
        trainer.step()
    if options.out is not None:
        _solve_to_file(project, [_captured(trainer) for _ in range(options.steps)], options)
    elif options.json:
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


def _solve_to_file(project: Project, frames: list[Frame], options: argparse.Namespace) -> None:
    choices = Choices(options.notation, options.depth, options.samples)
    try:
        sheet = worked_solution(project, frames, choices)
    except SolutionError as error:
        raise Failed(f"{options.out}: {error}") from None
    data = _bytes(sheet, format_of(options.out) or "", options.paper)
    try:
        atomic.write(options.out, data)
    except OSError as error:
        raise Failed(f"{options.out}: cannot be written: {error.strerror or error}") from None
    say(f"{options.out}: {len(data):,} bytes")


def _bytes(sheet: Sheet, kind: str, paper: str) -> bytes:
    # Imported late: drawing and MathML take longer to load than most steps take to solve.
    if kind == "pdf":
        from deltaglow import bootstrap

        return bootstrap.printed(sheet, paper)
    from deltaglow.explain.solution.formats import written

    return written(sheet, kind, paper)


def _out(text: str) -> Path:
    path = Path(text)
    if format_of(path) is None:
        raise argparse.ArgumentTypeError(f"is {printable(text, 60)!r}, must end in {_SUFFIXES}")
    return path


def _skipped(text: str) -> int:
    return 0 if text == "0" else arguments.steps(text)


def _samples(text: str) -> tuple[int, ...] | None:
    if text == "all":
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,5}(,[1-9][0-9]{0,5}){0,31}", text):
        raise argparse.ArgumentTypeError(
            f"is {printable(text, 30)!r}, must be all, or places in the batch like 1 or 1,3"
        )
    return tuple(dict.fromkeys(int(part) - 1 for part in text.split(",")))


def _captured(trainer: Trainer) -> Frame:
    frame = trainer.step(capture=True)
    assert frame is not None
    return frame


def _solve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", metavar="N", type=arguments.steps, default=1, help="how many steps (1)")
    parser.add_argument("--skip", metavar="N", type=_skipped, default=0, help="train so many steps first (0)")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=_out,
        help=f"write a worked solution: {_SUFFIXES}",
    )
    parser.add_argument(
        "--notation", choices=tuple(NOTATIONS), default="", help="weights w1, w2 … or by layer and unit"
    )
    parser.add_argument(
        "--depth", choices=tuple(DEPTHS), default="auto", help="how much is written out (auto)"
    )
    parser.add_argument(
        "--samples", metavar="LIST", type=_samples, default=(0,), help="of a batch: 1,3 or all (1)"
    )
    parser.add_argument("--paper", choices=tuple(PAPERS), default="a4", help="of a file to print (a4)")
    parser.add_argument("--json", action="store_true", help="print every number at full precision, as JSON")
    arguments.evaluation(parser)
    arguments.computing(parser)


COMMAND = arguments.Command(
    "solve", "Print forward pass, loss, errors, gradients and update.", _solve, _solve_arguments
)
