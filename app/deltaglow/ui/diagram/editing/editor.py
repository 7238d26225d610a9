"""Edits the network on the diagram: one gesture, one field or one card at a time, each edit one undo step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMenu, QWidget

from deltaglow.explain import symbols
from deltaglow.model import edits, naming
from deltaglow.model.once import once
from deltaglow.model.project import Change, Project
from deltaglow.model.quantity import Quantity
from deltaglow.model.rules import RULES
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import wiring
from deltaglow.ui.diagram.editing import chip, commands, deleted, layer_commands, menu, numbers
from deltaglow.ui.diagram.editing.advice import advice
from deltaglow.ui.diagram.editing.buttons import Buttons
from deltaglow.ui.diagram.editing.command import Commands
from deltaglow.ui.diagram.editing.field import Field
from deltaglow.ui.diagram.editing.overlay import Overlay
from deltaglow.ui.diagram.editing.popover import Popover
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.editing.targets import CANVAS, Kind, Target
from deltaglow.ui.diagram.geometry import Viewpoint
from deltaglow.ui.diagram.gestures.base import Gesture, merging
from deltaglow.ui.diagram.magnifier import Magnifier
from deltaglow.ui.diagram.notes import symbol_box
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.widgets.spins import number_in

NUMBERED = (Kind.UNIT, Kind.COLUMN, Kind.CONNECTION, Kind.CANVAS, Kind.GAP)
"""Where a number under the mouse is what one means."""
STEP = 0.05
"""By how much a notch of the wheel changes a weight or a bias."""


class Editor(QObject):
    """What the diagram's gestures, menus and keys work with. It draws nothing but what editing needs."""

    def __init__(
        self, host: QWidget, lab: Lab, scene: Callable[[], Scene], magnifier: Magnifier | None = None
    ) -> None:
        super().__init__(host)
        self._host, self._lab, self._scene = host, lab, scene
        self._magnifier = magnifier or Magnifier(host)
        self._selection = Selection()
        self._said = ""
        self.buttons = Buttons(self, self.say)
        self._wheel: tuple[Quantity | None, int] = (None, 0)
        self._sizes = lab.project.network.sizes
        self.gesture: Gesture | None = None
        self.target = CANVAS
        self.viewpoint = Viewpoint()
        self.shows_deleted = False
        self.field: Field | None = None
        self.popover: Popover | None = None
        self.menu: QMenu | None = None
        lab.selectionChanged.connect(self._on_explained)
        lab.projectChanged.connect(self._on_project)

    # What gestures and commands work with

    @property
    def lab(self) -> Lab:
        """The laboratory."""
        return self._lab

    @property
    def selection(self) -> Selection:
        """What is selected."""
        return self._selection

    def scene(self) -> Scene:
        """What is drawn now."""
        return self._scene()

    def choose(self, selection: Selection, explain: bool = True) -> None:
        """Select something else; one unit or connection is explained then, unless not wanted."""
        found = _number_of(selection) if explain else None
        if found is not None:
            self._lab.select(found)
        self._selection = selection
        self._host.setAccessibleDescription(selection.describe())
        self._host.update()

    def refusal(self, change: Change) -> str:
        """Why an edit is not possible, "" if it is."""
        return edits.refusal(self._lab.project, change)

    def apply(self, name: str, change: Change, merge: int = 0) -> bool:
        """Make an edit as one step of the history; says why if it is not possible."""
        change = once(change)
        problem = self.refusal(change)
        self.say(problem)
        if not problem:
            self._lab.edit(name, change, merge)
        return not problem

    def withdraw(self, name: str, merge: int) -> None:
        """Take back the edits of a gesture that was cancelled, as if they had never been."""
        self._lab.withdraw(name, merge)

    @Slot(str)
    def say(self, text: str) -> None:
        """Why something cannot be done, until the mouse or a key is used again."""
        if text != self._said:
            self._said = text
            self._host.update()

    def pan(self, by: QPointF) -> None:
        """Move what is shown by so many pixels."""
        self._look(self.viewpoint.moved(by.x(), by.y()))

    def zoom(self, by: float, around: QPointF | None = None) -> None:
        """Show the network larger or smaller; the point `around` stays where it is."""
        geometry = self.scene().geometry
        point = geometry.viewport.center() if around is None else around
        corner = geometry.whole.topLeft()
        self._look(self.viewpoint.scaled(by, point.x() - corner.x(), point.y() - corner.y()))

    def fit(self) -> None:
        """Show the whole network."""
        self._look(Viewpoint())

    def show_deleted(self, shown: bool) -> None:
        """Show every deleted connection, or only where it matters."""
        self.shows_deleted = shown
        self._host.update()

    def nudge(self, steps: float) -> None:
        """Change the weight or bias that is selected by so many steps."""
        found = parameter_of(self._selection)
        if found is not None:
            self.nudge_number(found, steps)

    def nudge_number(self, quantity: Quantity, steps: float) -> None:
        """Change a weight or a bias; changes of one number that follow each other are one step."""
        name, value, obstacle = self._parameter(quantity)
        if obstacle:
            self.say(obstacle)
            return
        if self._wheel[0] != quantity:
            self._wheel = (quantity, merging())
        change = _setting(quantity, round(value + STEP * steps, 6))
        self.apply(name, change, self._wheel[1])

    def type_number(self, quantity: Quantity, text: str = "") -> None:
        """Open a field for a weight or a bias; `text` is what was typed already."""
        name, value, obstacle = self._parameter(quantity)
        if obstacle:
            self.say(obstacle)
            return
        rule = RULES["weight" if len(quantity.index) == 2 else "bias"]

        def judge(typed: str) -> str:
            number = number_in(typed)
            problem = rule.problem(typed if number is None else number)
            return f"{name} {problem}" if problem else ""

        field = self._open_field(self._place_of(quantity), name, rule.tooltip, f"{value:.6g}", judge)
        field.accepted.connect(lambda typed: self.apply(name, _setting(quantity, number_in(typed) or 0.0)))
        if text:
            field.type_over(text)

    def rename(self, quantity: Quantity) -> None:
        """Open a field for the name of a weight or a bias."""
        what = "weight" if len(quantity.index) == 2 else "bias"
        layer = self._lab.project.network.layers[(quantity.layer or 1) - 1]
        if len(quantity.index) == 2:
            j, i = quantity.index
            now = layer.names_W[j][i] if layer.names_W else ""
        else:
            now = layer.names_b[quantity.index[0]] if layer.names_b else ""
        tip = f"The name of the {what}: a letter, then letters and digits; empty for none."
        judge = lambda typed: self.refusal(_naming(quantity, typed.strip()))  # noqa: E731
        field = self._open_field(self._place_of(quantity), f"Name of the {what}", tip, now, judge)
        field.accepted.connect(
            lambda typed: self.apply(f"Name the {what} {typed.strip()}", _naming(quantity, typed.strip()))
        )

    def rename_unit(self, layer: int, unit: int) -> None:
        """Open a field for the name of a unit, of an input where the layer is 0."""
        what = f"unit {unit + 1} of layer {layer}" if layer else f"input {unit + 1}"
        now = naming.unit_name(self._lab.project, layer, unit)
        column = self.scene().geometry.columns[layer]
        named = column.bar is None and self.scene().geometry.detail >= 2
        place = symbol_box(column, unit).center() if named else column.centre(unit)
        self._name(what, now, lambda p, name: naming.rename_unit(p, layer, unit, name), place)

    def rename_layer(self, layer: int) -> None:
        """Open a field for the name of a layer."""
        self.close_popover()
        now = naming.layer_name(self._lab.project, layer)
        place = wiring.title_box(self.scene(), layer).center()
        self._name(f"layer {layer}", now, lambda p, name: naming.rename_layer(p, layer, name), place)

    def _name(self, what: str, now: str, naming_it: Callable[[Project, str], Project], at: QPointF) -> None:
        """A field for a name, at a place."""

        def change(typed: str) -> Change:
            return lambda project: naming_it(project, typed.strip())

        if why := self.refusal(change(now)):
            self.say(why)
            return
        tip = f"The name of {what}: {naming.EXPECTED}; empty for none."
        field = self._open_field(at, f"Name of {what}", tip, now, lambda typed: self.refusal(change(typed)))
        field.accepted.connect(
            lambda typed: self.apply(f"Name {what} {typed.strip()}".strip(), change(typed))
        )

    def open_layer(self, layer: int) -> None:
        """Open the card of a layer beside its heading."""
        self.close_popover()
        self.popover = Popover(self._host, self, layer)
        self.popover.closed.connect(self._on_closed)
        self.popover.open_beside(self._magnifier.shown(wiring.title_box(self.scene(), layer)))

    def close_popover(self) -> None:
        """Close the card if one is open."""
        if self.popover is not None:
            self.popover.leave()

    def open_menu(self, at: QPointF, target: Target | None = None, number: Quantity | None = None) -> None:
        """The context menu of what is under the mouse, or of what is selected. A number that is printed under
        the mouse is explained: the menu copies it.
        """
        found: Commands = []
        if target is not None:
            self._select_under(target)
            if number is not None and target.kind in NUMBERED:
                selection = self._selection
                self._lab.select(number)
                self.choose(selection, explain=False)
            if target.kind in (Kind.GAP, Kind.NEW_LAYER):
                found = layer_commands.between(self, target.layer)
        self.menu = menu.made(self._host, found + commands.for_selection(self))
        self.menu.setAccessibleName("Edit the network")
        self.menu.popup(self._host.mapToGlobal((at * self._magnifier.by).toPoint()))

    def _select_under(self, target: Target) -> None:
        match target.kind:
            case Kind.UNIT if target.unit not in self._selection.units:
                self.choose(Selection(units=frozenset([target.unit])))
            case Kind.CONNECTION if target.connection not in self._selection.connections:
                self.choose(Selection(connections=frozenset([target.connection])))
            case Kind.HEADING | Kind.COLUMN | Kind.MORE | Kind.FEWER:
                self.choose(Selection(layers=frozenset([target.layer])))
            case Kind.CANVAS | Kind.GAP | Kind.NEW_LAYER:
                self.choose(Selection())

    # Drawing

    @property
    def active(self) -> bool:
        """Whether there is anything to draw over the diagram."""
        return not self._lab.running or self.gesture is not None or self.target is not CANVAS

    def overlay(self) -> Overlay:
        """What is drawn over the diagram."""
        gesture = self.gesture
        why = gesture.why_not if gesture is not None else self._said
        hidden = len(self._lab.project.network.layers) > 1
        gone = bool(deleted.among(self._lab.project, self._selection.connections))
        told = gesture.hint if gesture is not None else advice(self.target, self._selection, hidden, gone)
        hint = why or told
        quiet = self._lab.running and gesture is None and not why
        return Overlay(
            self._selection, self.target, gesture, "" if quiet else hint, bool(why), self.shows_deleted,
            self.buttons.off(self.target),
        )  # fmt: skip

    def draw(self, painter: QPainter, scene: Scene) -> None:
        """Over the scene."""
        self.overlay().draw(painter, scene)

    def repaint(self) -> None:
        """Something that is drawn over the scene has changed."""
        self._host.update()

    # Inside

    def _look(self, viewpoint: Viewpoint) -> None:
        if viewpoint != self.viewpoint:
            self.viewpoint = viewpoint
            self._host.update()

    def _parameter(self, quantity: Quantity) -> tuple[str, float, str]:
        """Name of the edit, value, and why it cannot be set."""
        layer, index, project = quantity.layer or 0, quantity.index, self._lab.project
        symbol = symbols.text(project, quantity) if layer else ""
        if len(index) == 2:
            link = (layer, index[0], index[1])
            obstacle = numbers.weight_obstacle(project, link)
            return f"Weight {symbol}", numbers.weight(self._lab, link), obstacle
        unit = (layer, index[0])
        obstacle = numbers.bias_obstacle(project, unit)
        return f"Bias {symbol}", numbers.bias(self._lab, unit) if layer else 0.0, obstacle

    def _open_field(self, at: QPointF, name: str, tip: str, text: str, judge: Callable[[str], str]) -> Field:
        field = Field(self._host, name, tip, text, judge)
        field.judged.connect(self.say)
        field.closed.connect(self._on_closed)
        self.field = field
        field.open_at(at * self._magnifier.by)
        return field

    def _place_of(self, quantity: Quantity) -> QPointF:
        """Where a weight or a bias is on the diagram."""
        scene, layer = self.scene(), quantity.layer or 0
        if len(quantity.index) == 1:
            return scene.geometry.columns[layer].centre(quantity.index[0])
        if scene.geometry.collapsed(layer):
            return scene.geometry.heat_map(layer).center()
        name, number = chip.boxes(scene, (layer, quantity.index[0], quantity.index[1]))
        return QRectF(name.united(number)).center()

    @Slot()
    def _on_closed(self) -> None:
        """A field or a card is gone: the keys are the diagram's again."""
        self.field = self.popover = None
        self.say("")

    @Slot()
    def _on_explained(self) -> None:
        self._selection = Selection.of(self._lab.selected)

    @Slot()
    def _on_project(self) -> None:
        self._selection = self._selection.within(self._lab.project.network)
        self.target = CANVAS
        self.buttons.forget()
        sizes = self._lab.project.network.sizes
        if sizes != self._sizes:
            self.gesture = None  # what it has hold of may not be there any more
        self._sizes = sizes


def _number_of(selection: Selection) -> Quantity | None:
    """What is explained when this is selected."""
    if len(selection) != 1 or selection.layers:
        return None
    for k, j, i in selection.connections:
        return Quantity("W", k, (j, i))
    ((layer, unit),) = selection.units
    return Quantity("a", layer, (unit,)) if layer else Quantity("x", None, (unit,))


def parameter_of(selection: Selection) -> Quantity | None:
    """The weight or bias that is set when this is selected."""
    if len(selection) != 1 or selection.layers:
        return None
    for k, j, i in selection.connections:
        return Quantity("W", k, (j, i))
    ((layer, unit),) = selection.units
    return Quantity("b", layer, (unit,)) if layer else None


def _setting(quantity: Quantity, value: float) -> Change:
    layer, index = quantity.layer or 0, quantity.index
    if len(index) == 2:
        return numbers.setting_weight((layer, index[0], index[1]), value)
    return numbers.setting_bias((layer, index[0]), value)


def _naming(quantity: Quantity, name: str) -> Change:
    layer, index = quantity.layer or 0, quantity.index
    if len(index) == 2:
        return lambda p: edits.rename_weight(p, (layer, index[0], index[1]), name)
    return lambda p: edits.rename_bias(p, layer, index[0], name)
