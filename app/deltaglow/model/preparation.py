"""How features become inputs: what the file format writes of it, and what is allowed."""

from __future__ import annotations

from typing import Any

from deltaglow.data import FEATURES, features_in, width
from deltaglow.model.errors import ProjectError
from deltaglow.model.node import Node
from deltaglow.model.project import NetworkSpec, Preparation
from deltaglow.model.rules import RULES

KEYS = ("scale", "features")
"""The keys of the data that are about it."""


def read(fields: dict[str, Node]) -> Preparation:
    """What the data's fields say of it. Raises ProjectError."""
    scale = fields["scale"].word("scale") if "scale" in fields else str(RULES["scale"].default)
    chosen = [item.word("engineered") for item in fields["features"].items()] if "features" in fields else []
    for k, name in enumerate(chosen):
        if name in chosen[:k]:
            raise fields["features"].fail(f'has "{name}" twice')
    return Preparation(scale, tuple(name for name in FEATURES if name in chosen))


def written(chosen: Preparation) -> dict[str, Any]:
    """What a document says of it: nothing, where it is as it is by default."""
    made: dict[str, Any] = {}
    if chosen.scale != Preparation.scale:
        made["scale"] = chosen.scale
    if chosen.features:
        made["features"] = list(chosen.features)
    return made


def check(chosen: Preparation) -> None:
    """Check it alone. Raises ProjectError."""
    problem = RULES["scale"].problem(chosen.scale)
    if problem is not None:
        raise ProjectError("data.scale", problem)
    for k, name in enumerate(chosen.features):
        problem = RULES["engineered"].problem(name)
        if problem is not None:
            raise ProjectError(f"data.features[{k}]", problem)
    if chosen.features != tuple(name for name in FEATURES if name in chosen.features):
        raise ProjectError("data.features", f"must be in the order {', '.join(FEATURES)}, each once")


def check_inputs(spec: NetworkSpec, chosen: Preparation, features: int, whose: str) -> None:
    """Check that the network has as many inputs as the features make. Raises ProjectError."""
    made = width(features, chosen.features)
    if made == spec.inputs:
        return
    engineered = f", which make {made} with data.features" if chosen.features else ""
    raise ProjectError(
        "network.inputs",
        f"is {spec.inputs}, {whose} has {features} feature{'s' * (features != 1)}{engineered}",
    )


def own_features(inputs: int, chosen: Preparation) -> int:
    """How many features a sample of the project's own must have. Raises ProjectError if no number fits."""
    found = features_in(inputs, chosen.features)
    if found is None:
        families = ", ".join(chosen.features)
        problem = f"is {inputs}, which no number of features makes with {families}"
        raise ProjectError("network.inputs", problem)
    return found
