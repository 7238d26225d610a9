"""Explanations as text for a terminal."""

import pytest
from hypothesis import given, settings
from tests.explain.networks import addresses, cases, make, worked_example

from deltaglow.engine import Frame
from deltaglow.explain.check import check
from deltaglow.explain.derivation import derive
from deltaglow.explain.layout import WIDTH, bar, chain, column, table
from deltaglow.explain.report import explain_text, solve_text
from deltaglow.model.build import trainer
from deltaglow.model.project import Project
from deltaglow.model.quantity import parse


def test_the_worked_solution_has_every_line_a_student_writes() -> None:
    project, frame = worked_example()
    text = solve_text(project, [frame])
    for line in (
        "z⁽¹⁾₁ = w₁ x₁ + w₂ x₂ + w₃ x₃ + b⁽¹⁾₁ = 0.200·1 + (−0.300)·2 + 0.400·(−1) + 0.500 = −0.300",
        "a⁽¹⁾₁ = σ(z⁽¹⁾₁) = 1 / (1 + exp(−z⁽¹⁾₁)) = 1 / (1 + exp(0.300)) = 0.426",
        "z⁽²⁾₁ = w₇ a⁽¹⁾₁ + w₉ a⁽¹⁾₂ + b⁽²⁾₁ = 0.300·0.426 + 0.400·0.500 + 0.100 = 0.428",
        "ŷ₁ = exp(z⁽²⁾₁) / Σⱼ exp(z⁽²⁾ⱼ) = e^s₁ / S = 1.000 / 1.763 = 0.567",
        "L = −Σⱼ yⱼ ln ŷⱼ = −y₁ ln ŷ₁ = −1·ln(0.567) = 0.567",
        "δ⁽²⁾₁ = ŷ₁ − y₁ = 0.567 − 1 = −0.433",
        "the errors of the outputs add up to 0",
        "∂L/∂w₈ = δ⁽²⁾₂ a⁽¹⁾₁ = 0.433·0.426 = 0.184",
        "The printed example has 0.185 here, in its step 3.",
        "The printed example swaps the gradients of w₈ and w₉ in its steps 6 to 13:",
        "w₇       0.3000    −0.1842    0.3184",
    ):
        assert line in text


def test_several_steps_end_with_their_losses() -> None:
    project, _ = worked_example()
    running = trainer(project)
    frames = [frame for _ in range(3) if (frame := running.step(capture=True))]
    text = solve_text(project, frames)
    assert text.count("── Step ") == 3
    assert "0.5671" in text
    assert "0.5137" in text
    assert text.count("The printed example has 0.185") == 1


@settings(max_examples=15, deadline=None)
@given(cases())
def test_solutions_of_small_networks_fit_the_page(case: tuple[Project, Frame]) -> None:
    project, frame = case
    for line in solve_text(project, [frame]).splitlines():
        assert len(line) <= WIDTH, line


def test_a_large_network_says_what_is_left_out_and_how_to_see_it() -> None:
    project, frame = make((30, 40, 25, 12), ("relu", "tanh", "identity"), batch=16, seed=1, scale=0.3)
    text = solve_text(project, [frame])
    assert max(map(len, text.splitlines())) <= WIDTH
    assert len(text.splitlines()) < 250
    assert "… 30 more; see one with `deltaglow explain FILE 'z[1][10]'`" in text
    assert "… of 40 × 30 weights; see one with `deltaglow explain FILE 'dW[1][10," in text


@pytest.mark.parametrize("batch", [1, 9])
def test_every_explanation_is_text_within_the_page(batch: int) -> None:
    project, frame = make((7, 8, 3), ("leaky_relu", "identity"), batch=batch, seed=6)
    for q in addresses(frame):
        text = explain_text(derive(project, frame, q), check(frame, q))
        assert str(q) in text.splitlines()[0]
        assert max(map(len, text.splitlines())) <= WIDTH, text


def test_an_explanation_shows_the_derivation_its_operands_and_its_check() -> None:
    project, frame = worked_example()
    q = parse("delta[1][0]")
    text = explain_text(derive(project, frame, q), check(frame, q))
    for part in (
        "The error of hidden unit 1   delta[1][0]",
        "What comes back, times how much the unit listens.",
        "(0.300·(−0.433) + (−0.100)·0.433)·0.244 = −0.0423",
        "1 comes back   −0.173",
        "2 the unit listens   0.244",
        "W[2][1,0]     w₈",
        "Used in  dW[1][0,0], dW[1][0,1], dW[1][0,2], db[1][0]",
        "✓ checked by nudging z of layer 1, unit 1 by ±",
        "Note: The printed example brings the second output's error back to",
    ):
        assert part in text


def test_points_stand_under_points() -> None:
    assert column([0.5, -12.25, 0.0]) == ["0.50", "−12.25", "0.00"]
    assert column([0.5, 1e-9]) == ["0.5000", "1.0e−9"]
    assert column([1e-12, 2e-12]) == ["1.000e−12", "2.000e−12"]
    assert table(("", "n"), [("a", "1"), ("bb", "−10")]) == ["         n", "  a      1", "  bb   −10"]


def test_long_chains_break_before_equals_signs_and_then_before_terms() -> None:
    assert chain(["z", "1 + 2", "3"]) == ["  z = 1 + 2 = 3"]
    lines = chain(["z", " + ".join(["0.125·0.250"] * 12), "0.375"])
    assert all(len(line) <= WIDTH for line in lines)
    assert lines[1].startswith("       + 0.125")


def test_a_bar_is_never_invisible() -> None:
    assert bar(1e-9, 1.0) == "▏"
    assert bar(0.0, 1.0) == "·"
    assert len(bar(-1.0, 1.0)) == 24


def test_a_long_line_is_broken_inside_brackets_only_as_deep_as_need_be() -> None:
    term = "a·((1 − 0.1)·0.25 + 0.1 / 3)·ln(0.1234567)"
    lines = chain(["L", f"−({term} + {term} + {term})"])
    assert [line.strip() for line in lines] == [f"L = −({term} + {term}", f"+ {term})"]
