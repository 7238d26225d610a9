"""A run in a shorter float type comes back bit for bit: from a file, and from its past."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deltaglow.engine import PRECISIONS, LossScale
from deltaglow.model import build, examples, fileformat
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project
from deltaglow.session.timeline import Timeline


def project(precision: str) -> Project:
    found = examples.load("residual")
    scale = LossScale(2.0**24, 9) if precision == "mixed" else None
    return replace(found, training=replace(found.training, precision=precision, loss_scale=scale))


@pytest.mark.parametrize("suffix", [".json", ".dglow"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_file_keeps_the_exact_numbers(precision: str, suffix: str, tmp_path: Path) -> None:
    given = project(precision)
    trainer = build.trainer(given)
    for _ in range(30):
        trainer.step()
    path = tmp_path / f"trained{suffix}"
    fileformat.write(build.with_parameters(given, trainer.network.theta, trainer.network.statistics), path)
    again = build.trainer(fileformat.read(path))
    assert fileformat.read(path).training == given.training
    assert again.network.theta.dtype == trainer.network.theta.dtype
    assert again.network.theta.tobytes() == trainer.network.theta.tobytes()
    assert again.network.statistics.tobytes() == trainer.network.statistics.tobytes()
    assert again.evaluate() == trainer.evaluate()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_past_comes_back_bit_for_bit(precision: str) -> None:
    trainer = build.trainer(project(precision))
    timeline = Timeline(lambda: build.trainer(project(precision)), trainer.state(), spacing=16)
    seen = []
    for _ in range(60):
        frame = trainer.step(capture=True)
        assert frame is not None
        seen.append(frame)
        if trainer.step_count >= timeline.next_step:
            timeline.keep(trainer.state())
    for step in (3, 55, 20, 21, 0):
        then = timeline.frame_at(step)
        assert np.array_equal(then.theta, seen[step].theta)
        assert np.array_equal(then.gradient, seen[step].gradient, equal_nan=True)
        assert (then.loss, then.scale, then.left_out) == (
            seen[step].loss,
            seen[step].scale,
            seen[step].left_out,
        )


@pytest.mark.parametrize(
    ("training", "said"),
    [
        ('{"precision": "float16"}', "training.precision: "),
        ('{"precision": "mixed", "loss_scale": {"initial": 1000}}', "must be a power of two"),
        ('{"loss_scale": {"initial": 1024}}', 'is for mixed precision, and training.precision is "float64"'),
        ('{"precision": "mixed", "loss_scale": {"grow_after": 0}}', "training.loss_scale.grow_after: is 0"),
        ('{"device": "tpu"}', "training.device: "),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(training: str, said: str) -> None:
    text = (
        '{"deltaglow": 1, "network": {"inputs": 2, "layers": [{"units": 2}]}, '
        f'"data": {{"builtin": {{"name": "xor"}}}}, "training": {training}}}'
    )
    with pytest.raises(ProjectError) as error:
        fileformat.loads(text)
    assert said in str(error.value)
