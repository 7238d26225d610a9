"""Commands on a column: its units, its layer, and layers beside it."""

from __future__ import annotations

from functools import partial

from deltaglow.engine import ACTIVATIONS, INITIALIZERS
from deltaglow.model import edits
from deltaglow.model.parts import BatchNorm, Dropout
from deltaglow.model.project import Change
from deltaglow.ui.diagram.editing.command import Command, Commands, Tools, edit
from deltaglow.ui.diagram.editing.copying import copy, cut
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.gestures import move_layer
from deltaglow.ui.panels.network_tab import KINDS, NO_ACTIVATION

NOTHING_DRAWN = "The layer has no weights that are drawn"
LAST = "The output layer stays: its units are the outputs"


def column_commands(tools: Tools, layer: int, whole: bool) -> Commands:
    """Commands on one column; whole: on it as such, not on something in it."""
    found = _on_the_column(tools, layer)
    if layer:
        found += [*_on_the_layer(tools, layer, whole), *_moves(tools, layer), *_ends(tools, layer, whole)]
    return found


def _on_the_column(tools: Tools, layer: int) -> Commands:
    """Units more or less, and layers beside it."""
    project = tools.lab.project
    why, units = edits.fixed(project, layer), project.network.sizes[layer]
    fewer = "Delete would remove the only unit: remove the layer instead" if units == 1 else ""
    last = "" if _hidden(tools, layer) else "The output comes last"
    return [
        edit(tools, f"Add a unit to layer {layer}", partial(edits.add_unit, k=layer), "+", why),
        edit(
            tools,
            f"Remove the last unit of layer {layer}",
            partial(edits.with_units, k=layer, units=units - 1),
            "-",
            why or fewer,
        ),
        None,
        _new_layers(tools, "Add a layer before", layer, "Shift+L", "" if layer else "The inputs come first"),
        _new_layers(tools, "Add a layer behind", layer + 1, "L", last),
    ]


def _on_the_layer(tools: Tools, layer: int, whole: bool) -> Commands:
    """What it is called, and what it is."""
    dense = "" if _hidden(tools, layer) else "The output layer is dense: its units are the outputs"
    return [
        Command(f"Layer {layer}…", partial(tools.open_layer, layer), "E"),
        Command(f"Name layer {layer}…", partial(tools.rename_layer, layer), "F2" if whole else ""),
        _activations(tools, layer),
        _kinds(tools, layer, dense),
        _initialisations(tools, layer),
    ]


def _moves(tools: Tools, layer: int) -> Commands:
    """To another place among the layers."""
    still, before_last = move_layer.why_not(tools, layer), len(tools.lab.project.network.layers) - 1
    left = partial(edits.move_layer, k=layer, to=layer - 1)
    right = partial(edits.move_layer, k=layer, to=layer + 1)

    def no_left() -> str:
        return still or ("It is the first" if layer == 1 else tools.refusal(left))

    def no_right() -> str:
        return still or ("It is the last before the output" if layer == before_last else tools.refusal(right))

    return [
        Command("Move left", partial(_shift, tools, layer, -1, left), "Alt+Shift+Left", no_left),
        Command("Move right", partial(_shift, tools, layer, 1, right), "Alt+Shift+Right", no_right),
    ]


def _ends(tools: Tools, layer: int, whole: bool) -> Commands:
    """A second one like it, and its end."""
    why = "" if _hidden(tools, layer) else LAST
    duplicate, remove = partial(edits.duplicate_layer, k=layer), partial(edits.remove_layers, layers=[layer])
    keys = "Ctrl+Delete Delete Backspace" if whole else "Ctrl+Delete"
    found: Commands = [
        edit(tools, f"Duplicate layer {layer}", duplicate, "Ctrl+D" if whole else "", why),
        edit(tools, f"Remove layer {layer}", remove, keys, why),
    ]
    if whole:
        found += [
            None,
            Command("Copy", partial(copy, tools), "Ctrl+C"),
            Command("Cut", partial(cut, tools), "Ctrl+X", lambda: why or tools.refusal(remove)),
        ]
    return found


def _hidden(tools: Tools, layer: int) -> bool:
    """Whether the output comes later."""
    return layer < len(tools.lab.project.network.layers)


def removing(tools: Tools, chosen: Selection) -> Command:
    layers = sorted(chosen.layers)
    depth = len(tools.lab.project.network.layers)
    why = "The inputs and the output stay" if {0, depth} & set(layers) else ""
    change = partial(edits.remove_layers, layers=layers)
    return edit(tools, f"Remove {len(layers)} layers", change, "Delete Backspace", why)


def _shift(tools: Tools, layer: int, by: int, change: Change) -> None:
    if tools.apply(f"Move layer {layer} to place {layer + by}", change):
        tools.choose(Selection(layers=frozenset([layer + by])))


def _new_layers(tools: Tools, text: str, at: int, keys: str, why: str) -> Command:
    below = tuple(
        edit(tools, f"Add {label}", partial(edits.add_layer, at=at, kind=kind), why=why)
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
    why = NO_ACTIVATION if isinstance(now.part, Dropout) else ""
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
    why = NOTHING_DRAWN if bare else ""
    return Command("Draw the weights anew", below=below, why_not=lambda: why)
