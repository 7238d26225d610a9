"""The command line. Every way it can end is an exit code: 0 fine, 1 the work failed, 2 wrong usage.

What failed is said in one line on stderr. Only what needs the window imports it, so the rest runs without Qt.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from deltaglow import __version__
from deltaglow.engine import Frame, NonFinite, Trainer
from deltaglow.engine.touched import TouchedRows
from deltaglow.explain import evaluated
from deltaglow.explain.check import check as difference_check
from deltaglow.explain.derivation import derive
from deltaglow.explain.memory import memory_document, memory_text
from deltaglow.explain.phases import PhaseError, Phases
from deltaglow.explain.report import explain_text, solve_text
from deltaglow.model import build, examples, fileformat, gradients, quantity, solution
from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.project import Project
from deltaglow.model.rules import nearest
from deltaglow.resources import ResourceError

if TYPE_CHECKING:
    from tqdm import tqdm

FAILED, USAGE, INTERRUPTED, NO_READER = 1, 2, 130, 141

_FILE = "a project, .dglow or .json, a table, .csv or .tsv, or an @example"
MAX_SHOT = 8192
"""Pixels, the longest side of a picture."""

_PHASE = re.compile(
    r"(start|softmax|output|loss|gradients|update|(forward|delta):[1-9][0-9]{0,2})(@(0|1|[01]?\.[0-9]+))?"
)


class Failed(Exception):
    """The work failed; str() is the line that says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code. argparse's own exits (usage, help) raise SystemExit."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _discard_stdout()
        return NO_READER


def _run(arguments: list[str]) -> int:
    """Do what was asked for, and turn every foreseen failure into its line and exit code."""
    file = "deltaglow"
    try:
        options = _parsed(arguments)
        file = printable(options.file or file, 200)
        return _flushed(options.work(options))
    except (Failed, ProjectError, ResourceError) as error:
        return _complain(str(error))
    except (NonFinite, quantity.AddressError, PhaseError) as error:
        return _complain(f"{file}: {error}")
    except MemoryError:
        return _complain(f"{file}: there is not enough memory for this")
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is None:
            _discard_stdout()
        return _complain(f"{printable(str(error.filename or file), 200)}: {error.strerror or error}")


# ---- commands ------------------------------------------------------------------------------------


def _window(options: argparse.Namespace) -> int:
    from deltaglow import bootstrap

    if options.selftest:
        return bootstrap.selftest()
    return bootstrap.open_window(options.file, theme=options.theme)


def _solve(options: argparse.Namespace) -> int:
    project = examples.open_project(options.file)
    trainer = build.trainer(project, evaluation=options.evaluation)
    if options.json:
        _solve_json(trainer, options.steps)
    else:
        frames = [_captured(trainer) for _ in range(options.steps)]
        _print(solve_text(project, frames))
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
            _print(piece, end="")


def _captured(trainer: Trainer) -> Frame:
    frame = trainer.step(capture=True)
    assert frame is not None
    return frame


def _previewed(project: Project, evaluation: bool) -> Frame:
    """The frame of the first step that is not left out, which in mixed precision may come later."""
    trainer = build.trainer(project, evaluation=evaluation)
    frame = trainer.preview()
    while frame.left_out:
        trainer.step()
        frame = trainer.preview()
    return frame


def _explain(options: argparse.Namespace) -> int:
    project = examples.open_project(options.file)
    q = quantity.parse(options.address, project)
    frame = _previewed(project, options.evaluation)
    quantity.validate_in(q, frame)
    _print(explain_text(derive(project, frame, q), difference_check(frame, q)))
    return 0


