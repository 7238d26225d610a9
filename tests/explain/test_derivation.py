"""Every number derives, and the arithmetic as printed gives the result as printed."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from tests.explain.arithmetic import evaluate, number, parts, unit
from tests.explain.networks import (
    ACTIVATION_NAMES,
    addresses,
    canonical,
    cases,
    everything,
    make,
    worked_example,
)

from deltaglow.engine import Frame
from deltaglow.explain.derivation import DERIVERS, derive
from deltaglow.explain.parts import ROLES, Derivation, Group
from deltaglow.model.build import trainer
from deltaglow.model.project import InlineData, Project
from deltaglow.model.quantity import KINDS, AddressError, Quantity, parse, validate, value
from deltaglow.model.sizes import SIZES


def test_there_is_a_derivation_for_every_kind() -> None:
    assert set(DERIVERS) == set(KINDS)


def assert_reconciles(derived: Derivation, nothing: float = 1e-12) -> None:
    """Every link of the printed chain gives the printed result to its last digit, and so do the bars; of a
    result printed as 0, something below `nothing`.
    """
    *worked, result = parts(derived.text_numeric)
    assert result == derived.printed
    for link in worked:
        got = evaluate(link)
        tolerance = 0.5 * unit(result) if result != "0" else nothing
        assert abs(got - number(result)) <= tolerance, (str(derived.quantity), derived.text_numeric, got)
    for group in derived.groups:
        assert_formula_holds(group, nothing)
        if group.adds_up:
            total = math.fsum(number(row.printed) for row in group.rows)
            assert abs(total - number(group.printed)) <= 0.5 * unit(group.printed), (derived.quantity, group)
        if group.multiplies:
            whole = math.prod(number(row.printed) for row in group.rows)
            assert abs(whole - number(group.printed)) <= 0.5 * unit(group.printed), (derived.quantity, group)


def assert_formula_holds(group: Group, nothing: float = 1e-12) -> None:
    """What is worked out under a heading gives the heading's number; the links in symbols are passed over."""
    *links, result = " ".join(line.text for line in group.formula).split(" = ")
    for link in links:
        try:
            got = evaluate(link)
        except ValueError:
            continue
        tolerance = 0.5 * unit(result) if result != "0" else nothing
        assert abs(got - number(result)) <= tolerance, (group.heading, group.formula, got)


_HYPHEN_FOR_MINUS = re.compile(r"-(?![a-z])|(?<![a-z])-")


def assert_sound(project: Project, frame: Frame, q: Quantity) -> Derivation:
    derived = derive(project, frame, q)
    assert derived.value == value(q, frame)
    assert_reconciles(derived)
    shown = number(derived.printed)
    assert shown == pytest.approx(derived.value, rel=0.06, abs=1e-12)
    assert "−0" not in (derived.printed, *(operand.printed for operand in derived.operands))
    for operand in derived.operands:
        validate(operand.quantity, frame.architecture, frame.samples)
        assert operand.value == value(operand.quantity, frame)
        assert operand.role in ROLES
    for use in derived.used_in:
        validate(use, frame.architecture, frame.samples)
    texts = (derived.title, derived.sentence, *derived.text_symbolic, *derived.text_numeric)
    assert all(text and not _HYPHEN_FOR_MINUS.search(text) for text in texts), texts
    return derived


def test_every_number_of_the_worked_example_derives() -> None:
    project, frame = worked_example()
    for q in addresses(frame):
        assert_sound(project, frame, q)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_every_number_of_random_networks_derives(case: tuple[Project, Frame]) -> None:
    project, frame = case
    for q in addresses(frame, rows=True):
        assert_sound(project, frame, q)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_used_in_is_the_inverse_of_operands(case: tuple[Project, Frame]) -> None:
    project, frame = case
    every = [canonical(q, frame) for q in everything(frame)]
    forwards, backwards, shortened = set(), set(), set()
    for q in every:
        derived = derive(project, frame, q)
        assert derived.used_in_more == 0 or len(derived.used_in) > 40
        if derived.used_in_more:
            return
        forwards |= {(canonical(o.quantity, frame), q) for o in derived.operands}
        rows = range(frame.samples) if not q.per_sample else (q.sample or 0,)
        backwards |= {(q, canonical(use, frame, row)) for use in derived.used_in for row in rows}
        bars = [row.label_text for group in derived.groups for row in group.rows]
        shortened |= {q} if q.kind in SIZES and any(" more" in bar for bar in bars) else set()
    assert forwards <= backwards
    assert {target for _, target in backwards - forwards} <= shortened


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_long_sums_are_elided_and_still_add_up(activation: str) -> None:
    project, frame = make((40, 20, 9), (activation, activation), batch=12, seed=3, scale=0.4)
    for address in (
        "z[1][3]",
        "delta[1][4]",
        "dW[1][2,7]",
        "dW[2][8,19]",
        "db[1][0]",
        "exp_sum",
        "loss",
        "y_hat[8]",
    ):
        derived = assert_sound(project, frame, parse(address))
        assert len(derived.operands) <= 2 * 6 + 3
        assert len(" ".join(derived.text_numeric)) < 160
    long = derive(project, frame, parse("z[1][3]"))
    assert "⋯" in " ".join(long.text_symbolic)
    *largest, rest, bias = long.groups[0].rows
    assert (rest.label_text, bias.label_text) == ("35 more", "b⁽¹⁾₄")
    terms = np.abs(frame.layers[0].W[3] * frame.x[0])
    assert sorted(abs(row.value) for row in largest) == pytest.approx(sorted(terms)[-5:])


