"""The small buttons of the diagram: a unit more or fewer, a layer in between."""

from __future__ import annotations

from collections.abc import Callable

from deltaglow.model import edits
from deltaglow.model.project import Change, Project
from deltaglow.ui.diagram.editing import layer_commands
from deltaglow.ui.diagram.editing.command import Tools
from deltaglow.ui.diagram.editing.targets import Kind, Target

BUTTONS = frozenset([Kind.MORE, Kind.FEWER, Kind.NEW_LAYER])


class Buttons:
    """What each of them does, and why it cannot do it now."""

    def __init__(self, tools: Tools, say: Callable[[str], object]) -> None:
        self._tools, self._say = tools, say
        self._refusals: dict[Target, str] = {}

    def forget(self) -> None:
        """The project is another one."""
        self._refusals.clear()

    def press(self, target: Target) -> None:
        """One of them was clicked."""
        tools, layer = self._tools, target.layer
        reason = self.refusal(target)
        if reason:
            self._say(reason)
            return
        match target.kind:
            case Kind.MORE:
                tools.apply(f"Add a unit to layer {layer}", _more(layer))
            case Kind.FEWER:
                tools.apply(f"Remove the last unit of layer {layer}", _fewer(tools.lab.project, layer))
            case Kind.NEW_LAYER:
                layer_commands.add_layer(tools, layer)

    def refusal(self, target: Target) -> str:
        """Why one can do nothing now, "" if it can."""
        if target not in self._refusals:  # asked at every picture, and an edit of a large network takes long
            self._refusals[target] = self._refusal(target)
        return self._refusals[target]

    def off(self, near: Target) -> frozenset[Kind]:
        """Those that can do nothing, of those that are shown when the mouse is there."""
        return frozenset(kind for kind in _shown(near) if self.refusal(Target(kind, near.layer)))

    def _refusal(self, target: Target) -> str:
        project, layer = self._tools.lab.project, target.layer
        match target.kind:
            case Kind.MORE:
                return edits.fixed(project, layer) or edits.refusal(project, _more(layer))
            case Kind.FEWER:
                alone = "The layer needs a unit at least: Ctrl+Delete removes the layer"
                only = alone if project.network.sizes[layer] == 1 else ""
                return edits.fixed(project, layer) or only
            case Kind.NEW_LAYER:
                return edits.refusal(project, lambda p: edits.add_layer(p, layer))
        return ""


def _more(layer: int) -> Change:
    return lambda p: edits.add_unit(p, layer)


def _fewer(project: Project, layer: int) -> Change:
    units = project.network.sizes[layer] - 1
    return lambda p: edits.with_units(p, layer, units)


def _shown(target: Target) -> tuple[Kind, ...]:
    """The buttons that are shown when the mouse is there."""
    if target.kind in (Kind.GAP, Kind.NEW_LAYER):
        return (Kind.NEW_LAYER,)
    return () if target.kind in (Kind.CANVAS, Kind.CONNECTION) else (Kind.MORE, Kind.FEWER)
