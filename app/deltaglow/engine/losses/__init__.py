"""What is minimised: an output function with its loss. To add a pair: a file here, and its name below."""

from __future__ import annotations

from deltaglow.engine.losses.base import Loss, LossSpec
from deltaglow.engine.losses.sigmoid_cross_entropy import SigmoidCrossEntropy
from deltaglow.engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy
from deltaglow.engine.losses.softmax_squared_error import SoftmaxSquaredError
from deltaglow.engine.losses.squared_error import SquaredError

LOSSES: dict[str, type[Loss]] = {
    pair.name: pair for pair in (SoftmaxCrossEntropy, SoftmaxSquaredError, SigmoidCrossEntropy, SquaredError)
}

__all__ = ["LOSSES", "Loss", "LossSpec"]
