"""One gradient, sample by sample."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.explain.networks import make
from tests.explain.test_layers import DOCUMENT

from deltaglow.explain import batch_lab
from deltaglow.model import build, fileformat
from deltaglow.model.beside import mean_matrix, sample_matrix
from deltaglow.model.quantity import Quantity, parse, value

W = Quantity("W", 1, (2, 1))


def test_contributions_add_up_and_cancel() -> None:
    _, frame = make((3, 4, 3), ("tanh", "identity"), batch=6, seed=4)
    found = batch_lab.contributions(frame, W)
    by_hand = [frame.layers[0].delta[n, 2] * frame.x[n, 1] for n in range(6)]
    assert found.values.tolist() == by_hand
    assert found.mean == pytest.approx(frame.layers[0].dW[2, 1])
    assert found.running == pytest.approx(np.cumsum(by_hand))
    assert found.cancelled == pytest.approx(1 - abs(sum(by_hand)) / sum(map(abs, by_hand)))
    assert str(found.address(3)) == "dW_sample[1][2,1]@3"
    assert value(found.address(3), frame) == by_hand[3]


def test_orders() -> None:
    _, frame = make((3, 4, 3), ("tanh", "identity"), batch=9, seed=4)
    found = batch_lab.contributions(frame, W, "size")
    sizes = np.abs(found.values[found.rows])
    assert (np.diff(sizes) <= 0).all()
    found = batch_lab.contributions(frame, W, "class")
    classes = batch_lab.classes(frame)[found.rows]
    assert (np.diff(classes) >= 0).all()
    assert sorted(found.rows.tolist()) == list(range(9))
    assert found.running[-1] == pytest.approx(found.values.sum())


def test_one_sample_is_the_whole_gradient() -> None:
    _, frame = make((3, 4, 3), ("tanh", "identity"), batch=1, seed=4)
    found = batch_lab.contributions(frame, W)
    assert (found.cancelled, found.address(0)) == (0.0, Quantity("dW", 1, (2, 1)))


@pytest.mark.parametrize(
    ("selected", "parameter"),
    [
        ("dW[2][1,3]", "W[2][1,3]"),
        ("db[1][2]", "b[1][2]"),
        ("dW[1][0,2]@1", "W[1][0,2]"),
        ("delta[1][3]", "W[1][3,0]"),
        ("W_after[2][0,0]", "W[2][0,0]"),
        ("loss", "W[2][0,0]"),
        ("x[1]", "W[1][0,0]"),
        ("y_hat[2]", "W[2][2,0]"),
    ],
)
def test_the_parameter_that_a_number_belongs_to(selected: str, parameter: str) -> None:
    _, frame = make((3, 4, 3), ("tanh", "identity"), batch=2, seed=4)
    assert batch_lab.parameter_of(parse(selected), frame) == parse(parameter)


def test_matrices_of_every_kind_of_layer() -> None:
    frame = build.trainer(fileformat.loads(json.dumps(DOCUMENT))).preview()
    for k, layer in enumerate(frame.layers, start=1):
        mean = mean_matrix(frame, k)
        assert mean.shape == sample_matrix(frame, k, 0).shape
        if layer.kind == "dropout":
            assert mean.size == 0
        elif layer.kind == "batch_norm":
            assert mean[0] == pytest.approx(np.diag(layer.dW))
        else:
            own = layer.own(layer.block_gradient)["W"]
            assert mean == pytest.approx(own, abs=1e-15)
        first = batch_lab.first_of(frame, k, 0)
        assert first.layer == (2 if layer.kind == "dropout" else k)


def test_a_shrunk_matrix_keeps_what_stands_out() -> None:
    matrix = np.zeros((100, 7))
    matrix[37, 3], matrix[99, 6] = -5.0, 2.0
    small = batch_lab.shrunk(matrix, 32)
    assert small.shape == (25, 7)
    assert (small[9, 3], small[24, 6]) == (-5.0, 2.0)
    assert np.count_nonzero(small) == 2
    assert batch_lab.shrunk(matrix, 100) is matrix


def test_a_batch_says_what_it_is_a_part_of_and_what_parts_it_has() -> None:
    project, _ = make((2, 3, 2), ("tanh", "identity"), batch=4, seed=1)
    assert batch_lab.in_parts(project, build.trainer(project).preview()) == ""
    parted = replace(project, training=replace(project.training, accumulate=2, micro_batches=2))
    running = build.trainer(parted)
    first, second = running.preview(), (running.step(), running.preview())[1]
    assert "batch 1 of 2" in batch_lab.in_parts(parted, first)
    assert "counts 1/2, and they move with batch 2" in batch_lab.in_parts(parted, first)
    assert "batch 2 of 2" in batch_lab.in_parts(parted, second)
    assert "with it the parameters move" in batch_lab.in_parts(parted, second)
    assert "computed in 2 parts at the same time" in batch_lab.in_parts(parted, first)
