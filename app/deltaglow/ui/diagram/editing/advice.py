"""The line of advice: what can be done with what the mouse is over, or with what is selected."""

from __future__ import annotations

from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.editing.targets import Kind, Target

_ON = {
    Kind.UNIT: "Drag out: connect, along: move · type a bias · Del removes",
    Kind.CONNECTION: "Drag up or down, turn the wheel or type a weight · Del deletes",
    Kind.HEADING: "Click for activation, kind, initialisation · drag to move",
    Kind.COLUMN: "+ and − change its units · click the heading for the rest",
    Kind.GAP: "+ puts a layer between these two columns",
    Kind.MORE: "Adds a unit to the layer",
    Kind.FEWER: "Removes the last unit of the layer",
    Kind.NEW_LAYER: "Puts a layer between these two columns",
}
_IDLE = "Point at anything to edit it, or right-click"
_GONE = "Insert or a drag between its units brings it back"
_FIRST = "Press + to put a hidden layer between inputs and outputs"


def advice(target: Target, selection: Selection, hidden: bool = True, gone: bool = False) -> str:
    """One line. hidden: there are hidden layers. gone: of the selected connections one was deleted."""
    if gone and target.kind in (Kind.CANVAS, Kind.CONNECTION, Kind.GAP):
        return _GONE
    if target.kind in _ON:
        return _ON[target.kind]
    if len(selection) > 1:
        return f"{selection.describe()} · Del removes, Ctrl+C copies, Ctrl+D doubles"
    return _IDLE if hidden else _FIRST
