"""Projects for the tests of this folder: documents to spoil, and a strategy for arbitrary valid projects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from deltaglow.data import DATASETS, FEATURES, SCALINGS, most, width
from deltaglow.engine import (
    INITIALIZERS,
    LOSSES,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULES,
    Clip,
    EarlyStopping,
    LossScale,
    LossSpec,
)
from deltaglow.model.project import (
    BuiltinData,
    InlineData,
    Layer,
    NetworkSpec,
    Optimizer,
    Preparation,
    Project,
    Schedule,
    Settings,
    Training,
)
from deltaglow.model.rules import RULES, losses_for


def document() -> dict[str, Any]:
    """A valid document with two layers and two samples, new each time."""
    return {
        "deltaglow": 1,
        "network": {
            "inputs": 3,
            "loss": "softmax_cross_entropy",
            "layers": [
                {
                    "type": "dense",
                    "units": 2,
                    "activation": "sigmoid",
                    "W": [[0.2, -0.3, 0.4], [-0.5, 0.1, 0.2]],
                    "b": [0.5, 0.5],
                },
                {
                    "type": "dense",
                    "units": 2,
                    "activation": "identity",
                    "W": [[0.3, 0.4], [-0.1, 0.2]],
                    "b": [0.1, 0.1],
                },
            ],
        },
        "data": {"inline": {"x": [[1, 2, -1], [0, 1, 0]], "y": [[1, 0], [0.25, 0.75]]}},
        "training": {
            "optimizer": {"name": "sgd", "learning_rate": 0.1},
            "batch_size": 1,
            "shuffle": False,
            "seed": 0,
        },
    }


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
FEATURE_VALUES = st.floats(-1e150, 1e150)
"""Of which the squares are finite too."""
POWERS = st.integers(0, 24).map(lambda power: 2.0**power)
SEEDS = st.integers(0, 2**31 - 1)


@st.composite
def settings(draw: st.DrawFn, taken: Mapping[str, float]) -> Settings:
    """Any values for some of the settings that a rule takes."""
    chosen = []
    for key in taken:
        known = RULES[key]
        if draw(st.booleans()) and key != "warmup":
            low, high = known.minimum or 0, known.maximum or 1
            whole = st.integers(max(int(low), 200), int(high))
            number = st.floats(low, high, exclude_min=known.exclusive)
            chosen.append((key, draw(whole if known.integer else number)))
    return tuple(chosen)


@st.composite
def trainings(draw: st.DrawFn) -> Training:
    """Any training: each part of it given or left out."""
    optimizer, schedule = draw(st.sampled_from(sorted(OPTIMIZERS))), draw(st.sampled_from(sorted(SCHEDULES)))
    above = st.floats(0, 1000, exclude_min=True)
    precision = draw(st.sampled_from(sorted(PRECISIONS)))
    return Training(
        Optimizer(optimizer, draw(above), draw(settings(OPTIMIZERS[optimizer].defaults))),
        draw(st.integers(1, 100_000)),
        draw(st.booleans()),
        draw(SEEDS),
        schedule=Schedule(schedule, draw(settings(SCHEDULES[schedule].defaults))),
        l1=draw(st.floats(0, 1000)),
        l2=draw(st.floats(0, 1000)),
        weight_decay=draw(st.none() | st.floats(0, 1000)),
        clip=draw(st.none() | st.builds(Clip, st.sampled_from(["norm", "value"]), above)),
        accumulate=draw(st.integers(1, 100_000)),
        checkpoint=draw(st.integers(1, 64) | st.just("auto")),
        micro_batches=draw(st.integers(1, 64)),
        top_k=draw(st.none() | st.floats(0, 1, exclude_min=True)),
        noise=draw(st.floats(0, 10)),
        precision=precision,
        loss_scale=draw(st.none() | st.builds(LossScale, POWERS, st.integers(1, 10**6)))
        if precision == "mixed"
        else None,
        early_stopping=draw(
            st.none() | st.builds(EarlyStopping, st.integers(1, 10**6), st.floats(0, 1e6), st.booleans())
        ),
    )


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """Any project of a few units, each part of it given or left out."""
    data: InlineData | BuiltinData
    loss = draw(st.sampled_from(sorted(LOSSES)))
    if draw(st.booleans()):
        kind = DATASETS[draw(st.sampled_from(sorted(DATASETS)))]
        features = kind.inputs
        classes = draw(st.none() | st.integers(kind.min_classes, kind.max_classes))
        outputs = classes or kind.default_classes
        loss = draw(st.sampled_from(losses_for(kind.name)))
        data = BuiltinData(
            kind.name,
            draw(st.integers(kind.min_samples, min(kind.max_samples, kind.min_samples + 46))),
            draw(st.floats(0, kind.max_noise)),
            classes,
            draw(SEEDS),
        )
        balance = draw(st.just(1.0) | st.floats(0.05, 1)) if kind.balanced else 1.0
        if data.samples <= most(kind, balance):
            data = replace(data, balance=balance)
    else:
        features, outputs, rows = (draw(st.integers(1, 4)) for _ in range(3))
        parts = np.array(draw(rectangle(rows, outputs, st.integers(0, 9))), dtype=float)
        parts[:, 0] += 1
        data = InlineData(
            draw(rectangle(rows, features, FEATURE_VALUES)),
            parts / parts.sum(axis=1, keepdims=True),
            picture=draw(st.sampled_from([None, (1, features), (features, 1)])),
        )
    prepared = draw(preparations(features))
    inputs = width(features, prepared.features)
    units = [*draw(st.lists(st.integers(1, 4), max_size=3)), outputs]
    layers, before = [], inputs
    for k, after in enumerate(units):
        names = draw(st.booleans())
        init = draw(st.sampled_from(RULES["init"].choices))
        gains = st.just("auto") | st.floats(0, 1000, exclude_min=True)
        layers.append(
            Layer(
                after,
                draw(st.sampled_from(RULES["activation"].choices)),
                init,
                draw(st.none() | rectangle(after, before, NUMBERS)),
                draw(st.none() | st.lists(NUMBERS, min_size=after, max_size=after)),
                draw(st.none() | rectangle(after, before, st.booleans())),
                tuple(tuple(f"w{k}_{j}_{i}" for i in range(before)) for j in range(after)) if names else None,
                tuple(f"β{k}_{j}" if j else "" for j in range(after)) if names else None,
                gain=draw(gains) if INITIALIZERS[init].own_gain is not None else 1.0,
                constant=draw(st.floats(-1000, 1000)) if init == "constant" else 0.1,
            )
        )
        before = after
    training = draw(trainings())
    title = draw(st.text(st.characters(categories=("L", "N", "P")), max_size=20))
    network = NetworkSpec(inputs, tuple(layers), draw(losses(loss, outputs)))
    return Project(network, data, training, title, preparation=prepared)


@st.composite
def preparations(draw: st.DrawFn, features: int) -> Preparation:
    """Any preparation of so many features that does not make very many inputs of them."""
    chosen = draw(st.sets(st.sampled_from(sorted(FEATURES))))
    few = tuple(name for name in FEATURES if name in chosen) if features < 10 else ()
    return Preparation(draw(st.sampled_from(sorted(SCALINGS))), few)


@st.composite
def losses(draw: st.DrawFn, name: str, outputs: int) -> LossSpec:
    """The loss, with its options given or left out."""
    if name != "softmax_cross_entropy":
        return LossSpec(name)
    weights = st.lists(st.floats(1e-6, 1e6), min_size=outputs, max_size=outputs).map(tuple)
    return LossSpec(name, draw(st.floats(0, 0.99)), draw(st.none() | weights), draw(st.booleans()))


def rectangle(rows: int, columns: int, of: st.SearchStrategy[Any]) -> st.SearchStrategy[list[list[Any]]]:
    """Lists of `rows` lists of `columns` items."""
    return st.lists(st.lists(of, min_size=columns, max_size=columns), min_size=rows, max_size=rows)
