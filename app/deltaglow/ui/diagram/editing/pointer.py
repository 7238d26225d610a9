"""The mouse: which gesture a press begins, what a click does, what the wheel turns."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from deltaglow.model import naming
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.editing import chip, numbers
from deltaglow.ui.diagram.editing.buttons import BUTTONS
from deltaglow.ui.diagram.editing.editor import Editor
from deltaglow.ui.diagram.editing.selection import Selection
from deltaglow.ui.diagram.editing.targets import CANVAS, Kind, Target, target_at
from deltaglow.ui.diagram.gestures.base import Gesture
from deltaglow.ui.diagram.gestures.drag_unit import DragUnit
from deltaglow.ui.diagram.gestures.drag_weight import DragWeight
from deltaglow.ui.diagram.gestures.move_layer import MoveLayer
from deltaglow.ui.diagram.gestures.pan import Pan
from deltaglow.ui.diagram.gestures.rubber_band import RubberBand
from deltaglow.ui.diagram.notes import labelled_at

DRAG = 4.0
"""Pixels from which a press that moves is a drag and not a click."""
NOTCH = 120.0
ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
POINT = Qt.CursorShape.PointingHandCursor
CURSORS = {
    Kind.CANVAS: Qt.CursorShape.ArrowCursor,
    Kind.COLUMN: Qt.CursorShape.ArrowCursor,
    Kind.GAP: Qt.CursorShape.ArrowCursor,
    Kind.CONNECTION: Qt.CursorShape.SizeVerCursor,
}


class Pointer:
    """Follows the mouse over the diagram."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._pressed: tuple[QPointF, Target, Quantity | None] | None = None
        self._on_chip = ""
        self.space = False
        """Space is held: a drag moves what is shown."""

    @property
    def busy(self) -> bool:
        """Whether a gesture is under way."""
        return self._editor.gesture is not None

    def press(self, event: QMouseEvent, number: Quantity | None) -> None:
        """number: what can be explained under the mouse."""
        editor, point = self._editor, event.position()
        editor.say("")
        editor.close_popover()
        if self.busy:
            return
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self.space):
            editor.gesture = Pan(editor, point)
            return
        if not left:
            return
        target = self.target(point)
        self._on_chip = self._chip_part(point)
        if self._on_chip:
            number = Quantity("W", target.layer, target.index)
        if target.kind in BUTTONS or target.kind is Kind.HEADING:
            number = None
        self._pressed = (point, target, number)
        if number is None:
            return
        if event.modifiers() & ADDING:
            editor.choose(editor.selection.toggled(Selection.of(number)), explain=False)
        else:
            editor.lab.select(number)
            editor.choose(Selection.of(number), explain=False)

    def move(self, event: QMouseEvent) -> None:
        """The mouse moved, with a button down or not."""
        editor, point = self._editor, event.position()
        if editor.gesture is None and self._pressed is not None:
            start, target, number = self._pressed
            if (point - start).manhattanLength() >= DRAG:
                editor.gesture = self._begin(start, target, number)
                self._pressed = None
        if editor.gesture is not None:
            editor.gesture.update(point, event.modifiers())
            self._editor.repaint()
            return
        found = self.target(point)
        if found != editor.target:
            editor.target = found
            editor.say("")
            self._editor.repaint()

    def release(self, event: QMouseEvent) -> None:
        """The gesture is done, or it was a click."""
        editor = self._editor
        gesture, pressed = editor.gesture, self._pressed
        self._pressed = None
        if gesture is not None:
            gesture.update(event.position(), event.modifiers())
            editor.gesture = None
            gesture.commit()
            editor.say(gesture.why_not)
            self._editor.repaint()
        elif pressed is not None:
            self._click(pressed[1], pressed[2], event)

    def double_click(self, event: QMouseEvent, number: Quantity | None) -> None:
        """On a number or a name: type another."""
        editor, target = self._editor, self.target(event.position())
        match target.kind:
            case Kind.CONNECTION if self._on_chip == "name":
                editor.rename(Quantity("W", target.layer, target.index))
            case Kind.CONNECTION:
                editor.type_number(Quantity("W", target.layer, target.index))
            case Kind.HEADING:
                editor.rename_layer(target.layer)
            case _ if (unit := labelled_at(editor.scene(), event.position())) is not None:
                editor.rename_unit(*unit)
            case Kind.UNIT if target.layer:
                editor.type_number(Quantity("b", target.layer, target.index))
            case _:
                self.press(event, number)

    def cancel(self) -> bool:
        """Esc: give the gesture up, if there is one."""
        gesture, self._editor.gesture, self._pressed = self._editor.gesture, None, None
        if gesture is None:
            return False
        gesture.cancel()
        self._editor.repaint()
        return True

    def leave(self) -> None:
        """The mouse is elsewhere."""
        if self._editor.target is not CANVAS:
            self._editor.target = CANVAS
            self._editor.repaint()

    def wheel(self, event: QWheelEvent) -> bool:
        """Ctrl zooms; over a connection or a unit the number changes; else what is zoomed moves."""
        editor, delta = self._editor, event.angleDelta()
        turned = (delta.y() or delta.x()) / NOTCH  # with Alt held the wheel turns sideways
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            editor.zoom(1.15**turned, event.position())
            return True
        target = self.target(event.position())
        steps = turned * numbers.factor(event.modifiers())
        if target.kind is Kind.CONNECTION:
            editor.nudge_number(Quantity("W", target.layer, target.index), steps)
            return True
        if target.kind is Kind.UNIT and target.layer:
            editor.nudge_number(Quantity("b", target.layer, target.index), steps)
            return True
        if editor.viewpoint.zoom != 1.0:
            editor.pan(QPointF(delta.x() / 2, delta.y() / 2))
            return True
        return False

    @property
    def cursor(self) -> Qt.CursorShape:
        """What the cursor looks like now."""
        gesture = self._editor.gesture
        if gesture is not None:
            refused = gesture.why_not and gesture.cursor != Qt.CursorShape.ArrowCursor
            return Qt.CursorShape.ForbiddenCursor if refused else gesture.cursor
        if self.space:
            return Qt.CursorShape.OpenHandCursor
        target = self._editor.target
        if target.kind in BUTTONS and self._editor.buttons.refusal(target):
            return Qt.CursorShape.ForbiddenCursor
        return CURSORS.get(target.kind, POINT)

    @property
    def tip(self) -> str:
        """What a tooltip says about the button or heading under the mouse, "" for all else."""
        editor, layer = self._editor, self._editor.target.layer
        match editor.target.kind:
            case Kind.MORE:
                return editor.buttons.refusal(editor.target) or f"Add a unit to layer {layer} (+)"
            case Kind.FEWER:
                return editor.buttons.refusal(editor.target) or f"Remove the last unit of layer {layer} (−)"
            case Kind.NEW_LAYER:
                return editor.buttons.refusal(editor.target) or "Put a layer here (L)"
            case Kind.HEADING:
                doing = "click for activation, kind and initialisation (E), drag to move it"
                return f"{naming.titled(editor.lab.project, layer)}: {doing}, double-click to name it (F2)"
        return ""

    def target(self, point: QPointF) -> Target:
        """What is under a point; the chip of the selected connection lies over all but units."""
        link = chip.connection_of(self._editor.scene(), self._editor.selection)
        if link is not None and self._chip_part(point):
            return Target(Kind.CONNECTION, link[0], link[1:])
        return target_at(self._editor.scene(), point)

    def _chip_part(self, point: QPointF) -> str:
        """Which part of the selected connection's chip is under a point."""
        scene = self._editor.scene()
        link = chip.connection_of(scene, self._editor.selection)
        if link is None or scene.geometry.unit_at(point) is not None:
            return ""  # where columns are close it reaches over a unit, which is to be had all the same
        name, number = chip.boxes(scene, link)
        return "name" if name.contains(point) else "number" if number.contains(point) else ""

    def _begin(self, start: QPointF, target: Target, number: Quantity | None) -> Gesture | None:
        match target.kind:
            case Kind.UNIT:
                return DragUnit(self._editor, start, target.unit)
            case Kind.CONNECTION:
                return DragWeight(self._editor, start, target.connection)
            case Kind.HEADING:
                return MoveLayer(self._editor, start, target.layer)
            case Kind.CANVAS | Kind.COLUMN | Kind.GAP if number is None:
                return RubberBand(self._editor, start)
        return None

    def _click(self, target: Target, number: Quantity | None, event: QMouseEvent) -> None:
        editor = self._editor
        if target.kind in BUTTONS:
            editor.buttons.press(target)
        elif target.kind is Kind.HEADING:
            editor.choose(Selection(layers=frozenset([target.layer])), explain=False)
            editor.open_layer(target.layer)
        elif number is None and not event.modifiers() & ADDING:
            editor.choose(Selection(), explain=False)