def _train(options: argparse.Namespace) -> int:
    project = examples.open_project(options.file)
    if options.out is not None:
        fileformat.check_writable(options.out)
    trainer = build.trainer(project)
    first_loss, _ = trainer.evaluate()
    with trainer.threads():
        seconds = _stepped(trainer, options.steps)
    if not math.isfinite(trainer.evaluate()[0]):
        raise NonFinite(options.steps, "the loss")
    if options.out is not None:
        fileformat.write(
            build.with_parameters(project, trainer.network.theta, trainer.network.statistics), options.out
        )
    if options.json:
        _print(json.dumps(_trained(project, trainer, first_loss, seconds), allow_nan=False))
        return 0
    _print(_trained_text(trainer, first_loss, seconds))
    if options.out is not None:
        _print(f"written to   {options.out}")
    names = build.dataset(project).class_names
    for heading, found in (("training", trainer.evaluation()), ("validation", trainer.validation())):
        if found is not None and found.confusion is not None:
            _print(f"\n{heading} samples\n{evaluated.evaluation_text(found, names)}")
    return 0


def _trained(project: Project, trainer: Trainer, first_loss: float, seconds: float) -> dict[str, Any]:
    """What came of a run, for other programs."""
    last_loss, accuracy = trainer.evaluate()
    held, parts = trainer.validate(), {"training": trainer.evaluation(), "validation": trainer.validation()}
    found: dict[str, Any] = {
        "steps": trainer.step_count,
        "first_loss": first_loss,
        "last_loss": last_loss,
        "accuracy": accuracy if math.isfinite(accuracy) else None,
        "seconds": seconds,
        "steps_per_second": trainer.step_count / seconds,
        "memory": memory_document(trainer.ledger()),
        "evaluation": {name: evaluated.document(part) for name, part in parts.items() if part is not None},
    }
    if held is not None:
        loss, share = (number if math.isfinite(number) else None for number in held)
        found |= {"validation_loss": loss, "validation_accuracy": share}
    if trainer.touched is not None:
        found["inputs_touched"] = trainer.touched.touched / max(1, trainer.touched.seen)
    if trainer.scaling is not None:
        found |= {"loss_scale": trainer.scaling.scale, "updates_left_out": trainer.scaling.missed}
    if project.training.early_stopping is not None:
        found |= {"stopped_early": trainer.stopped_early, "best_step": trainer.watch.best_step}
    return found


def _trained_text(trainer: Trainer, first_loss: float, seconds: float) -> str:
    """The same in a few lines."""
    last_loss, _ = trainer.evaluate()
    held, kept_out, watch = trainer.validate(), trainer.validation(), trainer.watch
    lines = [
        f"steps        {trainer.step_count:,}",
        f"loss         {first_loss:.6g} at the start, {last_loss:.6g} at the end",
        evaluated.score(trainer.evaluation()),
        f"speed        {trainer.step_count / seconds:,.0f} steps per second",
        memory_text(trainer.ledger()),
    ]
    if trainer.touched is not None and trainer.touched.seen:
        lines.append(_touched_text(trainer.touched, trainer.network.architecture.inputs))
    if trainer.scaling is not None:
        missed = trainer.scaling.missed
        lines.append(
            f"loss scale   {trainer.scaling.scale:,.0f} at the end, {missed:,} "
            f"{'update' if missed == 1 else 'updates'} left out on the way"
        )
    if held is not None and kept_out is not None:
        lines.append(f"validation   loss {held[0]:.6g}, {' '.join(evaluated.score(kept_out).split())}")
    if trainer.stopped_early:
        lines.append(
            f"stopped      early: the loss was lowest, {watch.best_loss:.6g}, after step {watch.best_step:,}"
        )
    return "\n".join(lines)


def _touched_text(found: TouchedRows, inputs: int) -> str:
    """What sparse inputs saved."""
    each = found.touched / found.seen
    return (
        f"inputs       {each:,.1f} of {inputs:,} touched in a step: "
        f"{1 - each / inputs:.1%} of layer 1's weights cost no work"
    )


def _stepped(trainer: Trainer, steps: int) -> float:
    """Train; gives the seconds it took. The bar follows in pieces of about a tenth of a second."""
    step, done, piece = trainer.step, 0, 16
    watched = trainer.watched
    bar = _bar(steps)
    start = time.perf_counter()
    with bar if bar is not None else contextlib.nullcontext():
        while done < steps and not trainer.stopped_early:
            piece_start = time.perf_counter()
            piece = min(piece, steps - done)
            for _ in range(piece):
                step()
                if watched and trainer.watch.stopped_at is not None:
                    break
            done += piece
            if bar is not None:
                bar.update(piece)
            spent = time.perf_counter() - piece_start
            piece = max(1, int(piece * min(4.0, 0.1 / max(spent, 1e-9))))
    return max(time.perf_counter() - start, 1e-9)


