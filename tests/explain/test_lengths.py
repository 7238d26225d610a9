"""How large whole gradients are: derived, checked along themselves, and led on to where they are used."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from tests.explain.mixtures import mixtures
from tests.explain.networks import make, worked_example
from tests.explain.test_derivation import assert_sound

from deltaglow.engine import Clip, Frame
from deltaglow.explain.check import check
from deltaglow.explain.depths.reading import CHAIN, WORDS, derive_at
from deltaglow.explain.derivation import derive
from deltaglow.explain.symbols import spoken
from deltaglow.explain.uses import uses
from deltaglow.model.build import trainer
from deltaglow.model.project import Project
from deltaglow.model.quantity import AddressError, parse, value
from deltaglow.model.sizes import SIZES, absent


def clipped(limit: float, accumulate: int = 1) -> tuple[Project, Frame]:
    project, _ = make((2, 3, 2), ("tanh", "identity"), batch=4, seed=5)
    own = project.training
    own = replace(own, clip=Clip("norm", limit), accumulate=accumulate, batch_size=2)
    project = replace(project, training=own)
    running = trainer(project)
    for _ in range(accumulate - 1):
        running.step()
    return project, running.preview()


def test_the_size_of_a_layers_gradient_is_that_of_all_its_weights_together() -> None:
    project, frame = worked_example()
    derived = derive(project, frame, parse("gradient_norm[1]"))
    by_hand = math.sqrt(sum(g * g for g in (-0.042326, -0.084651, 0.042326, -0.021642, -0.043284, 0.021642)))
    assert derived.value == pytest.approx(by_hand, rel=1e-4) and derived.printed == "0.116"
    assert derived.text_symbolic == ("‖∂L/∂W⁽¹⁾‖ = √Σg²",)
    assert derived.text_numeric == ("= √(0.01356) = 0.116",)
    assert [str(operand.quantity) for operand in derived.operands] == [
        f"dW[1][{j},{i}]" for j in range(2) for i in range(3)
    ]
    (group,) = derived.groups
    assert sum(row.value for row in group.rows) == pytest.approx(derived.value**2)
    second = check(frame, derived.quantity)
    assert second is not None and second.ok and second.digits >= 8 and "along their gradient" in second.nudged
    assert parse("gradient_norm[1]") in uses(frame, parse("dW[1][0,2]"), 0)[0]


def test_a_long_sum_names_the_largest_and_adds_up_the_rest() -> None:
    project, frame = make((30, 20, 3), ("relu", "identity"), batch=3, seed=1)
    derived = assert_sound(project, frame, parse("gradient_norm[1]"))
    rows = derived.groups[0].rows
    assert [row.label_text for row in rows][-1] == "595 more" and len(rows) == 6
    named = sorted((value(row.quantity, frame) ** 2 for row in rows[:-1] if row.quantity), reverse=True)
    assert named == sorted(np.square(frame.layers[0].dW).ravel(), reverse=True)[:5]


@pytest.mark.parametrize("accumulate", [1, 2])
def test_clipping_goes_by_the_size_of_the_whole_gradient(accumulate: int) -> None:
    project, frame = clipped(0.05, accumulate)
    total, factor = (derive(project, frame, parse(kind)) for kind in ("total_norm", "clip_factor"))
    given = np.asarray(frame.update.arrays.get("gathered", frame.gradient))
    assert total.value == pytest.approx(np.linalg.norm(given))
    assert factor.text_numeric[0].startswith(f"= min(1, 0.05 / ({total.value:.1g}"[:16])
    assert factor.value == pytest.approx(0.05 / total.value, rel=1e-4)
    small = derive(project, frame, parse("dW_clipped[1][0,0]"))
    assert "clip_factor" in [str(operand.quantity) for operand in small.operands]
    assert parse("dW_clipped[1][0,0]") in uses(frame, parse("clip_factor"), 0)[0]
    assert uses(frame, parse("total_norm"), 0)[0] == (parse("clip_factor"),)
    assert (parse("total_norm") in uses(frame, parse("gradient_norm[2]"), 0)[0]) == (accumulate == 1)


def test_without_clipping_by_norm_there_is_no_whole_to_go_by() -> None:
    _, frame = make((2, 2), ("identity",), batch=1, seed=1)
    for kind in ("total_norm", "clip_factor"):
        with pytest.raises(AddressError, match="does not clip its gradient by norm"):
            value(parse(kind), frame)
    with pytest.raises(AddressError, match=r"did you mean gradient_norm\[layer\]"):
        parse("norm[1]")
    with pytest.raises(AddressError, match=r"the nearest is gradient_norm\[1\]"):
        value(parse("gradient_norm[4]"), frame)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(mixtures())
def test_every_size_of_a_mixture_holds_at_every_depth(case: tuple[Project, Frame]) -> None:
    project, frame = case
    found = [f"gradient_norm[{k}]" for k in range(1, len(frame.layers) + 1)]
    for q in map(parse, [*found, *(SIZES.keys() - {"gradient_norm"})]):
        if absent(q.kind, frame):
            continue
        assert_sound(project, frame, q)
        second = check(frame, q)
        assert second is None or second.ok, (str(q), value(q, frame), second)
        assert 30 < len(derive_at(WORDS, project, frame, q).sentence) < 450
        assert derive_at(CHAIN, project, frame, q).sentence and spoken(project, q)
