"""Tables of worked solutions: every row is worked out again from the numbers that stand in it, as printed."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.explain.networks import cases, make

from deltaglow.engine import Frame
from deltaglow.explain.following import MOST, Column, printed, telling
from deltaglow.explain.moves import moves, rate_printed
from deltaglow.explain.report import solve_text
from deltaglow.explain.solution import Choices, worked_solution
from deltaglow.explain.solution.sheet import Table
from deltaglow.explain.step_forms import parameters
from deltaglow.model import build, examples
from deltaglow.model.project import Project

Read = list[dict[str, str]]
"""A table's rows: what the head of a column says → what stands there."""

_PHI = {
    "tanh": math.tanh,
    "sigmoid": lambda z: 1.0 / (1.0 + math.exp(-z)),
    "relu": lambda z: max(z, 0.0),
    "identity": lambda z: z,
}


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def unit(text: str) -> float:
    mantissa, _, exponent = text.replace("−", "-").partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def holds(got: float, text: str) -> bool:
    """Whether what comes out rounds to what is printed."""
    return abs(got - number(text)) <= 0.5 * unit(text) * (1 + 1e-9) + 1e-12 * abs(got)


def tables_of(project: Project, frame: Frame) -> Iterator[Read]:
    """Every table of the solution on paper, and of the one for a terminal."""
    for block in worked_solution(project, [frame], Choices()).blocks:
        if isinstance(block, Table):
            heads = [cell if isinstance(cell, str) else cell.text for cell in block.header]
            cells = [[c if isinstance(c, str) else c.text for c in row] for row in block.rows]
            yield [dict(zip(heads, row, strict=True)) for row in cells]
    heads, rows = [], []
    for line in [*solve_text(project, [frame]).splitlines(), ""]:
        cells = re.split(r"\s{2,}", line.strip())
        if cells[-1] == "after" or (cells[0] in ("unit", "output") and len(cells) > 1):
            heads, rows = ["", *cells] if cells[-1] == "after" else cells, []
        elif heads and len(cells) == len(heads):
            rows.append(dict(zip(heads, cells, strict=True)))
        elif heads:
            yield rows
            heads = []


Check = tuple[set[str], str, Callable[[dict[str, float]], float]]
"""Columns that a row has to have, the one that follows, and what it is by the others."""


def checks(frame: Frame) -> list[Check]:
    update, eta = frame.update, number(rate_printed(frame))
    found: list[Check] = [
        ({"comes back", "φ′(z)"}, "δ", lambda at: at["comes back"] * at["φ′(z)"]),
        ({"γ", "x̂", "β"}, "z", lambda at: at["γ"] * at["x̂"] + at["β"]),
        ({"s"}, "eˢ", lambda at: math.exp(at["s"])),
        ({"a⁻", "m"}, "z", lambda at: at["m"] * at["a⁻"]),
    ]
    if update.optimizer == "sgd" and not update.weight_decay:
        found.append(({"before"}, "after", lambda at: at["before"] - eta * at.get("g̃", at["gradient"])))
    if update.optimizer == "adam" and not update.weight_decay:
        epsilon = update.settings["epsilon"]
        found.append(({"before", "r", "m̂"}, "after", lambda at: at["before"] - at["r"] * at["m̂"]))
        found.append(({"v̂"}, "r", lambda at: eta / (math.sqrt(at["v̂"]) + epsilon)))
    return found


def wrong(frame: Frame, table: Read) -> Iterator[tuple[str, str]]:
    """What does not follow: the row and the column."""
    for row in table:
        at = {head: number(text) for head, text in row.items() if re.fullmatch(r"[−0-9.e]+", text)}
        for needed, head, rule in checks(frame):
            if {*needed, head} <= at.keys() and not holds(rule(at), row[head]):
                yield next(iter(row.values())), head
    shares = [row for row in table if "eˢ" in row]
    if shares and len(shares) == frame.y.shape[1]:
        total = math.fsum(number(row["eˢ"]) for row in shares)
        yield from ((row["output"], "ŷ") for row in shares if not holds(number(row["eˢ"]) / total, row["ŷ"]))


