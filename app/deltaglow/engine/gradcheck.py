"""Is every gradient right? Central differences, on a network of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from deltaglow.engine.activations import ACTIVATIONS
from deltaglow.engine.batch import Batch, with_ones
from deltaglow.engine.frame import Frame, LayerTrace
from deltaglow.engine.layers import BatchNormBuffers, BatchNormShape, DropoutBuffers, LayerBuffers
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, Tape, run
from deltaglow.engine.penalties import on_weights
from deltaglow.engine.precision import PRECISIONS, Precision
from deltaglow.engine.workspace import Workspace

NUDGES = (1e-3, 1e-2, 1e-4, 1e-5)
"""Sizes of nudge tried, relative to max(1, |value|), until one is good enough."""
GOOD_ENOUGH = 1e-11
"""The estimated error, relative to max(1, |slope|), at which no other nudge is tried."""


@dataclass(frozen=True)
class Difference:
    """A slope measured by nudging: (L(v + h) − L(v − h)) / 2h, refined by one Richardson step.

    `h` is the nudge, `error` the estimate of its own error, from how much halving the nudge changed it.
    `corner` is True if a corner of an activation function lies within the nudge, where the slope is not
    defined by differences. `halves`: D(h/2) and D(h/4), D being the difference before it is refined: the
    value is (4 D(h/4) − D(h/2)) / 3.
    """

    value: float
    h: float
    error: float
    corner: bool
    halves: tuple[float, float] | None = None


@dataclass(frozen=True)
class GradientCheck:
    """One parameter's gradient against differences. `index` is (j, i) for W and P, (j,) for b.

    tolerance: up to which relative error they agree. resolution: which gap between them rounding in the
    precision of the step may leave.
    """

    layer: int
    name: str
    index: tuple[int, ...]
    analytic: float
    difference: Difference
    relative_error: float
    tolerance: float = 1e-6
    resolution: float = 1e-9

    @property
    def corner(self) -> bool:
        """True if a corner of an activation function makes the comparison meaningless."""
        return self.difference.corner

    @property
    def ok(self) -> bool:
        """True if they agree relative to the larger, or to what rounding and differences can resolve."""
        gap = abs(self.analytic - self.difference.value)
        return (
            self.corner
            or self.relative_error <= self.tolerance
            or gap <= max(self.resolution, 4 * self.difference.error)
        )


class Probe:
    """A copy of a network and mini-batch whose numbers can be nudged; the running one stays untouched.

    Dropout silences the same units as in the frame; a batch's mean and variance follow every nudge. theta:
    other parameters (P,) than those of the frame.
    """

    def __init__(self, frame: Frame, theta: Array | None = None) -> None:
        self._network = Network.of(frame.architecture)
        self._network.theta[:] = frame.theta if theta is None else theta
        self._batch = Batch(with_ones(frame.x), np.array(frame.y), frame.y.argmax(1), frame.hard)
        self._room = Workspace(self._network, frame.samples, frame.training)
        for buffers, trace in zip(self._room.layers, frame.layers, strict=True):
            _take_over(buffers, trace)
        self._forward = self._room.forward(self._batch)
        self._penalties = frame.update.penalties
        self._corners = [
            (k, corner) for k, layer in enumerate(self._room.layers) for corner in layer.activation.corners
        ]

    def loss(self) -> float:
        """The mean loss of the mini-batch, without penalties."""
        return self._mean(self._forward)

    def d_W(self, layer: int, j: int, i: int) -> Difference:
        """∂(mean loss)/∂W[layer][j, i]; of a shared weight, with all its places nudged together."""
        return self.d_parameter(layer, "W", (j, i))

    def d_b(self, layer: int, j: int) -> Difference:
        """∂(mean loss)/∂b[layer][j]."""
        return self.d_parameter(layer, "b", (j,))

    def d_parameter(
        self, layer: int, name: str, index: tuple[int, ...], penalised: bool = True
    ) -> Difference:
        """∂(mean loss)/∂ the parameter called W, b or P, of the loss or, not `penalised`, of the data's.

        Raises IndexError if the layer has none there.
        Nothing before the layer changes: only what comes from it on is computed anew.
        """
        place = self._network.architecture.layers[layer - 1].place(name, index)
        self._mean(self._forward)
        tape = self._room.forward(self._batch, start=layer)
        block = self._network.blocks[layer - 1]
        if not (self._penalties and penalised and self._is_weight(layer, place)):
            return self._difference(block, place, tape, self._mean)
        l1, of = self._penalties.l1, self._penalties.of

        def whole(tape: Tape) -> float:
            """Of the penalty, only what this weight adds to it changes."""
            return self._mean(tape) + of(float(block[place]))

        found = self._difference(block, place, tape, whole)
        return replace(found, corner=found.corner or (l1 != 0.0 and abs(block[place]) <= found.h))

    def _is_weight(self, layer: int, place: tuple[int, int]) -> bool:
        flat = on_weights(1.0, self._network.architecture)
        return bool(self._network.architecture.blocks(flat)[layer - 1][place])

    def d_sample(self, layer: int, name: str, index: tuple[int, ...], sample: int) -> Difference:
        """∂(loss of one sample)/∂ the parameter called W, b or P, without the penalty."""
        place = self._network.architecture.layers[layer - 1].place(name, index)
        self._mean(self._forward)
        tape = self._room.forward(self._batch, start=layer)

        def own(tape: Tape) -> float:
            self._mean(tape)
            return float(self._room.loss.losses[sample])

        return self._difference(self._network.blocks[layer - 1], place, tape, own)

    def d_along(self, direction: Array) -> Difference:
        """The slope of the mean loss, penalties included, where all parameters move by `direction` (P,) at
        once: their gradient's part in it.
        """
        theta, home, t = self._network.theta, self._network.theta.copy(), np.zeros(1)
        weights = on_weights(1.0, self._network.architecture) != 0.0

        def whole(tape: Tape) -> float:
            theta[:] = home + float(t[0]) * direction
            added = sum(map(self._penalties.of, theta[weights].tolist())) if self._penalties else 0.0
            return self._mean(tape) + added

        found = self._difference(t, (0,), self._forward, whole)
        kinks = self._penalties.l1 != 0.0 and bool(
            (weights & (direction != 0.0) & (abs(home) <= found.h * abs(direction))).any()
        )
        return replace(found, corner=found.corner or kinks)

    def d_z(self, layer: int, sample: int, unit: int) -> Difference:
        """∂(sum of the batch's losses)/∂z[layer][unit] of one sample."""
        self._mean(self._forward)
        tape = self._room.forward(self._batch, start=layer, from_z=True)
        return self._difference(self._room.layers[layer - 1].z, (sample, unit), tape, self._sum)

    def d_a(self, layer: int, sample: int, unit: int) -> Difference:
        """∂(sum of the batch's losses)/∂a[layer][unit] of one sample."""
        self._mean(self._forward)
        if layer == len(self._room.layers):
            tape = self._room.measure(self._batch)
        else:
            tape = self._room.forward(self._batch, start=layer + 1)
        return self._difference(self._room.layers[layer - 1].a, (sample, unit), tape, self._sum)

    def _mean(self, tape: Tape) -> float:
        with np.errstate(all="ignore"):
            run(tape)
        return float(self._room.result[0])

    def _sum(self, tape: Tape) -> float:
        with np.errstate(all="ignore"):
            run(tape)
        return float(self._room.loss.losses.sum())

    def _sides(self) -> list[Array]:
        """On which side of each corner of its activation function every z lies."""
        return [np.sign(self._room.layers[k].z - corner) for k, corner in self._corners]

    def _difference(
        self,
        array: Array,
        index: tuple[int, ...],
        tape: Tape,
        measure: Callable[[Tape], float],
    ) -> Difference:
        """The best of several nudges, judged by how little halving each one changes the answer."""
        home = float(array[index])
        best: Difference | None = None
        for relative in NUDGES:
            h = relative * max(1.0, abs(home))
            sides: list[list[Array]] = []

            def slope(width: float, sides: list[list[Array]] = sides) -> float:
                ends = []
                for value in (home + width, home - width):
                    array[index] = value
                    ends.append((measure(tape), value))
                    sides.append(self._sides())
                return (ends[0][0] - ends[1][0]) / (ends[0][1] - ends[1][1])

            whole, half = slope(h), slope(h / 2)
            quarter = slope(h / 4)
            coarse, fine = (4 * half - whole) / 3, (4 * quarter - half) / 3
            corner = any(
                not np.array_equal(first, other)
                for side in sides[1:]
                for first, other in zip(sides[0], side, strict=True)
            )
            found = Difference(fine, h, abs(fine - coarse), corner, (half, quarter))
            if best is None or (best.corner, best.error) > (found.corner, found.error):
                best = found
            if not best.corner and best.error <= GOOD_ENOUGH * max(1.0, abs(best.value)):
                break
        array[index] = home
        measure(self._forward)
        assert best is not None
        return best


def check_gradients(frame: Frame, stride: int = 1) -> Iterator[GradientCheck]:
    """The gradients of a frame against central differences, one parameter after the other.

    stride: every which of them, for networks of which all would take too long.
    """
    probe, precision = Probe(frame), PRECISIONS[frame.precision]
    resolutions = [max(1e-9, found) for _, found in undecided(frame)]
    for k, name, index in islice(_parameters(frame), 0, None, stride):
        trace = frame.layers[k - 1]
        found = _compare(k, name, index, _gradient(trace, name, index), probe.d_parameter(k, name, index))
        yield replace(found, tolerance=precision.tolerance, resolution=resolutions[k - 1])


def undecided(frame: Frame) -> list[tuple[float, float]]:
    """Of each layer, how much rounding in the step's precision leaves undecided of its δ, and of the
    gradients of its parameters; 0 for float64.

    δ = ∂L/∂a ⊙ φ′(z): where a unit is nearly saturated, φ′ is a small difference of rounded numbers, and δ is
    undecided by as much as a rounding of ∂L/∂a. That travels on to the layers before. The loss, which is
    computed in float32 at least, does the same with the difference of ŷ and y.
    """
    precision, from_above = PRECISIONS[frame.precision], 0.0
    if precision.coarseness != 1.0:
        heaviest = max(frame.architecture.loss.class_weights or (1.0,))
        from_above = PRECISIONS["float32"].resolution(np.stack([frame.y_hat, frame.y]))
        from_above = heaviest * (from_above + _arrives(frame, precision))
    found: list[tuple[float, float]] = []
    for k in range(len(frame.layers), 0, -1):
        layer = frame.layers[k - 1]
        inputs = frame.x if k == 1 else frame.layers[k - 2].a
        steepest = ACTIVATIONS[layer.activation].steepest
        errors = steepest * (precision.resolution(layer.back) + from_above)
        found.append((errors, errors * max(1.0, float(np.abs(inputs).max()))))
        from_above = _passed_on(layer, inputs, errors, precision)
    return found[::-1]


def _arrives(frame: Frame, precision: Precision) -> float:
    """How much of the outputs is undecided by what normalisations make of the rounding of their inputs: two
    roundings of the largest, carried on as if nothing cancelled.
    """
    found = 0.0
    for k, layer in enumerate(frame.layers):
        steepest = ACTIVATIONS[layer.activation].steepest
        if isinstance(layer.shape, BatchNormShape):
            inputs = frame.x if k == 0 else frame.layers[k - 1].a
            sd = np.sqrt(layer.extra["var"] + layer.shape.eps)
            of_x_hat = (precision.resolution(inputs) / 8 + found) / sd
            found = steepest * float((np.abs(layer.own(layer.block)["gamma"]) * of_x_hat).max())
        elif all(layer.shape.block_shape):
            found *= steepest * float(np.abs(layer.W).sum(axis=1).max())
    return found


def _passed_on(layer: LayerTrace, inputs: Array, errors: float, precision: Precision) -> float:
    """What is undecided of what comes back from a layer, δ of which is undecided by `errors`.

    A normalisation divides by σ, which makes much of little where the inputs hardly differ: of the error of
    δ, of its means over the batch that are taken off, and of the rounding of the inputs, which is in x̂.
    """
    if not isinstance(layer.shape, BatchNormShape):
        return errors * float(np.abs(layer.W).sum(axis=0).max())
    sd = np.sqrt(layer.extra["var"] + layer.shape.eps)
    of_x_hat = precision.resolution(inputs) / float(sd.min())
    largest = max(1.0, float(np.abs(layer.extra["x_hat"]).max()))
    moved = largest * (3.0 * errors + 2.0 * of_x_hat * float(np.abs(layer.delta).max()))
    return float((np.abs(layer.own(layer.block)["gamma"]) / sd).max()) * moved


def _gradient(trace: LayerTrace, name: str, index: tuple[int, ...]) -> float:
    if name == "P":
        return float(trace.block_gradient[trace.shape.place(name, index)])
    return float((trace.dW if name == "W" else trace.db)[index])


def _parameters(frame: Frame) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    """Every parameter that is not a deleted connection: its layer, its name and its index."""
    for k, shape in enumerate(frame.architecture.layers, start=1):
        for name, index in shape.parameters():
            yield k, name, index


def _take_over(buffers: LayerBuffers, trace: LayerTrace) -> None:
    """What a layer had drawn or remembered when the frame was taken."""
    if isinstance(buffers, DropoutBuffers):
        buffers.keep[:] = trace.extra["keep"]
    elif isinstance(buffers, BatchNormBuffers):
        buffers.statistics[:] = trace.extra["mean"], trace.extra["var"]


def _compare(
    layer: int, name: str, index: tuple[int, ...], analytic: float, found: Difference
) -> GradientCheck:
    larger = max(abs(analytic), abs(found.value))
    error = abs(analytic - found.value) / larger if larger else 0.0
    return GradientCheck(layer, name, index, analytic, found, error)
