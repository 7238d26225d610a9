"""The project that a command is about, and its first step."""

from __future__ import annotations

import argparse
from dataclasses import replace

from deltaglow.cli.output import Failed
from deltaglow.engine import Frame, missing
from deltaglow.model import build, examples
from deltaglow.model.project import Project


def opened(options: argparse.Namespace) -> Project:
    """The project of FILE, with the precision and device that the options say in place of its own.

    Raises ProjectError, and Failed where the device asked for is missing.
    """
    if options.device is not None and (reason := missing(options.device)):
        raise Failed(f"--device {options.device}: {reason}")
    return examples.open_project(options.file, lambda project: _computed(project, options))


def _computed(project: Project, options: argparse.Namespace) -> Project:
    """A loss scale is for mixed precision, and goes with it."""
    own = project.training
    return replace(
        project,
        training=replace(
            own,
            precision=options.precision or own.precision,
            device=options.device or own.device,
            loss_scale=own.loss_scale if options.precision in (None, "mixed") else None,
        ),
    )


def previewed(project: Project, evaluation: bool) -> Frame:
    """The frame of the first step that is not left out, which in mixed precision may come later."""
    trainer = build.trainer(project, evaluation=evaluation)
    frame = trainer.preview()
    while frame.left_out:
        trainer.step()
        frame = trainer.preview()
    return frame


def described(project: Project, frame: Frame) -> str:
    """Sizes and counts, in half a line."""
    sizes = "-".join(map(str, project.network.sizes))
    samples = len(build.dataset(project).x)
    counted = f"{project.network.parameter_count:,} parameters, {samples:,} sample{'s' * (samples != 1)}"
    return f"{sizes}, {counted}, {frame.samples:,} in a batch"
