"""What an activation function is to the engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from deltaglow.engine.backend import ArrayModule
from deltaglow.engine.ops import Array, Tape, run


class Activation(ABC):
    """An element-wise function φ with its slope φ′.

    A subclass says how to write φ(z) and φ′(z) into arrays given in advance, by functions of their array
    module xp; `value` and `derivative` run
    those same calls on fresh arrays, so that there is one implementation. Scratch arrays that the calls need
    are allocated where the tape is made.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    latex: ClassVar[str]
    """φ(z) as LaTeX."""
    corners: ClassVar[tuple[float, ...]] = ()
    """The places z where φ′ jumps; the value used there is `derivative(corner)`, the one PyTorch uses."""
    in_place: ClassVar[bool] = False
    """True if a and z are the same array and φ′ is 1 everywhere."""
    steepest: ClassVar[float] = 1.0
    """The largest |φ′| there is, or a bound on it within the last digit."""
    gain: ClassVar[float] = 1.0
    """What weights are multiplied by to make up for what φ takes away, where a layer asks for "auto": the
    table of PyTorch's `nn.init.calculate_gain`, and 1 for functions that it does not list."""

    @abstractmethod
    def forward(self, xp: ArrayModule, z: Array, a: Array) -> Tape:
        """The calls that write φ(z) into `a`, an array of the same shape."""

    @abstractmethod
    def slope(self, xp: ArrayModule, z: Array, a: Array, slope: Array) -> Tape:
        """The calls that write φ′(z) into `slope`, once `a` holds φ(z)."""

    def value(self, z: npt.ArrayLike) -> Array:
        """φ(z), element by element."""
        z_array = np.array(z, dtype=np.float64)
        a = z_array if self.in_place else np.empty_like(z_array)
        with np.errstate(all="ignore"):
            run(self.forward(np, z_array, a))
        return a

    def derivative(self, z: npt.ArrayLike) -> Array:
        """φ′(z), element by element."""
        z_array = np.array(z, dtype=np.float64)
        a = self.value(z_array)
        slope = np.ones_like(z_array)
        with np.errstate(all="ignore"):
            run(self.slope(np, z_array, a, slope))
        return slope
