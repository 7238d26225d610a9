"""The past of a run, as an archive can keep it beside the run's state: its curves, and states along the way.

From the states every step between them can be computed again; nothing in a project depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from deltaglow.engine import TrainerState
from deltaglow.model import carry, run_state, state_document
from deltaglow.model.errors import ProjectError
from deltaglow.model.node import Node
from deltaglow.model.project import Array, Project
from deltaglow.model.rules import RULES
from deltaglow.model.run_state import RunState

MAX_NUMBERS = 10_000_000
"""Of the curves; and of the states together, so many at most are written."""
MAX_STATES = 2048
MAX_COLUMNS = 256
MAX_NOTES = 1_000_000
"""Of when steps were made; of more, evenly spaced ones are kept."""
_COLUMN = re.compile(r"[a-z_]{1,40}(\[[0-9]{1,4}\])?")

Rows = npt.NDArray[np.float32]


class Arrays(Protocol):
    """The arrays of an archive."""

    def get(self, name: str, shape: tuple[int | None, ...], where: str) -> npt.NDArray[np.float64]:
        """The array called `name`, of this shape. Raises ProjectError about `where`."""


@dataclass(frozen=True, eq=False)
class RunHistory:
    """columns: the names of the scalars of a step. rows (steps, columns): of every step so far, NaN where it
    is not known. states: along the way, ascending, of the very project that the file is of; steps from the
    first one on can come back. theta (states, P), statistics (states, S): what they have beside. pace (notes,
    2): how many steps were made after how many seconds of training, both ascending.
    """

    columns: tuple[str, ...]
    rows: Rows
    states: tuple[RunState, ...] = ()
    theta: Array | None = None
    statistics: Array | None = None
    pace: Array | None = None

    @property
    def nbytes(self) -> int:
        """About the bytes that it takes in a file."""
        per_state = sum(a.nbytes for state in self.states for a in state.optimizer) + 250 * len(self.states)
        beside = sum(array.nbytes for array in (self.theta, self.statistics, self.pace) if array is not None)
        return self.rows.nbytes + per_state + beside

    def trainer_states(self, start: TrainerState) -> list[TrainerState]:
        """Its states as those of a trainer; start: any state of a trainer of the project."""
        if self.theta is None or self.statistics is None:
            return []
        found = zip(self.states, self.theta, self.statistics, strict=True)
        return [run_state.of_trainer(start, state, theta, averages) for state, theta, averages in found]


def taken(
    project: Project, columns: tuple[str, ...], rows: Rows, states: list[TrainerState], pace: Array
) -> RunHistory | None:
    """What is kept of a run; None if its curves are too many numbers. rows: of all steps. states: ascending;
    as many as there is room for are kept, the first one in any case. Early stopping looks back further than a
    state can tell, so of a run that has it only the curves are kept.
    """
    if rows.size > MAX_NUMBERS or not len(rows):
        return None
    notes = pace[:: -(-len(pace) // MAX_NOTES)] if len(pace) else pace
    curves = RunHistory(columns, rows, pace=notes)
    if project.training.early_stopping is not None or not states:
        return curves
    each = states[0].theta.size * (1 + len(states[0].optimizer)) + states[0].statistics.size
    room = max(min(MAX_NUMBERS // max(each, 1), MAX_STATES), 1)
    picked = states[:: -(-len(states) // room)]
    kept = [(state, run_state.taken(state)) for state in picked]
    if any(saved is None for _, saved in kept):
        return curves
    return replace(
        curves,
        states=tuple(saved for _, saved in kept if saved is not None),
        theta=np.array([state.theta for state, _ in kept], dtype=np.float64),
        statistics=np.array([state.statistics for state, _ in kept], dtype=np.float64),
    )


def written(history: RunHistory, put: Callable[[str, npt.NDArray[Any]], Any]) -> dict[str, Any]:
    """The history's object in an archive's document; `put` writes an array under a name."""
    made: dict[str, Any] = {"columns": list(history.columns), "rows": put("history.rows", history.rows)}
    if history.pace is not None and len(history.pace):
        made["pace"] = put("history.pace", history.pace)
    if not history.states or history.theta is None:
        return made
    made["states"] = [_state_written(state) for state in history.states]
    made["parameters"] = put("history.parameters", history.theta)
    if history.statistics is not None and history.statistics.size:
        made["averages"] = put("history.averages", history.statistics)
    slots = range(len(history.states[0].optimizer))
    stacked = [np.array([state.optimizer[k] for state in history.states]) for k in slots]
    made["optimizer"] = [put(f"history.optimizer{k}", array) for k, array in enumerate(stacked, start=1)]
    return made


def _state_written(state: RunState) -> dict[str, Any]:
    made = state_document.written(replace(state, optimizer=()), lambda name, array: None)
    return {key: value for key, value in made.items() if key != "optimizer"}


def read(node: Node, project: Project, arrays: Arrays) -> RunHistory:
    """The history at a node of an archive's document, for the project that the document describes. Raises
    ProjectError.
    """
    fields = node.fields(("columns", "rows"), ("pace", "states", "parameters", "averages", "optimizer"))
    if project.state is None:
        raise node.fail('is of a run, and there is no "state" that says where it stood')
    columns = _columns(fields["columns"])
    steps, count = project.state.step, project.network.parameter_count
    if steps * len(columns) > MAX_NUMBERS:
        raise fields["rows"].fail(f"is {steps * len(columns):,} numbers, at most {MAX_NUMBERS:,} are allowed")
    with np.errstate(over="ignore"):
        rows = _referred(fields["rows"], (steps, len(columns)), arrays).astype(np.float32)
    pace = _pace(fields["pace"], steps, arrays) if "pace" in fields else None
    if "states" not in fields:
        return RunHistory(columns, rows, pace=pace)
    items = _items(fields["states"], project)
    for key in (
        "parameters",
        "optimizer",
        *(["averages"] if state_document.averages_of(project.network) else []),
    ):
        if key not in fields:
            raise node.fail(f'has "states", and no "{key}"')
    theta = _finite(fields["parameters"], (len(items), count), arrays)
    averages = np.zeros((len(items), state_document.averages_of(project.network)))
    if averages.size:
        averages = _finite(fields["averages"], averages.shape, arrays)
    remembered = _remembered(fields["optimizer"], (len(items), count), project, arrays)
    states = [
        _state(item, project, tuple(array[place] for array in remembered)) for place, item in enumerate(items)
    ]
    for item, one, other in zip(items[1:], states, states[1:], strict=False):
        if other.step <= one.step:
            raise item.fail("is not of a later step than the one before")
    if states[-1].step > steps:
        raise fields["states"].fail(f"go on to step {states[-1].step:,}, the run stood at {steps:,}")
    return RunHistory(columns, rows, tuple(states), theta, averages, pace)


def _pace(node: Node, steps: int, arrays: Arrays) -> Array:
    found = _finite(node, (None, 2), arrays)
    if len(found) > MAX_NOTES:
        raise node.fail(f"has {len(found):,} notes, at most {MAX_NOTES:,} are allowed")
    made, seconds = found.T
    if (np.diff(made) <= 0).any() or (np.diff(seconds) < 0).any() or (found < 0).any():
        raise node.fail("must have steps that ascend from 0 or later, and seconds that do not fall")
    if len(found) and made[-1] > steps:
        raise node.fail(f"goes on to step {made[-1]:,.0f}, the run stood at {steps:,}")
    return found


def _items(node: Node, project: Project) -> list[Node]:
    """The states, if the network may have so many."""
    items, slots = list(node.items()), carry.slots(project.training)
    each = project.network.parameter_count * (1 + len(slots)) + state_document.averages_of(project.network)
    most = min(max(MAX_NUMBERS // max(each, 1), 1), MAX_STATES)
    if not 1 <= len(items) <= most:
        raise node.fail(f"has {len(items):,} states, must have from 1 to {most:,} of a network of this size")
    return items


def _remembered(node: Node, shape: tuple[int, int], project: Project, arrays: Arrays) -> list[Array]:
    """What the optimiser remembers in each state, an array a kind."""
    kept, slots = list(node.items()), carry.slots(project.training)
    if len(kept) != len(slots):
        raise node.fail(f"has {len(kept)} arrays, must have {len(slots)}")
    remembered = [_finite(item, shape, arrays) for item in kept]
    for item, name, array in zip(kept, slots, remembered, strict=True):
        state_document.check_memory(name, array, item.where)
    return remembered


def _columns(node: Node) -> tuple[str, ...]:
    names = tuple(item.text() for item in node.items())
    wrong = [name for name in names if not _COLUMN.fullmatch(name)]
    if wrong or not 1 <= len(names) <= MAX_COLUMNS or len(set(names)) < len(names):
        raise node.fail(f'must be from 1 to {MAX_COLUMNS} different names such as "loss", "gradient_norm[1]"')
    return names


def _state(node: Node, project: Project, remembered: tuple[Array, ...]) -> RunState:
    state = state_document.read_bare(node)
    if problem := state_document.stray_streams(state, project.network):
        raise node.fail(problem)
    return replace(state, optimizer=remembered)


def _referred(node: Node, shape: tuple[int | None, ...], arrays: Arrays) -> Array:
    return arrays.get(node.fields(("array",))["array"].text(), shape, node.where)


def _finite(node: Node, shape: tuple[int | None, ...], arrays: Arrays) -> Array:
    found = _referred(node, shape, arrays)
    if RULES["value"].wrong(found).any():
        raise ProjectError(node.where, "holds a number that is not finite")
    return found
