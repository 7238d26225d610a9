"""Addresses of what a step decides beside its update: the loss scale, and whether the run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deltaglow.engine import Frame

SCALE = {
    "loss_scale": "loss scale of mixed precision",
    "loss_scale_after": "loss scale of the next step",
}
WATCHED = {
    "watched_loss": "loss that early stopping looks at after an epoch",
    "best_loss_before": "best loss that early stopping knew before the step",
    "best_loss": "best loss that early stopping knows after the step",
    "waited_before": "epochs without a better loss, before the step",
    "waited": "epochs without a better loss, after the step",
}
DECIDED = SCALE | WATCHED
"""Kinds that only some runs have, each one number for the step, and what each is."""


def absent(kind: str, frame: Frame) -> str:
    """Why a frame has no number of a kind in DECIDED; empty if it has."""
    numbers = frame.decisions.numbers
    if kind in numbers:
        return ""
    if kind in SCALE:
        return f"there is one in mixed precision only, and this step is {frame.precision}"
    if "waited" not in numbers:
        return "this run has no early stopping"
    if kind == "watched_loss":
        return "early stopping looks after the last step of an epoch only"
    return "no epoch has ended yet"


def setting(frame: Frame, name: str) -> float:
    """What a rule goes by."""
    return frame.decisions.settings[name]


def improves(frame: Frame) -> bool | None:
    """Whether the loss looked at is better than the best before by enough; None where none was looked at."""
    numbers = frame.decisions.numbers
    if not setting(frame, "looked"):
        return None
    best = numbers.get("best_loss_before")
    return "watched_loss" in numbers and (
        best is None or numbers["watched_loss"] < best - setting(frame, "min_delta")
    )
