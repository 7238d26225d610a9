"""Weights that turn without stretching."""

from __future__ import annotations

import numpy as np

from deltaglow.engine.initializers.base import Initializer
from deltaglow.engine.ops import Array


def _orthogonal(rng: np.random.Generator, rows: int, columns: int, n_out: int) -> Array:
    """Rows (if there are no more of them) or columns that are orthonormal, every such matrix equally likely.

    As PyTorch's `nn.init.orthogonal_`: Q of the QR decomposition of a (rows, columns) normal matrix, of its
    transpose if it is wide, each column times the sign of R's diagonal; the decomposition's own choice of
    signs would make some matrices likelier (Mezzadri 2007). Saxe, McClelland and Ganguli 2013
    (arXiv:1312.6120).
    """
    drawn = rng.standard_normal((rows, columns))
    Q, R = np.linalg.qr(drawn.T if rows < columns else drawn)
    Q *= np.copysign(1.0, np.diagonal(R))
    return Q.T if rows < columns else Q


ORTHOGONAL = Initializer(
    "orthogonal", "Orthogonal", "a random rotation: columns of length 1 at right angles", _orthogonal
)
