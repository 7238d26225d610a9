"""How well the examples on measured data learn, beside scikit-learn's `MLPClassifier` on the same splits.

Run by `make bench`; `python -m tests.benchmarks.accuracy --write` puts the table into TABLE as well. Each
example is trained as the gallery has it, on SPLITS different splits and seeds; scikit-learn gets the very
same prepared samples, once with the example's own layers and settings and once with its defaults (one hidden
layer of 100 ReLU units), for as many epochs. Right are samples that were kept out of the training.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from deltaglow.data import DATASETS
from deltaglow.engine import evaluate
from deltaglow.model import build, examples
from deltaglow.model.project import BuiltinData, Project
from deltaglow.model.samples import prepared, split

NAMES = ("iris", "wine", "penguins", "digits")
SPLITS = 10
EPOCHS = 100
MINUTE_S = 60.0
BEHIND = 0.015
"""By how much the mean may be below scikit-learn's: about one standard error of ten small splits."""
TABLE = Path("resources/docs/accuracy.md")


@dataclass(frozen=True)
class Row:
    """One example: shares right, (SPLITS,) each, and how long the longest training took."""

    project: Project
    ours: np.ndarray
    same: np.ndarray
    default: np.ndarray
    seconds: float

    @property
    def good(self) -> bool:
        """Within a minute, and no worse than the better of the two."""
        best = max(self.same.mean(), self.default.mean())
        return self.seconds < MINUTE_S and self.ours.mean() >= best - BEHIND


def main(write: bool = False) -> int:
    """Measure, print, and judge."""
    print(
        f"accuracy on samples kept out, {SPLITS} splits, {EPOCHS} epochs, beside scikit-learn's MLPClassifier"
    )
    rows = [_measured(name) for name in NAMES]
    for row in rows:
        print(
            f"  {row.project.title:<16} ours {_percent(row.ours)}   same network {_percent(row.same)}   "
            f"its defaults {_percent(row.default)}   "
            f"{row.seconds:.1f} s   {'good' if row.good else 'BEHIND'}",
            flush=True,
        )
    if write:
        TABLE.write_text(_document(rows), encoding="utf-8")
        print(f"  written: {TABLE}")
    return 0 if all(row.good for row in rows) else 1


def _measured(name: str) -> Row:
    project = examples.load(name)
    assert project.validation is not None
    found, seconds = [], 0.0
    for seed in range(SPLITS):
        validation = replace(project.validation, seed=seed)
        this = replace(project, validation=validation, training=replace(project.training, seed=seed))
        start = perf_counter()
        ours = _ours(this)
        seconds = max(seconds, perf_counter() - start)
        found.append((ours, _theirs(this, seed, same=True), _theirs(this, seed, same=False)))
    ours, same, default = np.array(found).T
    return Row(project, ours, same, default, seconds)


def _ours(project: Project) -> float:
    """The share right after EPOCHS epochs of the project as it stands."""
    trainer = build.trainer(project)
    steps = -(-len(split(project)[0]) // project.training.batch_size)
    with trainer.threads():
        for _ in range(EPOCHS * steps):
            trainer.step()
    data, rows = prepared(project).dataset, split(project)[1]
    return evaluate(trainer.network, data.x[rows], data.y[rows]).accuracy


def _theirs(project: Project, seed: int, same: bool) -> float:
    """The same of scikit-learn: with the project's own layers and settings, or with its defaults."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    settings: dict[str, object] = {}
    if same:
        hidden = project.network.layers[:-1]
        settings = {
            "hidden_layer_sizes": tuple(layer.units for layer in hidden),
            "activation": hidden[0].activation,
            "learning_rate_init": project.training.optimizer.learning_rate,
            "batch_size": project.training.batch_size,
        }
    model = MLPClassifier(max_iter=EPOCHS, n_iter_no_change=EPOCHS, random_state=seed, **settings)
    data = prepared(project).dataset
    labels = data.y.argmax(axis=1)
    training, held_out = split(project)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(data.x[training], labels[training])
    return float(model.score(data.x[held_out], labels[held_out]))


def _percent(shares: np.ndarray) -> str:
    return f"{100 * shares.mean():.1f} ± {100 * shares.std(ddof=1):.1f} %"


def _document(rows: list[Row]) -> str:
    """The table, as users read it."""
    lines = [
        "# What the examples on measured data reach",
        "",
        "<!-- Made by `python -m tests.benchmarks.accuracy --write`. -->",
        "",
        "The share of samples kept out of the training, a fifth of all, that is classified right after",
        f"{EPOCHS} epochs: mean ± standard deviation over {SPLITS} splits and seeds. scikit-learn's",
        "`MLPClassifier` was given the very same samples, scaled in the same way, on the same splits, for as",
        "many epochs: once with the same network, optimiser, learning rate and batch size, once with its",
        "defaults (one hidden layer of 100 ReLU units).",
        "",
        "| example | samples | network | Deltaglow | scikit-learn | with its defaults | training takes |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        project = row.project
        sizes = "-".join(map(str, project.network.sizes))
        count = project.data.samples if isinstance(project.data, BuiltinData) else len(project.data.x)
        shares = " | ".join(_percent(each) for each in (row.ours, row.same, row.default))
        lines.append(f"| {project.title} | {count} | {sizes} | {shares} | {max(row.seconds, 0.1):.1f} s |")
    lines += ["", "Sources of the sets:", ""]
    for row in rows:
        assert isinstance(row.project.data, BuiltinData)
        kind = DATASETS[row.project.data.name]
        lines.append(f"- {kind.label}: {kind.source}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
