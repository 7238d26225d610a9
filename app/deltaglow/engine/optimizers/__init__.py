"""The rules that turn a gradient into a step. To add one: a file here, and its name below."""

from __future__ import annotations

from deltaglow.engine.optimizers.adagrad import Adagrad
from deltaglow.engine.optimizers.adam import Adam, AdamW
from deltaglow.engine.optimizers.base import Optimizer
from deltaglow.engine.optimizers.momentum import Momentum, Nesterov
from deltaglow.engine.optimizers.rmsprop import RMSProp
from deltaglow.engine.optimizers.sgd import SGD

OPTIMIZERS: dict[str, type[Optimizer]] = {
    rule.name: rule for rule in (SGD, Momentum, Nesterov, RMSProp, Adam, AdamW, Adagrad)
}

__all__ = ["OPTIMIZERS", "Optimizer"]
