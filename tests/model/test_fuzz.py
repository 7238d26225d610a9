"""Spoilt projects: whatever is done to a document, it is a project or gives one line that says why not."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.model.projects import document

from deltaglow.model import fileformat
from deltaglow.model.document import read
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project
from deltaglow.model.validate import validate

KEYS = [
    "deltaglow",
    "title",
    "network",
    "inputs",
    "loss",
    "layers",
    "type",
    "units",
    "activation",
    "init",
    "W",
    "b",
    "mask",
    "names",
    "data",
    "inline",
    "x",
    "y",
    "builtin",
    "name",
    "samples",
    "noise",
    "classes",
    "seed",
    "training",
    "optimizer",
    "learning_rate",
    "batch_size",
    "shuffle",
    "array",
]
WORDS = ["tanh", "relu", "dense", "sgd", "xor", "spirals", "blobs", "zeros", "softmax_cross_entropy"]
ODD = ["", "\n", "\ud800"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(),
    st.sampled_from([4096, 4097, 2**31, 2**63, 10**25, 10**400, -(10**400)]),
    st.floats(),
    st.sampled_from(WORDS + ODD),
    st.text(max_size=5),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)


def full() -> dict[str, Any]:
    """A document that has every kind of place there is to spoil."""
    d = document()
    d["title"] = "A title"
    d["network"]["layers"][0] |= {
        "init": "he_normal",
        "mask": [[1, 0, 1], [1, 1, 1]],
        "names": {"W": [["a", "b", "c"], ["d", "e", ""]], "b": ["f", "g"]},
    }
    return d


def builtin() -> dict[str, Any]:
    d = document()
    d["network"] = {"inputs": 2, "layers": [{"units": 3, "activation": "tanh"}, {"units": 3}]}
    d["data"] = {"builtin": {"name": "spirals", "samples": 30, "noise": 0.1, "classes": 3, "seed": 4}}
    return d


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a document with each of its keys or indices."""
    if isinstance(value, dict):
        return [(value, key) for key in value] + [place for item in value.values() for place in places(item)]
    if isinstance(value, list):
        return [(value, i) for i in range(len(value))] + [place for item in value for place in places(item)]
    return []


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    made = copy.deepcopy(draw(st.sampled_from([full(), builtin()])))
    for _ in range(draw(st.integers(1, 3))):
        where = places(made)
        if not where:
            break
        container, key = draw(st.sampled_from(where))
        match draw(st.sampled_from(["replace", "delete", "double", "insert", "swap"])):
            case "replace":
                container[key] = draw(VALUES)
            case "delete":
                del container[key]
            case "double" if isinstance(container, list):
                container.insert(key, copy.deepcopy(container[key]))
            case "insert" if isinstance(container, dict):
                container[draw(st.sampled_from(KEYS) | st.text(max_size=4))] = draw(VALUES)
            case "swap":
                other, other_key = draw(st.sampled_from(where))
                container[key] = copy.deepcopy(other[other_key]) if other_key in range_of(other) else None
    return made


def range_of(container: Any) -> Any:
    return container if isinstance(container, dict) else range(len(container))


def check(text: str) -> None:
    try:
        project = fileformat.loads(text)
    except ProjectError as error:
        line = str(error)
        assert line.isprintable() and 0 < len(line) < 400
        return
    assert isinstance(project, Project)
    validate(project)
    assert fileformat.loads(fileformat.dumps(project)) == project


@given(spoilt())
@settings(max_examples=1500)
def test_spoilt_documents(value: dict[str, Any]) -> None:
    check(json.dumps(value))


@given(VALUES)
@settings(max_examples=300)
def test_any_value(value: Any) -> None:
    check(json.dumps(value))


@given(spoilt(), st.data())
@settings(max_examples=500)
def test_spoilt_text(value: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(value if data.draw(st.booleans()) else full())
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 20)))
    check(
        text[:start]
        + data.draw(st.text(st.sampled_from('{}[]",:0129.eE-+ nNaIifty\\u'), max_size=6))
        + text[stop:]
    )


def test_the_unspoilt_ones_are_fine() -> None:
    for value in (full(), builtin()):
        assert isinstance(read(value), Project)
