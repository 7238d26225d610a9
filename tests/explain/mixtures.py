"""Random projects that mix all parts of the engine: kinds of layer, losses, limits, optimisers, schedules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from deltaglow.engine import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES, Clip, Frame, LossSpec
from deltaglow.model import build
from deltaglow.model.parts import BatchNorm, Conv1d, Dropout, Skip
from deltaglow.model.project import (
    InlineData,
    Layer,
    NetworkSpec,
    Optimizer,
    Project,
    Schedule,
    Training,
)

SAMPLES = 7


@st.composite
def layers(draw: st.DrawFn, inputs: int, outputs: int) -> tuple[Layer, ...]:
    """Up to five layers of all kinds, with connections around and deleted ones, ending in `outputs` units."""
    found: list[Layer] = []
    widths, channels = [inputs], [1]
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(("dense", "masked", "skip", "skip", "conv", "dropout", "norm", "frozen")))
        phi, units, out = draw(st.sampled_from(sorted(ACTIVATIONS))), widths[-1], channels[-1]
        if kind == "norm":
            made = Layer(units, phi, part=BatchNorm())
        elif kind == "dropout":
            made = Layer(units, phi, part=Dropout(draw(st.sampled_from((0.0, 0.3, 0.6)))))
        elif kind == "conv":
            places = units // out
            kernel, stride, into = draw(st.integers(1, places)), draw(st.integers(1, 2)), out
            out = draw(st.integers(1, 2))
            units = ((places - kernel) // stride + 1) * out
            made = Layer(units, phi, part=Conv1d(out, kernel, stride, into))
        else:
            made = draw(dense(kind, phi, widths))
            units, out = made.units, 1
        found.append(made)
        widths.append(units)
        channels.append(out)
    end = draw(dense(draw(st.sampled_from(("dense", "skip"))), "identity", [*widths], outputs))
    return (*found, replace(end, activation=draw(st.sampled_from(("identity", "identity", "tanh", "relu")))))


@st.composite
def dense(draw: st.DrawFn, kind: str, phi: str, widths: list[int], units: int | None = None) -> Layer:
    """A dense layer after columns of these widths: plain, masked, frozen, or where a skip ends."""
    skip, size, before = None, units or draw(st.integers(1, 4)), widths[-1]
    if kind == "skip":
        source = draw(st.integers(0, len(widths) - 1))
        size = size if units else draw(st.sampled_from((size, widths[source])))
        skip = Skip(source, widths[source] != size or draw(st.booleans()))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    scale = draw(st.sampled_from((0.3, 1.0, 3.0)))
    mask = rng.random((size, before)) < 0.6 if kind == "masked" else None
    W = rng.normal(0.0, scale, (size, before))
    return Layer(
        size, phi, W=W if mask is None else W * mask, b=rng.normal(size=size), mask=mask, skip=skip,
        frozen_W=rng.random((size, before)) < 0.4 if kind == "frozen" else None,
        frozen_b=rng.random(size) < 0.4 if kind == "frozen" else None,
    )  # fmt: skip


@st.composite
def losses(draw: st.DrawFn, outputs: int) -> LossSpec:
    """Any loss, with options where it has some."""
    name = draw(st.sampled_from((*sorted(LOSSES), "softmax_cross_entropy")))
    if name != "softmax_cross_entropy":
        return LossSpec(name)
    weights = draw(st.none() | st.just((0.5, 3.0, 1.25, 2.0)[:outputs]))
    return LossSpec(name, draw(st.sampled_from((0.0, 0.0, 0.1))), weights, draw(st.booleans()))


@st.composite
def trainings(draw: st.DrawFn) -> Training:
    """Any optimiser and schedule, with penalties, limits and what is left for later."""
    schedule = draw(st.sampled_from(sorted(SCHEDULES)))
    clips = st.sampled_from((Clip("norm", 0.1), Clip("norm", 100.0), Clip("value", 0.02)))
    return Training(
        Optimizer(draw(st.sampled_from(sorted(OPTIMIZERS))), draw(st.sampled_from((0.001, 0.05, 0.5)))),
        draw(st.integers(1, 4)),
        draw(st.booleans()),
        draw(st.integers(0, 999)),
        schedule=Schedule(schedule),
        l1=draw(st.sampled_from((0.0, 0.0, 0.002))),
        l2=draw(st.sampled_from((0.0, 0.0, 0.03))),
        weight_decay=draw(st.sampled_from((None, 0.0, 0.1))),
        clip=draw(st.none() | clips),
        accumulate=draw(st.sampled_from((1, 1, 2, 3))),
        top_k=draw(st.sampled_from((None, None, 0.3))),
        noise=draw(st.sampled_from((0.0, 0.0, 0.1))),
    )


@st.composite
def mixtures(draw: st.DrawFn) -> tuple[Project, Frame]:
    """A project and a step of it, the first or a later one; in training or, now and then, in evaluation."""
    inputs, outputs = draw(st.integers(1, 5)), draw(st.integers(2, 4))
    spec = draw(losses(outputs))
    rng = np.random.default_rng(draw(st.integers(0, 9999)))
    y = np.eye(outputs)[rng.integers(0, outputs, SAMPLES)]
    if draw(st.booleans()):
        y = rng.dirichlet(np.ones(outputs), SAMPLES)
    if spec.name == "squared_error":
        y = rng.normal(0.0, 2.0, y.shape)
    data = InlineData(rng.normal(size=(SAMPLES, inputs)), y)
    network = NetworkSpec(inputs, draw(layers(inputs, outputs)), spec)
    project = Project(network, data, draw(trainings()))
    running = build.trainer(project, evaluation=draw(st.sampled_from((False, False, True))))
    for _ in range(draw(st.sampled_from((0, 0, 1, 4)))):
        running.step()
    return project, running.preview()
