"""The project that a command is about, and its first step."""

from __future__ import annotations

from deltaglow.engine import Frame
from deltaglow.model import build
from deltaglow.model.project import Project


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
