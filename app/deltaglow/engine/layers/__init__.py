"""The kinds of layer. To add one: a file here, and a line in `deltaglow.model.kinds`."""

from deltaglow.engine.layers.base import Circumstances, Columns, LayerBuffers, LayerShape, LayerSpec, Skip
from deltaglow.engine.layers.batch_norm import BatchNorm, BatchNormBuffers, BatchNormShape
from deltaglow.engine.layers.conv1d import Conv1d, Conv1dShape
from deltaglow.engine.layers.dense import Dense, DenseBuffers, DenseShape
from deltaglow.engine.layers.dropout import Dropout, DropoutBuffers, DropoutShape

__all__ = [
    "BatchNorm",
    "BatchNormBuffers",
    "BatchNormShape",
    "Circumstances",
    "Columns",
    "Conv1d",
    "Conv1dShape",
    "Dense",
    "DenseBuffers",
    "DenseShape",
    "Dropout",
    "DropoutBuffers",
    "DropoutShape",
    "LayerBuffers",
    "LayerShape",
    "LayerSpec",
    "Skip",
]
