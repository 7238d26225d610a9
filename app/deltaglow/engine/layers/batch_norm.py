"""Batch normalisation: every unit's numbers, over the batch, at mean 0 and variance 1, then scaled and moved.

Ioffe and Szegedy 2015. In training the mean μ and the variance σ² (divided by B) are the batch's own, and
every sample's error reaches all the others through them; in evaluation they are running averages, which each
training step moves by `momentum` towards μ and the unbiased variance σ² B/(B − 1), as PyTorch does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from deltaglow.engine.layers.base import Circumstances, Columns, LayerBuffers, LayerShape, LayerSpec, Place
from deltaglow.engine.layers.one_to_one import OneToOneShape, diagonal
from deltaglow.engine.ops import Array, Tape, op


@dataclass(frozen=True, eq=False)
class BatchNorm(LayerSpec):
    """x̂ = (x − μ) / √(σ² + eps), z = γ x̂ + β, a = φ(z); as many units as the layer before.

    gamma (1), beta (0), running_mean (0) and running_var (1), all (units,), start as said unless given.
    momentum: how far a step moves the running averages. A batch of one sample has no spread: its x̂ is 0, and
    the running averages stay.
    """

    activation: str = "identity"
    gamma: Array | None = None
    beta: Array | None = None
    eps: float = 1e-5
    momentum: float = 0.1
    running_mean: Array | None = None
    running_var: Array | None = None

    def shape(self, before: Columns) -> BatchNormShape:
        """The layer behind these columns. Raises ValueError if an array does not fit."""
        units = before.widths[-1]
        for name in ("gamma", "beta", "running_mean", "running_var"):
            array = getattr(self, name)
            if array is not None and np.shape(array) != (units,):
                raise ValueError(f"{name} has shape {np.shape(array)}, not {(units,)}")
        return BatchNormShape(units, units, self.activation, before.channels[-1], self.eps, self.momentum)

    def fill(self, shape: LayerShape, block: Array, statistics: Array, rng: np.random.Generator) -> None:
        """γ, β and the running averages."""
        for target, given, start in (
            (block[0], self.gamma, 1.0),
            (block[1], self.beta, 0.0),
            (statistics[0], self.running_mean, 0.0),
            (statistics[1], self.running_var, 1.0),
        ):
            target[:] = start if given is None else given


@dataclass(frozen=True, eq=False)
class BatchNormShape(OneToOneShape):
    """Batch normalisation without its numbers. Its block is [γ; β]; it remembers [mean; variance].

    Seen as a dense layer, unit j listens to x̂ⱼ alone: W is γ on a diagonal, b is β.
    """

    kind: ClassVar[str] = "batch_norm"
    label: ClassVar[str] = "BatchNorm"

    eps: float = 1e-5
    momentum: float = 0.1

    @property
    def block_shape(self) -> Place:
        return (2, self.units)

    @property
    def weight_rows(self) -> int:
        return 1

    @property
    def statistics_shape(self) -> Place:
        return (2, self.units)

    def W(self, block: Array) -> Array:
        return diagonal(block[0])

    def b(self, block: Array) -> Array:
        beta: Array = block[1]
        return beta

    def named(self, block: Array) -> dict[str, Array]:
        return {"gamma": block[0], "beta": block[1]}

    def place(self, name: str, index: tuple[int, ...]) -> Place:
        return (0 if name == "W" else 1), index[0]

    def parameters(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        for j in range(self.units):
            yield "W", (j, j)
        for j in range(self.units):
            yield "b", (j,)

    def buffers(self, where: Circumstances) -> BatchNormBuffers:
        return BatchNormBuffers(self, where)


class BatchNormBuffers(LayerBuffers):
    """The arrays of batch normalisation: x_hat (rows, units), moments [μ; σ²] and sd = √(σ² + eps)."""

    by_row = ("x_hat", "_centred", "_scratch")

    def __init__(self, shape: BatchNormShape, where: Circumstances) -> None:
        super().__init__(shape, where)
        rows, wider = where.rows, where.backend.wider
        self._shape, self._training = shape, where.training
        self.statistics = where.statistics
        """[running mean; running variance], (2, units)."""
        self.x_hat = where.backend.zeros((rows, shape.units))
        self.moments = wider.zeros((2, shape.units)) if where.training else where.statistics
        self.sd = wider.zeros(shape.units)
        self._scale = wider.zeros(shape.units)
        self._means = wider.zeros((2, shape.units))
        self._centred = wider.zeros((rows, shape.units))
        self._scratch = wider.zeros((rows, shape.units))

    def weigh(self, inputs: Array, block: Array) -> Tape:
        """z = γ x̂ + β."""
        x, (mean, var) = inputs[:, :-1], self.moments
        share = 1.0 / len(x)
        tape = self.backend.column_sums(x, mean, share) if self._training else []
        tape.append(op(self.xp.subtract, x, mean, self._centred))
        if self._training:
            tape += [
                op(self.xp.multiply, self._centred, self._centred, self._scratch),
                *self.backend.column_sums(self._scratch, var, share),
            ]
        return [
            *tape,
            op(self.xp.add, var, self._shape.eps, self.sd),
            op(self.xp.sqrt, self.sd, self.sd),
            op(self.xp.divide, self._centred, self.sd, self.x_hat),
            op(self.xp.multiply, self.x_hat, block[0], self.z),
            op(self.xp.add, self.z, block[1], self.z),
        ]

    def gather(self, inputs: Array, block_gradient: Array) -> Tape:
        """dγ = Σ δ x̂, dβ = Σ δ, over the batch."""
        return [
            op(self.xp.multiply, self.delta, self.x_hat, self._scratch, **self.backend.computing),
            *self.backend.column_sums(self._scratch, block_gradient[0]),
            *self.backend.column_sums(self.delta, block_gradient[1]),
            op(self.xp.multiply, block_gradient, 1.0 / len(self.delta), self._means),
        ]

    def send_back(self, block: Array, before: LayerBuffers) -> Tape:
        """∂L/∂x = γ/√(σ²+eps) (δ − mean δ − x̂ mean(δ x̂)); in evaluation, γ/√(σ²+eps) δ."""
        scale = op(self.xp.divide, block[0], self.sd, self._scale)
        if not self._training:
            return [scale, op(self.xp.multiply, self.delta, self._scale, before.back)]
        return [
            scale,
            op(self.xp.multiply, self.x_hat, self._means[0], self._scratch),
            op(self.xp.add, self._scratch, self._means[1], self._scratch),
            op(self.xp.subtract, self.delta, self._scratch, self._scratch),
            op(self.xp.multiply, self._scratch, self._scale, before.back),
        ]

    def commit(self) -> Tape:
        """running ← (1 − momentum) running + momentum [μ; σ² B/(B − 1)]."""
        rows, momentum = len(self.x_hat), self._shape.momentum
        if not self._training or rows == 1:
            return []
        share = self.backend.wider.array([[momentum], [momentum * rows / (rows - 1)]])
        return [
            op(self.xp.multiply, self.statistics, 1.0 - momentum, self.statistics),
            op(self.xp.multiply, self.moments, share, self._means),
            op(self.xp.add, self.statistics, self._means, self.statistics),
        ]

    def extra(self) -> dict[str, Array]:
        """x_hat (rows, units), mean and var, as used in this step."""
        return {"x_hat": self.x_hat, "mean": self.moments[0], "var": self.moments[1]}

    def remembered(self) -> dict[str, Array]:
        """The running mean and variance."""
        return {"running_mean": self.statistics[0], "running_var": self.statistics[1]}
