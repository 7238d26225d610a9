"""Addresses: what they say, what they mean in a frame, and what is said when they are wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaglow.engine import Frame
from deltaglow.model import build, examples, fileformat
from deltaglow.model.project import Project
from deltaglow.model.quantity import KINDS, AddressError, Quantity, parse, pattern, validate, value

SIZES = (3, 5, 4, 2)
ROWS = 3


@pytest.fixture(scope="module")
def project() -> Project:
    return examples.load("worked-example")


@pytest.fixture(scope="module")
def frame() -> Frame:
    """Layers of different sizes and several rows, so that no two indices can be mixed up unnoticed."""
    rng = np.random.default_rng(0)
    document = {
        "deltaglow": 1,
        "network": {"inputs": 3, "layers": [{"units": n, "activation": "tanh"} for n in SIZES[1:]]},
        "data": {"inline": {"x": rng.standard_normal((ROWS, 3)).tolist(), "y": [0, 1, 1]}},
        "training": {"batch_size": ROWS},
    }
    captured = build.trainer(fileformat.loads(json.dumps(document))).step(capture=True)
    assert captured is not None
    return captured


ADDRESSES = {
    "x[0]": Quantity("x", None, (0,)),
    "y[1]@2": Quantity("y", None, (1,), 2),
    "z[1][0]": Quantity("z", 1, (0,)),
    "delta[1][0]@3": Quantity("delta", 1, (0,), 3),
    "W[2][0,1]": Quantity("W", 2, (0, 1)),
    "b[2][10]": Quantity("b", 2, (10,)),
    "W_after[12][3,4]": Quantity("W_after", 12, (3, 4)),
    "exp[0]": Quantity("exp", None, (0,)),
    "exp_sum": Quantity("exp_sum"),
    "exp_sum@1": Quantity("exp_sum", sample=1),
    "loss": Quantity("loss"),
    "loss@0": Quantity("loss", sample=0),
    "learning_rate": Quantity("learning_rate"),
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_reading_and_writing(text: str) -> None:
    assert parse(text) == ADDRESSES[text]
    assert str(ADDRESSES[text]) == text


@st.composite
def quantities(draw: st.DrawFn) -> Quantity:
    name = draw(st.sampled_from(sorted(KINDS)))
    kind, small = KINDS[name], st.integers(0, 999)
    return Quantity(
        name,
        draw(st.integers(1, 99)) if kind.layered else None,
        tuple(draw(small) for _ in range(kind.indices)),
        draw(st.none() | small) if kind.per_sample else None,
    )


@given(quantities())
def test_every_quantity_reads_back(q: Quantity) -> None:
    assert parse(str(q)) == q
    assert hash(parse(str(q))) == hash(q)
    assert parse(f"  {str(q).replace(',', ' , ')} ") == q


def test_the_input_as_layer_zero_and_spaces() -> None:
    assert parse("a[0][2]@1") == Quantity("x", None, (2,), 1)
    assert parse(" W[2][0, 1]\n") == Quantity("W", 2, (0, 1))


def test_a_project_s_own_names(project: Project) -> None:
    assert parse("w8", project) == Quantity("W", 2, (1, 0))
    assert parse("w9", project) == Quantity("W", 2, (0, 1))
    assert parse("dw6", project) == Quantity("dW", 1, (1, 2))
    assert parse("W[1][0,0]", project) == Quantity("W", 1, (0, 0))
    for text in ("w11", "", "d", "dw11", "W"):
        with pytest.raises(AddressError):
            parse(text, project)
    with pytest.raises(AddressError):
        parse("w8")


WRONG = {
    "": "(empty): not an address; the kinds are x, y, z,",
    "dleta[1][0]": "dleta[1][0]: not an address; did you mean delta[layer][unit]?",
    "delta": "delta: write it as delta[layer][unit]",
    "delta[1]": "delta[1]: write it as delta[layer][unit]",
    "delta[1][0][0]": "delta[1][0][0]: not an address; write it as delta[layer][unit]",
    "W[1][0]": "W[1][0]: write it as W[layer][to,from]",
    "W[1,2]": "W[1,2]: write it as W[layer][to,from]",
    "x[0][1]": "x[0][1]: write it as x[unit]",
    "x[0,1]": "x[0,1]: write it as x[unit]",
    "loss[1]": "loss[1]: write it as loss",
    "W[1][0,0]@1": "W: is one number for the whole batch, so it takes no @row",
    "learning_rate@0": "learning_rate: is one number for the whole batch",
    "delta[1][-1]": "delta[1][-1]: not an address; write it as delta[layer][unit]",
    "delta[1][0]@": "delta[1][0]@: not an address",
    "delta[1][0]@-1": "not an address",
    "DELTA[1][0]": "DELTA[1][0]: not an address",
    "delta[1][99999999999]": "not an address",
    "W[1][0,1": "W[1][0,1: not an address; write it as W[layer][to,from]",
    "ε[1][0]": "ε[1][0]: not an address",
    "\n\x1b[31m": "not an address",
    "x" * 10_000: "x" * 39 + "…: not an address",
}


@pytest.mark.parametrize("text", WRONG, ids=[text[:20] for text in WRONG])
def test_wrong_addresses(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse(text)
    assert WRONG[text] in str(caught.value) and str(caught.value).isprintable()


@given(st.text())
def test_any_text_is_an_address_or_one_line(text: str) -> None:
    try:
        line = str(parse(text))
    except AddressError as error:
        line = str(error)
    assert line.isprintable() and len(line) < 250


@pytest.mark.parametrize(
    ("text", "message", "nearest"),
    [
        ("delta[4][0]", "delta[4][0]: the network has 3 layers", "delta[3][0]"),
        ("delta[0][0]", "delta[0][0]: the network has 3 layers, counted from 1", "delta[1][0]"),
        (
            "delta[1][5]",
            "delta[1][5]: unit 5 does not exist: there are 5 units, counted from 0",
            "delta[1][4]",
        ),
        ("W[1][5,0]", "W[1][5,0]: unit to 5 does not exist: there are 5 units, counted from 0", "W[1][4,0]"),
        (
            "W[1][0,3]",
            "W[1][0,3]: input from 3 does not exist: there are 3 inputs, counted from 0",
            "W[1][0,2]",
        ),
        (
            "dW[2][0,5]",
            "dW[2][0,5]: unit from 5 does not exist: there are 5 units, counted from 0",
            "dW[2][0,4]",
        ),
        ("x[3]", "x[3]: input 3 does not exist: there are 3 inputs, counted from 0", "x[2]"),
        ("y_hat[2]", "y_hat[2]: output 2 does not exist: there are 2 outputs, counted from 0", "y_hat[1]"),
        ("loss@3", "loss@3: the batch has 3 rows, counted from 0", "loss@2"),
    ],
)
def test_addresses_of_nothing(text: str, message: str, nearest: str, frame: Frame) -> None:
    for work in (lambda q: validate(q, frame.architecture, frame.samples), lambda q: value(q, frame)):
        with pytest.raises(AddressError) as caught:
            work(parse(text))
        assert str(caught.value) == f"{message}; the nearest is {nearest}"


def test_a_chosen_row_must_exist_too(frame: Frame) -> None:
    with pytest.raises(AddressError, match="the batch has 3 rows"):
        value(parse("z[1][0]"), frame, sample=3)


def test_values(frame: Frame) -> None:
    for k, layer in enumerate(frame.layers, start=1):
        for kind in ("z", "a", "slope", "back", "delta"):
            array = getattr(layer, kind)
            for s, j in np.ndindex(array.shape):
                assert value(Quantity(kind, k, (j,), s), frame) == array[s, j]
                assert value(Quantity(kind, k, (j,)), frame, sample=s) == array[s, j]
                assert value(Quantity(kind, k, (j,), s), frame, sample=(s + 1) % ROWS) == array[s, j]
        for kind in ("W", "dW", "W_after", "b", "db", "b_after"):
            array = getattr(layer, kind)
            for index in np.ndindex(array.shape):
                assert value(Quantity(kind, k, index), frame, sample=1) == array[index]
    for kind, array in {
        "x": frame.x, "y": frame.y, "y_hat": frame.y_hat, "shifted": frame.shifted, "exp": frame.exps,
    }.items():  # fmt: skip
        for s, j in np.ndindex(array.shape):
            assert value(Quantity(kind, None, (j,), s), frame) == array[s, j]
    for s in range(ROWS):
        assert value(parse("exp_sum"), frame, s) == frame.exp_sums[s]
        assert value(parse(f"loss@{s}"), frame) == frame.losses[s]
        assert value(parse("loss"), frame, s) == frame.loss
    assert value(parse("learning_rate"), frame) == frame.learning_rate
    assert {type(value(parse(t), frame)) for t in ("loss", "z[1][0]", "W[1][0,0]", "exp_sum")} == {float}


def test_patterns_name_every_kind() -> None:
    for name, kind in KINDS.items():
        assert pattern(name).startswith(name)
        assert kind.meaning


def test_parts_must_fit_the_kind() -> None:
    for make in (
        lambda: Quantity("delta"),
        lambda: Quantity("x", 1, (0,)),
        lambda: Quantity("W", 1, (0,)),
        lambda: Quantity("nothing"),
        lambda: Quantity("W", 1, (0, 0), 1),
    ):
        with pytest.raises(AddressError):
            make()
