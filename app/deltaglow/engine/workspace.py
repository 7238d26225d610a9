"""The arrays a step writes, allocated once, and the tapes of calls that write them."""

from __future__ import annotations

from copy import copy

from deltaglow.engine.backend import Backend
from deltaglow.engine.batch import Batch
from deltaglow.engine.layers import Circumstances, DenseBuffers, DenseShape, LayerBuffers
from deltaglow.engine.losses import LOSSES, Loss
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, Tape, frozen, op
from deltaglow.engine.scratch import Scratch
from deltaglow.engine.segments import Segments, shared_buffers
from deltaglow.engine.touched import TouchedRows

BY_COLUMN = 2**14
"""Numbers in the widest layer's array up to which arrays are laid out column by column."""
TRACED = ("z", "a", "slope", "back", "delta")
"""What every layer's trace holds."""


class Aside:
    """Copies of layers' numbers. Where segments share memory they are made on the way back, while the numbers
    are there, in passes for which they are `wanted`.
    """

    def __init__(self, layers: list[LayerBuffers]) -> None:
        self._layers = layers
        self._copies: dict[int, dict[str, Array]] = {}
        self._wanted = False

    def begin(self, wanted: bool) -> None:
        """Before a pass: whether its numbers are wanted. Forgets those of the pass before."""
        self._wanted = wanted
        self._copies.clear()

    def put(self, k: int) -> None:
        """Copy what layer k holds, if it is wanted."""
        if self._wanted:
            self._copies[k] = self._copied(k)

    def numbers(self, k: int) -> dict[str, Array]:
        """What layer k held when it was put aside; what it holds now, if it was not."""
        return self._copies[k] if k in self._copies else self._copied(k)

    def _copied(self, k: int) -> dict[str, Array]:
        layer = self._layers[k - 1]
        arrays = {name: getattr(layer, name) for name in TRACED} | layer.extra()
        return {name: frozen(array) for name, array in arrays.items()}