def activations_wrong(frame: Frame, table: Read) -> bool:
    """Whether no function that the network has gives the column a from the column z."""
    rows = [row for row in table if {"z", "a"} <= row.keys()]
    names = {trace.activation for trace in frame.layers} & _PHI.keys()
    known = len(names) == len({trace.activation for trace in frame.layers})
    return (
        known
        and bool(rows)
        and not any(all(holds(_PHI[name](number(row["z"])), row["a"]) for row in rows) for name in names)
    )


@pytest.mark.parametrize("name", examples.names())
def test_every_row_of_an_examples_tables_follows_from_its_own_numbers(name: str) -> None:
    project = examples.load(name)
    running = build.trainer(project)
    for _ in range(3):
        frame = running.step(capture=True)
    assert frame is not None
    found = list(tables_of(project, frame))
    assert found
    for table in found:
        assert not list(wrong(frame, table))
        assert not activations_wrong(frame, table)


@settings(max_examples=10, deadline=None)
@given(cases())
def test_every_row_of_random_networks_tables_follows_from_its_own_numbers(
    case: tuple[Project, Frame],
) -> None:
    project, frame = case
    for table in tables_of(project, frame):
        assert not list(wrong(frame, table))
        assert not activations_wrong(frame, table)


@pytest.mark.parametrize("name", ["momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw"])
def test_what_every_optimiser_goes_by_stands_beside_where_it_goes(name: str) -> None:
    project = examples.load("worked-example")
    optimizer = type(project.training.optimizer)(name, 0.0625)
    project = replace(project, training=replace(project.training, optimizer=optimizer))
    running = build.trainer(project)
    running.step()
    frame = running.step(capture=True)
    assert frame is not None
    heads, columns = moves(project, frame, parameters(frame.layers[0], 1, "{}"))
    settings_, decay = frame.update.settings, 0.0625 * frame.update.weight_decay
    for n, row in enumerate(zip(*columns, strict=True)):
        at = {head.text: number(text) for head, text in zip(heads, row, strict=True)}
        shrinks = decay if n < frame.layers[0].W.size else 0.0
        match name:
            case "momentum":
                step = 0.0625 * at["v"]
            case "nesterov":
                step = 0.0625 * (at["gradient"] + settings_["momentum"] * at["v"])
            case "rmsprop" | "adagrad":
                step = at["r"] * at["gradient"]
            case _:
                step = at["r"] * at["m̂"]
        assert holds(at["before"] - step - shrinks * at["before"], row[-1])


def test_a_step_is_seen_however_small_it_is() -> None:
    project, frame = make((3, 4, 2), ("tanh", "identity"), 1, 3)
    training = project.training
    slow = replace(training, optimizer=type(training.optimizer)("sgd", 1e-6))
    project = replace(project, training=slow)
    frame = build.trainer(project).preview()
    _, (before, gradient, after) = moves(project, frame, parameters(frame.layers[1], 2, "{}"))
    assert any(number(g) != 0.0 for g in gradient)
    assert all(b != a for b, a, g in zip(before, after, gradient, strict=True) if abs(number(g)) > 0.01)


def test_digits_are_as_few_as_will_do() -> None:
    exact: Sequence[float] = (0.5, 0.25)
    halved = Column((0.25, 0.125), lambda values: [0.5 * v for v in values], (0,))
    assert printed([Column(tuple(exact)), halved]) == [["0.5000", "0.2500"], ["0.2500", "0.1250"]]
    rough = Column((1 / 3, 1 / 7, 2 / 3))
    tripled = Column((1.0, 3 / 7, 2.0), lambda values: [3.0 * v for v in values], (0,))
    given_, made = printed([rough, tripled])
    assert all(holds(3.0 * number(g), m) for g, m in zip(given_, made, strict=True))
    assert len(given_[0]) <= MOST
    assert telling([1.0], [1.0]) == telling([], []) == 4
    assert telling([1.0, 2.0], [1.0, 2.00002]) == 6
    assert list(itertools.chain(*printed([]))) == []
