"""The trainer: steps a network through mini-batches. It knows no threads and no screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from typing import Any

import numpy as np

from deltaglow.engine.feed import Feed
from deltaglow.engine.frame import Frame, LayerTrace
from deltaglow.engine.network import Network
from deltaglow.engine.norms import Norms
from deltaglow.engine.ops import Array, Tape, frozen, op, run
from deltaglow.engine.optimizers import OPTIMIZERS
from deltaglow.engine.workspace import Workspace, mask_tape

EVALUATION_ROWS = 1024


class NonFinite(ArithmeticError):
    """The step produced an infinity or a NaN. The parameters are still those before it.

    `step` is its number, `quantity` the first thing, in the order of computation, that was not finite.
    `frame` shows the step as far as it went (its theta_after is theta), if a frame was asked for.
    """

    def __init__(self, step: int, quantity: str, frame: Frame | None = None) -> None:
        super().__init__(f"step {step}: {quantity} is no longer a finite number")
        self.step = step
        self.quantity = quantity
        self.frame = frame


@dataclass(frozen=True, eq=False)
class TrainerState:
    """All that decides what the next steps will be: restoring it replays them bit for bit."""

    step: int
    theta: Array
    optimizer: tuple[Array, ...]
    learning_rate: float
    generator: Mapping[str, Any]
    epoch_generator: Mapping[str, Any]
    """The generator's state just before it drew the order of the epoch under way."""
    statistics: Array
    """What layers remember from batch to batch, flat."""
    streams: tuple[Mapping[str, Any], ...]
    """The states of the generators that layers draw from, in their order."""


