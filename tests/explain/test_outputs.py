"""Every pair of output and loss explains itself: its arithmetic holds, checks agree, words are true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.explain.networks import addresses, canonical, everything, make
from tests.explain.test_derivation import assert_reconciles, assert_sound

from deltaglow.engine import LOSSES, Frame, LossSpec
from deltaglow.explain.check import check
from deltaglow.explain.derivation import derive
from deltaglow.explain.output_words import output_words
from deltaglow.explain.outputs import PAIRS
from deltaglow.explain.phases import PhaseError, Phases
from deltaglow.explain.report import solve_text
from deltaglow.model.project import Project
from deltaglow.model.quantity import AddressError, Quantity, parse, value
from deltaglow.model.sizes import SIZES

CROSS_ENTROPY = "softmax_cross_entropy"


def specs(outputs: int) -> list[LossSpec]:
    weights = tuple((0.5, 2.0, 1.25, 3.0)[:outputs])
    return [
        *map(LossSpec, LOSSES),
        LossSpec(CROSS_ENTROPY, 0.1),
        LossSpec(CROSS_ENTROPY, 0.0, weights),
        LossSpec(CROSS_ENTROPY, 0.1, weights),
        LossSpec(CROSS_ENTROPY, naive=True),
        LossSpec(CROSS_ENTROPY, 0.1, weights, True),
    ]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Project, Frame]:
    outputs = draw(st.integers(1, 4))
    spec = draw(st.sampled_from(specs(outputs)))
    if LOSSES[spec.name].softmax:
        outputs = max(outputs, 2)
        spec = specs(outputs)[specs(outputs).index(spec)] if spec in specs(outputs) else LossSpec(spec.name)
    last = draw(st.sampled_from(("identity", "identity", "tanh", "sigmoid")))
    return make(
        (draw(st.integers(1, 3)), 3, outputs),
        ("tanh", last),
        batch=draw(st.integers(1, 4)),
        seed=draw(st.integers(0, 10_000)),
        scale=draw(st.sampled_from((0.01, 0.5, 1.0, 3.0))),
        soft=draw(st.booleans()),
        loss=spec,
    )


def test_every_loss_has_a_pair_and_words() -> None:
    assert set(PAIRS) == set(LOSSES)
    for spec in specs(3):
        words = output_words(spec)
        assert words.caption.endswith(".") and words.loss.endswith(".") and words.delta.endswith(".")
        assert ("sums to zero" in words.delta) == LOSSES[spec.name].softmax


@settings(max_examples=60, deadline=None)
@given(cases())
def test_every_number_derives_and_agrees(case: tuple[Project, Frame]) -> None:
    project, frame = case
    for q in addresses(frame, rows=True):
        assert_sound(project, frame, q)
        found = check(frame, q)
        assert found is None or found.ok, (q, found)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_used_in_is_the_inverse_of_operands(case: tuple[Project, Frame]) -> None:
    project, frame = case
    forwards, backwards, shortened = set(), set(), set()
    for q in (canonical(q, frame) for q in everything(frame)):
        derived = derive(project, frame, q)
        forwards |= {(canonical(o.quantity, frame), q) for o in derived.operands}
        rows = range(frame.samples) if not q.per_sample else (q.sample or 0,)
        backwards |= {(q, canonical(use, frame, row)) for use in derived.used_in for row in rows}
        bars = [row.label_text for group in derived.groups for row in group.rows]
        shortened |= {q} if q.kind in SIZES and any(" more" in bar for bar in bars) else set()
    assert forwards <= backwards
    assert {target for _, target in backwards - forwards} <= shortened


BEARABLE = [
    (spec, scale)
    for spec in specs(3)
    for scale in (30.0, 300.0, 1e-6)
    if not (spec.naive and scale == 300.0)  # it overflows, as it should: tests/engine holds that
]


@pytest.mark.parametrize(("spec", "scale"), BEARABLE)
def test_saturated_and_tiny_numbers_derive(spec: LossSpec, scale: float) -> None:
    project, frame = make((3, 4, 3), ("tanh", "identity"), batch=2, seed=5, scale=scale, loss=spec)
    for q in addresses(frame, rows=True):
        derived = derive(project, frame, q)
        if q.kind in ("loss", "back", "delta"):
            assert_reconciles(derived)
    if not spec.naive:
        assert all((found := check(frame, q)) is None or found.ok for q in addresses(frame))


def test_softmax_with_squared_error_says_why_it_is_slow() -> None:
    spec = LossSpec("softmax_squared_error")
    project, frame = make((2, 3), ("identity",), batch=4, seed=1, scale=8.0, loss=spec)
    gaps = frame.y_hat - frame.y
    row, j = (int(i) for i in np.argwhere((np.abs(gaps) > 0.99) & (frame.y == 1))[0])
    derived = derive(project, frame, Quantity("delta", 1, (j,), row))
    assert derived.note is not None and "sure here, and wrong" in derived.note
    assert "Jacobian" in (derived.why or "")
    assert len(derived.operands) == 2 * 3 + 1


def test_smoothing_and_weights_are_shown_in_the_formulas() -> None:
    spec = LossSpec(CROSS_ENTROPY, 0.1, (0.5, 2.0, 1.25))
    project, frame = make((2, 3), ("identity",), batch=3, seed=1, loss=spec)
    delta = " ".join(derive(project, frame, parse("delta[1][0]")).text_numeric)
    assert "0.5·((1 − 0.1)·" in delta and "0.1 / 3" in delta
    loss = derive(project, frame, Quantity("loss"))
    assert "1 / N" in loss.text_symbolic[0]
    assert [group.heading for group in loss.groups] == ["the samples' losses", "N, what the samples weigh"]
    gradient = derive(project, frame, parse("dW[1][0,1]"))
    assert "1 / N" in gradient.text_symbolic[0]


def test_only_softmax_has_exponentials() -> None:
    project, frame = make((2, 3), ("identity",), batch=2, seed=1, loss=LossSpec("squared_error"))
    for address in ("shifted[0]", "exp[1]", "exp_sum"):
        with pytest.raises(AddressError, match="the loss squared_error has no softmax"):
            derive(project, frame, parse(address))
        with pytest.raises(AddressError):
            value(parse(address), frame)


def test_the_output_phase_is_called_what_it_is() -> None:
    plain, sigmoids = Phases(2), Phases(2, LossSpec("sigmoid_cross_entropy"))
    assert plain.position("softmax") == plain.position("output") == sigmoids.position("output") == 3.0
    assert (plain.output.title, sigmoids.output.title) == ("Softmax", "Sigmoids")
    with pytest.raises(PhaseError, match="there are start, forward:1, forward:2, output, loss, delta:2"):
        sigmoids.position("softmax")
    for phases in (plain, sigmoids):
        assert phases.birthplace(Quantity("y_hat", None, (0,))) is phases.output


@pytest.mark.parametrize("spec", specs(3))
def test_a_worked_solution_says_what_the_loss_is(spec: LossSpec) -> None:
    for batch, sizes in ((1, (2, 3)), (3, (2, 3)), (2, (2, 9))):
        chosen = spec if sizes[-1] == 3 or spec.class_weights is None else LossSpec(spec.name)
        project, frame = make(sizes, ("identity",), batch=batch, seed=3, loss=chosen)
        text = solve_text(project, [frame, frame])
        words = output_words(chosen)
        for part in (words.output_formula, words.loss_formula, words.slope, words.measure):
            assert part in text
        assert ("errors of the outputs add up to 0" in text) == LOSSES[spec.name].softmax
        assert ("accuracy" in text) == (spec.name != "squared_error")
        assert "nan" not in text and max(map(len, text.splitlines())) <= 100
