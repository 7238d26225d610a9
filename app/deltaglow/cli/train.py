"""`deltaglow train`: training without a window."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from deltaglow.cli import arguments, trained
from deltaglow.cli.output import say
from deltaglow.cli.subject import opened
from deltaglow.engine import NonFinite, Trainer
from deltaglow.explain import evaluated
from deltaglow.model import build, fileformat, run_state

if TYPE_CHECKING:
    from tqdm import tqdm


def _train(options: argparse.Namespace) -> int:
    project = opened(options)
    if options.out is not None:
        fileformat.check_writable(options.out)
    trainer = build.trainer(project)
    first_loss, _ = trainer.evaluate()
    begun = trainer.step_count
    with trainer.threads():
        seconds = _stepped(trainer, options.steps)
    if not math.isfinite(trainer.evaluate()[0]):
        raise NonFinite(trainer.step_count, "the loss")
    if options.out is not None:
        given = build.with_parameters(project, trainer.network.theta, trainer.network.statistics)
        fileformat.write(replace(given, state=run_state.taken(trainer.state())), options.out)
    if options.json:
        say(json.dumps(trained.document(project, trainer, first_loss, begun, seconds), allow_nan=False))
        return 0
    say(trained.text(trainer, first_loss, begun, seconds))
    if options.out is not None:
        say(f"written to   {options.out}")
    names = build.dataset(project).class_names
    for heading, found in (("training", trainer.evaluation()), ("validation", trainer.validation())):
        if found is not None and found.confusion is not None:
            say(f"\n{heading} samples\n{evaluated.evaluation_text(found, names)}")
    return 0


def _stepped(trainer: Trainer, steps: int) -> float:
    """Train; gives the seconds it took. The bar follows in pieces of about a tenth of a second."""
    done, piece = 0, 16
    bar = _bar(steps)
    start = time.perf_counter()
    with bar if bar is not None else contextlib.nullcontext():
        if bar is not None:
            bar.refresh()
        while done < steps and not trainer.stopped_early:
            piece_start = time.perf_counter()
            piece = min(piece, steps - done)
            end = done + piece
            while done < end and not trainer.stopped_early:
                done += len(trainer.run(end - done))
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
    # Drawn once it is entered, not when it is made: an interrupt in between left it on the line.
    return tqdm(
        total=steps,
        unit="step",
        unit_scale=True,
        dynamic_ncols=True,
        leave=False,
        file=sys.stderr,
        delay=1e-9,
    )


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", metavar="N", type=arguments.steps, required=True, help="how many steps")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument("--out", metavar="FILE", help="write the trained project here, .dglow or .json")
    arguments.computing(parser)


COMMAND = arguments.Command("train", "Train without a window.", _train, _train_arguments)
