"""What every data set is, built in or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_PIXEL = re.compile(r"row (\d+) column (\d+)")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples to learn from.

    x: features (N, d). y: targets (N, k), each row a distribution over classes (built-in sets: one-hot), or
    for regression k numbers. feature_names has d names, class_names k, one a class or number; title is what a
    person calls the set.
    """

    x: Array
    y: Array
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    title: str

    def __post_init__(self) -> None:
        for array in (self.x, self.y):
            array.flags.writeable = False


@dataclass(frozen=True)
class Stored:
    """A set whose samples were measured: they lie in the file `file`, `sizes` of them in each class.

    The text of a file is for `deltaglow.data.stored.parse`; fetching it is left to whoever knows files.
    """

    file: str
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class DataSetKind:
    """A built-in set and what may be asked of it.

    make(samples, noise, classes, seed) draws it; the same arguments give the same bits. Or it is Stored, and
    samples are picked from it. Limits are inclusive. source: whose the samples are, and their licence.
    targets: "classes", or "values" where each is a number to be met; the limits of classes are then those of
    how many numbers. balanced: whether its classes can be made to differ in size.
    scaling: a key of SCALINGS that suits its features. picture: rows and columns, where the features are
    the pixels of one.
    """

    name: str
    label: str
    description: str
    make: Callable[[int, float, int, int], Dataset] | Stored
    inputs: int = 2
    min_classes: int = 2
    max_classes: int = 2
    default_classes: int = 2
    min_samples: int = 4
    max_samples: int = 100_000
    default_samples: int = 300
    default_noise: float = 0.1
    max_noise: float = 2.0
    targets: Literal["classes", "values"] = "classes"
    balanced: bool = True
    scaling: str = "none"
    source: str = ""
    picture: tuple[int, int] | None = None


def brief(name: str) -> str:
    """What a feature is called where there is little room: without the unit in brackets, a pixel as r4 c3."""
    found = _PIXEL.fullmatch(name)
    return f"r{found[1]} c{found[2]}" if found else name.split(" (", maxsplit=1)[0]


def one_hot(labels: npt.NDArray[np.intp], classes: int) -> Array:
    """Rows of zeros with a one at each label: (N,) ints in [0, classes) become (N, classes)."""
    return np.eye(classes, dtype=np.float64)[labels]


def dealt(samples: int, classes: int) -> npt.NDArray[np.intp]:
    """Labels 0, 1, …, classes-1, 0, 1, … so classes differ in size by one at most."""
    return np.arange(samples, dtype=np.intp) % classes


def numbered(labels: npt.NDArray[np.intp], classes: int) -> npt.NDArray[np.intp]:
    """For every sample its number within its class, when labels were dealt: 0, …, 0, 1, …, 1, 2, …"""
    return np.arange(labels.size, dtype=np.intp) // classes
