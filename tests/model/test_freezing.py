"""Frozen parameters: exactly unchanged by whatever the rule of the update, in the file, and explained."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from deltaglow.engine import Clip
from deltaglow.explain.check import check
from deltaglow.explain.derivation import derive
from deltaglow.model import build, edits, fileformat, freezing
from deltaglow.model.carry import carried
from deltaglow.model.errors import ProjectError
from deltaglow.model.parts import BatchNorm, Conv1d, Skip
from deltaglow.model.project import BuiltinData, Layer, NetworkSpec, Optimizer, Project, Training
from deltaglow.model.quantity import parse

OPTIMIZERS = ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "adagrad"]


def project(optimizer: str = "adam", **training: Any) -> Project:
    layers = (Layer(4, "tanh"), Layer(3, "tanh"), Layer(2))
    chosen = Training(Optimizer(optimizer, 0.05), 5, **training)
    return Project(NetworkSpec(2, layers), BuiltinData("xor", 20, 0.2), chosen)


def single(made: Project) -> Project:
    made = freezing.freeze_weights([(1, 2, 1), (2, 0, 3)])(made)
    return freezing.freeze_biases([(1, 0)])(made)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    "training",
    [
        {},
        {"l1": 0.1, "l2": 0.1},
        {"weight_decay": 0.2},
        {"clip": Clip("norm", 0.01), "accumulate": 3},
        {"clip": Clip("value", 0.001)},
        {"top_k": 0.5},
    ],
    ids=lambda chosen: ",".join(chosen) or "plain",
)
def test_frozen_parameters_stay_to_the_bit_and_the_others_move(
    optimizer: str, training: dict[str, Any]
) -> None:
    made = freezing.freeze_layer(3)(single(project(optimizer, **training)))
    trainer = build.trainer(made)
    frozen = freezing.frozen_parameters(made.network, trainer.network.architecture)
    assert frozen is not None and frozen.sum() == 3 + (3 + 1) * 2
    before = trainer.network.theta.copy()
    for _ in range(61):
        trainer.step()
    assert trainer.network.theta[frozen].tobytes() == before[frozen].tobytes()
    assert (trainer.network.theta[~frozen] != before[~frozen]).all()
    for memory in trainer.state().optimizer:
        assert not memory[frozen].any()


def test_the_gradient_is_still_the_gradient_and_other_parameters_do_not_notice() -> None:
    plain, held = (build.trainer(made) for made in (project("sgd"), single(project("sgd"))))
    one, other = plain.step(capture=True), held.step(capture=True)
    assert one is not None and other is not None
    np.testing.assert_array_equal(one.gradient, other.gradient)
    still = one.theta_after != other.theta_after
    assert still.sum() == 3
    # One call to hold them, and one to measure the update: its size no longer follows from the gradient's.
    assert held.calls_per_step == plain.calls_per_step + 2


def test_layers_of_every_kind_can_be_frozen() -> None:
    layers = (
        Layer(4, part=Conv1d(2, 1), frozen=True),
        Layer(4, "tanh", part=BatchNorm(), frozen=True),
        Layer(4, "tanh", skip=Skip(0, projection=True), frozen=True),
        Layer(2),
    )
    made = replace(project(), network=NetworkSpec(2, layers))
    trainer = build.trainer(made)
    before = [block.copy() for block in trainer.network.blocks]
    for _ in range(20):
        trainer.step()
    for was, now in zip(before[:3], trainer.network.blocks[:3], strict=True):
        np.testing.assert_array_equal(was, now)
    assert (before[3] != trainer.network.blocks[3]).all()


def test_freezing_in_mid_run_stops_a_velocity_and_replays() -> None:
    made = project("momentum")
    trainer = build.trainer(made)
    for _ in range(20):
        trainer.step()
    change = freezing.freeze_layer(1)
    after = build.trainer(change(made))
    after.restore(carried(made, trainer.state(), change, after))
    begun = after.state()
    still = after.network.blocks[0].copy()
    for _ in range(10):
        after.step()
    np.testing.assert_array_equal(after.network.blocks[0], still)
    end = after.network.theta.copy()
    after.restore(begun)
    for _ in range(10):
        after.step()
    np.testing.assert_array_equal(after.network.theta, end)


def test_what_is_frozen_follows_its_units() -> None:
    made = edits.add_unit(edits.remove_units(single(project()), [(1, 0)]), 1)
    first, second = made.network.layers[:2]
    assert first.frozen_W is not None and np.argwhere(first.frozen_W).tolist() == [[1, 1]]
    assert second.frozen_W is not None and np.argwhere(second.frozen_W).tolist() == [[0, 2]]
    assert first.frozen_b is not None and not first.frozen_b.any()


def test_freed_again_nothing_is_left_of_it() -> None:
    made = single(project())
    freed = freezing.freeze_weights([(1, 2, 1), (2, 0, 3)], frozen=False)(made)
    freed = freezing.freeze_biases([(1, 0)], frozen=False)(freed)
    assert freed == project()
    whole = freezing.freeze_layer(2)(project())
    part = freezing.freeze_weights([(2, 1, 1)], frozen=False)(whole)
    layer = part.network.layers[1]
    assert not layer.frozen and layer.frozen_W is not None and layer.frozen_W.sum() == 11
    assert freezing.freeze_weights([(2, 1, 1)])(part) == whole
    assert freezing.is_frozen(layer, "W", (0, 0)) and not freezing.is_frozen(layer, "W", (1, 1))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_number_of_a_frozen_parameter_explains_itself(optimizer: str) -> None:
    made = single(project(optimizer, l2=0.1, clip=Clip("norm", 0.01), accumulate=2))
    trainer = build.trainer(made)
    trainer.step()
    frame = trainer.step(capture=True)
    assert frame is not None
    words = derive(made, frame, parse("W_after[1][2,1]", made)).sentence
    assert "it is frozen" in words
    kinds = ["W_after", "dW", "dW_data", "dW_penalty", "dW_clipped", "dW_gathered", "dW_gathered_before"]
    memories = {"momentum": ["velocity"], "nesterov": ["velocity"], "rmsprop": ["v"], "adagrad": ["v"]}
    adam = ["m", "v", "m_hat", "v_hat", "rate", "m_before"]
    kinds += [f"{name}_W" for name in memories.get(optimizer, adam if "adam" in optimizer else [])]
    for kind in kinds:
        for index in ("[1][2,1]", "[1][0,0]"):
            q = parse(kind + index, made)
            verdict = check(frame, q)
            assert verdict is None or verdict.ok, (kind, index)
            derive(made, frame, q)


# In the file


def test_what_is_frozen_is_written_and_read_back() -> None:
    for made in (single(project()), freezing.freeze_layer(2)(project())):
        assert fileformat.loads(fileformat.dumps(made)) == made
    text = json.loads(fileformat.dumps(single(project())))
    assert text["network"]["layers"][0]["frozen"] == {
        "W": [[0, 0], [0, 0], [0, 1], [0, 0]],
        "b": [1, 0, 0, 0],
    }
    assert "frozen" not in json.loads(fileformat.dumps(project()))["network"]["layers"][0]


@pytest.mark.parametrize(
    ("frozen", "complaint"),
    [
        (1, "network.layers[0].frozen: is 1, must be true or false"),
        ({"W": [[0, 0]]}, "network.layers[0].frozen.W: has 1 row, the layer has 4 units"),
        ({"b": [0, 2, 0, 0]}, "network.layers[0].frozen.b[1]: is 2"),
        ({"P": []}, "network.layers[0].frozen"),
    ],
)
def test_what_cannot_be_frozen_is_refused(frozen: object, complaint: str) -> None:
    text = json.loads(fileformat.dumps(project()))
    text["network"]["layers"][0]["frozen"] = frozen
    with pytest.raises(ProjectError) as caught:
        fileformat.loads(json.dumps(text))
    assert complaint in str(caught.value)
