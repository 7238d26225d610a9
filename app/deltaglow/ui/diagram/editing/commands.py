"""Every command on what is selected: its name, its keys, and why it cannot be given now.

Context menus, the Edit menu and the keyboard all take it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from deltaglow.engine import ACTIVATIONS, INITIALIZERS
from deltaglow.explain import symbols
from deltaglow.model import edits
from deltaglow.model.carry import Change
from deltaglow.model.edits import Connection
from deltaglow.model.parts import BatchNorm, Dropout
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.editing import clipboard, deleted, numbers
from deltaglow.ui.diagram.editing.freeze import KEY, freezing_of
from deltaglow.ui.diagram.editing.selection import Selection, Unit
from deltaglow.ui.diagram.gestures import move_layer, move_unit
from deltaglow.ui.diagram.gestures.base import Stage
from deltaglow.ui.panels.network_tab import KINDS


class Tools(Stage, Protocol):
    """What a command works with beside the stage."""

    shows_deleted: bool

    def type_number(self, quantity: Quantity) -> None:
        """Open a field for a weight or a bias on the diagram."""

    def rename(self, quantity: Quantity) -> None:
        """Open a field for the name of a weight or a bias."""

    def open_layer(self, layer: int) -> None:
        """Open the pop-over of a layer."""

    def nudge(self, steps: float) -> None:
        """Change the weight or the bias that is selected by so many steps."""

    def zoom(self, by: float) -> None:
        """Show the network larger or smaller."""

    def fit(self) -> None:
        """Show the whole network."""

    def show_deleted(self, shown: bool) -> None:
        """Show every deleted connection, or only where it matters."""


def possible() -> str:
    """There is no reason why not."""
    return ""


@dataclass(frozen=True)
class Command:
    """keys: as QKeySequence reads them, "" for none; several are divided by spaces. why_not: asked when it is
    shown or given, "" if it can be. below: a menu of others instead of a command.
    """

    text: str
    run: Callable[[], object] | None = None
    keys: str = ""
    why_not: Callable[[], str] = possible
    below: tuple[Command | None, ...] = ()
    checked: bool | None = None


Commands = list[Command | None]
"""None where a line goes."""


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
        found += [_edit(tools, name, change, KEY, why), None]
    column = chosen.column
    if column is not None and chosen.layers:
        found += [*_column(tools, column, whole=True), None]
    elif column is not None:
        name = f"Layer {column}" if column else "Inputs"
        found += [Command(name, below=tuple(_column(tools, column, whole=False))), None]
    elif chosen.layers:
        found += [_remove_layers(tools, chosen), None]
    return found + _canvas(tools)


def _edit(tools: Tools, name: str, change: Change, keys: str = "", why: str = "") -> Command:
    """A command that is one edit; `why` is a reason known beforehand."""

    def refusal() -> str:
        return why or tools.refusal(change)

    return Command(name, partial(tools.apply, name, change), keys, refusal)


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
    masks = [project.network.layers[k - 1].mask for k, _, _ in links]
    gone = [c for c, mask in zip(links, masks, strict=True) if mask is not None and not mask[c[1:]]]
    there = [c for c in links if c not in gone]
    what = _links_name(tools, links)
    return [
        *found,
        _edit(
            tools,
            f"Delete {what}",
            partial(edits.connect, connections=there, there=False),
            "Delete Backspace",
            "" if there else "It is deleted already",
        ),
        _edit(
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
    back = [c for c in deleted.of_project(project) if (c[0], c[1]) in units or (c[0] - 1, c[2]) in units]
    return [
        *found,
        _edit(
            tools,
            f"Remove {many}",
            partial(edits.remove_units, units=units),
            "Delete Backspace",
            why or _last_one(project.network.sizes, units),
        ),
        _edit(tools, f"Duplicate {many}", partial(edits.duplicate_units, units=units), "Ctrl+D", why),
        _edit(
            tools,
            f"Bring back the connections of {many}",
            partial(edits.connect, connections=back, there=True, known=project),
            "Insert",
            "" if back else "None of its connections was deleted",
        ),
        None,
        Command("Copy", partial(copy, tools), "Ctrl+C", partial(_copyable, columns)),
        Command(
            "Cut",
            partial(cut, tools),
            "Ctrl+X",
            lambda: why or _last_one(project.network.sizes, units) or _copyable(columns),
        ),
    ]


def _last_one(sizes: tuple[int, ...], units: list[Unit]) -> str:
    """Why these units cannot all go."""
    for k in {k for k, _ in units}:
        if sum(layer == k for layer, _ in units) == sizes[k]:
            return f"Layer {k} needs a unit at least: remove the layer instead (Ctrl+Delete)"
    return ""


def _copyable(columns: list[int]) -> str:
    return "Inputs cannot be copied: they are the features of the data" if 0 in columns else ""


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
            Command("Name the bias…", partial(tools.rename, bias), "F2", obstacle),
        ]
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


# Columns


def _column(tools: Tools, layer: int, whole: bool) -> Commands:
    """Commands on one column; whole: on it as such, not on something in it."""
    project = tools.lab.project
    depth = len(project.network.layers)
    why = edits.fixed(project, layer)
    units = project.network.sizes[layer]
    fewer = "Delete would remove the only unit: remove the layer instead" if units == 1 else ""
    found: Commands = [
        _edit(tools, f"Add a unit to layer {layer}", partial(edits.add_unit, k=layer), "+", why),
        _edit(
            tools,
            f"Remove the last unit of layer {layer}",
            partial(edits.with_units, k=layer, units=units - 1),
            "-",
            why or fewer,
        ),
        None,
        _new_layers(tools, "Add a layer before", layer, "Shift+L", "" if layer else "The inputs come first"),
        _new_layers(
            tools, "Add a layer behind", layer + 1, "L", "The output comes last" if layer == depth else ""
        ),
    ]
    if not layer:
        return found
    still, hidden = move_layer.why_not(tools, layer), layer < depth
    left = partial(edits.move_layer, k=layer, to=layer - 1)
    right = partial(edits.move_layer, k=layer, to=layer + 1)
    last = "The output layer stays: its units are the outputs"
    found += [
        Command(f"Layer {layer}…", partial(tools.open_layer, layer), "E"),
        _activations(tools, layer),
        _kinds(tools, layer, "" if hidden else "The output layer is dense: its units are the outputs"),
        _initialisations(tools, layer),
        Command(
            "Move left",
            partial(_shift, tools, layer, -1, left),
            "Alt+Shift+Left",
            lambda: still or ("It is the first" if layer == 1 else tools.refusal(left)),
        ),
        Command(
            "Move right",
            partial(_shift, tools, layer, 1, right),
            "Alt+Shift+Right",
            lambda: (
                still or ("It is the last before the output" if layer == depth - 1 else tools.refusal(right))
            ),
        ),
        _edit(
            tools,
            f"Duplicate layer {layer}",
            partial(edits.duplicate_layer, k=layer),
            "Ctrl+D" if whole else "",
            "" if hidden else last,
        ),
        _edit(
            tools,
            f"Remove layer {layer}",
            partial(edits.remove_layers, layers=[layer]),
            "Ctrl+Delete Delete Backspace" if whole else "Ctrl+Delete",
            "" if hidden else last,
        ),
    ]
    if whole:
        found += [
            None,
            Command("Copy", partial(copy, tools), "Ctrl+C"),
            Command("Cut", partial(cut, tools), "Ctrl+X", lambda: "" if hidden else last),
        ]
    return found


def _remove_layers(tools: Tools, chosen: Selection) -> Command:
    layers = sorted(chosen.layers)
    depth = len(tools.lab.project.network.layers)
    why = "The inputs and the output stay" if {0, depth} & set(layers) else ""
    change = partial(edits.remove_layers, layers=layers)
    return _edit(tools, f"Remove {len(layers)} layers", change, "Delete Backspace", why)


def _shift(tools: Tools, layer: int, by: int, change: Change) -> None:
    if tools.apply(f"Move layer {layer} to place {layer + by}", change):
        tools.choose(Selection(layers=frozenset([layer + by])))


def _new_layers(tools: Tools, text: str, at: int, keys: str, why: str) -> Command:
    below = tuple(
        _edit(tools, f"Add {label}", partial(edits.add_layer, at=at, kind=kind), why=why)
        for kind, (label, _) in KINDS.items()
    )
    change = partial(edits.add_layer, at=at)

    def refusal() -> str:
        return why or tools.refusal(change)

    return Command(text, partial(add_layer, tools, at), keys, refusal, below)


def between(tools: Tools, at: int) -> Commands:
    """The commands on the room between two columns, where a layer would get number `at`."""
    return [_new_layers(tools, "Add a layer here", at, "", ""), None]


def add_layer(tools: Tools, at: int) -> None:
    """Put a dense layer there and select it."""
    if tools.apply("Add layer", partial(edits.add_layer, at=at)):
        tools.choose(Selection(layers=frozenset([at])))


def _activations(tools: Tools, layer: int) -> Command:
    now = tools.lab.project.network.layers[layer - 1]
    below = tuple(
        Command(
            found.label,
            partial(
                tools.apply,
                f"Activation {found.label}",
                partial(edits.with_activation, k=layer, activation=name),
            ),
            checked=name == now.activation,
        )
        for name, found in ACTIVATIONS.items()
    )
    why = "Dropout has no activation" if isinstance(now.part, Dropout) else ""
    return Command("Activation", below=below, why_not=lambda: why)


def _kinds(tools: Tools, layer: int, why: str) -> Command:
    now = tools.lab.project.network.layers[layer - 1]
    kind = "residual" if now.skip is not None else now.type

    def choice(name: str, label: str) -> Command:
        change = partial(edits.with_kind, k=layer, kind=name)
        return Command(
            label,
            partial(tools.apply, f"Layer {layer} is {label}", change),
            why_not=lambda: why or tools.refusal(change),
            checked=name == kind,
        )

    return Command("Kind", below=tuple(choice(name, label) for name, (label, _) in KINDS.items()))


def _initialisations(tools: Tools, layer: int) -> Command:
    now = tools.lab.project.network.layers[layer - 1]
    below = tuple(
        Command(
            found.label,
            partial(
                tools.apply,
                f"Draw layer {layer} anew, {found.label}",
                partial(edits.with_initialisation, k=layer, init=name),
            ),
            checked=name == now.init,
        )
        for name, found in INITIALIZERS.items()
    )
    bare = isinstance(now.part, BatchNorm | Dropout)
    why = "The layer has no weights that are drawn" if bare else ""
    return Command("Draw the weights anew", below=below, why_not=lambda: why)


# The whole


def _canvas(tools: Tools) -> Commands:
    project = tools.lab.project
    gone = deleted.of_project(project)
    whole = (
        Command(
            "Show deleted connections",
            partial(tools.show_deleted, not tools.shows_deleted),
            "Shift+Insert",
            checked=tools.shows_deleted,
        ),
        _edit(
            tools,
            "Bring back all connections",
            partial(edits.connect, connections=gone, there=True, known=project),
            why="" if gone else "No connection was deleted",
        ),
        _edit(tools, "Arrange units so that lines cross less", edits.untangled, "Ctrl+Shift+A"),
    )
    look = (
        Command("Larger", partial(tools.zoom, 1.25), "Ctrl++ Ctrl+="),
        Command("Smaller", partial(tools.zoom, 0.8), "Ctrl+-"),
        Command("Show the whole network", tools.fit, "Ctrl+0"),
    )
    return [
        Command("Paste", partial(paste, tools), "Ctrl+V", partial(_pastable, tools)),
        Command("Select all", partial(select_all, tools), "Ctrl+A"),
        None,
        Command("Network", below=whole),
        Command("Look", below=look),
    ]


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


def copy(tools: Tools) -> None:
    """The selected units, or layers, to the clipboard with the weights they have now."""
    chosen = tools.selection
    project = edits.given(tools.lab.trained_project)
    clipboard.put(project, () if chosen.layers else chosen.units, chosen.layers)


def cut(tools: Tools) -> None:
    """To the clipboard, and away."""
    chosen = tools.selection
    copy(tools)
    if chosen.layers:
        tools.apply("Cut layers", partial(edits.remove_layers, layers=sorted(chosen.layers)))
    else:
        tools.apply("Cut units", partial(edits.remove_units, units=sorted(chosen.units)))


def _pastable(tools: Tools) -> str:
    if not clipboard.held():
        return "Nothing was copied from a diagram"
    change = _pasting(tools)
    return tools.refusal(change[1]) if change else "What was copied is not there any more"


def paste(tools: Tools) -> None:
    """What was copied: units into the column that is selected, layers behind it."""
    change = _pasting(tools)
    if change is not None and tools.apply(change[0], change[1]):
        tools.choose(change[2])


def _pasting(tools: Tools) -> tuple[str, Change, Selection] | None:
    copied = clipboard.get()
    if copied is None:
        return None
    project = tools.lab.project
    depth, column = len(project.network.layers), tools.selection.column
    if copied.layers:
        at = min(depth if column is None else column + 1, depth)
        layers = [copied.project.network.layers[k - 1] for k in copied.layers]

        def insert(p: Project) -> Project:
            for place, layer in enumerate(layers, start=at):
                p = edits.insert_layer(p, place, layer)
            return p

        return "Paste layers", insert, Selection(layers=frozenset(range(at, at + len(layers))))
    if not copied.units:
        return None
    k = copied.units[0][0] if column is None else column
    k = min(max(k, 1), max(depth - 1, 1))
    chosen = [unit for layer, unit in tools.selection.units if layer == k]
    at = max(chosen) + 1 if chosen else project.network.sizes[k]
    change = partial(edits.paste_units, k=k, at=at, source=copied.project, units=copied.units)
    return (
        "Paste units",
        change,
        Selection(units=frozenset((k, at + n) for n in range(len(copied.units)))),
    )
