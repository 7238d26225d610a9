"""What a network says to fixed inputs, asked as often as wanted, with whatever parameters it has then."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.evaluation import ROWS
from deltaglow.engine.feed import Feed
from deltaglow.engine.frame import Architecture
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, host, run
from deltaglow.engine.workspace import Workspace


class Predictor:
    """The outputs and the units' activations of a network of this shape for x (N, inputs).

    Layers work as in evaluation, in float64. The room is made once; each pass writes it anew. Activations are
    those of the last pass.
    """

    def __init__(self, architecture: Architecture, x: Array) -> None:
        self._network = Network.of(architecture)
        nothing = np.zeros((len(x), architecture.layers[-1].units))
        batches = Feed(x, nothing, len(x), False).whole(ROWS)
        self._passes = []
        for batch in batches:
            room = Workspace(self._network, len(batch), training=False)
            self._passes.append((room, room.forward(batch)))

    def outputs(self, theta: Array, statistics: Array) -> Array:
        """ŷ (N, K) with the parameters theta (P,) and what layers remember, statistics (S,)."""
        self._network.theta[:] = theta
        self._network.statistics[:] = statistics
        with np.errstate(all="ignore"):
            for _, tape in self._passes:
                run(tape)
        return np.concatenate([host(room.loss.y_hat) for room, _ in self._passes])

    def activations(self, k: int) -> Array:
        """a (N, units) of layer k, from 1."""
        return np.concatenate([host(room.layers[k - 1].a) for room, _ in self._passes])
