"""Independent random weights, spread so that signals neither grow nor fade from layer to layer.

One of the guides this program teaches from prints He's rule as "2/√n" and Xavier/Glorot's as "1/√n". He et
al. 2015 use a standard deviation of √(2/n_in); Glorot and Bengio 2010 a variance of 2/(n_in + n_out). The
printed 1/√n is the fan-in rule of LeCun et al. 1998. All three are here, under their own names.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

from deltaglow.engine.initializers.base import Fill, Initializer
from deltaglow.engine.ops import Array

_ROOT_2 = sqrt(2.0)


def _normal(deviation: Callable[[int, int], float]) -> Fill:
    def fill(rng: np.random.Generator, rows: int, columns: int, n_out: int) -> Array:
        return rng.normal(0.0, deviation(n_out, columns), (rows, columns))

    return fill


def _uniform(deviation: Callable[[int, int], float]) -> Fill:
    """Uniform on ±√3 σ, which has standard deviation σ."""

    def fill(rng: np.random.Generator, rows: int, columns: int, n_out: int) -> Array:
        limit = sqrt(3.0) * deviation(n_out, columns)
        return rng.uniform(-limit, limit, (rows, columns))

    return fill


def _lecun(n_out: int, n_in: int) -> float:
    return sqrt(1.0 / n_in)


def _xavier(n_out: int, n_in: int) -> float:
    return sqrt(2.0 / (n_in + n_out))


def _he(n_out: int, n_in: int) -> float:
    return sqrt(2.0 / n_in)


def _small(n_out: int, n_in: int) -> float:
    return 0.01


SCALED = (
    Initializer("small_normal", "Small random", "normal, σ = 0.01", _normal(_small), None),
    Initializer("lecun_normal", "LeCun normal", "normal, σ = √(1 / n_in)", _normal(_lecun)),
    Initializer("lecun_uniform", "LeCun uniform", "uniform on ±√(3 / n_in)", _uniform(_lecun)),
    Initializer("xavier_normal", "Xavier normal", "normal, σ = √(2 / (n_in + n_out))", _normal(_xavier)),
    Initializer("xavier_uniform", "Xavier uniform", "uniform on ±√(6 / (n_in + n_out))", _uniform(_xavier)),
    Initializer("he_normal", "He normal", "normal, σ = √(2 / n_in)", _normal(_he), _ROOT_2),
    Initializer("he_uniform", "He uniform", "uniform on ±√(6 / n_in)", _uniform(_he), _ROOT_2),
)
