"""The memory ledger in words."""

from __future__ import annotations

import pytest

from deltaglow.engine import Ledger
from deltaglow.explain.memory import entries, memory_document, memory_text, size

LEDGER = Ledger(800, 1600, 2400, (100, 200), 3000, 50, 6000, 0, 0)


SIZES = {0: "0 B", 999: "999 B", 1000: "1.00 kB", 9994: "9.99 kB", 9996: "10.0 kB", 99_960: "100 kB"}
LARGE = {999_600: "1.00 MB", 12_345_678: "12.3 MB", 10**9: "1.00 GB", 2 * 10**15: "2000 TB"}


@pytest.mark.parametrize(("count", "said"), [*SIZES.items(), *LARGE.items()])
def test_sizes(count: int, said: str) -> None:
    assert size(count) == said


def test_the_lines_make_the_sum() -> None:
    *parts, total = entries(LEDGER)
    assert sum(part.bytes for part in parts if part.key != "shared") == total.bytes == LEDGER.total == 14150
    keys = ["parameters", "gradients", "optimizer", "activations", "shared", "data"]
    assert [part.key for part in parts] == keys
    assert all(part.help and not part.help.endswith(".") for part in parts)


def test_a_line_for_the_terminal() -> None:
    assert memory_text(LEDGER) == (
        "memory       14.2 kB: parameters 800 B, gradients 1.60 kB, optimiser 2.40 kB, activations 3.35 kB\n"
        "             (3.00 kB shared), data 6.00 kB"
    )


def test_as_json_takes_it() -> None:
    found = memory_document(LEDGER)
    assert found["layers"] == [100, 200] and found["activations"] == 3350 and found["total"] == 14150
