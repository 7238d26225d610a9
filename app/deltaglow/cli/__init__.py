"""The command line: a file for each command, what they share, and `program`, which runs them."""

from __future__ import annotations

from deltaglow.cli.output import FAILED, INTERRUPTED, NO_READER
from deltaglow.cli.program import main

__all__ = ["FAILED", "INTERRUPTED", "NO_READER", "main"]