class Workspace:
    """Room for one step over at most `rows` samples. The trace and the workspace are one: showing it is a
    copy.

    training: whether layers work as they do in training or as in evaluation, where that makes a difference.
    segments: in how many of them the layers share memory; 1 for none of it.
    """

    part_gradients: Array | None = None
    """Gradients of parts of a batch: there are none."""
    touched: TouchedRows | None = None
    """What takes the place of the first layer's gradient, where inputs are sparse."""

    def __init__(self, network: Network, rows: int, training: bool = True, segments: int = 1) -> None:
        shapes = network.architecture.layers
        self.network = network
        self.rows = rows
        self.training = training
        self.segments = Segments(network.architecture, segments)
        self.scratch = Scratch(network.backend.xp, network.backend.lent(rows, max(network.widths)))
        layers = self._buffers(network.backend.in_layers(self.scratch))
        for layer in layers:
            layer.scratch = self.scratch
        self.settle(layers)
        self._cuts: dict[int, Workspace] = {}
        spec = network.architecture.loss
        self.loss = LOSSES[spec.name](spec, shapes[-1].units, rows, network.backend)
        self._wide = network.backend.zeros((rows, shapes[-1].units)) if network.backend.half else None
        """In mixed precision, first the logits, then the errors at them, as the loss takes and gives them."""
        self.result = network.backend.zeros(2)
        """Mean loss and accuracy of the last pass."""

    def settle(self, layers: list[LayerBuffers]) -> None:
        """Work in these buffers from here on."""
        self.layers = layers
        self.aside = Aside(layers)
        self._bends = [(layer.activate(), layer.listen()) for layer in layers]
        """The calls that depend on no batch, made once: they may have scratch arrays of their own."""

    def _buffers(self, backend: Backend) -> list[LayerBuffers]:
        network, shapes = self.network, self.network.architecture.layers

        by_column = self._by_column()

        def make(k: int) -> LayerBuffers:
            last, memory, stream = k == len(shapes), network.memories[k - 1], network.streams.get(k)
            where = Circumstances(self.rows, last, self.training, memory, stream, backend)
            made = shapes[k - 1].buffers(where)
            if by_column and k < len(shapes):
                made.replace(lambda name, array: network.backend.columns(array))
            return made

        if self.segments.count > 1:
            return shared_buffers(self.segments, make, network.backend.xp)
        return [make(k) for k in range(1, len(shapes) + 1)]

    def first(self, rows: int) -> Workspace:
        """The same arrays cut to their first `rows` rows; where they lie column by column, others, since
        parts of those would have gaps.
        """
        if rows == self.rows:
            return self
        if rows not in self._cuts and self._by_column():
            made = self._cuts[rows] = Workspace(self.network, rows, self.training, self.segments.count)
            made.result, made.touched = self.result, self.touched
        if rows not in self._cuts:
            cut = self._cuts[rows] = copy(self)
            cut.rows, cut.loss = rows, self.loss.first(rows)
            cut.settle([buffers.first(rows) for buffers in self.layers])
        return self._cuts[rows]

    def with_loss(self, loss: Loss) -> Workspace:
        """The same arrays, with this loss at their end."""
        made = copy(self)
        made.loss = loss
        return made

    def _by_column(self) -> bool:
        """Whether the arrays lie column by column: worth it where a call costs more than the work in it. A
        convolution sees its rows as a table of their own.
        """
        dense = all(isinstance(shape, DenseShape) for shape in self.network.architecture.layers)
        small = self.rows * max(self.network.widths[1:]) <= BY_COLUMN
        return dense and small and self.network.backend.by_column

    @property
    def rooms(self) -> list[Workspace]:
        """The workspaces that there are: this one."""
        return [self]

    @property
    def scale(self) -> Array | None:
        """(1,): by what the plain mean over rows is multiplied, where the loss has another."""
        return self.loss.scale

    def gradients(self, batch: Batch, raw: Array, share: float = 1.0) -> Tape:
        """A whole pass, from the random numbers to the gradient of the sum of the losses, into `raw` (P,);
        times `share`, which must be 1 in networks with projected skips.
        """
        blocks = self.network.architecture.blocks(raw)
        return self.draw() + self.forward(batch) + self.backward(batch, blocks, share)

    def begin(self, wanted: bool) -> None:
        """Before a pass: whether its numbers will be asked for, be they written over by then."""
        if self.segments.count > 1:
            self.aside.begin(wanted)

    def draw(self) -> Tape:
        """The calls that draw the random numbers of one step. Passes after it all see the same ones."""
        return [call for layer in self.layers for call in layer.draw()]

    def commit(self) -> Tape:
        """The calls that a step which counts ends with: what layers remember of the batch."""
        return [call for layer in self.layers for call in layer.commit()]

    def forward(self, batch: Batch, start: int = 1, from_z: bool = False) -> Tape:
        """From layer `start` to the loss; with `from_z` that layer's z is taken as it stands."""
        return self._say(start, len(self.layers), batch, from_z) + self.measure(batch)

    def say(self, batch: Batch) -> Tape:
        """From the inputs to the last layer's a."""
        return self._say(1, len(self.layers), batch)

    def _say(self, first: int, last: int, batch: Batch, from_z: bool = False) -> Tape:
        """From layer `first` to the activations of layer `last`."""
        tape: Tape = []
        for k in range(first, last + 1):
            if self.segments.count > 1:
                tape += self.layers[k - 1].renew()
            tape += self._bends[k - 1][0] if from_z and k == first else self._say_layer(k, batch)
        return tape

    def _say_layer(self, k: int, batch: Batch) -> Tape:
        """z and a of layer k."""
        layer = self.layers[k - 1]
        tape = layer.weigh(self.inputs_of(k, batch), self.network.working[k - 1])
        if isinstance(layer, DenseBuffers):
            tape += self._join(k, layer, batch)
        return tape + self._bends[k - 1][0]

    def measure(self, batch: Batch) -> Tape:
        """From the last layer's a to the loss."""
        logits, widen = self.layers[-1].a, []
        if self._wide is not None:
            wide = self._wide[: self.rows]
            logits, widen = wide, [op(self.network.backend.xp.copyto, wide, logits)]
        return widen + self.loss.forward(logits, batch, self.result)

    def backward(self, batch: Batch, gradient_blocks: list[Array], share: float = 1.0) -> Tape:
        """From the loss to every gradient, summed over the batch, into `gradient_blocks`.

        share: by what the gradients are multiplied on the way; in networks without projected skips.
        """
        tape = self._errors(batch)
        for first, last in reversed(self.segments.bounds):
            if last < len(self.layers):
                tape += self._say(first, last, batch)
            for k in range(last, first - 1, -1):
                tape += self._return(k, batch, gradient_blocks[k - 1], share)
        return tape

    def _errors(self, batch: Batch) -> Tape:
        """What comes back to the last layer from the loss."""
        back, network = self.layers[-1].back, self.network
        if self._wide is None or network.scale is None:
            return self.loss.backward(batch.y, back)
        errors = self._wide[: self.rows]
        scale = op(network.backend.xp.multiply, errors, network.scale, back)
        return [*self.loss.backward(batch.y, errors), scale]

    def _return(self, k: int, batch: Batch, block: Array, share: float) -> Tape:
        """From what comes back to layer k to its gradient and what it sends back."""
        layer, inputs = self.layers[k - 1], self.inputs_of(k, batch)
        tape = list(self._bends[k - 1][1])
        if self.segments.count > 1:
            tape.append(op(self.aside.put, k))
        if k == 1 and self.touched is not None:
            tape += self.touched.gather(inputs, layer.delta, share)
        else:
            tape += self._gather(k, inputs, block, share)
        skip = self._skip(k)
        if skip is not None and isinstance(layer, DenseBuffers):
            tape += layer.gather_skip(self._said(skip, batch), block)
        if k > 1:
            tape += layer.send_back(self.network.working[k - 1], self.layers[k - 2])
            tape += self._return_around(k - 1)
        return tape

    def _gather(self, k: int, inputs: Array, block: Array, share: float) -> Tape:
        """The gradient of layer k, times `share`."""
        layer = self.layers[k - 1]
        return layer.gather(inputs, block) if share == 1.0 else layer.gather_mean(inputs, block, share)

    def seen(self, k: int) -> dict[str, Array]:
        """Copies of what the last pass computed in layer k, under the names of its buffers, and of what the
        layer remembers.
        """
        remembered = self.layers[k - 1].remembered()
        return self.aside.numbers(k) | {name: frozen(array) for name, array in remembered.items()}

    def outcome(self) -> dict[str, Array]:
        """What the last pass made of the outputs, and the arrays themselves: only a frame copies them."""
        loss = self.loss
        return {
            "shifted": loss.shifted,
            "exps": loss.exps,
            "exp_sums": loss.sums[:, 0],
            "y_hat": loss.y_hat,
            "losses": loss.losses,
        }

    def computed(self) -> dict[str, Array]:
        """What the loss writes, in the order of computation."""
        return dict(self.loss.computed())

    def _skip(self, k: int) -> int | None:
        """The layer that a skip into layer k comes from."""
        skip = self.network.architecture.layers[k - 1].skip
        return None if skip is None else skip.source

    def _join(self, k: int, layer: DenseBuffers, batch: Batch) -> Tape:
        source = self._skip(k)
        return [] if source is None else layer.join(self._said(source, batch), self.network.working[k - 1])

    def _said(self, k: int, batch: Batch) -> Array:
        """What layer k says, (rows, units); the inputs for k = 0."""
        return batch.inputs[:, :-1] if k == 0 else self.layers[k - 1].a

    def _return_around(self, k: int) -> Tape:
        """What comes back to layer k through skips, once the layer after it has written its part."""
        tape: Tape = []
        for m, layer in enumerate(self.layers[k:], start=k + 1):
            if self._skip(m) == k and isinstance(layer, DenseBuffers):
                tape += layer.send_around(self.network.working[m - 1], self.layers[k - 1])
        return tape

    def inputs_of(self, k: int, batch: Batch) -> Array:
        """What layer k reads: the batch, or the layer before, with the column of ones."""
        return batch.inputs if k == 1 else self.layers[k - 2].outputs
