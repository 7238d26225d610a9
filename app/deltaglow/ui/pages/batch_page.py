"""The page "Batch": one gradient, sample by sample and averaged, so that cancelling is seen."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from deltaglow.explain import batch_lab, symbols
from deltaglow.model.beside import SAMPLE_GRADIENTS
from deltaglow.model.project import Project
from deltaglow.model.quantity import PART, AddressError, Quantity, validate
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import FormulaView, Typesetter
from deltaglow.ui.pages import sample_bars, sample_maps
from deltaglow.ui.pages.page import Page, Section
from deltaglow.ui.pages.sample_bars import SampleBars
from deltaglow.ui.pages.sample_maps import SampleMaps
from deltaglow.ui.theme import Theme
from deltaglow.ui.typeset import in_line
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo

SUGGESTED = 8
"""The batch size that a batch of one is offered."""
EXAMPLE = "iris"
_ORDERS = [
    ("batch", "As drawn", "In the order in which they were drawn"),
    ("size", "Largest first", "By how much each asks for"),
    ("class", "By class", "The classes one after the other, the largest of each first"),
]


class BatchPage(Page):
    """Follows the selection: shows the parameter that the selected number belongs to."""

    exampleWanted = Signal(str)
    """Another project would show more: the name of an example."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__(lab, theme, "One gradient, by sample")
        self.parameter = Quantity("W", 1, (0, 0))
        self.chooser = Chooser(lab, theme, self.typesetter)
        self.single = SingleSection(lab)
        self.bars = BarsSection(lab, theme, self)
        self.maps = MapsSection(lab, theme, self)
        self.single.example.clicked.connect(self._want_example)
        self.put([self.chooser, self.single, self.bars, self.maps])

    def state(self) -> object:
        """The frame, the sample, the selection, and whether the gradients are known."""
        lab = self.lab
        return lab.frame, lab.sample, lab.selected, lab.reached(Quantity("db", 1, (0,)))

    def refresh(self) -> None:
        self.parameter = self._follow_selection()
        self.chooser.show_parameter(self.parameter)
        several = self.lab.frame.samples > 1
        intro = (
            "A step learns from the mean over its batch. Each sample alone would move the weights its own "
            "way: where they disagree, their wishes cancel. Every bar and every cell is a link."
        )
        self.intro.setText(f"{intro} {batch_lab.in_parts(self.lab.project, self.lab.frame)}".strip())
        self.single.setVisible(not several)
        self.bars.setVisible(several)
        for section in (self.bars, self.maps):
            section.parameter = self.parameter
        super().refresh()

    def _follow_selection(self) -> Quantity:
        """The parameter selected; of a unit, the one shown last if it is the unit's own, else its first."""
        selected, frame = self.lab.selected, self.lab.frame
        kept = self.parameter
        try:
            validate(kept, frame.architecture, frame.samples)
        except AddressError:
            kept = batch_lab.parameter_of(selected, frame)
        if selected.kind in PART or selected.kind in SAMPLE_GRADIENTS:
            return batch_lab.parameter_of(selected, frame)
        same = (selected.layer, selected.index[:1]) == (kept.layer, kept.index[:1])
        unit = selected.layer is not None and bool(selected.index)
        return batch_lab.parameter_of(selected, frame) if unit and not same else kept

    @Slot()
    def _want_example(self) -> None:
        self.exampleWanted.emit(EXAMPLE)


