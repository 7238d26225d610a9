"""What is computed: networks, gradients and training steps in NumPy. Knows no screen and no file."""

from deltaglow.engine.activations import ACTIVATIONS, Activation
from deltaglow.engine.clipping import Clip
from deltaglow.engine.early_stopping import EarlyStopping, Watch
from deltaglow.engine.evaluation import Evaluation, Evaluator, evaluate
from deltaglow.engine.frame import Architecture, Frame, LayerTrace
from deltaglow.engine.gradcheck import Difference, GradientCheck, Probe, check_gradients
from deltaglow.engine.initializers import AUTO, INITIALIZERS, Initializer, Start, gain_of
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
from deltaglow.engine.ledger import Ledger
from deltaglow.engine.loss_scale import LossScale, ScaleState
from deltaglow.engine.losses import LOSSES, Loss, LossSpec
from deltaglow.engine.network import Network, parameter_count
from deltaglow.engine.ops import host
from deltaglow.engine.optimizers import OPTIMIZERS
from deltaglow.engine.precision import DEVICES, PRECISIONS, NoDevice, Precision, backend, missing
from deltaglow.engine.predictor import Predictor
from deltaglow.engine.regularisation import Penalties
from deltaglow.engine.schedules import SCHEDULES
from deltaglow.engine.segments import AUTO_SEGMENTS, segment_count
from deltaglow.engine.trainer import Trainer
from deltaglow.engine.trainer_state import NonFinite, TrainerOptions, TrainerState
from deltaglow.engine.update_trace import UpdateTrace
from deltaglow.engine.updater import UpdateRule

__all__ = [
    "ACTIVATIONS",
    "AUTO",
    "AUTO_SEGMENTS",
    "DEVICES",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "PRECISIONS",
    "SCHEDULES",
    "Activation",
    "Architecture",
    "BatchNorm",
    "Clip",
    "Conv1d",
    "Conv1dShape",
    "Dense",
    "DenseShape",
    "Difference",
    "Dropout",
    "EarlyStopping",
    "Evaluation",
    "Evaluator",
    "Frame",
    "GradientCheck",
    "Initializer",
    "LayerShape",
    "LayerSpec",
    "LayerTrace",
    "Ledger",
    "Loss",
    "LossScale",
    "LossSpec",
    "Network",
    "NoDevice",
    "NonFinite",
    "Penalties",
    "Precision",
    "Predictor",
    "Probe",
    "ScaleState",
    "Skip",
    "Start",
    "Trainer",
    "TrainerOptions",
    "TrainerState",
    "UpdateRule",
    "UpdateTrace",
    "Watch",
    "backend",
    "check_gradients",
    "evaluate",
    "gain_of",
    "host",
    "missing",
    "parameter_count",
    "segment_count",
]
