"""All benchmarks, one after the other: `make bench`."""

from __future__ import annotations

import sys

from tests.benchmarks import animation, engine, frames, growth, startup, typeset, window

if __name__ == "__main__":
    results = [measure.main() for measure in (engine, growth, frames, startup, window, animation, typeset)]
    sys.exit(max(results))
