"""The bars beside a formula: what stands there is the product of what stands in the formula."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.explain.networks import make

from deltaglow.explain.derivation import derive
from deltaglow.explain.numbers import MINUS
from deltaglow.model.quantity import Quantity


def read(printed: str) -> Decimal:
    return Decimal(printed.replace(MINUS, "-"))


def test_each_bar_of_what_comes_back_is_its_weight_times_its_error() -> None:
    seen = off = 0
    for seed in range(12):
        project, frame = make((3, 4, 3), ("tanh", "identity"), batch=2, seed=seed)
        for unit in range(4):
            found = derive(project, frame, Quantity("delta", 1, (unit,)))
            operands = {str(operand.quantity): operand.printed for operand in found.operands}
            for j, row in enumerate(found.groups[0].rows):
                w, d = (read(operands[name]) for name in (f"W[2][{j},{unit}]", f"delta[2][{j}]"))
                unit_of_last = Decimal(1).scaleb(int(read(row.printed).as_tuple().exponent))
                seen += 1
                off += abs(w * d - read(row.printed)) > unit_of_last / 2
    assert seen == 144 and off <= 1, "three digits more than the result needs do for nearly all"


@pytest.mark.parametrize("unit", [0, 1])
def test_bars_still_add_up(unit: int) -> None:
    project, frame = make((3, 4, 3), ("tanh", "identity"), batch=2, seed=5)
    group = derive(project, frame, Quantity("delta", 1, (unit,))).groups[0]
    total = sum((read(row.printed) for row in group.rows), Decimal(0))
    last = Decimal(1).scaleb(int(read(group.printed).as_tuple().exponent))
    assert group.adds_up and abs(total - read(group.printed)) <= last / 2
