"""Numbers as printed."""

import math
import sys
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.explain.arithmetic import number, unit

from deltaglow.explain.numbers import borne_out, fixed, full, plain, reconcile, reconcile_sum, show

FINITE = st.floats(-1e12, 1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "digits", "text", "latex"),
    [
        (-0.042325742, 3, "−0.0423", "-0.0423"),
        (0.3, 3, "0.300", "0.300"),
        (12345.6, 3, "12346", "12346"),
        (4.2e-7, 2, "4.2e−7", r"4.2\times10^{-7}"),
        (-1.5e9, 3, "−1.50e9", r"-1.50\times10^{9}"),
        (0.99996, 3, "1.00", "1.00"),
        (-0.0, 3, "0", "0"),
        (0.00012345, 3, "0.000123", "0.000123"),
        (math.inf, 3, "inf", r"\infty"),
        (1e200, 17, "1.0000000000000000e200", r"1.0000000000000000\times10^{200}"),
        (0.1, 17, "0.10000000000000000", "0.10000000000000000"),
        (-1e200, 3, "−1.00e200", r"-1.00\times10^{200}"),
        (sys.float_info.max, 3, "1.79769e308", r"1.79769\times10^{308}"),
    ],
)
def test_show(value: float, digits: int, text: str, latex: str) -> None:
    shown = show(value, digits)
    assert (shown.text, shown.latex) == (text, latex)


def test_zero_never_has_a_sign() -> None:
    assert fixed(-0.0004, 3).text == "0.000"
    assert full(-0.0) == "0"
    assert plain(-0.0).text == "0"


@given(FINITE, st.integers(1, 15))
def test_a_printed_number_reads_back_as_its_value_and_within_half_a_unit(value: float, digits: int) -> None:
    shown = show(value, digits)
    assert number(shown.text) == shown.value
    assert abs(shown.value - value) <= 0.5 * shown.unit * (1 + 1e-6) + math.ulp(value)
    if value:
        assert unit(shown.text) == pytest.approx(shown.unit)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_seventeen_digits_read_back_as_the_very_float_and_end_as_people_write_it(value: float) -> None:
    shown = show(value, 17)
    assert number(shown.text) == shown.value == value
    assert Decimal(shown.text.replace("−", "-")) == Decimal(repr(value))


@given(FINITE)
def test_a_given_number_is_printed_short_only_if_that_is_exact(value: float) -> None:
    shown = plain(value, 3)
    assert shown.text == show(value, 3).text or number(shown.text) == value


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5))
def test_digits_are_chosen_so_that_the_product_holds(a: float, b: float, c: float) -> None:
    value = a * b + c
    assume(value != 0.0)

    def evaluate(digits: int) -> tuple[float, float]:
        x, y, z = (show(v, digits).value for v in (a, b, c))
        return x * y + z, 4 * math.ulp(1.0) * (abs(x * y) + abs(z))

    found = reconcile(value, [evaluate])
    got, _ = evaluate(found.digits)
    if found.result.text != "0":
        assert abs(got - found.result.value) < 0.5 * found.result.unit
    for fewer in range(3, found.digits):
        assert abs(evaluate(fewer)[0] - found.result.value) > 0.49 * found.result.unit - 1e-15


def test_a_result_between_two_printed_numbers_gets_another_digit() -> None:
    found = reconcile(0.1125, [lambda digits: (0.1125, 1e-17)])
    assert found.result.text == "0.1125"


def test_rounding_noise_is_printed_as_zero() -> None:
    found = reconcile(2.7e-17, [lambda digits: (0.0, 2.2e-16)])
    assert found.result.text == "0"


@given(
    st.lists(st.floats(-1.0, 1.0), min_size=2, max_size=8),
    st.integers(-12, 5),
    st.integers(-40, 40),
)
def test_terms_that_cancel_down_to_rounding_add_up_as_printed(
    terms: list[float], exponent: int, ulps: int
) -> None:
    scale = 10.0**exponent
    terms = [term * scale for term in (*terms, 1.0)]
    terms.append(-sum(terms))
    left = math.fsum(terms) + ulps * math.ulp(scale) / 4  # as another order of adding up leaves
    total, shown = reconcile_sum(left, terms)
    printed = math.fsum(part.value for part in shown)
    assert abs(printed - total.value) <= max(0.5 * total.unit, 1e-13 * scale)
    assert abs(total.value - left) <= max(0.06 * abs(left), 1e-13 * scale, 0.5 * total.unit)


def test_what_six_terms_leave_of_each_other_is_nothing() -> None:
    terms = [9.1e-5, -8.7e-5, 9.3e-5, -9.7e-5, 8.9e-5, -8.9e-5]
    total, shown = reconcile_sum(8.6e-19, terms)
    assert total.text == "0" and abs(math.fsum(part.value for part in shown)) < 1e-18
    assert reconcile_sum(8.6e-17, [*terms, 8.6e-17])[0].text == "8.6e−17"


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=8))
def test_printed_terms_add_up_to_the_printed_total(terms: list[float]) -> None:
    total, shown = reconcile_sum(math.fsum(terms), terms)
    got = math.fsum(number(term.text) for term in shown)
    assert abs(got - number(total.text)) <= 0.5 * unit(total.text) or total.text == "0"


def test_layers_in_half_precision_do_not_drown_what_is_kept_in_full() -> None:
    def evaluate(digits: int) -> tuple[float, float]:
        squares, beta = show(1.7916494980454445e-06, digits).value, show(0.999, digits).value
        return squares / (1.0 - beta), 1000 * math.ulp(squares / (1.0 - beta))

    assert reconcile(0.0017916494980454445, [evaluate], coarseness=2.0**42).result.text == "0.00179"


def test_a_term_too_small_for_the_decimals_of_the_others_keeps_its_digits() -> None:
    total, terms = reconcile_sum(0.0123 - 6.18e-8, [0.0123, -6.1769e-8])
    assert terms[1].text == "−6.18e−8"
    assert abs(math.fsum(term.value for term in terms) - total.value) <= 0.5 * total.unit
    noise = reconcile_sum(0.3, [0.3, 1e-17])[1][1]
    assert noise.value == 0.0, "rounding has no digits to keep"


@pytest.mark.parametrize(("value", "got", "said"), [(0.0019876, 0.0019845, "0.0020"), (0.25, 0.25, "0.250")])
def test_no_more_digits_are_printed_than_the_numbers_beside_bear_out(
    value: float, got: float, said: str
) -> None:
    assert borne_out(value, got).text == said


def test_in_half_precision_a_large_result_is_rounded_to_the_tens_that_it_has() -> None:
    def product(digits: int) -> tuple[float, float]:
        value = math.prod(
            show(factor, digits).value for factor in (2.2065669, 0.2448667, -3.4846144, -316.22777)
        )
        return value, 4 * math.ulp(value)

    found = reconcile(595.706, [product], coarseness=2.0**42)
    assert found.result.text == "6.0e2" and found.digits < 6
    assert abs(product(found.digits)[0] - 600.0) <= 5.0
