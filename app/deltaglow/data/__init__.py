"""What is learned from: the built-in data sets, one a file, and the table that lists them.

To add a set, write a file with a KIND beside the others and put it into the table below.
"""

from __future__ import annotations

from deltaglow.data import blobs, circles, moons, plane, sine, spirals, worked_example, xor
from deltaglow.data.dataset import Dataset, DataSetKind

DATASETS: dict[str, DataSetKind] = {
    kind.name: kind
    for kind in (
        worked_example.KIND,
        xor.KIND,
        blobs.KIND,
        circles.KIND,
        moons.KIND,
        spirals.KIND,
        plane.KIND,
        sine.KIND,
    )
}

__all__ = ["DATASETS", "DataSetKind", "Dataset"]
