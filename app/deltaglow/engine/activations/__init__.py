"""The activation functions, one entry each in the table. To add one: a file here, and its name below."""

from __future__ import annotations

from deltaglow.engine.activations.base import Activation
from deltaglow.engine.activations.elu import ELU
from deltaglow.engine.activations.gelu import GELU
from deltaglow.engine.activations.gelu_tanh import GELUTanh
from deltaglow.engine.activations.hard_tanh import HardTanh
from deltaglow.engine.activations.identity import Identity
from deltaglow.engine.activations.rectifiers import LeakyReLU, ReLU
from deltaglow.engine.activations.selu import SELU
from deltaglow.engine.activations.sigmoid import Sigmoid
from deltaglow.engine.activations.silu import SiLU
from deltaglow.engine.activations.softplus import Softplus
from deltaglow.engine.activations.tanh import Tanh

ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Identity(),
        Sigmoid(),
        Tanh(),
        ReLU(),
        LeakyReLU(),
        ELU(),
        SELU(),
        GELU(),
        GELUTanh(),
        SiLU(),
        Softplus(),
        HardTanh(),
    )
}

__all__ = ["ACTIVATIONS", "Activation"]
