"""What a step decides beside its update, explained: the loss scale, and whether the run goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.explain.networks import canonical, everything, make
from tests.explain.test_derivation import assert_sound

from deltaglow.engine import EarlyStopping, Frame, LossScale
from deltaglow.explain.check import check
from deltaglow.explain.depths.reading import DEPTHS, derive_at
from deltaglow.explain.derivation import derive
from deltaglow.explain.report import explain_text
from deltaglow.explain.symbols import spoken
from deltaglow.model.build import trainer
from deltaglow.model.decided import DECIDED
from deltaglow.model.project import Project
from deltaglow.model.quantity import AddressError, Quantity, parse, value


def run(project: Project, steps: int) -> list[Frame]:
    training = trainer(project)
    frames = [training.step(capture=True) for _ in range(steps)]
    return [frame for frame in frames if frame is not None]


def watched(patience: int, min_delta: float = 0.0, learning_rate: float = 0.05) -> Project:
    project, _ = make((2, 3, 2), ("tanh", "identity"), batch=6, seed=3)
    own = project.training
    stopping = EarlyStopping(patience, min_delta)
    optimizer = replace(own.optimizer, learning_rate=learning_rate)
    return replace(project, training=replace(own, batch_size=3, early_stopping=stopping, optimizer=optimizer))


def mixed(grow_after: int = 2, initial: float = 2.0**15, scale: float = 1.0) -> Project:
    project, _ = make((2, 3, 2), ("tanh", "identity"), batch=4, seed=3, scale=scale)
    rule = LossScale(initial, grow_after)
    return replace(project, training=replace(project.training, precision="mixed", loss_scale=rule))


def assert_decisions_derive(project: Project, frame: Frame) -> None:
    forwards, backwards = set(), set()
    for q in (canonical(q, frame) for q in everything(frame) if q.kind in DECIDED):
        derived, second = assert_sound(project, frame, q), check(frame, q)
        assert second is None or second.ok
        assert (second is None) == (q.kind not in ("loss_scale_after", "best_loss", "waited"))
        assert explain_text(derived, second) and spoken(project, q)
        forwards |= {(operand.quantity, q) for operand in derived.operands}
        backwards |= {(q, use) for use in derived.used_in}
        for depth in DEPTHS:
            told = derive_at(depth, project, frame, q).sentence
            assert "nan" not in told and "inf" not in told and ". " not in told.removesuffix("."), told
    assert forwards == backwards


@pytest.mark.parametrize("min_delta", [0.0, 0.004])
def test_early_stopping_explains_itself_at_every_step(min_delta: float) -> None:
    project = watched(2, min_delta)
    for frame in run(project, 12):
        assert_decisions_derive(project, frame)


def test_the_step_that_ends_the_run_says_so() -> None:
    project = watched(2, min_delta=10.0)
    frames = run(project, 8)
    told = [derive(project, frame, parse("waited")).sentence for frame in frames]
    assert told[1] == "the first epoch sets the best"
    assert told[0].startswith("unchanged") and told[2].startswith("unchanged")
    assert told[3].endswith(
        "not below the best by more than the least gain of 10: 1 of 2, and the run stops at 2"
    )
    assert told[5].endswith("2 of 2, and the run stops here")
    assert [value(parse("waited"), frame) for frame in frames] == [0, 0, 0, 1, 1, 2, 2, 2]
    assert "the run stops here" in derive_at("words", project, frames[5], parse("waited")).sentence


def test_the_loss_looked_at_is_the_whole_set_with_the_new_parameters() -> None:
    project = watched(3)
    training = trainer(project)
    training.step()
    frame = training.step(capture=True)
    assert frame is not None
    assert value(parse("watched_loss"), frame) == training.evaluate()[0] == value(parse("best_loss"), frame)
    with pytest.raises(AddressError, match="after the last step of an epoch only"):
        value(parse("watched_loss"), trainer(project).preview())


def test_the_loss_scale_explains_how_it_grows_and_halves() -> None:
    project = mixed(grow_after=2, initial=256.0)
    frames = run(project, 4)
    for frame in frames:
        assert_decisions_derive(project, frame)
    scales = [value(Quantity("loss_scale"), frame) for frame in frames]
    assert scales == [256.0, 256.0, 512.0, 512.0]
    told = derive(project, frames[1], parse("loss_scale_after"))
    assert " ".join((*told.text_symbolic, *told.text_numeric)) == (
        "S⁺ = min(16777216, 2 S) = min(16777216, 2·256) = 512"
    )


def test_the_loss_scale_of_a_step_left_out_is_halved() -> None:
    project = mixed(initial=2.0**24, scale=3.0)
    data = project.data
    project = replace(project, data=replace(data, x=np.full((4, 2), 3e4)))
    frame = run(project, 1)[0]
    assert frame.left_out
    assert_decisions_derive(project, frame)
    assert value(parse("loss_scale_after"), frame) == 2.0**23


def test_a_run_without_them_says_why_there_are_none() -> None:
    _, frame = make((2, 2), ("identity",), batch=1, seed=1)
    for address, reason in (("loss_scale", "mixed precision only"), ("waited", "no early stopping")):
        with pytest.raises(AddressError, match=reason):
            value(parse(address), frame)