class Chooser(Section):
    """Layer, unit and where the weight comes from: choosing selects the gradient there."""

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__("Which gradient", wide=True)
        self._lab = lab
        self.heading.hide()
        self.layer, self.unit, self.source = Combo(), Combo(), Combo()
        line = QHBoxLayout()
        line.setSpacing(8)
        for text, combo, tip in (
            ("Gradient of", self.layer, "The layer of the weight or bias"),
            ("to", self.unit, "The unit that it leads to"),
            ("from", self.source, "What the weight listens to, or the bias"),
        ):
            line.addWidget(label(text, "muted"))
            combo.setToolTip(tip)
            combo.setAccessibleName(tip)
            line.addWidget(combo)
        self.symbol = FormulaView(theme, typesetter, 14.0)
        self.symbol.setFixedWidth(72)
        line.addSpacing(8)
        line.addWidget(self.symbol)
        line.addStretch(1)
        self.column.addLayout(line)
        self.layer.activated.connect(self._on_layer)
        self.unit.activated.connect(self._on_unit)
        self.source.activated.connect(self._on_source)

    def show_parameter(self, parameter: Quantity) -> None:
        """Offer what there is in this network, and show the one."""
        lab = self._lab
        frame = lab.frame
        k, j = parameter.layer or 1, parameter.index[0]
        layers = [
            (str(n), f"layer {n}", f"{layer.shape.label}, {len(layer.b)} units")
            for n, layer in enumerate(frame.layers, start=1)
            if layer.kind != "dropout"
        ]
        units = [(str(n), f"unit {n + 1}", "") for n in range(len(frame.layers[k - 1].b))]
        sources = [
            (str(i), self._name(Quantity("W", k, (j, i)), i), "") for i in batch_lab.listens_to(frame, k, j)
        ]
        around = [] if parameter.kind != "P" else [("around", f"unit {parameter.index[1] + 1}, around", "")]
        self.layer.offer(layers, str(k))
        self.unit.offer(units, str(j))
        current = {"b": "bias", "P": "around"}.get(parameter.kind) or str(parameter.index[-1])
        self.source.offer([*sources, *around, ("bias", "the bias", "")], current)
        symbol = symbols.label(lab.project, Quantity(f"d{parameter.kind}", k, parameter.index))
        self.symbol.set_symbol(rf"\textcolor{{delta}}{{{in_line(symbol.latex)}}}", symbol.text)

    def _name(self, weight: Quantity, i: int) -> str:
        names = self._lab.project.network.layers[(weight.layer or 1) - 1].names_W
        where = f"input {i + 1}" if weight.layer == 1 else f"unit {i + 1}"
        return f"{where} ({names[weight.index[0]][i]})" if names and names[weight.index[0]][i] else where

    @Slot()
    def _on_layer(self) -> None:
        self._select(batch_lab.first_of(self._lab.frame, int(self.layer.name()), 0))

    @Slot()
    def _on_unit(self) -> None:
        self._select(batch_lab.first_of(self._lab.frame, int(self.layer.name()), int(self.unit.name())))

    @Slot()
    def _on_source(self) -> None:
        k, j, name = int(self.layer.name()), int(self.unit.name()), self.source.name()
        if name != "around":
            self._select(Quantity("b", k, (j,)) if name == "bias" else Quantity("W", k, (j, int(name))))

    def _select(self, parameter: Quantity) -> None:
        self._lab.select(Quantity(f"d{parameter.kind}", parameter.layer, parameter.index))


class Pager(QWidget):
    """◀ 1–32 of 100 ▶."""

    turned = Signal()

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most, self.first, self._count = most, 0, 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.back, self.text, self.on = QToolButton(), QLabel(), QToolButton()
        self.text.setProperty("role", "muted")
        for button, mark, name in ((self.back, "‹", "The samples before"), (self.on, "›", "More samples")):
            button.setText(mark)
            button.setProperty("role", "quiet")
            button.setToolTip(name)
            button.setAccessibleName(name)
        for widget in (self.back, self.text, self.on):
            row.addWidget(widget)
        self.back.clicked.connect(self._go_back)
        self.on.clicked.connect(self._go_on)

    def show_count(self, count: int) -> None:
        """There are so many samples now."""
        self._count = count
        if self.first >= count:
            self.first = 0
        last = min(self.first + self._most, count)
        self.text.setText(f"{self.first + 1}–{last} of {count}")
        self.back.setEnabled(self.first > 0)
        self.on.setEnabled(last < count)
        self.setVisible(count > self._most)

    @Slot()
    def _go_back(self) -> None:
        self._turn(-self._most)

    @Slot()
    def _go_on(self) -> None:
        self._turn(self._most)

    def _turn(self, by: int) -> None:
        self.first = max(self.first + by, 0)
        self.turned.emit()


