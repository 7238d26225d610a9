"""`deltaglow import`: from a table to a project."""

from __future__ import annotations

import argparse

from deltaglow.cli.arguments import Command
from deltaglow.cli.output import say
from deltaglow.cli.subject import described, previewed
from deltaglow.model import fileformat


def _import(options: argparse.Namespace) -> int:
    fileformat.check_writable(options.out)
    features = None if options.features is None else options.features.split(",")
    project = fileformat.read_table(options.file, options.target, features)
    fileformat.write(project, options.out)
    say(f"title        {project.title}")
    say(f"written to   {options.out}: {described(project, previewed(project, evaluation=False))}")
    return 0


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", metavar="PROJECT", required=True, help="the project to write, .dglow or .json"
    )
    parser.add_argument("--target", metavar="COLUMN", help="what to learn (the last column of words)")
    parser.add_argument("--features", metavar="A,B,…", help="the columns to learn it from (all others)")


COMMAND = Command(
    "import",
    "Make a project that learns a table: .csv, .tsv or any delimited text.",
    _import,
    _import_arguments,
)