class Trainer:
    """Minimises the network's loss on (x, y) by mini-batch descent.

    x (N, inputs); y (N, classes), each row a distribution; `rng` draws the order of every epoch if `shuffle`
    is set. A batch size above N means all N. `learning_rate` may be set between steps. `step_count` counts
    completed steps. With `evaluation` every layer works in its steps as it does in evaluation: batch
    normalisation by its running averages, which then stay, and dropout not at all.
    """

    def __init__(
        self,
        network: Network,
        x: Array,
        y: Array,
        *,
        optimizer: str = "sgd",
        learning_rate: float,
        batch_size: int,
        shuffle: bool,
        rng: np.random.Generator,
        evaluation: bool = False,
    ) -> None:
        self.network = network
        self.step_count = 0
        self._rng = rng
        self._feed = Feed(x, y, batch_size, shuffle)
        ledger = np.zeros((3, len(network.theta)))
        network.move_to(ledger[0])
        self._theta, self._gradient, self._update = ledger
        self._gradient_blocks = network.architecture.blocks(self._gradient)
        self._optimizer = OPTIMIZERS[optimizer](learning_rate)
        self._norms = Norms(ledger, _parts(network))
        self._workspace = Workspace(network, self._feed.batch_size, training=not evaluation)
        depth = len(network.architecture.layers)
        self.scalar_names = (
            "loss",
            "accuracy",
            *(f"gradient_norm[{k}]" for k in range(1, depth + 1)),
            "update_ratio",
        )
        self.scalars: Array = np.zeros(len(self.scalar_names))
        """This step's numbers, named by `scalar_names`; overwritten by the next."""
        self._workspace.result = self.scalars[:2]
        self._tapes: dict[tuple[int, int], Tape] = {}
        self._apply = op(np.subtract, self._theta, self._update, self._theta)
        self._commits: dict[int, Tape] = {}
        """By batch size, the calls after the update: empty in networks that remember nothing."""
        self._evaluation: list[tuple[int, Tape, Array]] = []
        self._begin_epoch()

    @property
    def learning_rate(self) -> float:
        """η; a change applies from the next step."""
        return float(self._optimizer.learning_rate[0])

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._optimizer.learning_rate[0] = value

    @property
    def steps_per_epoch(self) -> int:
        """Mini-batches in one pass over the data."""
        return self._feed.steps_per_epoch

    @property
    def calls_per_step(self) -> int:
        """NumPy calls a full-sized step makes."""
        return len(self._tape(0, self._feed.batch_size)) + 1

    def step(self, capture: bool = False) -> Frame | None:
        """Advance one mini-batch: forward, loss, backward, gradients, update. With `capture`, give its frame.

        Raises NonFinite, and changes nothing, if the loss or the update would no longer be finite.
        """
        drawn = self._stream_states() if self.network.streams else ()
        cursor = self.step_count % self._feed.steps_per_epoch
        if cursor == 0 and self.step_count:
            self._begin_epoch()
        slot = self._feed.lay_out(cursor)
        size = self._feed.size(cursor)
        with np.errstate(all="ignore"):
            for call in self._tapes.get((slot, size)) or self._tape(slot, size):
                call()
        theta_squares, _, update_squares = self._norms.totals.tolist()
        scalars = self.scalars
        if not (isfinite(scalars[0]) and isfinite(update_squares)):
            frame = self._capture(self._theta, cursor, slot, size) if capture else None
            self._set_streams(drawn)
            raise NonFinite(self.step_count, self._first_non_finite(size), frame)
        scalars[-1] = (
            sqrt(update_squares / theta_squares) if theta_squares else inf if update_squares else 0.0
        )
        before = self._theta.copy() if capture else None
        self._apply()
        for call in self._commits[size]:
            call()
        frame = None if before is None else self._capture(before, cursor, slot, size)
        self.step_count += 1
        return frame

    def preview(self) -> Frame:
        """The frame of the next step, without taking it. Raises NonFinite as `step` does."""
        state, scalars = self.state(), self.scalars.copy()
        try:
            frame = self.step(capture=True)
        finally:
            self.restore(state)
            self.scalars[:] = scalars
        assert frame is not None
        return frame

    def state(self) -> TrainerState:
        """A copy of all that decides the next steps."""
        return TrainerState(
            self.step_count,
            frozen(self._theta),
            tuple(frozen(array) for array in self._optimizer.state()),
            self.learning_rate,
            self._rng.bit_generator.state,
            self._epoch_generator,
            frozen(self.network.statistics),
            self._stream_states(),
        )

    def restore(self, state: TrainerState) -> None:
        """Go back (or on) to a state taken from a trainer of the same network, data and settings."""
        self.step_count = state.step
        self._theta[:] = state.theta
        for array, saved in zip(self._optimizer.state(), state.optimizer, strict=True):
            array[:] = saved
        self.learning_rate = state.learning_rate
        if self._epoch_generator != state.epoch_generator:
            self._rng.bit_generator.state = state.epoch_generator
            self._begin_epoch()
        self._rng.bit_generator.state = state.generator
        self.network.statistics[:] = state.statistics
        self._set_streams(state.streams)

    def evaluate(self) -> tuple[float, float]:
        """Mean loss and accuracy over the whole data set with the parameters as they are, in evaluation
        mode.
        """
        if not self._evaluation:
            batches = self._feed.whole(EVALUATION_ROWS)
            room = Workspace(self.network, min(EVALUATION_ROWS, self._feed.count), training=False)
            for batch in batches:
                part = room.first(len(batch))
                self._evaluation.append((len(batch), part.forward(batch), part.result))
        total = np.zeros(2)
        with np.errstate(all="ignore"):
            for rows, tape, result in self._evaluation:
                run(tape)
                total += rows * result
        loss, accuracy = total / self._feed.count
        return float(loss), float(accuracy)

    def _stream_states(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(stream.bit_generator.state for stream in self.network.streams.values())

    def _set_streams(self, states: tuple[Mapping[str, Any], ...]) -> None:
        for stream, state in zip(self.network.streams.values(), states, strict=True):
            stream.bit_generator.state = state

    def _begin_epoch(self) -> None:
        self._epoch_generator = self._rng.bit_generator.state
        self._feed.reorder(self._rng)

    def _tape(self, slot: int, size: int) -> Tape:
        """Every call of a step on the batch in `slot`, but for the last, which applies the update."""
        known = self._tapes.get((slot, size))
        if known is not None:
            return known
        room, batch = self._workspace.first(size), self._feed.batch(slot, size)
        depth = len(self.network.architecture.layers)
        tape = room.draw() + room.forward(batch) + room.backward(batch, self._gradient_blocks)
        if size > 1:
            tape.append(op(np.multiply, self._gradient, 1.0 / size, self._gradient))
        tape += mask_tape(self.network, self._gradient_blocks)
        tape += self._optimizer.tape(self._gradient, self._update)
        tape += self._norms.tape()
        tape.append(op(np.sqrt, self._norms.squares[1, :, 0], self.scalars[2 : 2 + depth]))
        self._tapes[slot, size] = tape
        if size not in self._commits:
            self._commits[size] = room.commit()
        return tape

    def _capture(self, before: Array, cursor: int, slot: int, size: int) -> Frame:
        room, batch = self._workspace.first(size), self._feed.batch(slot, size)
        theta, theta_after, gradient = frozen(before), frozen(self._theta), frozen(self._gradient)
        architecture = self.network.architecture
        columns = zip(
            architecture.layers,
            room.layers,
            *(architecture.blocks(flat) for flat in (theta, theta_after, gradient)),
            strict=True,
        )
        layers = tuple(
            LayerTrace(
                shape=shape,
                z=frozen(buffers.z),
                a=frozen(buffers.a),
                slope=frozen(buffers.slope),
                back=frozen(buffers.back),
                delta=frozen(buffers.delta),
                block=old,
                block_after=new,
                block_gradient=slopes,
                extra={name: frozen(array) for name, array in buffers.extra().items()},
            )
            for shape, buffers, old, new, slopes in columns
        )
        return Frame(
            step=self.step_count,
            epoch=self.step_count // self.steps_per_epoch,
            rows=frozen(self._feed.samples(cursor)),
            x=frozen(batch.inputs[:, :-1]),
            y=frozen(batch.y),
            layers=layers,
            shifted=frozen(room.loss.shifted),
            exps=frozen(room.loss.exps),
            exp_sums=frozen(room.loss.sums[:, 0]),
            y_hat=frozen(room.loss.y_hat),
            losses=frozen(room.loss.losses),
            loss=float(self.scalars[0]),
            accuracy=float(self.scalars[1]),
            learning_rate=self.learning_rate,
            theta=theta,
            theta_after=theta_after,
            gradient=gradient,
            architecture=architecture,
            training=room.training,
        )

    def _first_non_finite(self, size: int) -> str:
        room = self._workspace.first(size)
        computed: list[tuple[str, Array]] = []
        for k, layer in enumerate(room.layers, start=1):
            computed += [(f"z of layer {k}", layer.z), (f"a of layer {k}", layer.a)]
        computed += [("y_hat", room.loss.y_hat), ("the loss", room.loss.losses)]
        for k in range(len(room.layers), 0, -1):
            computed.append((f"delta of layer {k}", room.layers[k - 1].delta))
        for k, block in enumerate(self._gradient_blocks, start=1):
            computed.append((f"the gradient of layer {k}", block))
        computed.append(("the update", self._update))
        for name, array in computed:
            if not np.isfinite(array).all():
                return name
        return "the size of the update"


def _parts(network: Network) -> list[tuple[int, int]]:
    """How many weights each layer has, and how many other parameters."""
    sizes = ((shape.weight_rows, *shape.block_shape) for shape in network.architecture.layers)
    return [(weights * columns, (rows - weights) * columns) for weights, rows, columns in sizes]
