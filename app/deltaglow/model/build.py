"""From a project to what runs, its data, network and trainer, and back with new parameters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from deltaglow.data import DATASETS, Dataset
from deltaglow.engine import Network, Penalties, Trainer, TrainerOptions, UpdateRule
from deltaglow.model import kinds
from deltaglow.model.project import BuiltinData, Project
from deltaglow.model.training import held_out


def dataset(project: Project) -> Dataset:
    """The samples the project learns from: its own, or a built-in set drawn from its seed."""
    given = project.data
    if isinstance(given, BuiltinData):
        kind = DATASETS[given.name]
        return kind.make(given.samples, given.noise, given.classes or kind.default_classes, given.seed)
    features = tuple(f"x{_subscript(i + 1)}" for i in range(given.x.shape[1]))
    classes = tuple(f"class {k + 1}" for k in range(given.y.shape[1]))
    return Dataset(given.x, given.y, features, classes, project.title or "Own data")


def network(project: Project, rng: np.random.Generator) -> Network:
    """The network with its parameters before the first step: given ones as given, others drawn from `rng`."""
    layers = [kinds.built(layer) for layer in project.network.layers]
    return Network(project.network.inputs, layers, project.network.loss, rng)


def trainer(project: Project, evaluation: bool = False) -> Trainer:
    """A trainer at step 0. A batch size above the number of samples means the whole set at once.

    One generator, started from the project's seed, draws the initial weights, then the order of every epoch.
    evaluation: layers work in its steps as they do when the network is only asked.
    """
    samples = dataset(project)
    training = project.training
    rng = np.random.default_rng(training.seed)
    rows, held = split(project)
    return Trainer(
        network(project, rng),
        samples.x[rows],
        samples.y[rows],
        optimizer=training.optimizer.name,
        learning_rate=training.optimizer.learning_rate,
        batch_size=min(training.batch_size, len(rows)),
        shuffle=training.shuffle,
        rng=rng,
        evaluation=evaluation,
        options=TrainerOptions(
            update=UpdateRule(
                settings=dict(training.optimizer.settings),
                schedule=training.schedule.name,
                schedule_settings=dict(training.schedule.settings),
                penalties=Penalties(training.l1, training.l2),
                weight_decay=training.weight_decay,
                clip=training.clip,
                accumulate=training.accumulate,
            ),
            noise=training.noise,
            noise_seed=training.seed,
            early_stopping=training.early_stopping,
            validation=(samples.x[held], samples.y[held]) if len(held) else None,
            rows=rows if len(held) else None,
        ),
    )


def split(project: Project) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The rows of the data set that are trained on, and those that are kept out to judge it by; ascending."""
    data, chosen = project.data, project.validation
    count = data.samples if isinstance(data, BuiltinData) else len(data.x)
    if chosen is None:
        return np.arange(count), np.arange(0)
    order = np.random.default_rng(chosen.seed).permutation(count)
    held = held_out(count, chosen.fraction)
    return np.sort(order[held:]), np.sort(order[:held])


def with_parameters(
    project: Project,
    theta: npt.NDArray[np.float64],
    statistics: npt.NDArray[np.float64] | None = None,
) -> Project:
    """The project with these parameters written into every layer in place of any it had.

    theta: flat, as the engine lays it out. statistics: what layers remember from batch to batch, likewise.
    Raises ValueError when a length does not fit the network.
    """
    shape = network(project, np.random.default_rng(0)).architecture
    if theta.shape != (shape.parameters,):
        raise ValueError(f"{theta.size} parameters for a network of {shape.parameters}")
    if statistics is not None and statistics.shape != (shape.remembered,):
        raise ValueError(f"{statistics.size} statistics for a network that remembers {shape.remembered}")
    memories = [None] * len(shape.layers) if statistics is None else shape.memories(statistics)
    layers = tuple(
        kinds.trained(layer, kind.named(block), memory)
        for layer, kind, block, memory in zip(
            project.network.layers, shape.layers, shape.blocks(theta), memories, strict=True
        )
    )
    return replace(project, network=replace(project.network, layers=layers))


def _subscript(number: int) -> str:
    return "".join(chr(0x2080 + int(digit)) for digit in str(number))
