"""Where weights start. To add a rule: a function here or in a file beside this one, and its line in the
table.

One of the guides this program teaches from prints He's rule as "2/√n" and Xavier/Glorot's as "1/√n". He et
al. 2015 use a standard deviation of √(2/n_in); Glorot and Bengio 2010 a variance of 2/(n_in + n_out). The
printed 1/√n is the fan-in rule of LeCun et al. 1998. All three are here, under their own names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from deltaglow.engine.ops import Array

Fill = Callable[[np.random.Generator, int, int], Array]


@dataclass(frozen=True)
class Initializer:
    """A rule for a weight matrix: `rule(rng, units_out, units_in)` gives W of shape (out, in)."""

    name: str
    label: str
    formula: str
    """The distribution in plain text, n_in and n_out being the units before and behind the weights."""
    fill: Fill

    def __call__(self, rng: np.random.Generator, units_out: int, units_in: int) -> Array:
        return self.fill(rng, units_out, units_in)


def _zeros(rng: np.random.Generator, n_out: int, n_in: int) -> Array:
    return np.zeros((n_out, n_in))


def _normal(deviation: Callable[[int, int], float]) -> Fill:
    def fill(rng: np.random.Generator, n_out: int, n_in: int) -> Array:
        return rng.normal(0.0, deviation(n_out, n_in), (n_out, n_in))

    return fill


def _uniform(deviation: Callable[[int, int], float]) -> Fill:
    """Uniform on ±√3 σ, which has standard deviation σ."""

    def fill(rng: np.random.Generator, n_out: int, n_in: int) -> Array:
        limit = sqrt(3.0) * deviation(n_out, n_in)
        return rng.uniform(-limit, limit, (n_out, n_in))

    return fill


def _lecun(n_out: int, n_in: int) -> float:
    return sqrt(1.0 / n_in)


def _xavier(n_out: int, n_in: int) -> float:
    return sqrt(2.0 / (n_in + n_out))


def _he(n_out: int, n_in: int) -> float:
    return sqrt(2.0 / n_in)


INITIALIZERS: dict[str, Initializer] = {
    rule.name: rule
    for rule in (
        Initializer("zeros", "Zeros", "0: every unit of a layer stays like its neighbours", _zeros),
        Initializer("small_normal", "Small random", "normal, σ = 0.01", _normal(lambda n_out, n_in: 0.01)),
        Initializer("lecun_normal", "LeCun normal", "normal, σ = √(1 / n_in)", _normal(_lecun)),
        Initializer("lecun_uniform", "LeCun uniform", "uniform on ±√(3 / n_in)", _uniform(_lecun)),
        Initializer("xavier_normal", "Xavier normal", "normal, σ = √(2 / (n_in + n_out))", _normal(_xavier)),
        Initializer(
            "xavier_uniform", "Xavier uniform", "uniform on ±√(6 / (n_in + n_out))", _uniform(_xavier)
        ),
        Initializer("he_normal", "He normal", "normal, σ = √(2 / n_in)", _normal(_he)),
        Initializer("he_uniform", "He uniform", "uniform on ±√(6 / n_in)", _uniform(_he)),
    )
}

__all__ = ["INITIALIZERS", "Initializer"]
