"""The network as a tree of numbers: for screen readers, and for everyone who would rather read than look.

The diagram is painted and tells assistive technology nothing. Here every number of the step shown is a row
with its name in words, its symbol and its value, and to move to a row is to select it, as on the diagram.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from deltaglow.engine import LOSSES
from deltaglow.explain import symbols
from deltaglow.explain.numbers import show
from deltaglow.model import naming
from deltaglow.model.quantity import EXTRA, AddressError, Quantity, validate_in, value
from deltaglow.session.lab import Lab
from deltaglow.ui.clock import FrameClock
from deltaglow.ui.widgets import label

NAME = "network_table"
_QUANTITY = Qt.ItemDataRole.UserRole
_GROUP = Qt.ItemDataRole.UserRole + 1
_LATER = "not computed yet"
_OF_A_UNIT = ("z", "a", "slope", "back", "delta", "b", "db", "b_after")
_OF_A_WEIGHT = ("W", "dW", "W_after")
_OF_THE_STEP = ("loss", "learning_rate", "total_norm", "clip_factor", "update_ratio")
_OF_AN_OUTPUT = ("shifted", "exp", "y_hat", "y")

Group = tuple[str, int | None, int | None]
"""What a row without a number holds: "layer" k, "unit" j of layer k, "output" j, "inputs", "loss"."""


class NetworkTree(QTreeWidget):
    """Inputs, layers, units with their numbers and the weights that lead to them, outputs, loss.

    Rows are made when what holds them is opened. The selection is the laboratory's, both ways.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._following = False
        self._shape: object = None
        self.setColumnCount(3)
        self.setHeaderLabels(["Number", "Symbol", "Value"])
        self.setAccessibleName("The network's numbers")
        self.setToolTip("Arrow keys move and open; the number of the row is explained beside")
        self.setUniformRowHeights(True)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.itemExpanded.connect(self._fill)
        self.currentItemChanged.connect(self._choose)
        lab.frameChanged.connect(self.refresh)
        lab.positionChanged.connect(self.refresh)
        lab.projectChanged.connect(self.refresh)
        lab.selectionChanged.connect(self._follow)
        self.refresh()
        self._follow()

    @Slot()
    def refresh(self) -> None:
        """Bring the rows that there are up to the frame shown; another network has other rows."""
        frame, project = self._lab.frame, self._lab.project
        called = [(la.name, la.unit_names, la.names_W, la.names_b) for la in project.network.layers]
        shape = (frame.architecture, called, project.network.input_names)
        if shape != self._shape:
            self._shape = shape
            self._following = True
            self.clear()
            self._build()
            self._following = False
            self._follow()
            return
        for item in self._items(self.invisibleRootItem()):
            self._show_value(item)

    def _build(self) -> None:
        widths = self._lab.frame.architecture.widths
        self._group(self.invisibleRootItem(), "Inputs", ("inputs", None, None))
        for k in range(1, len(widths)):
            layer = self._group(
                self.invisibleRootItem(), naming.titled(self._lab.project, k), ("layer", k, None)
            )
            layer.setText(2, f"{widths[k]} unit{'s' * (widths[k] != 1)}")
        self._group(self.invisibleRootItem(), "Outputs", ("outputs", None, None))
        for kind in _OF_THE_STEP:
            self._number(self.invisibleRootItem(), Quantity(kind))

    def _group(self, parent: QTreeWidgetItem, name: str, group: Group) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [name, "", ""])
        item.setData(0, _GROUP, group)
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        return item

    def _number(self, parent: QTreeWidgetItem, q: Quantity) -> None:
        try:
            validate_in(q, self._lab.frame)
        except AddressError:
            return
        words = symbols.spoken(self._lab.project, q)
        item = QTreeWidgetItem(
            parent, [words[:1].upper() + words[1:], symbols.text(self._lab.project, q), ""]
        )
        item.setData(0, _QUANTITY, q)
        item.setToolTip(0, str(q))
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._show_value(item)

    @Slot(QTreeWidgetItem)
    def _fill(self, item: QTreeWidgetItem) -> None:
        group = item.data(0, _GROUP)
        if group is None or item.childCount():
            return
        what, k, j = group
        widths = self._lab.frame.architecture.widths
        match what:
            case "inputs":
                for i in range(widths[0]):
                    self._number(item, Quantity("x", None, (i,)))
            case "layer":
                for unit in range(widths[k]):
                    named = naming.quoted(naming.unit_name(self._lab.project, k, unit))
                    self._group(item, f"Layer {k}, unit {unit + 1}{named}", ("unit", k, unit))
                self._number(item, Quantity("gradient_norm", k))
            case "unit":
                for q in self._of_unit(k, j):
                    self._number(item, q)
            case _:
                self._fill_outputs(item)

    def _fill_outputs(self, item: QTreeWidgetItem) -> None:
        for j in range(self._lab.frame.architecture.widths[-1]):
            for kind in _OF_AN_OUTPUT:
                self._number(item, Quantity(kind, None, (j,)))
        if LOSSES[self._lab.frame.architecture.loss.name].softmax:
            self._number(item, Quantity("exp_sum"))

    def _of_unit(self, k: int, j: int) -> Iterator[Quantity]:
        extra = [kind for kind, wanted in EXTRA.items() if wanted == self._lab.frame.layers[k - 1].kind]
        yield from (Quantity(kind, k, (j,)) for kind in (*extra, *_OF_A_UNIT))
        widths = self._lab.frame.architecture.widths
        mask = self._lab.frame.layers[k - 1].mask
        for i in range(widths[k - 1]):
            if mask is None or mask[j, i]:
                yield from (Quantity(kind, k, (j, i)) for kind in _OF_A_WEIGHT)

    def _show_value(self, item: QTreeWidgetItem) -> None:
        q = item.data(0, _QUANTITY)
        if not isinstance(q, Quantity):
            return
        known = self._lab.running or self._lab.reached(q)
        text = show(value(q, self._lab.frame, self._lab.sample), 6).text if known else _LATER
        if item.text(2) != text:
            item.setText(2, text)
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{item.text(0)}: {text}")

    def _items(self, parent: QTreeWidgetItem) -> Iterator[QTreeWidgetItem]:
        for place in range(parent.childCount()):
            child = parent.child(place)
            yield child
            yield from self._items(child)

    # The selection, both ways

    @Slot(QTreeWidgetItem, QTreeWidgetItem)
    def _choose(self, item: QTreeWidgetItem | None) -> None:
        q = item.data(0, _QUANTITY) if item is not None else None
        if isinstance(q, Quantity) and not self._following:
            self._following = True
            self._lab.select(q)
            self._following = False

    @Slot()
    def _follow(self) -> None:
        """Open what holds the number that is selected, and go there."""
        if self._following:
            return
        item = self._found(self._lab.selected)
        if item is not None and item is not self.currentItem():
            self._following = True
            self.setCurrentItem(item)
            self.scrollToItem(item)
            self._following = False

    def _found(self, q: Quantity) -> QTreeWidgetItem | None:
        parent = self.invisibleRootItem()
        way: list[Group] = []
        if q.layer is not None:
            way = [("layer", q.layer, None), *([("unit", q.layer, q.index[0])] if q.index else [])]
        elif q.kind == "x":
            way = [("inputs", None, None)]
        elif q.kind in (*_OF_AN_OUTPUT, "exp_sum"):
            way = [("outputs", None, None)]
        for group in way:
            children = [parent.child(place) for place in range(parent.childCount())]
            inside = next((item for item in children if item.data(0, _GROUP) == group), None)
            if inside is None:
                return None
            inside.setExpanded(True)
            self._fill(inside)
            parent = inside
        children = [parent.child(place) for place in range(parent.childCount())]
        return next((item for item in children if item.data(0, _QUANTITY) == q), None)


class NetworkTable(QDialog):
    """The tree in a window of its own, which stays open beside the diagram and follows it."""

    def __init__(self, parent: QWidget, lab: Lab, clock: FrameClock) -> None:
        super().__init__(parent)
        self.setObjectName(NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("The network as a table")
        self.resize(760, 560)
        self.tree = NetworkTree(lab)
        column = QVBoxLayout(self)
        column.addWidget(label("Every number of the step shown; the row you are on is explained.", "muted"))
        column.addWidget(self.tree)
        clock.textDue.connect(self.tree.refresh)


def show_network_table(parent: QWidget, lab: Lab, clock: FrameClock) -> None:
    """Open the table, or bring it to the front; it does not block."""
    known = parent.findChild(NetworkTable, NAME)
    if known is None:
        known = NetworkTable(parent, lab, clock)
        known.show()
    known.activateWindow()
    known.tree.setFocus()
