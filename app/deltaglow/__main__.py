"""`python -m deltaglow` and the installed commands start here."""

from __future__ import annotations

import sys

from deltaglow.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
