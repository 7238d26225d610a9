"""Addresses as formulas, habits and slips write them."""

from __future__ import annotations

import pytest

from deltaglow.model.build import trainer
from deltaglow.model.examples import load
from deltaglow.model.quantity import AddressError, parse, validate_in


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("δ[1][0]", "delta[1][0]"),
        ("ŷ[1]", "y_hat[1]"),
        ("η", "learning_rate"),
        ("w₈", "W[2][1,0]"),
        ("w_8", "W[2][1,0]"),
        ("∂L/∂w₈", "dW[2][1,0]"),
        ("dL/dw8", "dW[2][1,0]"),
        ("∂L/∂ w_10", "dW[2][1,1]"),
        (" W [2] [0, 1] ", "W[2][0,1]"),
        ("delta[ 1 ][ 0 ]", "delta[1][0]"),
        ("a[0][2]", "x[2]"),
    ],
)
def test_an_address_is_read_as_formulas_write_it(written: str, address: str) -> None:
    assert str(parse(written, load("worked-example"))) == address


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("Delta[1][0]", "did you mean delta[layer][unit]?"),
        ("w11", "did you mean w1?"),
        ("W10", "did you mean w10?"),
        ("error[1][0]", "did you mean delta[layer][unit]?"),
        ("softmax[0]", "did you mean y_hat[unit]?"),
        ("yhat", "did you mean y_hat[unit]?"),
        ("lr", "did you mean learning_rate?"),
        ("W[2]", "write it as W[layer][to,from]"),
        ("delta[3][0]", "the network has 2 layers; the nearest is delta[2][0]"),
        ("delta[0][1]", "counted from 1; the nearest is delta[1][1]"),
        ("dW[9][7,7]", "the nearest is dW[2][1,1]"),
        ("y_hat[7]", "the nearest is y_hat[1]"),
        ("z[1][0]@4", "the batch has 1 row, counted from 0; the nearest is z[1][0]@0"),
        ("dW[2][0,1]@0", "whose gradient is dW[2][0,1] itself"),
    ],
)
def test_a_wrong_address_is_answered_with_the_nearest_right_one(written: str, hint: str) -> None:
    project = load("worked-example")
    frame = trainer(project).preview()
    with pytest.raises(AddressError) as raised:
        validate_in(parse(written, project), frame)
    assert hint in str(raised.value) and "\n" not in str(raised.value)


def test_a_word_like_nothing_is_answered_with_the_kinds() -> None:
    with pytest.raises(AddressError, match="the kinds are x, y, z, a, slope"):
        parse("qqqqq", load("worked-example"))
