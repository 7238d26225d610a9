"""When and by which numbers a run is judged as it goes on: on samples kept out of it, and by R²."""

from __future__ import annotations

from math import ceil

from deltaglow.engine.losses import LOSSES, LossSpec

SHARE = 8
"""One part in about this many of a run's time may go into judging it."""


def is_regression(loss: LossSpec) -> bool:
    """Whether outputs are numbers to be predicted, which are not right or wrong: R² stands for accuracy."""
    return LOSSES[loss.name].targets == "real"


def verdict_names(loss: LossSpec, kept_out: int) -> tuple[str, ...]:
    """The scalars by which a run is judged: loss and accuracy (or R²) on the `kept_out` samples, if there are
    any; in regression, where a batch tells little, R² on all samples of the training as well.
    """
    score = "r_squared" if is_regression(loss) else "accuracy"
    names = ("validation_loss", f"validation_{score}") if kept_out else ()
    return (*names, score) if is_regression(loss) else names


def verdict_spacing(steps_per_epoch: int, batch_size: int, samples: int) -> int:
    """Steps from one verdict on so many `samples` to the next: whole epochs, so that it costs what it may.

    A verdict costs the calls of a step or two, and for each sample about a third of what a step does.
    """
    steps = SHARE * (2 + samples / (3 * batch_size))
    return steps_per_epoch * ceil(steps / steps_per_epoch)
