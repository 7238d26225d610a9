"""The standard normal distribution as tape calls: what exact GELU needs, without SciPy.

For s = |z| the lower tail is

    Φ(−s) = R(s) exp(−s²/2),    R(s) = P(s) / Q(s) ≈ ½ exp(s²/2) erfc(s/√2),

one rational function for the whole range, 0 ≤ s ≤ 39 (Φ(−39) is 0 in float64), in place of the three pieces
of W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969), whose form
it has. P of degree 9 and Q of degree 10 are the minimax in relative error, found by Remez' exchange in 60
digits: off by at most 5.2e−17. All coefficients are positive, so nothing cancels. The exponential is taken
in two parts, as Cody does: h is s cut to 24 bits, h² is then exact, and exp(−s²/2) = exp(−h²/2) exp(−(s −
h)(s + h)/2).

The result is right to about 1e−15 *relative* to Φ, out to where it stops being a normal float64. From z,
½ math.erfc(−z/√2) is not: rounding z/√2 costs it three digits by z = −30. erf(x) is 2 Φ(√2 x) − 1.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, op

_TOP = (
    0.49999999999999997438,
    0.77488022560913870474,
    0.59405569846831947036,
    0.28933957191581437235,
    0.097702553735055198406,
    0.023623431679544956483,
    0.0040895332170850853506,
    0.00049045001957293843582,
    0.000037257211992436812985,
    1.3858419433029046709e-6,
    0.0,
)
_BOTTOM = (
    1.0,
    2.3476450120211326527,
    2.5612611062744809233,
    1.7144088509659320832,
    0.78205814389461729385,
    0.2549681316112734706,
    0.060437590522258323273,
    0.01034432956181775644,
    0.0012328496771533413176,
    0.000093389981012029256099,
    3.4737905992629389116e-6,
)
_HALF_AS_LONG = {8: np.float32, 4: np.float16}
"""Bytes of a number, and a type whose numbers have squares that fit into it."""
_FAR = 39.0
BLOCK = 4096
"""Elements worked on at a time, so that the scratch arrays stay small and in the cache."""


def normal(xp: ArrayModule, z: Array, cdf: Array, density: Array | None = None) -> Tape:
    """The calls that write Φ(z) into `cdf` and, if asked, exp(−z²/2)/√(2π) into `density`.

    z, cdf, density: different arrays of one shape; z keeps its values. 21 calls for every `BLOCK` numbers and
    one more, on scratch arrays of their own. Infinities give 0 and 1, NaN gives NaN.
    """
    if z.ndim == 0:
        return normal(xp, z[None], cdf[None], None if density is None else density[None])
    rows = max(1, BLOCK * len(z) // max(z.size, 1))
    room = _Room(xp, z[:rows])
    tape: Tape = room.ready()
    for start in range(0, len(z), rows):
        part = slice(start, start + rows)
        tape += room.calls(z[part], cdf[part], None if density is None else density[part])
    return tape


class _Room:
    """Scratch for one block: the powers of s, P and Q or the two parts of the exponential, h, and z < 0."""

    def __init__(self, xp: ArrayModule, block: Array) -> None:
        self._xp = xp
        self._powers = xp.empty((len(_BOTTOM), block.size), block.dtype)
        self._fraction = xp.empty((2, block.size), block.dtype)
        self._parts = xp.empty((2, block.size), block.dtype)
        self._short = xp.empty(block.size, _HALF_AS_LONG[np.dtype(block.dtype).itemsize])
        self._left = xp.empty(block.size, np.bool_)
        self._coefficients = xp.array([_TOP, _BOTTOM], block.dtype)

    def ready(self) -> Tape:
        """The first power, s⁰: what is in scratch memory is not known."""
        return [op(self._powers[0].fill, 1.0)]

    def calls(self, z: Array, cdf: Array, density: Array | None) -> Tape:
        """The calls for a block z, the first one's shape or with fewer rows."""
        xp = self._xp
        powers, fraction, parts = (room[:, : z.size] for room in (self._powers, self._fraction, self._parts))
        s, left = powers[1], self._left[: z.size].reshape(z.shape)
        top, bell = (array[0].reshape(z.shape) for array in (fraction, parts))
        finish = [
            op(xp.multiply, top, bell, top),
            op(xp.subtract, 1.0, top, cdf),
            op(xp.less, z, 0.0, left),
            op(xp.copyto, cdf, top, where=left),
        ]
        if density is not None:
            finish.append(op(xp.multiply, bell, 1.0 / sqrt(2.0 * pi), density))
        return [
            op(xp.absolute, z, s.reshape(z.shape)),
            op(xp.minimum, s, _FAR, out=s),
            *_bell(xp, s, self._short[: z.size], parts, fraction[0]),
            *_tail(xp, powers, self._coefficients, fraction),
            *finish,
        ]


def _bell(xp: ArrayModule, s: Array, short: Array, parts: Array, sums: Array) -> Tape:
    """exp(−s²/2) into parts[0]; the rest are scratch."""
    h, rest = parts
    return [
        op(xp.copyto, short, s, casting="same_kind"),
        op(xp.copyto, h, short),
        op(xp.subtract, s, h, rest),
        op(xp.add, s, h, sums),
        op(xp.multiply, rest, sums, rest),
        op(xp.multiply, h, h, h),
        op(xp.multiply, parts, -0.5, parts),
        op(xp.exp, parts, parts),
        op(xp.multiply, h, rest, h),
    ]


def _tail(xp: ArrayModule, powers: Array, coefficients: Array, fraction: Array) -> Tape:
    """R(s) into fraction[0]; powers[1] holds s. One product with a matrix adds up both polynomials."""
    return [
        op(xp.multiply, powers[1], powers[1], powers[2]),
        op(xp.multiply, powers[1:3], powers[2], powers[3:5]),
        op(xp.multiply, powers[1:5], powers[4], powers[5:9]),
        op(xp.multiply, powers[1:3], powers[8], powers[9:11]),
        op(xp.matmul, coefficients, powers, fraction),
        op(xp.divide, fraction[0], fraction[1], fraction[0]),
    ]
