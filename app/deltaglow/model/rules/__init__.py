"""What values are allowed: the one table behind validation, spin-box limits, tooltips and error texts.

To allow something new, change a row in `network`, `training` or `data` and nothing else.
"""

from __future__ import annotations

from dataclasses import replace

from deltaglow.data import DATASETS, Stored
from deltaglow.engine import LOSSES
from deltaglow.model.rules.constraint import Rule
from deltaglow.model.rules.data import DATA
from deltaglow.model.rules.learning_rate import LEARNING_RATE_BANDS, LearningRateBand, learning_rate_band
from deltaglow.model.rules.limits import MAX_DATA_NUMBERS, MAX_PARAMETERS, MAX_WORKSPACE, RULES_SUM_TOLERANCE
from deltaglow.model.rules.messages import nearest, shown
from deltaglow.model.rules.network import NETWORK
from deltaglow.model.rules.training import TRAINING

__all__ = [
    "LEARNING_RATE_BANDS",
    "MAX_DATA_NUMBERS",
    "MAX_PARAMETERS",
    "MAX_WORKSPACE",
    "RULES",
    "RULES_SUM_TOLERANCE",
    "TARGETS",
    "LearningRateBand",
    "Rule",
    "learning_rate_band",
    "losses_for",
    "nearest",
    "rule",
    "shown",
]

RULES: dict[str, Rule] = {**NETWORK, **TRAINING, **DATA}
"""key → rule. `classes`, `samples` and `noise` are narrowed further by the chosen data set's own limits."""

TARGETS: dict[str, tuple[str, ...]] = {"classes": ("distribution", "unit", "real"), "values": ("real",)}
"""What a data set's targets are → the kinds of targets that they are good for."""


def rule(key: str, data: str | None = None) -> Rule:
    """The rule called `key`; with the name of a built-in set, narrowed to what that set can make."""
    found = RULES[key]
    kind = DATASETS.get(data) if data is not None else None
    if kind is None:
        return found
    low, high, default = {
        "classes": (kind.min_classes, kind.max_classes, kind.default_classes),
        "samples": (kind.min_samples, kind.max_samples, kind.default_samples),
        "noise": (0.0, kind.max_noise, kind.default_noise),
    }[key]
    narrowed = replace(found, minimum=low, maximum=high, default=default)
    if key == "noise" and isinstance(kind.make, Stored):
        return replace(narrowed, unit="each feature's standard deviation")
    return narrowed


def losses_for(data: str) -> tuple[str, ...]:
    """The losses that suit a built-in data set."""
    return tuple(name for name, loss in LOSSES.items() if loss.targets in TARGETS[DATASETS[data].targets])
