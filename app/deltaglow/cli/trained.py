"""What `deltaglow train` tells of a run."""

from __future__ import annotations

import math
from typing import Any

from deltaglow.engine import Trainer
from deltaglow.engine.touched import TouchedRows
from deltaglow.explain import evaluated
from deltaglow.explain.memory import memory_document, memory_text
from deltaglow.model.project import Project


def document(
    project: Project, trainer: Trainer, first_loss: float, begun: int, seconds: float
) -> dict[str, Any]:
    """What came of a run, for other programs. begun: the steps that had been made before it."""
    steps = trainer.step_count - begun
    last_loss, accuracy = trainer.evaluate()
    held, parts = trainer.validate(), {"training": trainer.evaluation(), "validation": trainer.validation()}
    found: dict[str, Any] = {
        "steps": steps,
        "first_loss": first_loss,
        "last_loss": last_loss,
        "accuracy": accuracy if math.isfinite(accuracy) else None,
        "seconds": seconds,
        "steps_per_second": steps / seconds,
        "memory": memory_document(trainer.ledger()),
        "evaluation": {name: evaluated.document(part) for name, part in parts.items() if part is not None},
    }
    if begun:
        found["steps_before"] = begun
    if held is not None:
        loss, share = (number if math.isfinite(number) else None for number in held)
        found |= {"validation_loss": loss, "validation_accuracy": share}
    if trainer.touched is not None:
        found["inputs_touched"] = trainer.touched.touched / max(1, trainer.touched.seen)
    if trainer.scaling is not None:
        found |= {"loss_scale": trainer.scaling.scale, "updates_left_out": trainer.scaling.missed}
    if project.training.early_stopping is not None:
        found |= {"stopped_early": trainer.stopped_early, "best_step": trainer.watch.best_step}
    return found


def text(trainer: Trainer, first_loss: float, begun: int, seconds: float) -> str:
    """The same in a few lines."""
    last_loss, _ = trainer.evaluate()
    steps, before = trainer.step_count - begun, f", after {begun:,} before" if begun else ""
    held, kept_out, watch = trainer.validate(), trainer.validation(), trainer.watch
    lines = [
        f"steps        {steps:,}{before}",
        f"loss         {first_loss:.6g} at the start, {last_loss:.6g} at the end",
        evaluated.score(trainer.evaluation()),
        f"speed        {steps / seconds:,.0f} steps per second",
        memory_text(trainer.ledger()),
    ]
    if trainer.touched is not None and trainer.touched.seen:
        lines.append(_touched_text(trainer.touched, trainer.network.architecture.inputs))
    if trainer.scaling is not None:
        missed = trainer.scaling.missed
        lines.append(
            f"loss scale   {trainer.scaling.scale:,.0f} at the end, {missed:,} "
            f"{'update' if missed == 1 else 'updates'} left out on the way"
        )
    if held is not None and kept_out is not None:
        lines.append(f"validation   loss {held[0]:.6g}, {' '.join(evaluated.score(kept_out).split())}")
    if trainer.stopped_early:
        lines.append(
            f"stopped      early: the loss was lowest, {watch.best_loss:.6g}, after step {watch.best_step:,}"
        )
    return "\n".join(lines)


def _touched_text(found: TouchedRows, inputs: int) -> str:
    """What sparse inputs saved."""
    each = found.touched / found.seen
    return (
        f"inputs       {each:,.1f} of {inputs:,} touched in a step: "
        f"{1 - each / inputs:.1%} of layer 1's weights cost no work"
    )
