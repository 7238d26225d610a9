"""From arguments to the exit code: 0 fine, 1 the work failed, 2 wrong usage.

Only what needs the window imports it, so the rest runs without Qt.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from deltaglow.cli import check, explain, import_table, shot, solve, train, window
from deltaglow.cli.output import INTERRUPTED, NO_READER, Failed, complain, discard_stdout, flushed
from deltaglow.engine import NonFinite
from deltaglow.explain.phases import PhaseError
from deltaglow.model import quantity
from deltaglow.model.errors import ProjectError, printable
from deltaglow.model.rules import nearest
from deltaglow.resources import ResourceError

COMMANDS = {
    command.name: command
    for command in (
        solve.COMMAND,
        explain.COMMAND,
        train.COMMAND,
        shot.COMMAND,
        import_table.COMMAND,
        check.COMMAND,
    )
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code. argparse's own exits (usage, help) raise SystemExit."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        discard_stdout()
        return NO_READER


def _run(arguments: list[str]) -> int:
    """Do what was asked for, and turn every foreseen failure into its line and exit code."""
    file = "deltaglow"
    try:
        options = _parsed(arguments)
        file = printable(options.file or file, 200)
        return flushed(options.work(options))
    except (Failed, ProjectError, ResourceError) as error:
        return complain(str(error))
    except (NonFinite, quantity.AddressError, PhaseError) as error:
        return complain(f"{file}: {error}")
    except MemoryError:
        return complain(f"{file}: there is not enough memory for this")
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is None:
            discard_stdout()
        return complain(f"{printable(str(error.filename or file), 200)}: {error.strerror or error}")


def _parsed(arguments: list[str]) -> argparse.Namespace:
    """The first argument decides: the name of a command, or else a file for the window."""
    if arguments and arguments[0] in COMMANDS:
        return COMMANDS[arguments[0]].parser().parse_args(arguments[1:])
    parser = window.parser(COMMANDS.values())
    options, rest = parser.parse_known_args(arguments)
    if rest:
        hint = nearest(options.file, tuple(COMMANDS))
        parser.error(f"unrecognised arguments: {printable(' '.join(rest))}{hint}")
    if options.selftest and options.file is not None:
        parser.error("--selftest takes no FILE")
    return options
