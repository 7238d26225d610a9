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
import numpy.typing as npt

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
Array32 = npt.NDArray[np.float32]
_FAR = 39.0
BLOCK = 4096
"""Elements worked on at a time, so that the scratch arrays stay small and in the cache."""


def normal(z: Array, cdf: Array, density: Array | None = None) -> Tape:
    """The calls that write Φ(z) into `cdf` and, if asked, exp(−z²/2)/√(2π) into `density`.

    z, cdf, density: different arrays of one shape; z keeps its values. 21 calls for every `BLOCK` numbers, on
    scratch arrays of their own. Infinities give 0 and 1, NaN gives NaN.
    """
    if z.ndim == 0:
        return normal(z[None], cdf[None], None if density is None else density[None])
    rows = max(1, BLOCK * len(z) // max(z.size, 1))
    room = _Room(z[:rows])
    tape: Tape = []
    for start in range(0, len(z), rows):
        part = slice(start, start + rows)
        tape += room.calls(z[part], cdf[part], None if density is None else density[part])
    return tape


class _Room:
    """Scratch for one block: the powers of s, P and Q or the two parts of the exponential, h, and z < 0."""

    def __init__(self, block: Array) -> None:
        self._powers = np.ones((len(_BOTTOM), block.size), block.dtype)
        self._fraction = np.empty((2, block.size), block.dtype)
        self._parts = np.empty((2, block.size), block.dtype)
        self._short = np.empty(block.size, np.float32)
        self._left = np.empty(block.size, np.bool_)
        self._coefficients = np.array([_TOP, _BOTTOM], block.dtype)

    def calls(self, z: Array, cdf: Array, density: Array | None) -> Tape:
        """The calls for a block z, the first one's shape or with fewer rows."""
        powers, fraction, parts = (room[:, : z.size] for room in (self._powers, self._fraction, self._parts))
        s, left = powers[1], self._left[: z.size].reshape(z.shape)
        top, bell = (array[0].reshape(z.shape) for array in (fraction, parts))
        finish = [
            op(np.multiply, top, bell, top),
            op(np.subtract, 1.0, top, cdf),
            op(np.less, z, 0.0, left),
            op(np.copyto, cdf, top, where=left),
        ]
        if density is not None:
            finish.append(op(np.multiply, bell, 1.0 / sqrt(2.0 * pi), density))
        return [
            op(np.absolute, z, s.reshape(z.shape)),
            op(np.minimum, s, _FAR, out=s),
            *_bell(s, self._short[: z.size], parts, fraction[0]),
            *_tail(powers, self._coefficients, fraction),
            *finish,
        ]


def _bell(s: Array, short: Array32, parts: Array, sums: Array) -> Tape:
    """exp(−s²/2) into parts[0]; the rest are scratch."""
    h, rest = parts
    return [
        op(np.copyto, short, s, casting="same_kind"),
        op(np.copyto, h, short),
        op(np.subtract, s, h, rest),
        op(np.add, s, h, sums),
        op(np.multiply, rest, sums, rest),
        op(np.multiply, h, h, h),
        op(np.multiply, parts, -0.5, parts),
        op(np.exp, parts, parts),
        op(np.multiply, h, rest, h),
    ]


def _tail(powers: Array, coefficients: Array, fraction: Array) -> Tape:
    """R(s) into fraction[0]; powers[1] holds s. One product with a matrix adds up both polynomials."""
    return [
        op(np.multiply, powers[1], powers[1], powers[2]),
        op(np.multiply, powers[1:3], powers[2], powers[3:5]),
        op(np.multiply, powers[1:5], powers[4], powers[5:9]),
        op(np.multiply, powers[1:3], powers[8], powers[9:11]),
        op(np.matmul, coefficients, powers, fraction),
        op(np.divide, fraction[0], fraction[1], fraction[0]),
    ]
