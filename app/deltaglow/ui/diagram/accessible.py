"""What assistive programs see of the diagram: its columns, their units, and the connections into each.

Qt makes accessible items of widgets only; these are made by hand, each when it is first asked for. Pressing
one explains its number; the one that is explained has the focus.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Slot
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, QWindow
from PySide6.QtWidgets import QAccessibleWidget, QWidget
from shiboken6 import VoidPtr, getCppPointer

from deltaglow.explain import symbols
from deltaglow.explain.numbers import show
from deltaglow.model import naming
from deltaglow.model.quantity import Quantity, value
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import softmax_card
from deltaglow.ui.diagram.scene import Scene

OF_UNIT = ("a", "z", "delta", "slope", "back", "b", "db")
"""The kinds of number a unit has, in the order in which Q goes through them and they are told."""
OF_CONNECTION = ("W", "dW", "W_after")
OF_OUTPUT = ("y_hat", "y")
_DIGITS = 4
Path = tuple[int, ...]
"""(column,), (column, unit) or (column, unit, unit before); the outputs' card is a column after the last."""


class Item(QAccessibleInterface):
    """A column, a unit, a connection, or an output on the card, by its path."""

    def __init__(self, tree: Tree, path: Path) -> None:
        super().__init__()
        self._tree, self.path = tree, path
        self._action = _Press(lambda: tree.press(path))

    def isValid(self) -> bool:
        return self._tree.has(self.path)

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.List if len(self.path) == 1 else QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = True
        elif len(self.path) > 1:
            state.focusable = state.selectable = True
            state.focused = state.selected = self._tree.focused() == self.path
        return state

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        if kind == QAccessible.Text.Name:
            return self._tree.name(self.path)
        return self._tree.told(self.path) if kind == QAccessible.Text.Description else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Names are given in the diagram."""

    def rect(self) -> QRect:
        return self._tree.area(self.path) if self.isValid() else QRect()

    def parent(self) -> QAccessibleInterface:
        return self._tree if len(self.path) == 1 else self._tree.item(self.path[:-1])

    def childCount(self) -> int:
        return len(self._tree.under(self.path)) if self.isValid() else 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        under = self._tree.under(self.path) if self.isValid() else ()
        return self._tree.item(under[index]) if 0 <= index < len(under) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        under = self._tree.under(self.path)
        return under.index(child.path) if isinstance(child, Item) and child.path in under else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        found = (path for path in self._tree.under(self.path) if self._tree.area(path).contains(x, y))
        return next(map(self._tree.item, found), None)

    def window(self) -> QWindow | None:  # type: ignore[override]
        return self._tree.window()

    def interface_cast(self, kind: QAccessible.InterfaceType) -> VoidPtr:  # type: ignore[override]
        # No interface is a pointer to nothing: None would be read as an address.
        wanted = kind == QAccessible.InterfaceType.ActionInterface and len(self.path) > 1
        return VoidPtr(getCppPointer(self._action)[0] if wanted else 0)


class _Press(QAccessibleActionInterface):
    """Pressing an item."""

    def __init__(self, press: Callable[[], None]) -> None:
        super().__init__()
        self._press = press

    def actionNames(self) -> list[str]:
        return ["Press"]

    def doAction(self, name: str) -> None:
        if name == "Press":
            self._press()

    def keyBindingsForAction(self, name: str) -> list[str]:
        del name
        return []


class Tree(QAccessibleWidget):
    """The diagram itself, and all that is in it."""

    def __init__(self, view: QWidget, lab: Lab, scene: Callable[[], Scene]) -> None:
        super().__init__(view, QAccessible.Role.Grouping)
        self._view, self._lab, self._scene = view, lab, scene
        self._items: dict[Path, Item] = {}
        self._keeper = Keeper(self._items, view)

    # What Qt asks

    def childCount(self) -> int:
        return len(self._scene().geometry.columns) + 1

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return self.item((index,)) if 0 <= index < self.childCount() else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return child.path[0] if isinstance(child, Item) and len(child.path) == 1 else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        columns = ((n,) for n in range(self.childCount()))
        return next((self.item(path) for path in columns if self.area(path).contains(x, y)), None)

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        path = self.focused()
        return None if path is None or not self._view.hasFocus() else self.item(path)

    # What the items ask

    def item(self, path: Path) -> Item:
        """The item of a path, made when it is first asked for."""
        found = self._items.get(path)
        if found is None:
            found = self._items[path] = Item(self, path)
            QAccessible.registerAccessibleInterface(found)
        return found

    def has(self, path: Path) -> bool:
        """Whether there is such a thing in the network on show."""
        widths = self._lab.frame.architecture.widths
        if path[0] == len(widths):
            return len(path) < 3 and (len(path) == 1 or path[1] < widths[-1])
        inside = path[0] < len(widths) and (len(path) == 1 or path[1] < widths[path[0]])
        return inside and (len(path) < 3 or (path[0] > 0 and path[2] < widths[path[0] - 1]))

    def under(self, path: Path) -> list[Path]:
        """The units of a column; the connections into a unit, as far as they are there."""
        widths = self._lab.frame.architecture.widths
        if len(path) == 1:
            return [(*path, unit) for unit in range(widths[min(path[0], len(widths) - 1)])]
        if len(path) > 2 or not 0 < path[0] < len(widths):
            return []
        mask = self._scene().present(path[0])
        there = range(widths[path[0] - 1]) if mask is None else np.flatnonzero(mask[path[1]]).tolist()
        return [(*path, source) for source in there]

    def name(self, path: Path) -> str:
        """What it is, and the first of its numbers that is known."""
        if len(path) == 1:
            return self._name_of_column(path[0])
        first = self._numbers(path)[0]
        return f"{symbols.spoken(self._lab.project, first)}: {self._said(first)}"

    def told(self, path: Path) -> str:
        """All its numbers that are known by now."""
        if len(path) == 1:
            return ""
        known = [q for q in self._numbers(path) if self._lab.reached(q)]
        return ", ".join(f"{symbols.text(self._lab.project, q)} = {self._said(q)}" for q in known)

    def area(self, path: Path) -> QRect:
        """Where it is on the screen."""
        scene, layer = self._scene(), path[0]
        geometry = scene.geometry
        if layer == len(geometry.columns):
            rows = dict(softmax_card.rows(scene))
            box = geometry.softmax if len(path) == 1 else rows.get(path[1], QRectF())
        elif len(path) < 3:
            column = geometry.columns[layer]
            units = column.places if len(path) == 1 else [column.places[path[1]]]
            reach = column.radius
            left, top = column.x - reach, min(units) - reach
            box = QRectF(left, top, 2 * reach, max(units) - min(units) + 2 * reach)
        else:
            ends = geometry.lines(layer, slice(path[1], path[1] + 1), slice(path[2], path[2] + 1))
            box = QRectF(*(QPointF(*end[0, 0].tolist()) for end in ends)).normalized()
        by = self._view.width() / geometry.width  # it may be drawn larger than it is laid out
        corner = self._view.mapToGlobal(box.topLeft() * by)
        return QRectF(corner, box.size() * by).toAlignedRect()

    def focused(self) -> Path | None:
        """What the number that is explained belongs to."""
        q, depth = self._lab.selected, len(self._lab.frame.architecture.widths) - 1
        if q.kind == "x":
            return 0, q.index[0]
        if q.layer is None:
            return (depth + 1, q.index[0]) if len(q.index) == 1 else None
        return (q.layer, *q.index) if len(q.index) in (1, 2) else None

    def press(self, path: Path) -> None:
        """Explain its number."""
        if self.has(path) and len(path) > 1:
            known = [q for q in self._numbers(path) if self._lab.reached(q)]
            self._lab.select((known or self._numbers(path))[0])

    def _numbers(self, path: Path) -> list[Quantity]:
        layer, index = path[0], path[1:]
        if len(path) == 3:
            return [Quantity(kind, layer, index) for kind in OF_CONNECTION]
        if layer == 0:
            return [Quantity("x", None, index)]
        if layer == len(self._lab.frame.architecture.widths):
            return [Quantity(kind, None, index) for kind in OF_OUTPUT]
        return [Quantity(kind, layer, index) for kind in OF_UNIT]

    def _said(self, q: Quantity) -> str:
        if not self._lab.reached(q):
            return "not computed yet"
        return show(value(q, self._lab.frame, self._lab.sample), _DIGITS).text

    def _name_of_column(self, layer: int) -> str:
        widths = self._lab.frame.architecture.widths
        if layer == len(widths):
            return f"outputs and targets, {widths[-1]} units"
        if layer == 0:
            return f"inputs, {widths[0]} units"
        kind = self._lab.project.network.layers[layer - 1]
        return f"{naming.titled(self._lab.project, layer)}, {kind.activation}, {widths[layer]} units"


class Keeper(QObject):
    """Lets go of the items together with the widget that they are in: Qt knows them by number."""

    def __init__(self, items: dict[Path, Item], view: QWidget) -> None:
        super().__init__()
        self._items = items
        view.destroyed.connect(self._let_go)

    @Slot()
    def _let_go(self) -> None:
        for item in self._items.values():
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(item))
        self._items.clear()
