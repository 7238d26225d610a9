"""Deleted connections: weights that are zero and stay so, whatever moves the others."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.frame import Architecture
from deltaglow.engine.layers import DenseShape
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, Tape, op


def mask_tape(network: Network, gradient_blocks: list[Array]) -> Tape:
    """The calls that keep the gradient of deleted connections at exactly zero."""
    backend = network.backend
    return [
        op(backend.xp.multiply, block[: shape.n_in], backend.array(shape.mask.T), block[: shape.n_in])
        for shape, block in zip(network.architecture.layers, gradient_blocks, strict=True)
        if isinstance(shape, DenseShape) and shape.mask is not None
    ]


def connected(architecture: Architecture) -> Array | None:
    """(P,): 0 at the weights of deleted connections, 1 at all other parameters; None if none was deleted."""
    flat, deleted = np.ones(architecture.parameters), False
    for shape, block in zip(architecture.layers, architecture.blocks(flat), strict=True):
        if isinstance(shape, DenseShape) and shape.mask is not None:
            block[: shape.n_in] = shape.mask.T
            deleted = True
    return flat if deleted else None
