"""What is minimised: an output function with its loss. To add a pair: a file here, and its name below."""

from __future__ import annotations

from deltaglow.engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy

LOSSES: dict[str, type[SoftmaxCrossEntropy]] = {SoftmaxCrossEntropy.name: SoftmaxCrossEntropy}

__all__ = ["LOSSES", "SoftmaxCrossEntropy"]
