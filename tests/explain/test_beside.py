"""Numbers beside a step: softmax's Jacobian, the loss's slope, and what one sample asks of a parameter."""

from __future__ import annotations

import numpy as np
import pytest
from tests.explain.networks import everything, make, worked_example
from tests.explain.test_derivation import assert_sound
from tests.explain.test_outputs import specs

from deltaglow.engine import LOSSES, Frame, LossSpec
from deltaglow.explain.check import check
from deltaglow.explain.derivation import derive
from deltaglow.explain.report import explain_text
from deltaglow.model.beside import SAMPLE_GRADIENTS, mean_matrix
from deltaglow.model.project import Project
from deltaglow.model.quantity import AddressError, Quantity, parse, validate_in, value

KINDS = {"jacobian", "dL_dy_hat", *SAMPLE_GRADIENTS}
SOFTMAX = [spec for spec in specs(3) if LOSSES[spec.name].softmax]


def of(frame: Frame) -> list[Quantity]:
    return [q for q in everything(frame) if q.kind in KINDS]


@pytest.mark.parametrize("loss", specs(3), ids=str)
@pytest.mark.parametrize("soft", [False, True])
def test_each_derives_and_agrees_with_differences(loss: LossSpec, soft: bool) -> None:
    project, frame = make((3, 4, 3), ("tanh", "identity"), batch=3, seed=4, drop=0.2, soft=soft, loss=loss)
    found = of(frame)
    assert len(found) > 60
    for q in found:
        assert_sound(project, frame, q)
        second = check(frame, q)
        if second is None:
            assert value(q, frame) == 0.0
        else:
            assert second.ok, (q, value(q, frame), second)
            assert second.method == "nudge"


@pytest.mark.parametrize("loss", SOFTMAX, ids=str)
def test_the_two_factors_give_what_comes_back(loss: LossSpec) -> None:
    _, frame = make((3, 4, 3), ("tanh", "tanh"), batch=2, seed=9, soft=True, loss=loss)
    for row in range(2):
        slopes = [value(Quantity("dL_dy_hat", None, (j,)), frame, row) for j in range(3)]
        for i in range(3):
            column = [value(Quantity("jacobian", None, (j, i)), frame, row) for j in range(3)]
            back = value(Quantity("back", 2, (i,)), frame, row)
            assert np.dot(slopes, column) == pytest.approx(back, abs=1e-14)


def mean_is_the_gradient(project: Project, frame: Frame) -> None:
    for q in of(frame):
        if q.kind in SAMPLE_GRADIENTS and q.sample == 0:
            rows = [value(Quantity(q.kind, q.layer, q.index, row), frame) for row in range(frame.samples)]
            whole = value(Quantity(q.kind.removesuffix("_sample"), q.layer, q.index), frame)
            assert sum(rows) / frame.divisor == pytest.approx(whole, rel=1e-9, abs=1e-15), q


def test_the_mean_over_the_samples_is_the_gradient() -> None:
    project, frame = make((3, 4, 3), ("tanh", "identity"), batch=5, seed=4, loss=specs(3)[5])
    assert frame.divisor != 5.0
    mean_is_the_gradient(project, frame)
    assert mean_matrix(frame, 1) == pytest.approx(frame.layers[0].dW)


def test_of_the_worked_example() -> None:
    project, frame = worked_example()
    derived = derive(project, frame, parse("jacobian[1,0]"))
    assert derived.text_symbolic == ("∂ŷ₂/∂z₁ = ŷ₂ ([2 = 1] − ŷ₁) = −ŷ₂ ŷ₁",)
    assert derived.printed == "−0.245"
    derived = derive(project, frame, parse("dL_dy_hat[0]"))
    assert derived.text_numeric == ("= −1 / 0.567 = −1.76",)
    assert "agrees to" in explain_text(derived, check(frame, derived.quantity))
    with pytest.raises(AddressError, match=r"whose gradient is dW\[2\]\[0,1\] itself"):
        validate_in(parse("dW[2][0,1]@0"), frame)


def test_a_sample_s_gradient_is_read_in_the_short_form_too() -> None:
    assert parse("dW[2][0,1]@3") == parse("dW_sample[2][0,1]@3") == Quantity("dW_sample", 2, (0, 1), 3)
    assert parse("db[1][2]@0") == Quantity("db_sample", 1, (2,), 0)
    assert parse("dW[2][0,1]") == Quantity("dW", 2, (0, 1))


def test_an_output_that_underflowed_is_said_so() -> None:
    project, frame = make((2, 3), ("identity",), batch=2, seed=0, scale=3000.0)
    row, j = next(
        (r, int(frame.y[r].argmax())) for r in range(2) if frame.y_hat[r, frame.y[r].argmax()] == 0.0
    )
    q = Quantity("dL_dy_hat", None, (j,), row)
    assert value(q, frame) == -np.inf
    derived = derive(project, frame, q)
    assert derived.printed == "−inf"
    assert "The fused δ" in (derived.note or "")
    assert check(frame, q) is None
