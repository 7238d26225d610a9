"""The network: one flat parameter vector with a view of it for every layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.frame import Architecture
from deltaglow.engine.layers import Columns, LayerSpec
from deltaglow.engine.losses import LOSSES, LossSpec
from deltaglow.engine.ops import Array, Tape, host


def parameter_count(widths: Sequence[int]) -> int:
    """The number of weights and biases of dense layers between columns of these widths."""
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(widths))


class Network:
    """Layers in a chain, ending in an output function with its loss.

    Layers count from 1. `theta` (P,) holds every parameter; `blocks[k - 1]` is layer k's part of it, `W(k)`
    (units, n_in) and `b(k)` (units,) are the weights and biases in it: views of it for a dense layer, copies
    for another. `statistics` (S,) is what layers remember from batch to batch, and `streams[k]` the random
    numbers of layer k, if it draws any. Given matrices are copied; a ValueError says which has the wrong
    shape. `backend` says where the numbers lie and of what type they are.
    """

    def __init__(
        self,
        inputs: int,
        layers: Sequence[LayerSpec],
        loss: LossSpec | str,
        rng: np.random.Generator,
        backend: Backend = HOST,
    ) -> None:
        spec = LossSpec(loss) if isinstance(loss, str) else loss
        if spec.name not in LOSSES:
            raise ValueError(f"no such loss: {spec.name}")
        self._arrange(_architecture(inputs, layers, spec), rng, HOST)
        for layer, shape, block, memory in zip(
            layers, self.architecture.layers, self.blocks, self.memories, strict=True
        ):
            layer.fill(shape, block, memory, rng)
        if backend is not HOST:
            self._move(backend)

    @classmethod
    def of(cls, architecture: Architecture) -> Network:
        """A network of this shape whose parameters are all zero."""
        made = cls.__new__(cls)
        cls._arrange(made, architecture, np.random.default_rng(0), HOST)
        return made

    def _arrange(self, architecture: Architecture, rng: np.random.Generator, backend: Backend) -> None:
        self.backend = backend
        self.architecture = architecture
        self.widths = architecture.widths
        self.theta: Array = backend.zeros(architecture.parameters)
        self.blocks = architecture.blocks(self.theta)
        self.working = self.blocks
        """Every layer's block as the products of a step take it: in mixed precision, rounded."""
        self.scale: Array | None = None
        """(1,): by what errors are multiplied on their way, in mixed precision."""
        self._rounded: Array | None = None
        self.rounding: Tape = []
        """The calls with which a pass begins: they write `working` where it is not `blocks`."""
        self.statistics: Array = backend.zeros(architecture.remembered)
        self.memories = architecture.memories(self.statistics)
        drawing = [k for k, shape in enumerate(architecture.layers, start=1) if shape.draws]
        self.streams = dict(zip(drawing, rng.spawn(len(drawing)), strict=True)) if drawing else {}

    def W(self, k: int) -> Array:
        """The weights of layer k, (units, n_in)."""
        return self.architecture.layers[k - 1].W(host(self.blocks[k - 1]))

    def b(self, k: int) -> Array:
        """The biases of layer k, (units,)."""
        return self.architecture.layers[k - 1].b(host(self.blocks[k - 1]))

    def move_to(self, theta: Array) -> None:
        """Rebind the parameters to `theta` (P,), keeping their values."""
        theta[:] = self.theta
        self.theta = theta
        self.blocks = self.architecture.blocks(theta)
        if self._rounded is None:
            self.working = self.blocks
        else:
            self.rounding = self.backend.rounding(theta, self._rounded)

    def _move(self, backend: Backend) -> None:
        """Round what was drawn and given to the backend's float type, and lay it where its arrays lie."""
        self.backend = backend
        if backend.half:
            self._rounded, self.scale = backend.zeros(len(self.theta)), backend.ones(1)
            self.working = self.architecture.blocks(self._rounded)
        self.theta = backend.array(self.theta)
        self.move_to(self.theta)
        self.statistics = backend.array(self.statistics)
        self.memories = self.architecture.memories(self.statistics)


def _architecture(inputs: int, layers: Sequence[LayerSpec], loss: LossSpec) -> Architecture:
    before, shapes = Columns((inputs,), (1,)), []
    for k, layer in enumerate(layers, start=1):
        try:
            shape = layer.shape(before)
        except ValueError as error:
            raise ValueError(f"layer {k}: {error}") from None
        shapes.append(shape)
        before = Columns((*before.widths, shape.units), (*before.channels, shape.channels))
    return Architecture(inputs, tuple(shapes), loss)
