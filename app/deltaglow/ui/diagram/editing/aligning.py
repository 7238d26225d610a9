"""Units in line: together at one end or in the middle of their columns, or level with what they listen to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from deltaglow.model import edits
from deltaglow.model.arranging import Line, Orders, arranging, in_line, level
from deltaglow.ui.diagram.editing.command import Command, Tools
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.gestures import move_unit

LINES = (
    ("At the top of the column", Line.TOP, "Alt+Shift+Up"),
    ("In the middle of the column", Line.MIDDLE, "Alt+Shift+M"),
    ("At the bottom of the column", Line.BOTTOM, "Alt+Shift+Down"),
)
LEVEL, LEVEL_KEY = "Level with what they listen to", "Alt+Shift+L"
BY_THEMSELVES = "Select units to align them: columns are centred and evenly spaced by themselves"


def align_command(tools: Tools) -> Command:
    """The menu of ways to align the units that are selected."""
    project, units = tools.lab.project, tools.selection.units
    fixed = (move_unit.why_not(tools, k) for k in sorted({k for k, _ in units}))
    why = next(filter(None, fixed), "") if units else BY_THEMSELVES
    sizes = project.network.sizes
    ways = [_way(tools, why, name, partial(in_line, sizes, units, line), keys) for name, line, keys in LINES]

    def by_inputs() -> Orders:
        return level(edits.given(tools.lab.trained_project), units)

    ways.append(_way(tools, why, LEVEL, by_inputs, LEVEL_KEY))
    return Command("Align", why_not=lambda: why, below=tuple(ways))


def _way(tools: Tools, why: str, name: str, orders: Callable[[], Orders], keys: str) -> Command:
    """The orders are worked out when they are asked for: of a large network that takes long."""

    def why_not() -> str:
        return why or ("They stand there already" if _as_they_are(orders()) else "")

    return Command(name, lambda: _align(tools, orders()), keys, why_not)


def _as_they_are(orders: Orders) -> bool:
    return all(list(order) == sorted(order) for order in orders.values())


def _align(tools: Tools, orders: Orders) -> None:
    """They stay selected, where they come to stand."""
    units = tools.selection.units
    if tools.apply("Align units", arranging(orders)):
        moved = {(k, orders[k].index(u) if k in orders else u) for k, u in units}
        tools.choose(Selection(units=frozenset(moved)))
