"""`deltaglow explain`: one number derived, and checked."""

from __future__ import annotations

import argparse

from deltaglow.cli import arguments
from deltaglow.cli.output import say
from deltaglow.cli.subject import opened, previewed
from deltaglow.explain.check import check
from deltaglow.explain.depths.reading import DEPTHS, NUMBERS, derive_at
from deltaglow.explain.report import explain_text
from deltaglow.model import quantity


def _explain(options: argparse.Namespace) -> int:
    project = opened(options)
    q = quantity.parse(options.address, project)
    frame = previewed(project, options.evaluation)
    quantity.validate_in(q, frame)
    found = derive_at(options.depth, project, frame, q)
    say(explain_text(found, check(frame, found.quantity) if found.addressed else None))
    return 0


def _explain_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "address", metavar="ADDRESS", help="which number: delta[1][0], W[2][0,1], y_hat[1]@3, w8"
    )
    parser.add_argument(
        "--depth",
        choices=DEPTHS,
        default=NUMBERS,
        help="words: what it is and why, in plain words; numbers: its formula with the numbers put in (the "
        "default); chain: the whole chain rule from the loss to it, every factor shown",
    )
    arguments.evaluation(parser)
    arguments.computing(parser)


COMMAND = arguments.Command(
    "explain", "Derive one number and check it by finite differences.", _explain, _explain_arguments
)
