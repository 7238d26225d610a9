"""Every optimiser's update explains itself, number by number, and is worked out again by other arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.explain.networks import canonical, everything
from tests.explain.test_derivation import assert_sound

from deltaglow.engine import OPTIMIZERS, Clip, Frame
from deltaglow.explain import symbols
from deltaglow.explain.check import check
from deltaglow.explain.derivation import derive
from deltaglow.explain.report import explain_text, solve_text
from deltaglow.model.build import trainer
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Optimizer, Project, Schedule, Training
from deltaglow.model.quantity import UPDATE_ARRAYS, AddressError, parse, value
from deltaglow.model.sizes import SIZES

CHECKED = ("W_after", "b_after", "dW", "loss", "data_loss", "penalty")
EVERYTHING = {
    "l1": 0.002,
    "l2": 0.03,
    "weight_decay": 0.1,
    "clip": Clip("norm", 0.3),
    "accumulate": 3,
    "top_k": 0.4,
    "noise": 0.1,
    "schedule": Schedule("cosine", (("steps", 40),)),
}
CHOICES = {
    "plain": {},
    "penalties": {"l1": 0.002, "l2": 0.03},
    "l1": {"l1": 0.01},
    "decay": {"weight_decay": 0.1},
    "value": {"clip": Clip("value", 0.02)},
    "norm": {"clip": Clip("norm", 100.0)},
    "sparse": {"top_k": 0.2},
    "sparse and clipped": {"top_k": 0.6, "clip": Clip("norm", 0.1)},
    "everything": EVERYTHING,
}


def made(optimizer: str, choice: str, steps: int, batch: int = 2) -> tuple[Project, Frame]:
    rng = np.random.default_rng(4)
    mask = np.array([[True, False, True], [True, True, True], [False, True, True]])
    layers = (Layer(3, "tanh", W=rng.normal(size=(3, 3)), mask=mask), Layer(2, W=rng.normal(size=(2, 3))))
    data = InlineData(rng.normal(size=(6, 3)), np.eye(2)[rng.integers(0, 2, 6)])
    training = Training(Optimizer(optimizer, 0.05), batch, **CHOICES[choice])  # type: ignore[arg-type]
    project = Project(NetworkSpec(3, layers), data, training)
    running = trainer(project)
    for _ in range(steps):
        running.step()
    return project, running.preview()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("choice", CHOICES)
def test_every_number_of_an_update_derives_and_checks(optimizer: str, choice: str) -> None:
    for steps in (0, 3, 5):
        project, frame = made(optimizer, choice, steps)
        for q in everything(frame):
            derived = assert_sound(project, frame, q)
            assert symbols.spoken(project, q) and symbols.text(project, q)
            if q.kind in UPDATE_ARRAYS or q.kind in CHECKED:
                checked = check(frame, q)
                assert checked is None or checked.ok, (str(q), derived.value, checked)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("choice", ["plain", "penalties", "decay", "sparse", "everything"])
def test_used_in_is_the_inverse_of_operands_in_an_update(optimizer: str, choice: str) -> None:
    project, frame = made(optimizer, choice, 5)
    forwards, backwards, shortened = set(), set(), set()
    for q in (canonical(q, frame) for q in everything(frame)):
        derived = derive(project, frame, q)
        forwards |= {(canonical(o.quantity, frame), q) for o in derived.operands}
        rows = range(frame.samples) if not q.per_sample else (q.sample or 0,)
        backwards |= {(q, canonical(use, frame, row)) for use in derived.used_in for row in rows}
        if q.kind == "learning_rate":
            assert derived.used_in_more == 0
        bars = [row.label_text for group in derived.groups for row in group.rows]
        shortened |= {q} if q.kind in SIZES and any(" more" in bar for bar in bars) else set()
    assert forwards <= backwards
    assert {target for _, target in backwards - forwards} <= shortened


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_terminal_tells_it_too(optimizer: str) -> None:
    project, frame = made(optimizer, "everything", 5)
    assert solve_text(project, [frame])
    for address in ("W_after[1][0,0]", "b_after[2][1]", "dW[1][0,0]", "loss", "learning_rate", "penalty"):
        q = parse(address)
        assert explain_text(derive(project, frame, q), check(frame, q))


def test_a_number_that_the_run_has_not_is_refused_in_words() -> None:
    _, frame = made("sgd", "plain", 0)
    with pytest.raises(AddressError, match=r"m_W\[1\]\[0,0\]: this step has no running mean"):
        value(parse("m_W[1][0,0]"), frame)


def test_the_loss_is_its_parts() -> None:
    project, frame = made("adam", "penalties", 3, batch=6)
    assert frame.loss == frame.data_loss + frame.penalty
    assert frame.data_loss == pytest.approx(frame.losses.mean(), rel=1e-12)
    weights = [layer.W for layer in frame.layers]
    expected = sum(0.002 * abs(W).sum() + 0.015 * (W * W).sum() for W in weights)
    assert frame.penalty == pytest.approx(expected, rel=1e-12)
    operands = derive(project, frame, parse("loss")).operands
    assert [str(operand.quantity) for operand in operands] == ["data_loss", "penalty"]


@pytest.mark.parametrize(
    ("name", "settings", "third"),
    [
        ("cosine", (("steps", 8),), "0 + 1/2·(0.05 − 0)·(1 + cos(3.14·2/8)) = 0.0427"),
        ("warmup_cosine", (("warmup", 3), ("steps", 9)), "0.05·(0.333 + (1 − 0.333)·2/3) = 0.0389"),
        ("one_cycle", (("steps", 10),), "0.05 + 1/2·(0.05 / 25 − 0.05)·(1 + cos(3.14·2/2)) = 0.0500"),
        ("step", (("every", 1),), "0.05·0.1² = 0.000500"),
        ("exponential", (), "0.05·0.999² = 0.0499"),
    ],
)
def test_every_schedule_is_worked_out(name: str, settings: tuple[tuple[str, float], ...], third: str) -> None:
    project, _ = made("sgd", "plain", 0)
    project = replace(project, training=replace(project.training, schedule=Schedule(name, settings)))
    running = trainer(project)
    printed = []
    for _ in range(12):
        derived = assert_sound(project, running.preview(), parse("learning_rate"))
        printed.append(" ".join(derived.text_numeric))
        running.step()
    assert printed[2] == f"= {third}"


@pytest.mark.parametrize("optimizer", ["adagrad", "rmsprop", "adam"])
def test_the_rate_of_a_frozen_weight_is_worked_out_from_what_is_remembered_of_it(optimizer: str) -> None:
    frozen = np.array([[True, False], [False, False]])
    layers = (Layer(2, W=np.array([[0.5, -1.0], [0.25, 2.0]]), b=np.zeros(2), frozen_W=frozen),)
    data = InlineData(np.array([[1.0, 2.0]]), np.eye(2)[[0]])
    training = Training(Optimizer(optimizer, 0.05), 1, False, 0)
    project = Project(NetworkSpec(2, layers), data, training)
    frame = trainer(project).preview()
    for address in ("rate_W[1][0,0]", "rate_W[1][0,1]"):
        found = check(frame, parse(address))
        assert found is not None and found.ok, (address, found)
    assert value(parse("v_W[1][0,0]"), frame) == 0.0
