"""Random networks of every kind of layer, and runs of them that differ in one thing."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from hypothesis import strategies as st

from deltaglow.engine import (
    ACTIVATIONS,
    LOSSES,
    OPTIMIZERS,
    BatchNorm,
    Clip,
    Conv1d,
    Dense,
    Dropout,
    Frame,
    LayerSpec,
    LossSpec,
    Network,
    Penalties,
    Skip,
    Trainer,
    TrainerOptions,
    UpdateRule,
    backend,
)

INPUTS, OUTPUTS, SAMPLES = 6, 3, 11


@dataclasses.dataclass
class Run:
    """What a run is made of, so that it can be made again with something changed."""

    layers: list[LayerSpec]
    loss: LossSpec
    optimizer: str
    rule: UpdateRule
    noise: float
    batch: int
    rate: float = 0.05
    precision: str = "float64"

    def trainer(self, **options: Any) -> Trainer:
        """A trainer at step 0."""
        rng = np.random.default_rng(7)
        x = rng.normal(size=(SAMPLES, INPUTS))
        labels = rng.integers(0, OUTPUTS, SAMPLES)
        return Trainer(
            Network(INPUTS, self.layers, self.loss, rng, backend(self.precision)),
            x,
            np.eye(OUTPUTS)[labels],
            optimizer=self.optimizer,
            learning_rate=self.rate,
            batch_size=self.batch,
            shuffle=True,
            rng=rng,
            options=TrainerOptions(update=self.rule, noise=self.noise, **options),
        )


@st.composite
def stacks(draw: st.DrawFn, norms: bool = True) -> list[LayerSpec]:
    """Up to nine layers of all kinds and activations over 6 inputs, ending in 3 units."""
    layers: list[LayerSpec] = []
    widths, channels = [INPUTS], [1]
    kinds = ("dense", "masked", "skip", "skip", "conv", "dropout", *(("norm",) if norms else ()))
    for _ in range(draw(st.integers(1, 8))):
        kind, phi = draw(st.sampled_from(kinds)), draw(st.sampled_from(sorted(ACTIVATIONS)))
        places = widths[-1] // channels[-1]
        units, out = widths[-1], channels[-1]
        if kind == "norm":
            layers.append(BatchNorm(phi))
        elif kind == "dropout":
            layers.append(Dropout(draw(st.sampled_from((0.0, 0.3, 0.6)))))
        elif kind == "conv":
            kernel, stride = draw(st.integers(1, places)), draw(st.integers(1, 3))
            out = draw(st.integers(1, 3))
            units = ((places - kernel) // stride + 1) * out
            layers.append(Conv1d(out, kernel, stride, phi))
        else:
            units, out, skip, mask = draw(st.integers(1, 5)), 1, None, None
            if kind == "skip":
                source = draw(st.integers(0, len(layers)))
                units = draw(st.sampled_from((units, widths[source])))
                skip = Skip(source, widths[source] != units or draw(st.booleans()))
            if kind == "masked":
                seed = draw(st.integers(0, 9))
                mask = np.random.default_rng(seed).integers(0, 2, (units, widths[-1])).astype(float)
            layers.append(Dense(units, phi, skip=skip, mask=mask))
        widths.append(units)
        channels.append(out)
    last = draw(st.integers(0, len(layers)))
    return [*layers, Dense(OUTPUTS, skip=Skip(last, True) if draw(st.booleans()) else None)]


LOSS_SPECS = (
    *(LossSpec(name) for name in LOSSES),
    LossSpec(label_smoothing=0.1, class_weights=(1.0, 3.0, 0.5)),
)
RULES = (
    UpdateRule(),
    UpdateRule(penalties=Penalties(0.001, 0.02), weight_decay=0.1, clip=Clip("norm", 0.2), accumulate=2),
)


@st.composite
def runs(draw: st.DrawFn, norms: bool = True) -> Run:
    """A network with a loss, an optimiser, and what else a run may have."""
    return Run(
        draw(stacks(norms)),
        draw(st.sampled_from(LOSS_SPECS)),
        draw(st.sampled_from(sorted(OPTIMIZERS))),
        draw(st.sampled_from(RULES)),
        draw(st.sampled_from((0.0, 0.1))),
        draw(st.sampled_from((2, 4, 11))),
    )


def captured(trainer: Trainer) -> Frame:
    """The frame of the next step, which is made."""
    frame = trainer.step(capture=True)
    assert frame is not None
    return frame


def differences(one: object, other: object, where: str = "frame") -> list[str]:
    """Where two frames differ by a bit or more, by name."""
    if isinstance(one, np.ndarray):
        same = isinstance(other, np.ndarray) and one.dtype == other.dtype and one.shape == other.shape
        return [] if same and one.tobytes() == np.asarray(other).tobytes() else [where]
    if isinstance(one, float) and isinstance(other, float):
        return [] if one == other or (one != one and other != other) else [where]
    if dataclasses.is_dataclass(one):
        pairs = [(f.name, getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one)]
    elif isinstance(one, (list, tuple)):
        assert isinstance(other, (list, tuple)) and len(one) == len(other), where
        pairs = [(str(i), a, b) for i, (a, b) in enumerate(zip(one, other, strict=True))]
    elif hasattr(one, "items"):
        assert one.keys() == other.keys(), where  # type: ignore[attr-defined]
        pairs = [(str(key), value, other[key]) for key, value in one.items()]  # type: ignore[index]
    else:
        return [] if one == other else [where]
    return [found for name, a, b in pairs for found in differences(a, b, f"{where}.{name}")]
