"""From a project to what runs, its data, network and trainer, and back with new parameters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from deltaglow.data import DATASETS, Dataset
from deltaglow.engine import Dense, Network, Trainer
from deltaglow.model.project import BuiltinData, Project


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
    layers = [
        Dense(
            units=layer.units,
            activation=layer.activation,
            W=layer.W,
            b=layer.b,
            mask=None if layer.mask is None else layer.mask.astype(np.float64),
            init=layer.init,
        )
        for layer in project.network.layers
    ]
    return Network(project.network.inputs, layers, project.network.loss, rng)


def trainer(project: Project) -> Trainer:
    """A trainer at step 0. A batch size above the number of samples means the whole set at once.

    One generator, started from the project's seed, draws the initial weights, then the order of every epoch.
    """
    samples = dataset(project)
    training = project.training
    rng = np.random.default_rng(training.seed)
    return Trainer(
        network(project, rng),
        samples.x,
        samples.y,
        optimizer=training.optimizer.name,
        learning_rate=training.optimizer.learning_rate,
        batch_size=min(training.batch_size, len(samples.x)),
        shuffle=training.shuffle,
        rng=rng,
    )


def with_parameters(project: Project, theta: npt.NDArray[np.float64]) -> Project:
    """The project with these parameters written in as every layer's W and b, in place of any it had.

    theta: flat, as the engine lays it out. Raises ValueError when its length does not fit the network.
    """
    net = network(project, np.random.default_rng(0))
    if theta.shape != net.theta.shape:
        raise ValueError(f"{theta.size} parameters for a network of {net.theta.size}")
    net.theta[:] = theta
    layers = tuple(
        replace(layer, W=net.W(k).copy(), b=net.b(k).copy())
        for k, layer in enumerate(project.network.layers, start=1)
    )
    return replace(project, network=replace(project.network, layers=layers))


def _subscript(number: int) -> str:
    return "".join(chr(0x2080 + int(digit)) for digit in str(number))
