"""The activation functions, one entry each in the table. To add one: a file here, and its name below."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.activations.identity import Identity
from deltaglow.engine.activations.rectifiers import LeakyReLU, ReLU
from deltaglow.engine.activations.sigmoid import Sigmoid
from deltaglow.engine.activations.tanh import Tanh

ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation for activation in (Identity(), Sigmoid(), Tanh(), ReLU(), LeakyReLU())
}

__all__ = ["ACTIVATIONS", "Activation"]
