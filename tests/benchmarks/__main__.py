"""All benchmarks, one after the other: `make bench`."""

from __future__ import annotations

import sys

from tests.benchmarks import accuracy, animation, editing, engine, frames, growth, startup, typeset, window

if __name__ == "__main__":
    measures = (engine, growth, frames, startup, window, animation, typeset, editing, accuracy)
    results = [measure.main() for measure in measures]
    sys.exit(max(results))
