"""The expression tree: signs, parentheses, elision, line breaks, and arithmetic with rounded operands."""

import math

import pytest
from tests.explain.arithmetic import evaluate

from deltaglow.explain.expr import (
    Const,
    Difference,
    Expr,
    Negation,
    Product,
    Quotient,
    Ref,
    Rest,
    Sum,
    elide,
    largest,
)
from deltaglow.explain.functions import (
    Call,
    Cube,
    Exp,
    ExpMinusOne,
    Log,
    LogOnePlus,
    Max,
    Min,
    Named,
    Square,
)
from deltaglow.explain.pieces import EQUALS, SYMBOLS, Label, join_latex, join_text, lines, with_numbers
from deltaglow.model.quantity import Quantity


def ref(name: str, value: float, given: bool = False) -> Ref:
    return Ref(Quantity("x", None, (0,)), Label(name, name), value, "forward", given)


A, B, C = ref("a", 0.25), ref("b", -0.5), ref("c", 2.0, given=True)


def texts(node: Expr, digits: int = 3) -> tuple[str, str]:
    """The node in symbols and in numbers."""
    return join_text(node.pieces(SYMBOLS, True)), join_text(node.pieces(with_numbers(digits), True))


@pytest.mark.parametrize(
    ("node", "symbols", "numbers"),
    [
        (Product((A, B)), "a b", "0.250·(−0.500)"),
        (Product((B, A)), "b a", "−0.500·0.250"),
        (Sum((A, B)), "a + b", "0.250 − 0.500"),
        (Sum((A, Product((B, C)))), "a + b c", "0.250 + (−0.500)·2"),
        (Sum((A, Negation(C))), "a − c", "0.250 − 2"),
        (Difference(A, B), "a − b", "0.250 − (−0.500)"),
        (Difference(A, Sum((A, C))), "a − (a + c)", "0.250 − (0.250 + 2)"),
        (Product((Sum((A, B)), C)), "(a + b)·c", "(0.250 − 0.500)·2"),
        (Product((A, Difference(Const(1.0), A))), "a (1 − a)", "0.250·(1 − 0.250)"),
        (Quotient(A, Sum((B, C))), "a / (b + c)", "0.250 / (−0.500 + 2)"),
        (Quotient(Const(1.0), Const(8.0)), "1/8", "1/8"),
        (Exp(Negation(B)), "exp(−b)", "exp(0.500)"),
        (Exp(Negation(ref("z", 0.0))), "exp(−z)", "exp(0)"),
        (Negation(Product((C, Log(A)))), "−c ln a", "−2·ln(0.250)"),
        (Max((Const(0.0), B)), "max(0, b)", "max(0, −0.500)"),
        (Min((Const(1.0), B)), "min(1, b)", "min(1, −0.500)"),
        (Square(B), "(b)²", "(−0.500)²"),
        (Cube(B), "(b)³", "(−0.500)³"),
        (ExpMinusOne(B), "exp(b) − 1", "exp(−0.500) − 1"),
        (Product((C, ExpMinusOne(B))), "c (exp(b) − 1)", "2·(exp(−0.500) − 1)"),
        (LogOnePlus(Exp(B)), "ln(1 + exp(b))", "ln(1 + exp(−0.500))"),
        (Product((Named(Label(r"\lambda", "λ"), 1.0507), B)), "λ b", "1.05·(−0.500)"),
        (Call(Label(r"\tanh", "tanh"), math.tanh, B), "tanh(b)", "tanh(−0.500)"),
        (Sum((A, Rest(-0.125, 7))), "a + ⋯", "0.250 − 0.125"),
    ],
)
def test_how_a_formula_is_written_and_that_it_is_worth_what_it_says(
    node: Expr, symbols: str, numbers: str
) -> None:
    assert texts(node) == (symbols, numbers)
    value, error = node.evaluate(3)
    assert abs(evaluate(numbers) - value) <= error + 1e-15
    assert error < 1e-14


def test_operands_are_rounded_to_their_printed_digits_before_the_arithmetic() -> None:
    third = ref("t", 1 / 3)
    value, _ = Product((third, third)).evaluate(3)
    assert value == pytest.approx(0.333 * 0.333, rel=1e-15)


def test_what_cancels_in_floats_is_worked_out_all_the_same() -> None:
    tiny = ref("t", 1e-14)
    assert ExpMinusOne(tiny).evaluate(3)[0] == pytest.approx(1e-14, rel=1e-15)
    assert LogOnePlus(tiny).evaluate(3)[0] == pytest.approx(1e-14, rel=1e-15)


def test_a_minus_sign_stays_inside_the_colour_it_belongs_to() -> None:
    latex = join_latex(Sum((A, B)).pieces(with_numbers(3)))
    assert latex == r"\textcolor{forward}{0.250} - \textcolor{forward}{0.500}"


def test_the_largest_terms_are_kept_in_order_and_the_rest_summed() -> None:
    values = [0.1, -9.0, 0.2, 8.0, 0.3, 7.0, -0.4]
    assert largest(values, 7) == ((0, 1, 2, 3, 4, 5, 6), 0.0)
    kept, rest = largest(values, 4)
    assert kept == (1, 3, 5)
    assert rest == pytest.approx(0.2)
    made: list[int] = []

    def term(index: int) -> Expr:
        made.append(index)
        return Const(values[index])

    *_, last = elide(values, 4, term)
    assert made == [1, 3, 5]
    assert isinstance(last, Rest)
    assert last.count == 4


def test_lines_break_at_equals_signs_first() -> None:
    side = Sum((A, A, A)).pieces(with_numbers(3), True)
    set_lines = lines([EQUALS, *side, EQUALS, *side], width=14.0)
    assert [line.text for line in set_lines] == ["= 0.250 + 0.250 + 0.250"] * 2
    long = Sum((A,) * 9).pieces(with_numbers(3), True)
    broken = [line.text for line in lines([EQUALS, *long], width=14.0)]
    assert len(broken) == 3
    assert all(line.startswith("+ ") for line in broken[1:])
