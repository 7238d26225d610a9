"""Two printed numbers that can be told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.explain.networks import worked_example

from deltaglow.explain.captions import COMPLETE, _complete
from deltaglow.explain.numbers import FULL_DIGITS, apart, show


@given(st.floats(1e-9, 1e6), st.floats(-1e-3, 1e-3))
def test_they_differ_as_printed_if_nine_digits_tell_them_apart(one: float, change: float) -> None:
    other = one * (1.0 + change)
    left, right = apart(one, other)
    differs = show(one, FULL_DIGITS).text != show(other, FULL_DIGITS).text
    assert (left.text != right.text) == differs
    assert abs(left.value - one) <= 0.51 * left.unit and abs(right.value - other) <= 0.51 * right.unit


def test_no_more_digits_than_it_takes() -> None:
    assert [shown.text for shown in apart(0.567432, 0.514)] == ["0.567", "0.514"]
    assert [shown.text for shown in apart(1.1712e-5, 1.1698e-5)] == ["1.171e−5", "1.170e−5"]


def test_a_step_says_what_it_did_however_little() -> None:
    _, frame = worked_example()
    assert "from 0.567 to 0.514" in _complete(frame)
    still = replace(frame, theta_after=frame.theta)
    assert "stays at 0.567" in _complete(still)
    nearly = replace(frame, theta_after=np.asarray(frame.theta + 1e-6 * (frame.theta_after - frame.theta)))
    said = _complete(nearly)
    assert "from 0.567135" in said and "stays" not in said
    assert COMPLETE[1] not in said
