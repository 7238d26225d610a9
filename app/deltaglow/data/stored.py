"""Sets whose samples were measured, read from the files that come with the program."""

from __future__ import annotations

import csv

import numpy as np

from deltaglow.data.dataset import Dataset, one_hot


def parse(text: str, title: str) -> Dataset:
    """The whole set in a CSV text: a line of names, then a sample a line, its class in words at the end.

    Lines at the top that start with # say where it is from and under which licence. Classes are in the order
    of their first sample. Raises ValueError when a line is not as the others are.
    """
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    header, *rows = csv.reader(lines)
    classes = list(dict.fromkeys(row[-1] for row in rows))
    number = {name: k for k, name in enumerate(classes)}
    x = np.array([row[:-1] for row in rows], dtype=np.float64)
    labels = np.array([number[row[-1]] for row in rows], dtype=np.intp)
    if x.shape != (len(rows), len(header) - 1):
        raise ValueError(f"{title}: {x.shape[1]} numbers a line under {len(header) - 1} names")
    return Dataset(x, one_hot(labels, len(classes)), tuple(header[:-1]), tuple(classes), title)