@pytest.mark.parametrize("scale", [30.0, 300.0, 1e-6])
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_saturated_and_tiny_numbers_derive(activation: str, scale: float) -> None:
    project, frame = make((3, 4, 3), (activation, "identity"), batch=2, seed=5, scale=scale)
    for q in addresses(frame, rows=True):
        derived = derive(project, frame, q)
        *worked, result = parts(derived.text_numeric)
        for link in worked:
            if "exp(" in link and "/" in link:
                continue
            assert abs(evaluate(link) - number(result)) <= 0.5 * unit(result) + 1e-300, (
                str(q),
                derived.text_numeric,
            )


def with_z(activation: str, *places: float) -> tuple[Project, Frame]:
    """A network whose first layer has these z in its only unit, one a sample."""
    project, _ = make((1, 1, 2), (activation, "identity"), batch=len(places), seed=0)
    hidden, last = project.network.layers
    hidden = replace(hidden, W=np.ones((1, 1)), b=np.zeros(1))
    y = np.tile([1.0, 0.0], (len(places), 1))
    data = InlineData(np.array(places)[:, None], y)
    project = replace(project, network=replace(project.network, layers=(hidden, last)), data=data)
    return project, trainer(project).preview()


@pytest.mark.parametrize(
    ("activation", "places", "address", "remark"),
    [
        (
            "relu",
            (-1.0, -2.0),
            "slope[1][0]",
            "all 2 samples of this batch: a unit for which",
        ),
        ("relu", (-1.0, 2.0), "slope[1][0]", "the unit learns nothing from it."),
        ("relu", (0.0,), "slope[1][0]", "exactly on a corner"),
        ("hard_tanh", (1.0,), "slope[1][0]", "exactly on a corner"),
        ("hard_tanh", (1.5,), "delta[1][0]", "beyond them hard tanh is flat"),
        ("elu", (-0.5,), "slope[1][0]", "61 % of the most an ELU can pass (1)."),
        ("selu", (0.5,), "a[1][0]", "λ = 1.0507 and α = 1.6733"),
        ("gelu", (-0.4,), "a[1][0]", "lies below z: here 34 %."),
        ("gelu", (-1.5,), "slope[1][0]", "Negative: here a larger sum makes the activation smaller"),
        ("softplus", (0.0,), "a[1][0]", "ln 2 = 0.693"),
    ],
)
def test_remarks(activation: str, places: tuple[float, ...], address: str, remark: str) -> None:
    project, frame = with_z(activation, *places)
    note = derive(project, frame, parse(address)).note
    assert note is not None and remark in note


@pytest.mark.parametrize("activation", ["gelu", "gelu_tanh", "silu"])
def test_numbers_on_the_way_are_worked_out_too(activation: str) -> None:
    project, frame = with_z(activation, -0.75)
    for address in ("a[1][0]", "slope[1][0]"):
        derived = assert_sound(project, frame, parse(address))
        assert derived.groups
        for group in derived.groups:
            assert group.formula and group.printed in group.formula[-1].text


def test_a_deleted_connection_is_said_to_be_one() -> None:
    project, frame = make((3, 4, 2), ("tanh", "identity"), batch=2, seed=1, drop=0.5)
    mask = frame.layers[0].mask
    assert mask is not None
    j, i = np.argwhere(mask == 0)[0]
    for kind in ("W", "dW", "W_after"):
        derived = derive(project, frame, Quantity(kind, 1, (int(j), int(i))))
        assert derived.value == 0.0
        assert "deleted connection" in derived.sentence
        assert not derived.operands
    summed = derive(project, frame, Quantity("z", 1, (int(j),)))
    assert Quantity("W", 1, (int(j), int(i))) not in [operand.quantity for operand in summed.operands]


def test_an_address_outside_the_network_is_refused() -> None:
    project, frame = worked_example()
    for address in ("delta[3][0]", "x[3]", "z[1][0]@1"):
        with pytest.raises(AddressError):
            derive(project, frame, parse(address))


def test_the_reader_chooses_the_row_that_unmarked_addresses_mean() -> None:
    project, frame = make((2, 3, 2), ("relu", "identity"), batch=4, seed=2)
    for row in range(4):
        derived = derive(project, frame, parse("delta[2][1]"), row)
        assert derived.value == frame.layers[1].delta[row, 1]
        assert all(operand.quantity.sample is None for operand in derived.operands)
        marked = derive(project, frame, Quantity("delta", 2, (1,), row))
        assert marked.value == derived.value
        assert all(operand.quantity.sample == row for operand in marked.operands)


def test_a_small_update_is_printed_with_digits_that_show_it() -> None:
    project, frame = make((2, 2), ("identity",), batch=1, seed=4, scale=1.0)
    for q in addresses(frame):
        if q.kind == "W_after":
            derived = derive(project, frame, q)
            before = next(operand for operand in derived.operands if operand.quantity.kind == "W")
            assert before.printed != derived.printed


@pytest.mark.parametrize("z", [1e60, -1e60, 1e150])
def test_a_function_that_is_flat_far_out_is_printed_as_what_it_is(z: float) -> None:
    for activation, low in (("tanh", -1.0), ("sigmoid", 0.0)):
        project, frame = with_z(activation, z)
        derived = assert_sound(project, frame, parse("a[1][0]"))
        assert number(derived.printed) == (1.0 if z > 0 else low)
