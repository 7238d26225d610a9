"""What is meant for the typesetter is typeset: every kind of formula, within the width of the panel."""

import re
import warnings

import pytest
from tests.explain.networks import ACTIVATION_NAMES, addresses, make, worked_example

from deltaglow.explain.derivation import derive
from deltaglow.explain.parts import ROLES, Derivation
from deltaglow.model.quantity import Quantity

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ziamath 0.13 finds its font by a deprecated call
    import ziamath

PANEL_WIDTH = 320.0
SIZE = 18.0
_COLOUR = re.compile(r"\\textcolor\{(\w+)\}")


def every_formula(derived: Derivation) -> list[str]:
    bars = [row.label_latex for group in derived.groups for row in group.rows]
    worked = [line.latex for group in derived.groups for line in group.formula]
    return [*derived.symbolic, *derived.numeric, *bars, *worked, derived.label.latex]


def width_of(latex: str) -> float:
    """Pixels at the panel's size; colours are checked to be tokens of ours and made real ones."""
    assert set(_COLOUR.findall(latex)) <= set(ROLES)
    drawn = ziamath.Latex(_COLOUR.sub(r"\\textcolor{#808080}", latex), size=SIZE)
    assert len(drawn.svg()) > 100
    return float(drawn.getsize()[0])


def assert_typeset(derived: Derivation) -> None:
    for latex in every_formula(derived):
        assert width_of(latex) <= PANEL_WIDTH, (str(derived.quantity), latex)


def test_every_formula_of_the_worked_example_is_typeset() -> None:
    project, frame = worked_example()
    seen: set[tuple[str, int | None]] = set()
    for q in addresses(frame):
        if (q.kind, q.layer) not in seen:
            seen.add((q.kind, q.layer))
            assert_typeset(derive(project, frame, q))


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_formulas_of_larger_networks_are_typeset(activation: str) -> None:
    project, frame = make((12, 11, 10), (activation, activation), batch=8, seed=7, drop=0.1, soft=True)
    for q in (
        Quantity("z", 1, (9,)),
        Quantity("a", 1, (9,), 3),
        Quantity("slope", 2, (9,), 3),
        Quantity("delta", 1, (10,), 6),
        Quantity("delta", 2, (9,), 6),
        Quantity("dW", 2, (9, 10)),
        Quantity("W_after", 2, (9, 10)),
        Quantity("y_hat", None, (9,), 7),
        Quantity("loss", None, (), 2),
        Quantity("loss"),
        Quantity("exp_sum", None, (), 1),
    ):
        assert_typeset(derive(project, frame, q))
