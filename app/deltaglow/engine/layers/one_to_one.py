"""What the kinds of layer share whose units listen each to one unit of the layer before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from deltaglow.engine.layers.base import LayerShape
from deltaglow.engine.ops import Array, frozen


@dataclass(frozen=True, eq=False)
class OneToOneShape(LayerShape):
    """Unit j listens to unit j alone, so that channels stay what they were."""

    one_to_one: ClassVar[bool] = True

    channels_before: int

    @property
    def channels(self) -> int:
        return self.channels_before

    @cached_property
    def mask(self) -> Array | None:
        return frozen(np.eye(self.units, dtype=np.bool_))


def diagonal(values: Array) -> Array:
    """A read-only square matrix with these values on its diagonal."""
    return frozen(np.diag(values))
