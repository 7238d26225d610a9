"""Copy, cut and paste of units and layers."""

from __future__ import annotations

from functools import partial

from deltaglow.model import edits
from deltaglow.model.project import Change, Project
from deltaglow.ui.diagram.editing import clipboard
from deltaglow.ui.diagram.editing.command import Tools
from deltaglow.ui.diagram.editing.selection import Selection


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


def pastable(tools: Tools) -> str:
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
