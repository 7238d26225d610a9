"""The numbers that can be set by hand: what they are now, and why one cannot be set."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt

from deltaglow.model import edits
from deltaglow.model.edits import Connection
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Change, Project
from deltaglow.session.lab import Lab

FINE, COARSE = 0.1, 10.0


def factor(modifiers: Qt.KeyboardModifier) -> float:
    """By how much the modifiers make a change finer (Shift) or coarser (Alt)."""
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return FINE
    return COARSE if modifiers & Qt.KeyboardModifier.AltModifier else 1.0


def weight(lab: Lab, connection: Connection) -> float:
    """The weight as it stands now, after the step if that is complete."""
    k, j, i = connection
    trace = lab.frame.layers[k - 1]
    return float((trace.W_after if lab.complete else trace.W)[j, i])


def bias(lab: Lab, unit: tuple[int, int]) -> float:
    """The bias as it stands now, after the step if that is complete."""
    k, j = unit
    trace = lab.frame.layers[k - 1]
    return float((trace.b_after if lab.complete else trace.b)[j])


def weight_obstacle(project: Project, connection: Connection) -> str:
    """Why the weight of a connection cannot be set, "" if it can."""
    k, j, i = connection
    mask = project.network.layers[k - 1].mask
    if mask is not None and not mask[j, i]:
        return "The connection is deleted: Insert brings it back"
    return _not_dense(project, k)


def bias_obstacle(project: Project, unit: tuple[int, int]) -> str:
    """Why the bias of a unit cannot be set, "" if it can."""
    return "An input has no bias" if unit[0] == 0 else _not_dense(project, unit[0])


def setting_weight(connection: Connection, value: float) -> Change:
    """The edit that sets a weight."""
    return partial(edits.set_weights, values=[(connection, value)])


def setting_bias(unit: tuple[int, int], value: float) -> Change:
    """The edit that sets a bias."""
    return partial(edits.set_bias, k=unit[0], j=unit[1], value=value)


def _not_dense(project: Project, k: int) -> str:
    try:
        edits.dense_layer(project, k)
    except ProjectError as error:
        return error.what
    return ""
