"""What is printed, and the exit codes: what failed is one line on stderr."""

from __future__ import annotations

import contextlib
import os
import sys

FAILED, INTERRUPTED, NO_READER = 1, 130, 141
"""Exit codes. That of wrong usage, 2, is argparse's."""


class Failed(Exception):
    """The work failed; str() is the line that says why."""


def say(text: str, end: str = "\n") -> None:
    """Print, with failures that can be told from others. Raises Failed where there is nothing to print to."""
    if sys.stdout is None:
        raise Failed("there is no standard output to print to")
    sys.stdout.write(text + end)


def flushed(code: int) -> int:
    """The code, once all that was printed has gone out: only then is it known that it could."""
    if sys.stdout is not None:
        sys.stdout.flush()
    return code


def complain(line: str, code: int = FAILED) -> int:
    """One line on stderr, if there is one; gives the code."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(line, file=sys.stderr, flush=True)
    return code


def discard_stdout() -> None:
    """Nobody reads any more: let the interpreter's last flush go nowhere instead of failing."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
