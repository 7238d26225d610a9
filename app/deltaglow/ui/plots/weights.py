"""A layer's weights, or their gradient, as a picture; of the first layer on pictures, as pictures."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QToolButton, QWidget

from deltaglow.explain.numbers import full
from deltaglow.model.quantity import Quantity, value
from deltaglow.model.samples import picture
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram.scale import WEIGHT_OF_WIDEST
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets.combo import Combo

from .colours import Floats, rgb, signed
from .export import Table
from .grid import Grid
from .state_plot import StatePlot

KINDS = {
    "W": ("weights W", "What each unit multiplies what it is fed by"),
    "dW": ("gradient ∂L/∂W", "What the loss asks of each weight, as strong as the largest here"),
    "step": ("last change ΔW", "What the step adds to each weight, as strong as the largest here"),
}
HEADS = 40
"""Up to so many rows or columns each has its number beside it."""


class WeightPlot(StatePlot):
    """A row for each unit of a layer, a column for each unit that feeds it. A press selects the number.

    Weights have the diagram's fixed scale; gradients and changes are as strong as the largest of the layer.
    """

    heading = "Weight matrix"
    about = "A layer's weights, their gradient or last change: a row a unit, a column for each that feeds it."

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        self._shape: tuple[int, int] | None = None
        self._values: Floats | None = None
        super().__init__(lab, theme, parent)
        self._empty.hide()
        self._layer, self._kind = Combo(self), Combo(self)
        self._layer.setToolTip("The layer whose weights are shown")
        self._layer.setAccessibleName("Layer of the weight matrix")
        self._kind.setToolTip("What is shown of each weight")
        self._kind.setAccessibleName("Quantity of the weight matrix")
        self._kind.offer([(name, words, tip) for name, (words, tip) in KINDS.items()], "W")
        self._tiles = QToolButton(self)
        self._tiles.setText("as pictures")
        self._tiles.setProperty("role", "quiet")
        self._tiles.setCheckable(True)
        self._tiles.setToolTip("Each unit's weights laid out as the pixels of the pictures that they look at")
        self._tiles.setAccessibleName("Show the first layer's weights as pictures")
        for chooser in (self._layer, self._kind):
            chooser.activated.connect(self._on_choice)
            self._header.addWidget(chooser)
        self._header.addWidget(self._tiles)
        self._tiles.toggled.connect(self._on_choice)
        self._grid = Grid(theme, self)
        self._grid.setAccessibleName("Weight matrix")
        self._grid.pointed.connect(self._on_pointed)
        self._grid.pressed.connect(self._on_pressed)
        self._layout.addWidget(self._grid, 1)

    def begin(self) -> None:
        """Other layers to choose from."""
        frame = self._lab.frame
        layers = [
            (str(k), f"layer {k}", "")
            for k, trace in enumerate(frame.layers, start=1)
            if trace.W.size and trace.kind != "dropout"
        ]
        before = self._layer.name()
        self._layer.offer(layers, before if before in {name for name, _, _ in layers} else layers[0][0])

    @property
    def layer(self) -> int:
        """Whose weights are shown."""
        return int(self._layer.name())

    def draw(self) -> None:
        """The weights of the frame shown."""
        lab = self._lab
        trace = lab.frame.layers[self.layer - 1]
        after = lab.complete
        kind = self._kind.name()
        weights = trace.W_after if after else trace.W
        self._values = {"W": weights, "dW": trace.dW, "step": trace.W_after - trace.W}[kind]
        self._shape = picture(lab.project) if self.layer == 1 else None
        self._tiles.setVisible(self._shape is not None)
        largest = float(np.nanmax(np.abs(self._values), initial=0.0))
        scale = WEIGHT_OF_WIDEST if kind == "W" else largest
        shown = self._tiled(self._values) if self._as_tiles else self._values
        colours = signed(self._theme, shown, scale)
        if self._as_tiles:
            colours[np.isnan(shown)] = rgb(self._theme.color("canvas"))
            self._grid.show_cells(colours, names=("", "one picture a unit"), square=True)
        else:
            rows, columns = (
                [str(n + 1) for n in range(size)] if size <= HEADS else [] for size in shown.shape
            )
            few = shown.size <= 200
            texts = [[full(v, 2) for v in row] for row in shown.tolist()] if few else None
            before = f"unit of layer {self.layer - 1}" if self.layer > 1 else "input"
            names = ("to unit", f"from {before}")
            self._grid.show_cells(colours, texts, (rows, columns), names)
        self._say()

    @property
    def _as_tiles(self) -> bool:
        return self._shape is not None and self._tiles.isChecked()

    @property
    def _across(self) -> int:
        """Pictures in a row."""
        assert self._values is not None and self._shape is not None
        space = self._grid.size()
        ratio = max(space.width(), 1) / max(space.height(), 1) * self._shape[0] / self._shape[1]
        return int(np.clip(round((len(self._values) * ratio) ** 0.5), 1, len(self._values)))

    def _tiled(self, values: Floats) -> Floats:
        """One picture for each row of values, in rows of `_across`, a gap of one NaN between them."""
        assert self._shape is not None
        high, wide = self._shape
        values, across = values[:, : high * wide], self._across
        down = -(-len(values) // across)
        sheet = np.full((down * (high + 1) - 1, across * (wide + 1) - 1), np.nan)
        for n, row in enumerate(values):
            top, left = n // across * (high + 1), n % across * (wide + 1)
            sheet[top : top + high, left : left + wide] = row.reshape(high, wide)
        return sheet

    def mark(self) -> None:
        """Outline the selected weight, if it is one of these."""
        q = self._lab.selected
        mine = q.layer == self.layer and len(q.index) == 2 and q.kind in ("W", "dW", "W_after")
        self._grid.marked = (q.index[0], q.index[1]) if mine and not self._as_tiles else None
        self._grid.update()

    def _quantity(self, cell: tuple[int, int]) -> Quantity | None:
        if self._as_tiles:
            assert self._shape is not None and self._values is not None
            high, wide = self._shape
            (down, y), (right, x) = divmod(cell[0], high + 1), divmod(cell[1], wide + 1)
            unit = down * self._across + right
            if y == high or x == wide or unit >= len(self._values):
                return None
            cell = (unit, y * wide + x)
        kind = {"W": "W_after" if self._lab.complete else "W", "dW": "dW", "step": "W_after"}[
            self._kind.name()
        ]
        return Quantity(kind, self.layer, cell)

    def _say(self) -> None:
        scale = f"full colour from ±{WEIGHT_OF_WIDEST:g}"
        if self._kind.name() != "W" and self._values is not None:
            scale = f"full colour at ±{full(np.nanmax(np.abs(self._values), initial=0.0), 2)}"
        self._grid.say(scale)

    @Slot(object)
    def _on_pointed(self, cell: tuple[int, int] | None) -> None:
        found = None if cell is None else self._quantity(cell)
        if found is None or self._values is None:
            self._say()
            return
        number = float(self._values[found.index[0], found.index[1]])
        self._grid.say(f"{found}  {full(number, 4)}")

    @Slot(int, int)
    def _on_pressed(self, row: int, column: int) -> None:
        found = self._quantity((row, column))
        if found is not None:
            value(found, self._lab.frame)  # of a deleted connection too
            self._lab.select(found)

    @property
    def body(self) -> QWidget | None:
        """The cells."""
        return self._grid

    def table(self) -> Table | None:
        """The matrix, a row for each unit."""
        if self._values is None:
            return None
        names = [f"from {i + 1}" for i in range(self._values.shape[1])]
        rows = [[unit, *row] for unit, row in enumerate(self._values.tolist(), start=1)]
        return Table(["to unit", *names], rows)

    @Slot()
    def _on_choice(self) -> None:
        if self._project is not None:
            self.renew()