def _bar(steps: int) -> tqdm[NoReturn] | None:
    """A progress bar, if someone is there to see it."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    tqdm.monitor_interval = 0
    return tqdm(total=steps, unit="step", unit_scale=True, dynamic_ncols=True, leave=False, file=sys.stderr)


def _shot(options: argparse.Namespace) -> int:
    project = examples.open_project(options.file)
    Phases(len(project.network.layers), project.network.loss).position(options.phase)
    if options.select is not None:
        quantity.parse(options.select, project)
    from deltaglow import bootstrap

    bootstrap.shot(
        options.file,
        Path(options.out),
        size=options.size,
        theme=options.theme,
        phase=options.phase,
        select=options.select,
    )
    return 0


def _import(options: argparse.Namespace) -> int:
    fileformat.check_writable(options.out)
    features = None if options.features is None else options.features.split(",")
    project = fileformat.read_table(options.file, options.target, features)
    fileformat.write(project, options.out)
    _print(f"written to   {options.out}: {_described(project, _previewed(project, evaluation=False))}")
    return 0


def _check(options: argparse.Namespace) -> int:
    project = examples.open_project(options.file)
    frame = _previewed(project, options.evaluation)
    found = gradients.check(frame)
    lines = [f"valid: {_described(project, frame)}"]
    if found.worst is not None:
        judged = found.checked - found.corners
        lines.append(
            f"gradients: {judged:,} of {found.total:,} compared with finite differences, "
            f"the worst differs by {gradients.gap(found.worst):.1e} at {gradients.address(found.worst)}"
        )
    if found.stride > 1:
        lines.append(f"one in {found.stride:,} was compared: all of them would take too long")
    if found.corners:
        lines.append(f"not judged: {found.corners:,}, where a unit stands at the corner of its activation")
    _print("\n".join(lines))
    if found.failed:
        one = found.failed[0]
        raise Failed(
            f"{printable(options.file, 200)}: {len(found.failed)} gradients disagree with differences: "
            f"{gradients.address(one)} is {one.analytic:.9g}, by differences {one.difference.value:.9g}"
        )
    return 0


def _described(project: Project, frame: Frame) -> str:
    sizes = "-".join(map(str, project.network.sizes))
    samples = len(build.dataset(project).x)
    counted = f"{project.network.parameter_count:,} parameters, {samples:,} sample{'s' * (samples != 1)}"
    return f"{sizes}, {counted}, {frame.samples:,} in a batch"


# ---- output --------------------------------------------------------------------------------------


def _print(text: str, end: str = "\n") -> None:
    if sys.stdout is None:
        raise Failed("there is no standard output to print to")
    sys.stdout.write(text + end)


def _flushed(code: int) -> int:
    """The code, once all that was printed has gone out: only then is it known that it could."""
    if sys.stdout is not None:
        sys.stdout.flush()
    return code


def _complain(line: str, code: int = FAILED) -> int:
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(line, file=sys.stderr, flush=True)
    return code


def _discard_stdout() -> None:
    """Nobody reads any more: let the interpreter's last flush go nowhere instead of failing."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


# ---- arguments -----------------------------------------------------------------------------------


def _parsed(arguments: list[str]) -> argparse.Namespace:
    """The first argument decides: the name of a command, or else a file for the window."""
    if arguments and arguments[0] in _COMMANDS:
        parser = _command_parser(arguments[0])
        return parser.parse_args(arguments[1:])
    parser = _window_parser()
    options, rest = parser.parse_known_args(arguments)
    if rest:
        hint = nearest(options.file, tuple(_COMMANDS))
        parser.error(f"unrecognised arguments: {printable(' '.join(rest))}{hint}")
    if options.selftest and options.file is not None:
        parser.error("--selftest takes no FILE")
    return options


