"""The pairs of output function and loss, explained: one table from the engine's names."""

from deltaglow.engine import Frame
from deltaglow.explain.outputs.base import Pair
from deltaglow.explain.outputs.cross_entropy import CrossEntropy
from deltaglow.explain.outputs.sigmoid import SigmoidCrossEntropy
from deltaglow.explain.outputs.squared import SoftmaxSquaredError, SquaredError

PAIRS: dict[str, Pair] = {
    "softmax_cross_entropy": CrossEntropy(),
    "softmax_squared_error": SoftmaxSquaredError(),
    "sigmoid_cross_entropy": SigmoidCrossEntropy(),
    "squared_error": SquaredError(),
}


def pair_of(frame: Frame) -> Pair:
    """The pair that a frame's network ends in."""
    return PAIRS[frame.architecture.loss.name]


__all__ = ["PAIRS", "Pair", "pair_of"]
