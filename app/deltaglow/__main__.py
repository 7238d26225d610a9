"""`python -m deltaglow` and the installed commands start here."""

from __future__ import annotations

import os
import sys

# OpenBLAS reads this once, when NumPy is first imported. At the sizes this program is for, more threads gain
# little, and their spinning takes the cores from the window, and from everyone else, while a run lasts.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from deltaglow.cli import main  # only now, for that reason

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
