"""What a run is made of beside network and data: its options, its state between two steps, how it breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deltaglow.engine.early_stopping import EarlyStopping, Watch
from deltaglow.engine.frame import Frame
from deltaglow.engine.loss_scale import LossScale, ScaleState
from deltaglow.engine.ops import Array, IntArray
from deltaglow.engine.updater import UpdateRule


class NonFinite(ArithmeticError):
    """The step produced an infinity or a NaN. The parameters are still those before it.

    `step` is its number, `quantity` the first thing, in the order of computation, that was not finite.
    `frame` shows the step as far as it went (its theta_after is theta), if a frame was asked for.
    """

    def __init__(self, step: int, quantity: str, frame: Frame | None = None) -> None:
        super().__init__(f"step {step}: {quantity} is no longer a finite number")
        self.step = step
        self.quantity = quantity
        self.frame = frame


@dataclass(frozen=True, eq=False)
class TrainerState:
    """All that decides what the next steps will be: restoring it replays them bit for bit."""

    step: int
    theta: Array
    optimizer: tuple[Array, ...]
    learning_rate: float
    generator: Mapping[str, Any]
    epoch_generator: Mapping[str, Any]
    """The generator's state just before it drew the order of the epoch under way."""
    statistics: Array
    """What layers remember from batch to batch, flat."""
    streams: tuple[Mapping[str, Any], ...]
    """The states of the generators that layers draw from, in their order."""
    watch: Watch
    """What early stopping has seen."""
    scaling: ScaleState | None = None
    """Of mixed precision, the loss scale."""
    begun: int = 0
    """How many updates were made before the optimiser began, in a run that had another one first."""


@dataclass(frozen=True, eq=False)
class TrainerOptions:
    """What a run may have beside the plain step.

    update: how gradients become steps. noise: σ of the normal noise added to the inputs of every step, drawn
    from a stream of its own that begins at noise_seed. early_stopping: when to stop. validation: samples (x,
    y) that are kept out of the training. rows (N,): the numbers by which frames call the samples, where x and
    y are a part of a larger set. checkpoint: in how many segments the layers share the memory of their
    activations, or "auto"; 1 for none. micro_batches: parts of a batch that are computed at the same time.
    """

    update: UpdateRule = field(default_factory=UpdateRule)
    noise: float = 0.0
    noise_seed: int = 0
    early_stopping: EarlyStopping | None = None
    validation: tuple[Array, Array] | None = None
    rows: IntArray | None = None
    checkpoint: int | str = 1
    micro_batches: int = 1
    loss_scale: LossScale = field(default_factory=LossScale)
