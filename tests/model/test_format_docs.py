"""What the description of the file format says is what the reader does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from deltaglow import resources
from deltaglow.data import DATASETS
from deltaglow.engine import OPTIMIZERS, SCHEDULES
from deltaglow.engine.optimizers import Optimizer
from deltaglow.engine.schedules import Schedule
from deltaglow.model import build, examples, fileformat
from deltaglow.model.archive import MAX_BYTES
from deltaglow.model.node import Node
from deltaglow.model.rules import MAX_PARAMETERS, RULES

TEXT = resources.text("docs/project-format.md")
DOCUMENTS = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_example_opens_and_trains(document: str) -> None:
    project = fileformat.loads(document)
    trainer = build.trainer(project)
    trainer.step()
    assert trainer.step_count == 1 + (0 if project.state is None else project.state.step)


def test_the_complete_example_is_the_worked_example() -> None:
    documented, shipped = fileformat.loads(DOCUMENTS[1]), examples.load("worked-example")
    assert documented.data == shipped.data and documented.training == shipped.training
    for mine, theirs in zip(documented.network.layers, shipped.network.layers, strict=True):
        assert mine.names_W == theirs.names_W
        assert mine.W is not None and theirs.W is not None and mine.W.tolist() == theirs.W.tolist()


def test_the_complete_examples_use_every_key() -> None:
    used = {key for document in DOCUMENTS[1:] for key in keys(json.loads(document))}
    described = set(re.findall(r"^\| `(\w+)` \| (?:required|optional) ", TEXT, re.MULTILINE))
    assert used - {"inline", "builtin", "validation", "learning_rate", "norm"} == described


def test_the_reader_knows_the_keys_on_the_page_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    known: set[str] = set()
    fields = Node.fields

    def listening(node: Node, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Node]:
        known.update(required, optional)
        return fields(node, required, optional)

    monkeypatch.setattr(Node, "fields", listening)
    for document in DOCUMENTS:
        fileformat.loads(document)
    smallest = json.loads(DOCUMENTS[0])
    for key, rules in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES)):
        for name in rules:
            fileformat.loads(json.dumps(smallest | {"training": {key: {"name": name}}}))
    named = set(re.findall(r"`\"?(\w+)\"?`", TEXT))
    described = set(re.findall(r"^\| `(\w+)` \| (?:required|optional) ", TEXT, re.MULTILINE))
    assert known - named == set(), "every key that is read is on the page"
    assert described - known == set(), "every key on the page is read"


@pytest.mark.parametrize("rules", [OPTIMIZERS, SCHEDULES])
def test_every_rule_is_described_with_its_settings(
    rules: dict[str, type[Optimizer | Schedule]],
) -> None:
    for name, rule in rules.items():
        rows = re.findall(rf"^\| `{name}` \|[^|]*\|([^|]*)\|$", TEXT, re.MULTILINE)
        described = [set(re.findall(r"`(\w+)`", settings)) for settings in rows]
        assert (set() if name == "adamw" else set(rule.defaults)) in described, name


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize(
    "key",
    [
        "inputs",
        "layers",
        "units",
        "activation",
        "init",
        "seed",
        "batch_size",
        "learning_rate",
        "data",
        "optimizer",
    ],
)
def test_the_stated_limits_are_the_rules(key: str) -> None:
    assert RULES[key].expected in TEXT


def test_the_stated_defaults_are_the_rules() -> None:
    for key in ("activation", "init", "loss", "type"):
        assert re.search(rf"^\| `{key}` \|.*{RULES[key].default}", TEXT, re.MULTILINE)
    assert f"{MAX_PARAMETERS:,}" in TEXT
    assert 865 < MAX_BYTES / 2**20 < 875


@pytest.mark.parametrize("name", DATASETS)
def test_the_table_of_built_in_sets(name: str) -> None:
    kind = DATASETS[name]
    classes = str(kind.default_classes)
    if kind.max_classes > kind.min_classes:
        classes = f"{kind.min_classes} to {kind.max_classes}, default {kind.default_classes}"
    assert (
        f"| `{name}` | {kind.inputs} | {classes} "
        f"| {kind.min_samples} to {kind.max_samples}, default {kind.default_samples} "
        f"| 0 to {kind.max_noise:g}, default {kind.default_noise:g} |"
    ) in TEXT


def test_the_archive_made_by_hand_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (script,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(script, {})  # noqa: S102  the documentation's own words
    W = fileformat.read("by-hand.dglow").network.layers[0].W
    assert W is not None and W.tolist() == [[1.0, -1.0], [0.5, 2.0]]
