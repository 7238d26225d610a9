"""Names of layers, units and inputs: kept in files, carried by edits, and of no weight to a run."""

from __future__ import annotations

import json

import pytest

from deltaglow.model import edits, examples, fileformat, naming
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project
from deltaglow.session.stretch import without_labels


@pytest.fixture
def named() -> Project:
    project = naming.rename_layer(examples.load("worked-example"), 1, "Features")
    for k, j, name in ((0, 2, "speed"), (1, 0, "edge detector"), (2, 1, "dog")):
        project = naming.rename_unit(project, k, j, name)
    return project


def test_a_file_keeps_them(named: Project) -> None:
    assert fileformat.loads(fileformat.dumps(named)) == named
    assert naming.unit_name(named, 0, 2) == "speed" and naming.unit_name(named, 1, 1) == ""
    assert naming.titled(named, 1) == "Layer 1 ‘Features’" and naming.titled(named, 2) == "Layer 2"


def test_they_are_labels(named: Project) -> None:
    bare = examples.load("worked-example")
    assert named != bare and without_labels(named) == without_labels(bare)
    gone = naming.rename_layer(named, 1, "")
    for k, j in ((0, 2), (1, 0), (2, 1)):
        gone = naming.rename_unit(gone, k, j, "")
    assert gone == bare and fileformat.dumps(gone) == fileformat.dumps(bare), "as if there had never been any"


@pytest.mark.parametrize(
    ("edit", "names"),
    [
        (lambda p: edits.duplicate_units(p, [(1, 0)]), ("edge detector", "edge detector", "")),
        (lambda p: edits.move_unit(p, 1, 0, 1), ("", "edge detector")),
        (lambda p: edits.remove_units(p, [(1, 0)]), None),
        (lambda p: edits.remove_units(p, [(1, 1)]), ("edge detector",)),
        (lambda p: edits.add_unit(p, 1, 0), ("", "edge detector", "")),
        (lambda p: edits.paste_units(p, 1, 2, p, [(1, 0)]), ("edge detector", "", "edge detector")),
        (lambda p: edits.with_activation(p, 1, "tanh"), ("edge detector", "")),
        (lambda p: edits.with_initialisation(p, 1, "he_normal"), ("edge detector", "")),
    ],
)
def test_units_take_their_names_along(named: Project, edit, names: tuple[str, ...] | None) -> None:
    made = edit(named)
    assert made.network.layers[0].unit_names == names and made.network.layers[0].name == "Features"
    assert made.network.input_names == named.network.input_names
    assert not edits.refusal(named, edit)
    assert fileformat.loads(fileformat.dumps(made)) == made


def test_layers_take_their_names_along(named: Project) -> None:
    twice = edits.duplicate_layer(named, 1)
    assert [layer.name for layer in twice.network.layers] == ["Features", "Features", ""]
    moved = edits.move_layer(edits.add_layer(named, 1), 2, 1)
    assert [layer.name for layer in moved.network.layers] == ["Features", "", ""]
    silent = edits.with_kind(named, 1, "dropout")
    assert silent.network.layers[0].name == "Features" and silent.network.layers[0].unit_names is None


@pytest.mark.parametrize(
    ("where", "value", "complaint"),
    [
        ("input_names", ["a"], "network.input_names: has 1 name, the network has 2 inputs"),
        ("input_names", ["a", 2], "network.input_names[1]: is 2, must be text"),
        ("name", "x" * 41, "network.layers[0].name: is "),
        ("name", "two\nlines", "must be one line of text, 40 characters at most"),
        ("name", " x", "without blanks around it"),
        ("unit_names", ["a", "b", "\x07"], "network.layers[0].unit_names[2]: "),
        ("unit_names", ["a"], "network.layers[0].unit_names: has 1 name, the layer has 3 units"),
    ],
)
def test_what_is_wrong_is_said(where: str, value: object, complaint: str) -> None:
    network = {"inputs": 2, "layers": [{"units": 3}, {"units": 2}]}
    place = network if where == "input_names" else network["layers"][0]
    place[where] = value
    with pytest.raises(ProjectError) as refused:
        fileformat.loads(
            json.dumps({"deltaglow": 1, "network": network, "data": {"builtin": {"name": "xor"}}})
        )
    assert complaint in str(refused.value)


def test_units_of_other_layers_have_none() -> None:
    project = edits.with_kind(edits.add_layer(examples.blank(), 1), 1, "dropout")
    with pytest.raises(ProjectError, match="the layer itself can be named"):
        naming.rename_unit(project, 1, 0, "a")
    assert not edits.refusal(project, lambda p: naming.rename_layer(p, 1, "Doubt"))
