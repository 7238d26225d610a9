"""Project documents: what is written reads back the same, and what is wrong is said in one line."""

from __future__ import annotations

import copy
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.model.projects import document, projects

from deltaglow.model import fileformat, strictjson
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import BuiltinData, InlineData, Layer, NetworkSpec, Project, Training

Edit = Callable[[dict[str, Any]], object]


@given(projects())
def test_json_reads_back_the_same_bits(project: Project) -> None:
    text = fileformat.dumps(project)
    again = fileformat.loads(text)
    assert again == project
    assert fileformat.dumps(again) == text
    for mine, theirs in zip(project.network.layers, again.network.layers, strict=True):
        for name in ("W", "b", "mask"):
            a, b = getattr(mine, name), getattr(theirs, name)
            assert (a is None) == (b is None)
            assert a is None or (a.tobytes() == b.tobytes() and not b.flags.writeable)


@given(st.text(max_size=200))
def test_no_text_does_more_than_complain(text: str) -> None:
    with pytest.raises(ProjectError) as caught:
        fileformat.loads(text)
    assert one_line(str(caught.value))


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_complain(data: bytes) -> None:
    with pytest.raises(ProjectError) as caught:
        fileformat.loads(data)
    assert one_line(str(caught.value))


def one_line(message: str) -> bool:
    return message.isprintable() and 0 < len(message) < 400


# ---- what is wrong, where, and what would be right --------------------------------------------

