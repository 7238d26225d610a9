"""When the weights of inputs that are zero may be left alone: where nothing else in a project moves them."""

from __future__ import annotations

from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project, Training

_PLAIN = ("l1", "l2", "clip", "accumulate", "top_k", "noise", "micro_batches", "precision", "device")
"""Settings of the training that must be as they are by default: they move more weights, or need them all."""


def check(project: Project) -> None:
    """Check that sparse inputs go with everything else in the project. Raises ProjectError."""
    training, first = project.training, project.network.layers[0]
    if not training.sparse_inputs:
        return
    optimizer = training.optimizer.name
    if optimizer != "sgd":
        raise _refused(f"training.optimizer is {optimizer}, which moves weights of inputs that are zero too")
    if training.weight_decay:
        raise _refused("training.weight_decay moves weights of inputs that are zero too")
    for key in _PLAIN:
        if getattr(training, key) != getattr(Training(), key):
            raise _refused(f"training.{key} is not for it: it is for plain descent")
    layers = project.network.layers
    if any(layer.frozen or layer.frozen_W is not None or layer.frozen_b is not None for layer in layers):
        raise _refused("a layer is frozen, which is worked out for all of its weights")
    if first.part is not None:
        raise _refused(f"the first layer is {first.type}, and must be dense")


def _refused(why: str) -> ProjectError:
    return ProjectError("training.sparse_inputs", f"is true, but {why}")
