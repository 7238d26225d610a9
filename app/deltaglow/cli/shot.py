"""`deltaglow shot`: the window as a picture."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from deltaglow.cli.arguments import Command
from deltaglow.explain.opening import DEPTHS
from deltaglow.explain.phases import Phases
from deltaglow.model import examples, quantity
from deltaglow.model.errors import printable

MAX_SHOT = 8192
"""Pixels, the longest side of a picture."""

_PHASE = re.compile(
    r"(start|softmax|output|loss|gradients|update|(forward|delta):[1-9][0-9]{0,2})(@(0|1|[01]?\.[0-9]+))?"
)


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
        page=options.page,
        depth=options.depth,
    )
    return 0


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


def _shot_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="PNG", type=_picture, required=True, help="the picture to write")
    parser.add_argument("--size", metavar="WxH", type=_size, default=(1280, 800), help="in pixels (1280x800)")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="(dark)")
    parser.add_argument(
        "--phase", metavar="P", type=_phase, default="update", help="how far the step is (update)"
    )
    parser.add_argument(
        "--depth", choices=DEPTHS, default="layer", help="into what the phase is opened (layer)"
    )
    parser.add_argument("--select", metavar="ADDRESS", help="the number to explain")
    parser.add_argument(
        "--page",
        choices=("network", "softmax", "batch", "samples", "draw", "compare"),
        default="network",
        help="what stands in the centre (network)",
    )


COMMAND = Command("shot", "Draw the window off screen into a PNG.", _shot, _shot_arguments)