class BarsSection(Section):
    """The bars of one parameter, and what they add up to."""

    def __init__(self, lab: Lab, theme: Theme, page: Page) -> None:
        super().__init__("Each sample's part", wide=True)
        self._lab = lab
        self.parameter = Quantity("W", 1, (0, 0))
        self.bars = SampleBars(lab, theme, page.typesetter)
        self.order = Combo()
        self.order.setToolTip("The order in which the samples stand")
        self.order.setAccessibleName("Order of the samples")
        self.order.offer(_ORDERS, "batch")
        self.order.activated.connect(self._on_turned)
        self.pager = Pager(sample_bars.MOST)
        self.pager.turned.connect(self._on_turned)
        self.row(label("Order", "muted"), self.order, self.pager).addStretch(1)
        self.add(self.bars)

    def refresh(self) -> None:
        self.pager.show_count(self._lab.frame.samples)
        self.bars.parameter, self.bars.order, self.bars.first = (
            self.parameter,
            self.order.name(),
            self.pager.first,
        )
        self.bars.refresh()
        found = self.bars.found
        assert found is not None
        known = self._lab.reached(found.address(0))
        self.say(sample_bars.sum_words(found, self._lab) if known else "")

    @Slot()
    def _on_turned(self) -> None:
        self.refresh()


class MapsSection(Section):
    """The whole layer's gradient, for each sample."""

    def __init__(self, lab: Lab, theme: Theme, page: Page) -> None:
        super().__init__("The whole layer", wide=True)
        self._lab = lab
        self.parameter = Quantity("W", 1, (0, 0))
        self.maps = SampleMaps(lab, theme, page.typesetter)
        self.pager = Pager(sample_maps.MOST)
        self.pager.turned.connect(self._on_turned)
        self.row(self.pager).addStretch(1)
        self.add(self.maps)

    def refresh(self) -> None:
        frame, k = self._lab.frame, self.parameter.layer or 1
        layer = frame.layers[k - 1]
        self.heading.setText(f"All of layer {k}'s weights")
        what = {
            "batch_norm": "γ, unit by unit",
            "conv1d": "the kernel's weights, a row for each channel",
        }.get(layer.kind, f"rows are its {len(layer.b)} units, columns what they listen to")
        start = f"∂L/∂W as a map: {what}; blue is above 0, orange below, one scale for all."
        if frame.samples > 1:
            start += " The mean is paler than its parts where they cancel."
        self.say(start)
        self.pager.show_count(frame.samples)
        self.maps.parameter, self.maps.first = self.parameter, self.pager.first
        self.maps.refresh()

    @Slot()
    def _on_turned(self) -> None:
        self.refresh()


class SingleSection(Section):
    """What to do where a batch has one sample."""

    def __init__(self, lab: Lab) -> None:
        super().__init__("One sample", wide=True)
        self._lab = lab
        self.heading.hide()
        box = QFrame()
        box.setProperty("surface", "raised")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(14, 12, 14, 12)
        self.text = label(wrap=True)
        self.larger, self.example = QPushButton(), QPushButton("Open the Iris example")
        self.example.setToolTip("150 flowers of three kinds, in batches; asks first about what is not saved")
        self.larger.clicked.connect(self._enlarge)
        inside.addWidget(label("A batch of one has nothing to average", "subheading"))
        inside.addWidget(self.text)
        buttons = QHBoxLayout()
        buttons.addWidget(self.larger)
        buttons.addWidget(self.example)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        self.add(box)

    @property
    def offered(self) -> int:
        """The batch size that is offered; 1 where the data has no more."""
        return min(SUGGESTED, len(self._lab.dataset.x))

    def refresh(self) -> None:
        size = self.offered
        self.larger.setVisible(size > 1)
        self.example.setVisible(size == 1)
        if size > 1:
            self.larger.setText(f"Use batches of {size}")
            self.larger.setToolTip("Sets the batch size; undo takes it back")
            self.text.setText(
                "Each step follows a single sample all the way, wherever that leads: the next one may undo "
                "it. With "
                "more samples in a batch their wishes are averaged, and this page shows each of them."
            )
        else:
            self.text.setText(
                "The data has one sample, so its gradient, below, is the gradient. Data with more samples "
                "shows here what each of them asks of a weight, and how much of that cancels in the mean."
            )

    @Slot()
    def _enlarge(self) -> None:
        size = self.offered

        def change(project: Project) -> Project:
            return replace(project, training=replace(project.training, batch_size=size))

        self._lab.edit("Batch size", change)