def _window_parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  deltaglow {name:8} {about}" for name, (about, _, _) in _COMMANDS.items())
    parser = argparse.ArgumentParser(
        "deltaglow",
        usage="deltaglow [FILE] [--theme dark|light|system]  or  deltaglow COMMAND …",
        description="A desktop laboratory for backpropagation. Opens its window, on FILE if one is given.",
        epilog=f"commands:\n{listed}\n\nexamples: @{', @'.join(examples.names())} stand wherever a FILE may.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help=_FILE)
    parser.add_argument(
        "--theme", choices=("dark", "light", "system"), help="how the window looks, this time"
    )
    parser.add_argument("--selftest", action="store_true", help="open the window off screen, train, close")
    parser.add_argument("--version", action="version", version=f"deltaglow {__version__}")
    parser.set_defaults(work=_window)
    return parser


def _command_parser(name: str) -> argparse.ArgumentParser:
    about, work, arguments = _COMMANDS[name]
    parser = argparse.ArgumentParser(f"deltaglow {name}", description=about, allow_abbrev=False)
    parser.add_argument("file", metavar="FILE", help=_FILE)
    arguments(parser)
    parser.set_defaults(work=work)
    return parser


def _steps(text: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,11}", text):
        raise argparse.ArgumentTypeError(f"is {printable(text, 30)!r}, must be a whole number of at least 1")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9][0-9]{2,3})[x×]([1-9][0-9]{2,3})", text)
    if match is None or max(int(match[1]), int(match[2])) > MAX_SHOT:
        raise argparse.ArgumentTypeError(
            f"is {printable(text, 30)!r}, must be like 1280x800, at most {MAX_SHOT} a side"
        )
    return int(match[1]), int(match[2])


def _phase(text: str) -> str:
    if not _PHASE.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"is {printable(text, 30)!r}, must be forward:K, softmax, output, loss, delta:K, gradients or "
            "update, with @0.5 after it for half way into it"
        )
    return text


def _picture(text: str) -> str:
    if Path(text).suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"is {printable(text, 60)!r}, must end in .png")
    return text


def _solve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", metavar="N", type=_steps, default=1, help="how many steps (1)")
    parser.add_argument("--json", action="store_true", help="print every number at full precision, as JSON")
    _evaluation_argument(parser)


def _explain_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "address", metavar="ADDRESS", help="which number: delta[1][0], W[2][0,1], y_hat[1]@3, w8"
    )
    _evaluation_argument(parser)


def _evaluation_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--evaluation",
        action="store_true",
        help="normalise by the running averages and drop nothing, as when a trained network is asked",
    )


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", metavar="N", type=_steps, required=True, help="how many steps")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument("--out", metavar="FILE", help="write the trained project here, .dglow or .json")


def _shot_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="PNG", type=_picture, required=True, help="the picture to write")
    parser.add_argument("--size", metavar="WxH", type=_size, default=(1280, 800), help="in pixels (1280x800)")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="(dark)")
    parser.add_argument(
        "--phase", metavar="P", type=_phase, default="update", help="how far the step is (update)"
    )
    parser.add_argument("--select", metavar="ADDRESS", help="the number to explain")


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", metavar="PROJECT", required=True, help="the project to write, .dglow or .json"
    )
    parser.add_argument("--target", metavar="COLUMN", help="what to learn (the last column of words)")
    parser.add_argument("--features", metavar="A,B,…", help="the columns to learn it from (all others)")


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    _evaluation_argument(parser)


_Command = tuple[str, Callable[[argparse.Namespace], int], Callable[[argparse.ArgumentParser], None]]
_COMMANDS: dict[str, _Command] = {
    "solve": ("Print forward pass, loss, errors, gradients and update.", _solve, _solve_arguments),
    "explain": ("Derive one number and check it by finite differences.", _explain, _explain_arguments),
    "train": ("Train without a window.", _train, _train_arguments),
    "shot": ("Draw the window off screen into a PNG.", _shot, _shot_arguments),
    "import": (
        "Make a project that learns a table: .csv, .tsv or any delimited text.",
        _import,
        _import_arguments,
    ),
    "check": ("Is the project valid, and is every gradient right?", _check, _check_arguments),
}
