"""Commands that freeze what is selected, or let it learn again."""

from __future__ import annotations

from functools import partial

from deltaglow.explain import symbols
from deltaglow.model import freezing
from deltaglow.model.parts import Dropout
from deltaglow.model.project import Change, Project
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.editing.selection import Selection

KEY = "F"


def freezing_of(project: Project, chosen: Selection) -> tuple[str, Change, str]:
    """Name, edit and obstacle: all of it is frozen, or if it is already, all of it learns again.

    Of units it is the biases, of a layer everything.
    """
    layers = project.network.layers
    if chosen.layers:
        whole = sorted(chosen.layers)
        bare = any(k == 0 or isinstance(layers[k - 1].part, Dropout) for k in whole)
        frozen = not bare and all(layers[k - 1].frozen for k in whole)
        why = "There are no parameters to freeze" if bare else ""
        name = f"layer {whole[0]}" if len(whole) == 1 else f"{len(whole)} layers"
        return f"{_verb(frozen)} {name}", partial(_freeze_layers, layers=whole, frozen=not frozen), why
    if chosen.connections:
        links = sorted(chosen.connections)
        frozen = all(freezing.is_frozen(layers[k - 1], "W", (j, i)) for k, j, i in links)
        what = _one(project, "W", links[0]) if len(links) == 1 else f"{len(links)} weights"
        why = _dense(project, {k for k, _, _ in links})
        return f"{_verb(frozen)} {what}", freezing.freeze_weights(links, not frozen), why
    units = sorted(unit for unit in chosen.units if unit[0])
    frozen = bool(units) and all(freezing.is_frozen(layers[k - 1], "b", (j,)) for k, j in units)
    what = _one(project, "b", units[0]) if len(units) == 1 else f"{len(units)} biases"
    why = "Inputs have no bias" if not units else _dense(project, {k for k, _ in units})
    return f"{_verb(frozen)} {what}", freezing.freeze_biases(units, not frozen), why


def _freeze_layers(project: Project, layers: list[int], frozen: bool) -> Project:
    for k in layers:
        project = freezing.freeze_layer(k, frozen)(project)
    return project


def _one(project: Project, kind: str, place: tuple[int, ...]) -> str:
    """A weight or a bias by its name."""
    what = {"W": "weight", "b": "bias"}[kind]
    return f"the {what} {symbols.text(project, Quantity(kind, place[0], place[1:]))}"


def _verb(frozen: bool) -> str:
    return "Let learn again:" if frozen else "Freeze"


def _dense(project: Project, layers: set[int]) -> str:
    bare = any(project.network.layers[k - 1].part is not None for k in layers)
    return "Of a layer that is not dense only all can be frozen" if bare else ""
