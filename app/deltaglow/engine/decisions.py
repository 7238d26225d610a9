"""What a step decides beside its update: the loss scale of the next, and whether the run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from types import MappingProxyType

from deltaglow.engine.early_stopping import EarlyStopping, Watch
from deltaglow.engine.loss_scale import ScaleState, Scaling


def _nothing() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Decisions:
    """numbers, those that there are: `loss_scale` and `loss_scale_after` of mixed precision; with early
    stopping `best_loss_before` and `waited_before` (epochs), what was known before the step; `watched_loss`,
    the loss looked at after a step that ends an epoch; `best_loss` and `waited`, what is known after it.
    settings: what the rules go by: `good` (steps in a row before this one), `grow_after`, `patience`,
    `min_delta`, and as 1 or 0 `looked` (whether an epoch ended), `kept_out` (whether the samples looked at
    are kept out of the training), `stops` (whether this step ends the run).
    """

    numbers: Mapping[str, float] = field(default_factory=_nothing)
    settings: Mapping[str, float] = field(default_factory=_nothing)


def decided(
    scaling: Scaling | None,
    scale: ScaleState | None,
    rule: EarlyStopping | None,
    watches: tuple[Watch, Watch],
    looked_at: float | None,
    kept_out: bool,
) -> Decisions:
    """What a step has decided. scale: that before it; watches: before and after it; looked_at: the loss,
    where an epoch ended; kept_out: whether that is of samples kept out of the training.
    """
    numbers: dict[str, float] = {}
    settings: dict[str, float] = {}
    if scaling is not None and scale is not None:
        numbers |= {"loss_scale": scale.scale, "loss_scale_after": scaling.state.scale}
        settings |= {"good": scale.good, "grow_after": scaling.rule.grow_after}
    if rule is not None:
        before, after = watches
        losses = {
            "best_loss_before": before.best_loss,
            "watched_loss": nan if looked_at is None else looked_at,
            "best_loss": after.best_loss,
        }
        numbers |= {"waited_before": before.waited, "waited": after.waited}
        numbers |= {name: loss for name, loss in losses.items() if isfinite(loss)}
        stops = before.stopped_at is None and after.stopped_at is not None
        settings |= {"patience": rule.patience, "min_delta": rule.min_delta}
        settings |= {"looked": looked_at is not None, "kept_out": kept_out, "stops": stops}
    return Decisions(_floats(numbers), _floats(settings))


def _floats(found: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType({name: float(number) for name, number in found.items()})
