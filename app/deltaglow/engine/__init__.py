"""What is computed: networks, gradients and training steps in NumPy. Knows no screen, file or thread."""

from deltaglow.engine.activations import ACTIVATIONS, Activation
from deltaglow.engine.frame import Architecture, Frame, LayerTrace
from deltaglow.engine.gradcheck import Difference, GradientCheck, Probe, check_gradients
from deltaglow.engine.initializers import INITIALIZERS, Initializer
from deltaglow.engine.layers import (
    BatchNorm,
    Conv1d,
    Conv1dShape,
    Dense,
    DenseShape,
    Dropout,
    LayerShape,
    LayerSpec,
    Skip,
)
from deltaglow.engine.losses import LOSSES
from deltaglow.engine.network import Network, parameter_count
from deltaglow.engine.optimizers import OPTIMIZERS
from deltaglow.engine.trainer import NonFinite, Trainer, TrainerState

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "Activation",
    "Architecture",
    "BatchNorm",
    "Conv1d",
    "Conv1dShape",
    "Dense",
    "DenseShape",
    "Difference",
    "Dropout",
    "Frame",
    "GradientCheck",
    "Initializer",
    "LayerShape",
    "LayerSpec",
    "LayerTrace",
    "Network",
    "NonFinite",
    "Probe",
    "Skip",
    "Trainer",
    "TrainerState",
    "check_gradients",
    "parameter_count",
]
