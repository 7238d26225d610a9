"""What commands are, and the arguments that several of them take."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass

from deltaglow.model.errors import printable
from deltaglow.model.rules import RULES

FILE = "a project, .dglow or .json, a table, .csv or .tsv, or an @example"


@dataclass(frozen=True)
class Command:
    """A command of the program.

    name: what it is called. about: one sentence. work: does it, and gives the exit code. arguments: adds what
    it takes beside FILE to its parser.
    """

    name: str
    about: str
    work: Callable[[argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], None]

    def parser(self) -> argparse.ArgumentParser:
        """Takes the arguments after the command's name."""
        made = argparse.ArgumentParser(f"deltaglow {self.name}", description=self.about, allow_abbrev=False)
        made.add_argument("file", metavar="FILE", help=FILE)
        self.arguments(made)
        made.set_defaults(work=self.work)
        return made


def steps(text: str) -> int:
    """A number of steps as it is typed. Raises ArgumentTypeError."""
    if not re.fullmatch(r"0*[1-9][0-9]{0,11}", text):
        raise argparse.ArgumentTypeError(f"is {printable(text, 30)!r}, must be a whole number of at least 1")
    return int(text)


def evaluation(parser: argparse.ArgumentParser) -> None:
    """Add --evaluation."""
    parser.add_argument(
        "--evaluation",
        action="store_true",
        help="normalise by the running averages and drop nothing, as when a trained network is asked",
    )


def computing(parser: argparse.ArgumentParser) -> None:
    """Add --precision and --device, which `subject.opened` obeys."""
    for key, what in (("precision", "numbers to compute with"), ("device", "device to compute on")):
        parser.add_argument(
            f"--{key}", choices=RULES[key].choices, help=f"{what}, in place of the project's training.{key}"
        )
