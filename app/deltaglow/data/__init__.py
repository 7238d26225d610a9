"""What is learned from: the built-in data sets, one a file, and the table that lists them.

To add a set, write a file with a KIND beside the others and put it into the table below.
"""

from __future__ import annotations

from deltaglow.data import (
    blobs,
    checkerboard,
    circles,
    digits,
    iris,
    moons,
    penguins,
    plane,
    sine,
    spirals,
    wine,
    worked_example,
    xor,
)
from deltaglow.data.dataset import Dataset, DataSetKind, Stored
from deltaglow.data.delimited import Format, Table, TableError
from deltaglow.data.drawing import draw, most
from deltaglow.data.engineered import FEATURES, extended, features_in, width
from deltaglow.data.scaling import SCALINGS, Scaling
from deltaglow.data.stored import parse

DATASETS: dict[str, DataSetKind] = {
    kind.name: kind
    for kind in (
        worked_example.KIND,
        xor.KIND,
        blobs.KIND,
        circles.KIND,
        moons.KIND,
        spirals.KIND,
        checkerboard.KIND,
        iris.KIND,
        wine.KIND,
        penguins.KIND,
        digits.KIND,
        plane.KIND,
        sine.KIND,
    )
}

__all__ = [
    "DATASETS",
    "FEATURES",
    "SCALINGS",
    "DataSetKind",
    "Dataset",
    "Format",
    "Scaling",
    "Stored",
    "Table",
    "TableError",
    "draw",
    "extended",
    "features_in",
    "most",
    "parse",
    "width",
]