WRONG: list[tuple[Edit, str]] = [
    (lambda d: d.pop("deltaglow"), 'deltaglow: is missing: a project says "deltaglow": 1'),
    (lambda d: d.update(deltaglow=2), "deltaglow: is version 2, this program reads version 1; a newer"),
    (lambda d: d.update(deltaglow=0), "deltaglow: is version 0, this program reads version 1"),
    (lambda d: d.update(deltaglow="1"), 'deltaglow: is "1", must be the number 1'),
    (lambda d: d.update(deltaglow=True), "deltaglow: is true, must be the number 1"),
    (lambda d: d.update(deltaglow=[1]), "deltaglow: is a list, must be the number 1"),
    (lambda d: d.update(deltaglow=None), "deltaglow: is null, must be the number 1"),
    (lambda d: d.pop("network"), "network: is missing"),
    (lambda d: d.pop("data"), "data: is missing"),
    (lambda d: d.update(trainning={}), 'trainning: is not a known key (did you mean "training"?)'),
    (lambda d: d.update(title="a\nb"), "title: must be one line of text"),
    (lambda d: d.update(title=7), "title: is 7, must be text"),
    (lambda d: d.update(network=[]), "network: is a list, must be an object"),
    (lambda d: net(d).pop("inputs"), "network.inputs: is missing"),
    (lambda d: net(d).update(inputs=0), "network.inputs: is 0, must be a whole number from 1 to 4096"),
    (lambda d: net(d).update(inputs=-1), "network.inputs: is -1, must be"),
    (lambda d: net(d).update(inputs=2.5), "network.inputs: is 2.5, must be a whole number"),
    (lambda d: net(d).update(inputs=True), "network.inputs: is true, must be a whole number"),
    (lambda d: net(d).update(inputs=10**30), "network.inputs: is 1e+30, must be a whole number"),
    (lambda d: net(d).update(loss="mse"), 'network.loss: is "mse", must be one of softmax_cross_entropy'),
    (lambda d: net(d).update(loss={}), "network.loss.name: is missing"),
    (lambda d: net(d).update(loss={"name": "hinge"}), 'network.loss.name: is "hinge", must be one of'),
    (
        lambda d: net(d).update(loss={"name": "squared_error", "naive": True}),
        "network.loss.naive: is not a known key (the keys here are name)",
    ),
    (
        lambda d: with_loss(d, label_smoothing=1),
        "network.loss.label_smoothing: is 1, must be a number from 0",
    ),
    (
        lambda d: with_loss(d, class_weights=[1]),
        "network.loss.class_weights: has 1 number, the last layer has",
    ),
    (lambda d: with_loss(d, class_weights=[1, 0]), "network.loss.class_weights[1]: is 0, must be a number"),
    (lambda d: with_loss(d, class_weights=[1e-320, 1]), "network.loss.class_weights[0]: is 1e-320, must be"),
    (lambda d: with_loss(d, class_weights=2), "network.loss.class_weights: is 2, must be a list"),
    (lambda d: with_loss(d, naive=1), "network.loss.naive: is 1, must be true or false"),
    (
        lambda d: (net(d).update(loss="sigmoid_cross_entropy"), inline(d).update(y=[[1, 2], [0, 0]])),
        "data.inline.y[0][1]: is 2, must be a number from 0 to 1",
    ),
    (
        lambda d: (net(d).update(loss="squared_error"), inline(d).update(y=[[1, "a"], [0, 0]])),
        'data.inline.y[0][1]: is "a", must be a finite number',
    ),
    (
        lambda d: d.update(
            network={"inputs": 2, "layers": [{"units": 1}]}, data={"builtin": {"name": "plane"}}
        ),
        "network.loss: is softmax_cross_entropy, the data set plane has numbers as targets",
    ),
    (lambda d: net(d).update(layers=[]), "network.layers: there are 0, must be a whole number from 1"),
    (lambda d: net(d).update(layers={}), "network.layers: is an object, must be a list"),
    (lambda d: net(d).update(layers=[{"units": 1}] * 65), "network.layers: there are 65, must be"),
    (lambda d: net(d).update(layers=[3]), "network.layers[0]: is 3, must be an object"),
    (
        lambda d: net(d).update(layers=[{"units": 4000}, {"units": 4000}]),
        "network.layers: make 16,020,000 weights and biases, at most 10,000,000 are allowed",
    ),
    (lambda d: layer(d, 0).pop("units"), "network.layers[0].units: is missing"),
    (lambda d: layer(d, 0).update(units=-2), "network.layers[0].units: is -2, must be a whole number"),
    (lambda d: layer(d, 0).update(units=0), "network.layers[0].units: is 0, must be"),
    (lambda d: layer(d, 0).update(units=10**9), "network.layers[0].units: is 1000000000, must be"),
    (lambda d: layer(d, 0).update(units="2"), 'network.layers[0].units: is "2", must be'),
    (
        lambda d: layer(d, 0).update(type="conv"),
        'is "conv", must be one of dense, batch_norm, dropout, conv1d (did you mean "conv1d"?)',
    ),
    (
        lambda d: layer(d, 1).update(activation="tanhh"),
        'network.layers[1].activation: is "tanhh", must be one of identity, sigmoid, tanh, relu, leaky',
    ),
    (lambda d: layer(d, 1).update(activation="Leaky ReLU"), '(did you mean "leaky_relu"?)'),
    (lambda d: layer(d, 1).update(activation=None), "network.layers[1].activation: is null, must be one of"),
    (lambda d: layer(d, 1).update(init="xavier"), 'network.layers[1].init: is "xavier", must be one of'),
    (
        lambda d: layer(d, 1).update(gain=0),
        "network.layers[1].gain: is 0, must be a number above 0, at most 1000",
    ),
    (
        lambda d: layer(d, 1).update(gain="Auto"),
        'network.layers[1].gain: is "Auto", must be a number above 0, ',
    ),
    (
        lambda d: layer(d, 1).update(init="small_normal", gain="auto"),
        'network.layers[1].gain: is "auto", but small_normal takes no gain',
    ),
    (
        lambda d: layer(d, 1).update(constant=0.5),
        "network.layers[1].constant: is 0.5, but init is xavier_normal",
    ),
    (
        lambda d: layer(d, 1).update(init="constant", constant=2000),
        "network.layers[1].constant: is 2000, must be a number from -1000 to 1000",
    ),
    (
        lambda d: layer(d, 0).update(activaton="tanh"),
        'network.layers[0].activaton: is not a known key (did you mean "activation"?)',
    ),
    (
        lambda d: layer(d, 0).update(zzz=1),
        "network.layers[0].zzz: is not a known key (the keys here are units",
    ),
    (
        lambda d: layer(d, 1).update(W=[[0.3, 0.4, 0.5], [-0.1, 0.2, 0.3]]),
        "network.layers[1].W[0]: has 3 numbers, the layer before has 2 units",
    ),
    (
        lambda d: layer(d, 0).update(W=[[1, 2, 3], [1, 2]]),
        "network.layers[0].W[1]: has 2 numbers, the network has 3 inputs",
    ),
    (lambda d: layer(d, 0).update(W=[[1, 2, 3]]), "network.layers[0].W: has 1 row, the layer has 2 units"),
    (lambda d: layer(d, 0).update(W=[1, 2]), "network.layers[0].W[0]: is 1, must be a list of 3 numbers"),
    (lambda d: layer(d, 0).update(W=7), "network.layers[0].W: is 7, must be a list of rows"),
    (lambda d: layer(d, 0).update(W={"array": "W"}), "network.layers[0].W: is an object, must be a list"),
    (lambda d: layer(d, 0)["W"][1].__setitem__(2, None), "network.layers[0].W[1][2]: is null, must be"),
    (
        lambda d: layer(d, 0)["W"][1].__setitem__(2, True),
        "network.layers[0].W[1][2]: is true, must be a finite",
    ),
    (
        lambda d: layer(d, 0)["W"][1].__setitem__(2, "1"),
        'network.layers[0].W[1][2]: is "1", must be a finite',
    ),
    (lambda d: layer(d, 0)["W"][1].__setitem__(2, [1]), "network.layers[0].W[1][2]: is a list, must be"),
    (
        lambda d: layer(d, 0)["W"][1].__setitem__(2, float("nan")),
        "network.layers[0].W[1][2]: is not a number (NaN), must be a finite number",
    ),
    (
        lambda d: layer(d, 0)["W"][1].__setitem__(2, float("-inf")),
        "network.layers[0].W[1][2]: is beyond the range of a 64-bit float, must be a finite number",
    ),
    (lambda d: layer(d, 0).update(b=[1]), "network.layers[0].b: has 1 number, the layer has 2 units"),
    (lambda d: layer(d, 0).update(b=[1, 10**400]), "network.layers[0].b[1]: is beyond the range"),
    (lambda d: layer(d, 0).update(b=0), "network.layers[0].b: is 0, must be a list of 2 numbers"),
    (
        lambda d: layer(d, 0).update(mask=[[1, 1, 1], [1, 1, 2]]),
        "network.layers[0].mask[1][2]: is 2, must be",
    ),
    (
        lambda d: layer(d, 0).update(mask=[[1, 1, 1], [1, 1, 0.5]]),
        "network.layers[0].mask[1][2]: is 0.5, must",
    ),
    (lambda d: layer(d, 0).update(mask=[[1, 1, 1], [1, 1, True]]), "network.layers[0].mask[1][2]: is true"),
    (lambda d: layer(d, 0).update(mask=[[1, 1], [1, 1]]), "network.layers[0].mask[0]: has 2 numbers"),
    (
        lambda d: layer(d, 0).update(names={"W": [["a"]]}),
        "network.layers[0].names.W: has 1 row, the layer has",
    ),
    (
        lambda d: layer(d, 0).update(names={"b": ["a"]}),
        "network.layers[0].names.b: has 1 name, the layer has",
    ),
    (lambda d: layer(d, 0).update(names={"b": ["a", 3]}), "network.layers[0].names.b[1]: is 3, must be text"),
    (
        lambda d: layer(d, 0).update(names={"b": ["a", "a"]}),
        'names.b[1]: is "a", which network.layers[0].names',
    ),
    (lambda d: layer(d, 0).update(names={"b": ["a", "w[1]"]}), 'names.b[1]: is "w[1]", must be a letter'),
    (lambda d: layer(d, 0).update(names={"b": ["a", "\\frac"]}), "names.b[1]: is "),
    (lambda d: d.update(data={}), 'data: must have either "inline" or "builtin"'),
    (lambda d: d["data"].update(builtin={"name": "xor"}), 'data: must have either "inline" or "builtin"'),
    (
        lambda d: d["data"].update(csv="x"),
        "data.csv: is not a known key (the keys here are inline, builtin, validation, scale, features)",
    ),
    (lambda d: inline(d).pop("y"), "data.inline.y: is missing"),
    (lambda d: inline(d).update(picture=[3]), "data.inline.picture: has 1 number, must have 2"),
    (
        lambda d: inline(d).update(picture=[3, 0]),
        "data.inline.picture[1]: is 0, must be a whole number from 1",
    ),
    (lambda d: inline(d).update(picture=[2, 2]), "data.inline.picture: is 2 × 2, which makes 4 pixels, and"),
    (lambda d: inline(d).update(x=[]), "data.inline.x: has 0 rows, must have from 1 to 100000"),
    (lambda d: inline(d).update(x=[1, 2, 3]), "data.inline.x[0]: is 1, must be a list of 3 numbers: one row"),
    (
        lambda d: inline(d).update(x=[[1, 2], [1, 2]]),
        "data.inline.x[0]: has 2 numbers, the network has 3 inputs",
    ),
    (lambda d: inline(d)["x"][1].append(1), "data.inline.x[1]: has 4 numbers, the network has 3 inputs"),
    (lambda d: inline(d)["x"].append([1, 2, 3]), "data.inline.y: has 2 rows, data.inline.x has 3"),
    (lambda d: inline(d)["x"][1].__setitem__(0, float("inf")), "data.inline.x[1][0]: is beyond the range"),
    (
        lambda d: inline(d).update(y=[0, 2]),
        "data.inline.y[1]: is 2, must be a whole number from 0 to 1: the last",
    ),
    (lambda d: inline(d).update(y=[0, -1]), "data.inline.y[1]: is -1, must be a whole number from 0 to 1"),
    (lambda d: inline(d).update(y=[0, 0.5]), "data.inline.y[1]: is 0.5, must be a whole number"),
    (lambda d: inline(d).update(y=[0, True]), "data.inline.y[1]: is true, must be a whole number"),
    (lambda d: inline(d).update(y=[0, [1, 0]]), "data.inline.y[0]: is 0, must be a list of 2 numbers"),
    (
        lambda d: inline(d).update(y=[[1, 0, 0], [1, 0]]),
        "data.inline.y[0]: has 3 numbers, the last layer has 2",
    ),
    (
        lambda d: inline(d).update(y=[[1, 0], [0.5, 0.4]]),
        "data.inline.y[1]: sums to 0.9, targets must sum to 1",
    ),
    (
        lambda d: inline(d).update(y=[[1, 0], [1.5, -0.5]]),
        "data.inline.y[1][0]: is 1.5, must be a number from 0",
    ),
    (
        lambda d: d.update(data={"builtin": {"name": "mnist"}}),
        'data.builtin.name: is "mnist", must be one of',
    ),
    (lambda d: d.update(data={"builtin": {"name": "xor"}}), "network.inputs: is 3, the data set xor has 2"),
    (lambda d: builtin(d, "xor", noise=-1), "data.builtin.noise: is -1, must be a number from 0 to 2"),
    (lambda d: builtin(d, "xor", samples=0), "data.builtin.samples: is 0, must be a whole number from 4"),
    (
        lambda d: builtin(d, "spirals", classes=9),
        "data.builtin.classes: is 9, must be a whole number from 2 to 5",
    ),
    (lambda d: builtin(d, "spirals"), "network.layers[1].units: is 2, the data set spirals has 3 classes"),
    (lambda d: builtin(d, "xor", seed=-1), "data.builtin.seed: is -1, must be a whole number from 0"),
    (lambda d: builtin(d, "xor", sed=1), 'data.builtin.sed: is not a known key (did you mean "seed"?)'),
    (
        lambda d: d["training"].update(batch_size=0),
        "training.batch_size: is 0, must be a whole number from 1",
    ),
    (lambda d: d["training"].update(batch_size="all"), 'training.batch_size: is "all", must be'),
    (lambda d: d["training"].update(shuffle=1), "training.shuffle: is 1, must be true or false"),
    (lambda d: d["training"].update(seed=1.5), "training.seed: is 1.5, must be a whole number"),
    (
        lambda d: d["training"].update(optimizer="sgd"),
        'training.optimizer: is "sgd", must be an object with "name"',
    ),
    (
        lambda d: optimizer(d).update(name="adamm"),
        'rmsprop, adam, adamw, adagrad (did you mean "adam"?)',
    ),
    (lambda d: optimizer(d).update(beta1=0.5), "training.optimizer.beta1: is not a known key"),
    (lambda d: optimizer(d).update(name="adam", beta1=1), "training.optimizer.beta1: is 1, must be a number"),
    (lambda d: d["training"].update(schedule="step"), 'training.schedule: is "step", must be an object'),
    (lambda d: d["training"].update(schedule={}), "training.schedule.name: is missing"),
    (lambda d: d["training"].update(schedule={"name": "stp"}), '(did you mean "step"?)'),
    (
        lambda d: d["training"].update(schedule={"name": "warmup_cosine", "warmup": 1000}),
        "training.schedule.warmup: is 1000, must be less than the 1000 steps in all",
    ),
    (lambda d: d["training"].update(l1=-1), "training.l1: is -1, must be a number from 0 to 1000"),
    (lambda d: d["training"].update(clip={}), 'training.clip: must have either "norm" or "value"'),
    (lambda d: d["training"].update(clip={"norm": 0}), "training.clip.norm: is 0, must be a number above 0"),
    (lambda d: d["training"].update(accumulate=1.5), "training.accumulate: is 1.5, must be a whole number"),
    (lambda d: d["training"].update(checkpoint=0), "training.checkpoint: is 0, must be a whole"),
    (lambda d: d["training"].update(checkpoint=2.5), "training.checkpoint: is 2.5, must be a whole number"),
    (lambda d: d["training"].update(checkpoint="max"), 'is "max", must be a whole number from 1 to 64, or'),
    (lambda d: d["training"].update(micro_batches=65), "training.micro_batches: is 65, must be a whole"),
    (lambda d: d["training"].update(micro_batches="2"), 'training.micro_batches: is "2", must be a whole'),
    (
        lambda d: (d["training"].update(micro_batches=2, batch_size=2), add_norm(d)),
        "training.micro_batches: is 2, but layer 2 is batch normalisation, whose every number depends on the",
    ),
    (lambda d: d["training"].update(noise=-1), "training.noise: is -1, must be a number from 0"),
    (
        lambda d: d["training"].update(early_stopping={"patience": 0}),
        "training.early_stopping.patience: is 0, must be a whole number from 1",
    ),
    (
        lambda d: d["data"].update(validation={"fraction": 0.2}),
        "data.validation.fraction: is 0.2 of 2 samples: one at least must be kept out of the training",
    ),
    (
        lambda d: optimizer(d).update(learning_rate=0),
        "learning_rate: is 0, must be a number above 0, at most 1000",
    ),
    (lambda d: optimizer(d).update(learning_rate=-0.1), "learning_rate: is -0.1, must be a number above 0"),
    (
        lambda d: optimizer(d).update(learning_rate=float("nan")),
        "learning_rate: is not a number (NaN), must be",
    ),
    (lambda d: optimizer(d).update(lr=1), "training.optimizer.lr: is not a known key"),
]


