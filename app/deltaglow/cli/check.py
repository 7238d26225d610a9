"""`deltaglow check`: whether a project is valid, and every gradient right."""

from __future__ import annotations

import argparse

from deltaglow.cli import arguments
from deltaglow.cli.output import Failed, say
from deltaglow.cli.subject import described, opened, previewed
from deltaglow.model import gradients
from deltaglow.model.errors import printable


def _check(options: argparse.Namespace) -> int:
    project = opened(options)
    frame = previewed(project, options.evaluation)
    found = gradients.check(frame)
    lines = [f"valid: {described(project, frame)}"]
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
    say("\n".join(lines))
    if found.failed:
        one = found.failed[0]
        raise Failed(
            f"{printable(options.file, 200)}: {len(found.failed)} gradients disagree with differences: "
            f"{gradients.address(one)} is {one.analytic:.9g}, by differences {one.difference.value:.9g}"
        )
    return 0


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    arguments.evaluation(parser)
    arguments.computing(parser)


COMMAND = arguments.Command(
    "check", "Is the project valid, and is every gradient right?", _check, _check_arguments
)
