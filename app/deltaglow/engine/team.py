"""Large steps in threads: every hand of a crew takes some of the units of each large layer.

What a hand computes of a layer, products and functions alike, are the columns of its units in the same arrays
that one thread alone would write; of the gradients it takes rows of the weights. So nothing is computed twice
and nothing has to be added up. The hands wait for each other once a layer. BLAS has one thread for each hand:
its own threads would be handed every product apart, and the work between products has none.

Who takes which units depends on sizes and on the number of processors alone: a run repeats bit for bit.
"""

from __future__ import annotations

from deltaglow.engine.batch import Batch
from deltaglow.engine.crew import Crew, Together, pieces, processors
from deltaglow.engine.layers import DenseBuffers, LayerBuffers
from deltaglow.engine.network import Network
from deltaglow.engine.ops import SMALL, Array, Tape
from deltaglow.engine.scratch import Scratch
from deltaglow.engine.workspace import Workspace

LARGE = 2**23
"""Parameters times samples from which a step gains more by threads than waiting for them costs."""
UNITS = 64
"""Units that a hand takes at least: products of fewer cost more each."""


def team_size(network: Network, rows: int) -> int:
    """How many hands a step over `rows` samples is worth; 1 for none but the caller's."""
    shapes = network.architecture.layers
    plain = network.backend.on_host and not network.backend.half
    skips = any(shape.skip is not None for shape in shapes)
    if not plain or skips or rows * len(network.theta) < LARGE:
        return 1
    return max(1, min(processors(), max(shape.units for shape in shapes) // UNITS))


class TeamWorkspace(Workspace):
    """Room for one step over at most `rows` samples that a crew makes together; the whole trace is in it."""

    def __init__(self, network: Network, rows: int, training: bool, crew: Crew) -> None:
        self._crew = crew
        super().__init__(network, rows, training)

    def settle(self, layers: list[LayerBuffers]) -> None:
        super().settle(layers)
        backend = self.network.backend
        scratch = [Scratch(backend.xp, 0) for _ in range(self._crew.hands)]
        self._parts: dict[int, list[DenseBuffers]] = {
            k: [
                layer.of_units(units, own)
                for units, own in zip(pieces(layer.units, self._crew.hands), scratch, strict=False)
            ]
            for k, layer in enumerate(layers, start=1)
            if isinstance(layer, DenseBuffers) and self.rows * layer.units > SMALL
        }
        """Of each large layer, what each hand takes."""

    def backward(self, batch: Batch, gradient_blocks: list[Array], share: float = 1.0) -> Tape:
        """As a workspace's; every gradient comes after all errors."""
        tape = self._errors(batch)
        for k in range(len(self.layers), 0, -1):
            tape += self._hear(k)
        return [*tape, Together(self._crew, self._gathering(batch, gradient_blocks, share))]

    def _say_layer(self, k: int, batch: Batch) -> Tape:
        if k not in self._parts:
            return super()._say_layer(k, batch)
        inputs, block = self.inputs_of(k, batch), self.network.working[k - 1]
        return [
            Together(self._crew, [part.weigh(inputs, block) + part.activate() for part in self._parts[k]])
        ]

    def _hear(self, k: int) -> Tape:
        """What comes back to layer k, and its δ."""
        layer, after = self.layers[k - 1], self.layers[k : k + 1]
        if k not in self._parts:
            return [*self._sent_back(k, layer), *self._bends[k - 1][1]]
        by_units = bool(after) and isinstance(after[0], DenseBuffers)
        tapes = [[*(self._sent_back(k, part) if by_units else []), *part.listen()] for part in self._parts[k]]
        return [*([] if by_units else self._sent_back(k, layer)), Together(self._crew, tapes)]

    def _sent_back(self, k: int, to: LayerBuffers) -> Tape:
        """From the layer after to the buffers of layer k; from a dense one also to some of its units."""
        after = self.layers[k : k + 1]
        return after[0].send_back(self.network.working[k], to) if after else []

    def _gathering(self, batch: Batch, blocks: list[Array], share: float) -> list[Tape]:
        """The gradients of all layers: two tapes for each hand, and one for what is small."""
        tapes: list[Tape] = [[] for _ in range(2 * self._crew.hands)]
        small: Tape = []
        for k, (layer, block) in enumerate(zip(self.layers, blocks, strict=True), start=1):
            inputs = self.inputs_of(k, batch)
            if k not in self._parts or not isinstance(layer, DenseBuffers):
                small += self._gather(k, inputs, block, share)
                continue
            for tape, rows in enumerate(pieces(len(block), len(tapes))):
                tapes[tape] += layer.gather_rows(inputs, block, share, rows)
        return [*tapes, small]
