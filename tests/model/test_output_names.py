"""What outputs are called: by the data, unless by their unit, and by a number where neither has a name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deltaglow.model import edits, examples, naming
from deltaglow.model.output_names import output_name, short_name
from deltaglow.model.project import InlineData
from deltaglow.model.samples import drawn


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("gates", ["or", "and", "xor"]),
        ("iris", ["setosa", "versicolor", "virginica"]),
        ("digits", [str(digit) for digit in range(10)]),
        ("regression", ["height"]),
        ("worked-example", ["", ""]),
    ],
)
def test_an_output_has_the_name_that_the_data_give_it(name: str, called: list[str]) -> None:
    project = examples.load(name)
    depth, outputs = len(project.network.layers), range(project.network.outputs)
    assert [naming.unit_name(project, depth, j) for j in outputs] == called
    assert [short_name(project, j) for j in outputs] == [each or str(j + 1) for j, each in enumerate(called)]
    assert not naming.unit_name(project, depth - 1, 0), "units that are no outputs are not meant"


def test_a_name_of_the_unit_comes_first_and_is_the_only_one_that_an_edit_takes_along() -> None:
    project = examples.load("gates")
    named = naming.rename_unit(project, 2, 1, "both")
    assert [naming.unit_name(named, 2, j) for j in range(3)] == ["or", "both", "xor"]
    pasted = edits.paste_units(named, 1, 0, named, [(2, 0), (2, 1)])
    assert pasted.network.layers[0].unit_names == ("", "both", "", "", "", "")


def test_outputs_that_are_only_counted_are_what_they_are() -> None:
    gates = examples.load("gates")
    assert isinstance(gates.data, InlineData)
    bare = replace(gates, data=replace(gates.data, classes=None))
    assert drawn(bare).class_names == ("label 1", "label 2", "label 3") and not output_name(bare, 0)
    numbers = replace(bare, network=replace(bare.network, loss=examples.load("regression").network.loss))
    assert drawn(numbers).class_names[0] == "target 1" and not output_name(numbers, 0)