def net(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = d["network"]
    return found


def with_loss(d: dict[str, Any], **options: object) -> None:
    net(d)["loss"] = {"name": "softmax_cross_entropy", **options}


def layer(d: dict[str, Any], k: int) -> dict[str, Any]:
    found: dict[str, Any] = d["network"]["layers"][k]
    return found


def add_norm(d: dict[str, Any]) -> None:
    d["network"]["layers"].insert(1, {"type": "batch_norm"})


def inline(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = d["data"]["inline"]
    return found


def optimizer(d: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = d["training"]["optimizer"]
    return found


def builtin(d: dict[str, Any], name: str, **rest: object) -> None:
    d["network"]["inputs"] = 2
    layer(d, 0).pop("W")
    d["data"] = {"builtin": {"name": name, **rest}}


@pytest.mark.parametrize(("edit", "message"), WRONG, ids=[message[:60] for _, message in WRONG])
def test_wrong_documents(edit: Edit, message: str, tmp_path: Path) -> None:
    spoilt = document()
    edit(spoilt)
    path = tmp_path / "spoilt.json"
    path.write_text(json.dumps(spoilt))
    with pytest.raises(ProjectError) as caught:
        fileformat.read(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert message in line
    assert one_line(line.removeprefix(str(path)))


NOT_DOCUMENTS = [
    (b"", "is empty, must be a JSON object"),
    (b" \n", "is empty, must be a JSON object"),
    (b"[]", "is a list, must be a JSON object"),
    (b"3", "is 3, must be a JSON object"),
    (b"NaN", "is not a number (NaN), must be a JSON object"),
    (b'{"deltaglow": 1, "network": {"inp', "line 1, column 30: ends in the middle"),
    (b'{"deltaglow": 1,', "ends in the middle"),
    (b'{"deltaglow": 1', "ends in the middle"),
    (b'{"deltaglow": 1}}', "no Deltaglow project: extra data"),
    (b"{'deltaglow': 1}", "line 1, column 2: is not valid JSON"),
    (b'{"deltaglow": 1, "deltaglow": 1}', 'has the key "deltaglow" twice in one object'),
    (b'{"deltaglow": 1, "x": "\xff"}', "byte 23: is not UTF-8 text"),
    (b'{"deltaglow": 1, "a\\ud800\\nb": 1}', "is not a known key"),
    (b'\xff\xfe{\x00"\x00', "byte 0: is not UTF-8 text"),
    (b"[" * 100_000, "is nested too deeply"),
    (b'{"deltaglow": 1, "network": ' + b'{"a":' * 5_000, "is nested too deeply"),
    (b"[" * 1_000_001, "has more lists or objects than any project"),
    (b"[" + b"{}," * 10_001, "has more lists or objects than any project"),
    (b'{"deltaglow": ' + b"9" * 5000 + b"}", "deltaglow: is version beyond the range"),
    (b'{"deltaglow": -1e999}', "deltaglow: is version beyond the range"),
]


@pytest.mark.parametrize(("data", "message"), NOT_DOCUMENTS, ids=[message for _, message in NOT_DOCUMENTS])
def test_what_is_no_document(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    with pytest.raises(ProjectError) as caught:
        fileformat.read(path)
    assert message in str(caught.value)
    assert one_line(str(caught.value).removeprefix(str(path)))


def test_too_large_a_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(2**36)
    with pytest.raises(ProjectError, match="is larger than 32 MiB"):
        fileformat.read(path)


def test_places_that_cannot_be_read(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.json"
    os.mkfifo(fifo)
    for path, message in {
        tmp_path / "none.json": "cannot be read: no such file or directory",
        tmp_path: "is a folder, must be a project file",
        fifo: "is not a regular file",
        Path("/dev/zero"): "is not a regular file",
        tmp_path / ("x" * 300): "cannot be read: file name too long",
    }.items():
        with pytest.raises(ProjectError) as caught:
            fileformat.read(path)
        assert str(caught.value).endswith(message)
    with pytest.raises(ProjectError, match="null character"):
        fileformat.read("a\0b")


def test_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.json"
    path.write_text("{}")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ProjectError, match=r"secret\.json: cannot be read: permission denied"):
        fileformat.read(path)


# ---- what is allowed --------------------------------------------------------------------------


def test_everything_optional_may_be_left_out() -> None:
    project = fileformat.loads(json.dumps(LITTLE))
    assert project == Project(NetworkSpec(2, (Layer(2),)), BuiltinData("xor", 4, 0.0, None, 0), Training())


def test_labels_become_one_hot_rows() -> None:
    d = document()
    d["data"]["inline"]["y"] = [1, 0.0]
    data = fileformat.loads(json.dumps(d)).data
    assert isinstance(data, InlineData)
    assert data.y.tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_targets_may_miss_one_by_rounding_only() -> None:
    d = document()
    d["data"]["inline"]["y"][1] = [0.1 + 0.2, 0.7 + 5e-10]
    fileformat.loads(json.dumps(d))
    d["data"]["inline"]["y"][1] = [0.3, 0.7 + 2e-9]
    with pytest.raises(ProjectError, match="sums to"):
        fileformat.loads(json.dumps(d))


def test_a_byte_order_mark_does_no_harm() -> None:
    assert fileformat.loads(b"\xef\xbb\xbf" + json.dumps(document()).encode()).network.inputs == 3


def test_whole_floats_are_whole_numbers() -> None:
    d = document()
    d["network"]["inputs"], d["training"]["seed"] = 3.0, 1e3
    project = fileformat.loads(json.dumps(d))
    assert (project.network.inputs, project.training.seed) == (3, 1000)
    assert isinstance(project.network.inputs, int)


def test_long_whole_numbers_are_weights_like_any_other() -> None:
    d = document()
    d["network"]["layers"][0]["b"] = [10**22, -(10**40)]
    b = fileformat.loads(json.dumps(d)).network.layers[0].b
    assert b is not None and b.tolist() == [1e22, -1e40]


def test_written_documents_are_easy_to_read() -> None:
    text = fileformat.dumps(fileformat.loads(json.dumps(document())))
    assert "          [0.2, -0.3, 0.4],\n" in text
    assert '"optimizer": {"name": "sgd", "learning_rate": 0.1}' in text
    assert text.endswith("}\n") and max(map(len, text.splitlines())) < 80


# ---- writing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["p.json", "p.dglow", "P.JSON", "ünï códe.dglow"])
def test_written_files_read_back_and_are_stable(name: str, tmp_path: Path) -> None:
    project = fileformat.loads(json.dumps(document()))
    first, second = tmp_path / name, tmp_path / f"second-{name}"
    fileformat.write(project, first)
    again = fileformat.read(first)
    assert again == project
    fileformat.write(again, second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == sorted([first, second])


def test_a_project_that_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    good = fileformat.loads(json.dumps(document()))
    bad = copy.copy(good)
    object.__setattr__(bad, "data", InlineData([[1, 2, np.nan]], [[1, 0]]))
    path = tmp_path / "p.json"
    fileformat.write(good, path)
    before = path.read_bytes()
    for target in (path, tmp_path / "new.dglow"):
        with pytest.raises(ProjectError, match=r"data\.inline\.x\[0\]\[2\]: is not a number"):
            fileformat.write(bad, target)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_too_many_numbers_for_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fileformat, "MAX_JSON_NUMBERS", 10)
    project = fileformat.loads(json.dumps(document()))
    with pytest.raises(ProjectError, match=r"p\.json: 24 numbers are too many for a \.json file"):
        fileformat.write(project, tmp_path / "p.json")
    fileformat.write(project, tmp_path / "p.dglow")


@pytest.mark.parametrize("name", ["p.json", "p.dglow"])
def test_a_document_that_would_be_too_large_to_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strictjson, "MAX_BYTES", 300)
    with pytest.raises(ProjectError, match="of JSON, which is too much"):
        fileformat.write(fileformat.loads(b"".join(json.dumps(LITTLE).encode().split())), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


LITTLE = {
    "deltaglow": 1,
    "network": {"inputs": 2, "layers": [{"units": 2}]},
    "data": {"builtin": {"name": "xor"}},
}


@pytest.mark.parametrize("name", ["p.txt", "p", "p.json.bak", ".json"])
def test_names_without_a_suffix_of_ours(name: str, tmp_path: Path) -> None:
    project = fileformat.loads(json.dumps(document()))
    for work in (lambda p: fileformat.write(project, p), fileformat.check_writable):
        with pytest.raises(ProjectError, match=r"ends in \.dglow or \.json"):
            work(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    project = fileformat.loads(json.dumps(document()))
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for path, message in {
        tmp_path / "none" / "p.json": "cannot be written: no such file or directory",
        tmp_path / "folder.json": "cannot be written: is a directory",
        tmp_path / "pipe.json": "cannot be written: is not a regular file",
    }.items():
        for work in (lambda p: fileformat.write(project, p), fileformat.check_writable):
            with pytest.raises(ProjectError) as caught:
                work(path)
            assert str(caught.value) == f"{path}: {message}"
    assert stat.S_ISFIFO((tmp_path / "pipe.json").stat().st_mode)


def test_checking_a_place_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    fileformat.check_writable(path)
    assert list(tmp_path.iterdir()) == []
