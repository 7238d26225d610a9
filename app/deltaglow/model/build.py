"""From a project to what runs, its data, network and trainer, and back with new parameters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from deltaglow.data import Dataset
from deltaglow.engine import LossScale, Network, Penalties, Trainer, TrainerOptions, UpdateRule, backend, host
from deltaglow.engine.frame import Architecture
from deltaglow.model import freezing, kinds, run_state
from deltaglow.model.project import Project
from deltaglow.model.samples import prepared, split


def dataset(project: Project) -> Dataset:
    """The samples as the network is given them: the project's or a built-in set's, scaled and extended."""
    return prepared(project).dataset


def network(project: Project, rng: np.random.Generator) -> Network:
    """The network with its parameters before the first step: given ones as given, others drawn from `rng`,
    in the project's precision and on its device.
    """
    layers = [kinds.built(layer) for layer in project.network.layers]
    training = project.training
    made_of = backend(training.precision, training.device)
    return Network(project.network.inputs, layers, project.network.loss, rng, made_of)


def trainer(project: Project, evaluation: bool = False) -> Trainer:
    """A trainer at step 0, or where the project's state says. A batch size above the number of samples means
    the whole set at once.

    One generator, started from the project's seed, draws the initial weights, then the order of every epoch.
    evaluation: layers work in its steps as they do when the network is only asked.
    """
    samples = dataset(project)
    training = project.training
    rng = np.random.default_rng(training.seed)
    rows, held = split(project)
    made = network(project, rng)
    trainer = Trainer(
        made,
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
                frozen=freezing.frozen_parameters(project.network, made.architecture),
                top_k=training.top_k,
                sparse_inputs=training.sparse_inputs,
            ),
            checkpoint=training.checkpoint,
            micro_batches=training.micro_batches,
            loss_scale=training.loss_scale or LossScale(),
            noise=training.noise,
            noise_seed=training.seed,
            early_stopping=training.early_stopping,
            validation=(samples.x[held], samples.y[held]) if len(held) else None,
            rows=rows if len(held) else None,
        ),
    )
    if project.state is not None:
        run_state.resume(trainer, project.state)
    return trainer


def with_parameters(
    project: Project,
    theta: npt.NDArray[np.float64],
    statistics: npt.NDArray[np.float64] | None = None,
    shape: Architecture | None = None,
) -> Project:
    """The project with these parameters written into every layer in place of any it had.

    theta: flat, as the engine lays it out. statistics: what layers remember from batch to batch, likewise.
    shape: the network's, if it is known already: finding it out means drawing every weight.
    Raises ValueError when a length does not fit the network.
    """
    if shape is None:
        shape = network(project, np.random.default_rng(0)).architecture
    theta = host(theta)
    if theta.shape != (shape.parameters,):
        raise ValueError(f"{theta.size} parameters for a network of {shape.parameters}")
    if statistics is not None and statistics.shape != (shape.remembered,):
        raise ValueError(f"{statistics.size} statistics for a network that remembers {shape.remembered}")
    memories = [None] * len(shape.layers) if statistics is None else shape.memories(host(statistics))
    layers = tuple(
        kinds.trained(layer, kind.named(block), memory)
        for layer, kind, block, memory in zip(
            project.network.layers, shape.layers, shape.blocks(theta), memories, strict=True
        )
    )
    return replace(project, network=replace(project.network, layers=layers))
