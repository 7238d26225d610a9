"""What a network says of one sample, whether a step learns from it or not: a frame of that sample alone."""

from __future__ import annotations

from dataclasses import replace

from deltaglow.data import Dataset
from deltaglow.engine import Frame, NonFinite
from deltaglow.model import build
from deltaglow.model.project import InlineData, Preparation, Project


def asked(project: Project, samples: Dataset, row: int, frame: Frame) -> Frame:
    """The frame of a batch that holds this row of the samples and nothing else, in the place of `frame`: with
    the parameters before its step, each layer working as in evaluation, up to the gradients that this sample
    alone asks for. Its update is one that nobody makes.

    samples: the project's, as the network is given them.
    """
    alone = slice(row, row + 1)
    training = replace(
        project.training,
        batch_size=1,
        accumulate=1,
        sparse_inputs=False,
        checkpoint=1,
        micro_batches=1,
        noise=0.0,
        early_stopping=None,
    )
    lonely = replace(
        project,
        data=InlineData(samples.x[alone], samples.y[alone]),
        training=training,
        validation=None,
        preparation=Preparation(),
        state=None,
    )
    trainer = build.trainer(lonely, evaluation=True)
    trainer.restore(replace(trainer.state(), step=frame.step, theta=frame.theta, statistics=frame.statistics))
    try:
        found = trainer.preview()
    except NonFinite as stop:
        assert stop.frame is not None
        found = stop.frame
    rows = found.rows + row
    rows.flags.writeable = False
    return replace(
        found,
        epoch=frame.epoch,
        rows=rows,
        theta=frame.theta,
        statistics=frame.statistics,
        architecture=frame.architecture,
    )
