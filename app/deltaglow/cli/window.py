"""`deltaglow [FILE]`: the window."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from deltaglow import __version__
from deltaglow.cli.arguments import FILE, Command
from deltaglow.model import examples


def _open(options: argparse.Namespace) -> int:
    from deltaglow import bootstrap

    if options.selftest:
        return bootstrap.selftest()
    return bootstrap.open_window(options.file, theme=options.theme)


def parser(commands: Iterable[Command]) -> argparse.ArgumentParser:
    """Takes the arguments where the first is no command; its help lists the commands."""
    listed = "\n".join(f"  deltaglow {command.name:8} {command.about}" for command in commands)
    made = argparse.ArgumentParser(
        "deltaglow",
        usage="deltaglow [FILE] [--theme dark|light|system]  or  deltaglow COMMAND …",
        description="A desktop laboratory for backpropagation. Opens its window, on FILE if one is given.",
        epilog=f"commands:\n{listed}\n\nexamples: @{', @'.join(examples.names())} stand wherever a FILE may.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("file", metavar="FILE", nargs="?", help=FILE)
    made.add_argument("--theme", choices=("dark", "light", "system"), help="how the window looks, this time")
    made.add_argument("--selftest", action="store_true", help="open the window off screen, train, close")
    made.add_argument("--version", action="version", version=f"deltaglow {__version__}")
    made.set_defaults(work=_open)
    return made
