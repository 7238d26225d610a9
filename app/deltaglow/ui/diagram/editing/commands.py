"""Every command on what is selected: its name, its keys, and why it cannot be given now.

Context menus, the Edit menu and the keyboard all take it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from deltaglow.explain import symbols
from deltaglow.explain.copying import FORMS
from deltaglow.model import edits, naming
from deltaglow.model.arranging import untangling
from deltaglow.model.edits import Connection
from deltaglow.model.project import Change, Project
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.editing import deleted, numbers
from deltaglow.ui.diagram.editing.aligning import align_command
from deltaglow.ui.diagram.editing.command import Command, Commands, Tools, edit
from deltaglow.ui.diagram.editing.copying import copy, cut, pastable, paste
from deltaglow.ui.diagram.editing.freeze import KEY, freezing_of
from deltaglow.ui.diagram.editing.layer_commands import column_commands, removing
from deltaglow.ui.diagram.editing.selection import Selection, Unit
from deltaglow.ui.diagram.gestures import move_unit
from deltaglow.ui.panels.copying import copy_quantity


def for_selection(tools: Tools) -> Commands:
    """The commands on what is selected, the most particular first, then those on the whole."""
    chosen = tools.selection
    found: Commands = []
    if chosen.connections:
        found += [*_connections(tools, chosen), None]
    if chosen.units:
        found += [*_units(tools, chosen), None]
    if chosen:
        name, change, why = freezing_of(tools.lab.project, chosen)
        found += [edit(tools, name, change, KEY, why), None]
    column = chosen.column
    if column is not None and chosen.layers:
        found += [*column_commands(tools, column, whole=True), None]
    elif column is not None:
        name = f"Layer {column}" if column else "Inputs"
        found += [Command(name, below=tuple(column_commands(tools, column, whole=False))), None]
    elif chosen.layers:
        found += [removing(tools, chosen), None]
    return [*found, _copies(tools), None, *_canvas(tools)]


def _copies(tools: Tools) -> Command:
    """The number that is explained, with its derivation."""
    lab = tools.lab
    name = symbols.text(lab.project, lab.selected)
    why = "" if lab.reached(lab.selected) else "It is not computed yet: step on to it"
    below = tuple(
        Command(f"As {form_name}", partial(copy_quantity, lab, lab.selected, form))
        for form, form_name in FORMS.items()
    )
    return Command(f"Copy {name} and its derivation", why_not=lambda: why, below=below)


# Connections


def _connections(tools: Tools, chosen: Selection) -> Commands:
    found: Commands = []
    links, project = sorted(chosen.connections), tools.lab.project
    if len(links) == 1 and not chosen.units:
        (link,) = links
        weight = Quantity("W", link[0], link[1:])
        found += [
            Command(
                "Set the weight…",
                partial(tools.type_number, weight),
                "Return Enter",
                partial(numbers.weight_obstacle, project, link),
            ),
            _nudges(tools, partial(numbers.weight_obstacle, project, link)),
            Command(
                "Name the weight…", partial(tools.rename, weight), "F2", partial(_namable, tools, link[0])
            ),
        ]
    gone = deleted.among(project, links)
    there = [c for c in links if c not in gone]
    what = _links_name(tools, links)
    return [
        *found,
        edit(
            tools,
            f"Delete {what}",
            partial(edits.connect, connections=there, there=False),
            "Delete Backspace",
            "" if there else "It is deleted already",
        ),
        edit(
            tools,
            f"Bring back {what}",
            partial(edits.connect, connections=gone, there=True, known=project),
            "Insert",
            "" if gone else "It is there",
        ),
    ]


def _links_name(tools: Tools, links: list[Connection]) -> str:
    if len(links) > 1:
        return f"{len(links)} connections"
    return "connection " + symbols.text(tools.lab.project, Quantity("W", links[0][0], links[0][1:]))


def _namable(tools: Tools, layer: int) -> str:
    return numbers.bias_obstacle(tools.lab.project, (layer, 0))


def _nudges(tools: Tools, why: Callable[[], str]) -> Command:
    below = (
        Command("A little more", partial(tools.nudge, 1.0), "Ctrl+Up"),
        Command("A little less", partial(tools.nudge, -1.0), "Ctrl+Down"),
        Command("A tenth of that more", partial(tools.nudge, numbers.FINE), "Ctrl+Shift+Up"),
        Command("A tenth of that less", partial(tools.nudge, -numbers.FINE), "Ctrl+Shift+Down"),
    )
    return Command("Change step by step", why_not=why, below=below)


# Units


def _units(tools: Tools, chosen: Selection) -> Commands:
    units, project = sorted(chosen.units), tools.lab.project
    columns = sorted({k for k, _ in units})
    why = next(filter(None, (edits.fixed(project, k) for k in columns)), "")
    many = f"{len(units)} units" if len(units) > 1 else f"unit {units[0][1] + 1} of layer {units[0][0]}"
    found = _one_unit(tools, units[0]) if len(units) == 1 else []
    last, remove = _last_one(project.network.sizes, units), partial(edits.remove_units, units=units)
    back = [c for c in deleted.of_project(project) if (c[0], c[1]) in units or (c[0] - 1, c[2]) in units]
    return [
        *found,
        edit(
            tools,
            f"Remove {many}",
            remove,
            "Delete Backspace",
            why or last,
        ),
        edit(tools, f"Duplicate {many}", partial(edits.duplicate_units, units=units), "Ctrl+D", why),
        edit(
            tools,
            f"Bring back the connections of {many}",
            partial(edits.connect, connections=back, there=True, known=project),
            "Insert",
            "" if back else "None of its connections was deleted",
        ),
        None,
        Command("Copy", partial(copy, tools), "Ctrl+C", partial(_copyable, project, columns)),
        Command(
            "Cut",
            partial(cut, tools),
            "Ctrl+X",
            lambda: why or last or _copyable(project, columns) or tools.refusal(remove),
        ),
    ]


def _last_one(sizes: tuple[int, ...], units: list[Unit]) -> str:
    """Why these units cannot all go."""
    for k in {k for k, _ in units}:
        if sum(layer == k for layer, _ in units) == sizes[k]:
            return f"Layer {k} needs a unit: Ctrl+Delete removes the layer"
    return ""


def _copyable(project: Project, columns: list[int]) -> str:
    """Why units of these columns cannot be copied, "" if they can."""
    if 0 in columns:
        return "Inputs cannot be copied: they are the features of the data"
    bound = next((k for k in columns if project.network.layers[k - 1].part is not None), None)
    return "" if bound is None else f"{edits.fixed(project, bound)}: the layer itself can be copied"


def _one_unit(tools: Tools, unit: Unit) -> Commands:
    layer, place = unit
    project = tools.lab.project
    obstacle = partial(numbers.bias_obstacle, project, unit)
    found: Commands = []
    if layer:
        bias = Quantity("b", layer, (place,))
        found = [
            Command("Set the bias…", partial(tools.type_number, bias), "Return Enter", obstacle),
            _nudges(tools, obstacle),
            Command("Name the bias…", partial(tools.rename, bias), "Shift+F2", obstacle),
        ]
    found.append(
        Command(
            "Name the unit…" if layer else "Name the input…",
            partial(tools.rename_unit, layer, place),
            "F2",
            partial(tools.refusal, partial(naming.rename_unit, k=layer, j=place, name="")),
        )
    )
    still = move_unit.why_not(tools, layer)
    ends = ("It is the first", "It is the last")
    last = project.network.sizes[layer] - 1
    up = partial(edits.move_unit, k=layer, unit=place, to=place - 1)
    down = partial(edits.move_unit, k=layer, unit=place, to=place + 1)
    why_up, why_down = still or ends[0] * (place == 0), still or ends[1] * (place == last)
    return [
        *found,
        Command("Move up", partial(_move, tools, unit, -1, up), "Alt+Up", lambda: why_up),
        Command("Move down", partial(_move, tools, unit, 1, down), "Alt+Down", lambda: why_down),
    ]


def _move(tools: Tools, unit: Unit, by: int, change: Change) -> None:
    if tools.apply(f"Move unit {unit[1] + 1} of layer {unit[0]}", change):
        tools.choose(Selection(units=frozenset([(unit[0], unit[1] + by)])))


# The whole


def _canvas(tools: Tools) -> Commands:
    project = tools.lab.project
    gone = deleted.of_project(project)
    alone = "" if len(project.network.layers) > 1 else "There are no hidden units to arrange"
    whole = (
        Command(
            "Show deleted connections",
            partial(tools.show_deleted, not tools.shows_deleted),
            "Shift+Insert",
            checked=tools.shows_deleted,
        ),
        edit(
            tools,
            "Bring back all connections",
            partial(edits.connect, connections=gone, there=True, known=project),
            why="" if gone else "No connection was deleted",
        ),
        Command(
            "Arrange units so that lines cross less", partial(_arrange, tools), "Ctrl+Shift+A", lambda: alone
        ),
    )
    look = (
        Command("Larger", partial(tools.zoom, 1.25), "Ctrl++ Ctrl+="),
        Command("Smaller", partial(tools.zoom, 0.8), "Ctrl+-"),
        Command("Show the whole network", tools.fit, "Ctrl+0"),
    )
    return [
        Command("Paste", partial(paste, tools), "Ctrl+V", partial(pastable, tools)),
        Command("Select all", partial(select_all, tools), "Ctrl+A"),
        None,
        align_command(tools),
        Command("Network", below=whole),
        Command("Look", below=look),
    ]


def _arrange(tools: Tools) -> None:
    """By the weights as they are now."""
    tools.apply("Arrange units so that lines cross less", untangling(tools.lab.trained_project))


def flat(commands: Iterable[Command | None]) -> Iterator[Command]:
    """Every command that has keys, those of menus below too."""
    for command in commands:
        if command is not None:
            if command.keys:
                yield command
            yield from flat(command.below)


def select_all(tools: Tools) -> None:
    """Every hidden unit; all units where there is none."""
    sizes = tools.lab.project.network.sizes
    columns = range(1, len(sizes) - 1) or range(len(sizes))
    tools.choose(Selection(units=frozenset((k, u) for k in columns for u in range(sizes[k]))))
