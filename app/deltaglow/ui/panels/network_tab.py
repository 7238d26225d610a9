"""The layers of the network and how their weights start."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from deltaglow.engine import ACTIVATIONS, INITIALIZERS, LOSSES, LossSpec
from deltaglow.explain.output_words import output_words
from deltaglow.model import naming
from deltaglow.model.edits import add_layer, refusal, remove_layers, with_activation, with_units
from deltaglow.model.freezing import anything_frozen, freeze_layer
from deltaglow.model.parts import Conv1d, Dropout
from deltaglow.model.project import Change, Layer, Project
from deltaglow.model.rules import RULES
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.labels import Elided
from deltaglow.ui.widgets.spins import JudgedSpin

from . import edits
from .loss_box import LossBox
from .start_box import StartBox
from .tab import CONTROL_WIDTH, Tab

ADD = "Adds a hidden layer before the output, like the hidden layer before it"
NO_ACTIVATION = "Dropout has no activation: it hands on what it does not silence"
_GIVEN, _MIXED = "given", "mixed"
SMALL = 2**16
"""Weights between two layers that no network is too large for."""
LEAST_NAME = 48
"""Pixels that are kept for a layer's name in its row."""

KINDS = {
    "dense": ("Dense", "Every unit listens to every unit before it"),
    "residual": ("Residual", "A dense layer with a connection around it: what it does is added to what was"),
    "batch_norm": ("BatchNorm", "Every unit is brought to mean 0 and variance 1 over the batch, then scaled"),
    "dropout": ("Dropout", "In training, every unit is silenced half of the time"),
    "conv1d": ("Conv", "A few weights slide along the units before, the same at every position"),
}
"""Kinds of layer that can be added: what a form calls them, and what they do."""


def _story(layer: Layer) -> str:
    """What a layer is beyond its units and its activation."""
    if layer.skip is not None:
        source = "the input" if layer.skip.source == 0 else f"layer {layer.skip.source}"
        return f"{KINDS['residual'][1]}.\nIt comes around from {source}."
    match layer.part:
        case None:
            return ""
        case Dropout():
            return f"{KINDS['dropout'][1].replace('half', f'{layer.part.rate:.0%}')}."
        case Conv1d():
            part = layer.part
            sizes = f"{part.channels} channels, kernel {part.kernel}, stride {part.stride}"
            return f"{KINDS['conv1d'][1]}.\n{sizes}."
        case _:
            return f"{KINDS['batch_norm'][1]}."


def _stays(project: Project, k: int) -> str:
    """Why layer k cannot go, in one line; "" if it can."""
    sizes = project.network.sizes
    slides = any(isinstance(layer.part, Conv1d) for layer in project.network.layers[k:])
    if not slides and sizes[k - 1] * sizes[k + 1] <= SMALL:
        return ""  # only a kernel and the most that a network may be forbid it: a row need not try each time
    return refusal(project, partial(remove_layers, layers=[k]))


class LayerRow(QWidget):
    """Units and activation of one layer, a button that freezes it and one that removes it."""

    units_changed = Signal(int, int)
    activation_changed = Signal(int, str)
    removed = Signal(int)
    frozen = Signal(int, bool)

    def __init__(self, theme: Theme, place: int) -> None:
        super().__init__()
        self._theme, self._place = theme, place
        self._name = Elided()
        self._name.setMinimumWidth(LEAST_NAME)
        self.units = JudgedSpin(RULES["units"])
        self.units.setFixedWidth(56)
        self.units.setProperty("tight", "true")  # it has to have room for four digits
        self.activation = Combo()
        self.freeze, self.remove = QToolButton(), QToolButton()
        self.freeze.setCheckable(True)
        for button in (self.freeze, self.remove):
            button.setProperty("role", "quiet")
            button.setFixedSize(18, 20)
            button.setIconSize(QSize(14, 14))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._name, 1)
        row.addWidget(self.units)
        row.addWidget(self.activation)
        row.addWidget(self.freeze)
        row.addWidget(self.remove)
        self.activation.setMinimumWidth(86)
        self.activation.setMaximumWidth(107)
        self.units.valueChanged.connect(self._on_units)
        self.activation.activated.connect(self._on_activation)
        self.freeze.clicked.connect(self._on_freeze)
        self.remove.clicked.connect(self._on_remove)
        self._dress()
        theme.changed.connect(self._dress)

    def load(self, project: Project) -> None:
        """Shows the layer of `project` that this row stands for."""
        layers = project.network.layers
        last = self._place == len(layers) - 1
        layer, name = layers[self._place], "Output" if last else f"Layer {self._place + 1}"
        said = name if layer.part is None else f"{self._place + 1} {KINDS[layer.type][0]}"
        self._name.say(layer.name or said)
        whole = f"{naming.titled(project, self._place + 1)}\n" if layer.name else ""
        self._name.setToolTip(f"{whole}{_story(layer)}".strip())
        self.units.blockSignals(True)
        self.units.setValue(layer.units)
        self.units.blockSignals(False)
        self.units.setEnabled(not last and layer.part is None)
        self.units.setVisible(layer.part is None)
        classes = LOSSES[project.network.loss.name].targets != "real"
        fixed = f"The output has one unit for each {'class' if classes else 'target'} of the data."
        follows = "Follows from the layer before."
        own = RULES["units"].tooltip if layer.part is None else follows
        self.units.setToolTip(fixed if last else own)
        self.units.judge(lambda units: refusal(project, partial(with_units, k=self._place + 1, units=units)))
        self.units.setAccessibleName(f"Units of {name.lower()}")
        items = [(a.name, a.label, "") for a in ACTIVATIONS.values()]
        self.activation.offer(items, layer.activation)
        output = output_words(project.network.loss)
        extra = f"\n{output.title} follows: the identity is the usual choice here." if last else ""
        acts = layer.type != "dropout"
        self.activation.setToolTip(f"{RULES['activation'].tooltip}{extra}" if acts else NO_ACTIVATION)
        self.activation.setEnabled(acts)
        self.activation.setAccessibleName(f"Activation of {name.lower()}")
        self._load_freeze(layer, name.lower())
        why = "The output layer cannot be removed." if last else _stays(project, self._place + 1)
        self.remove.setEnabled(not why)
        self.remove.setToolTip(why or f"Remove {name.lower()}")
        self.remove.setAccessibleName(f"Remove {name.lower()}")

    def _load_freeze(self, layer: Layer, name: str) -> None:
        """Frozen, in part, or not: pressed, and the words say which."""
        some = anything_frozen(layer)
        parameters = layer.type != "dropout"
        self.freeze.setEnabled(parameters)
        self.freeze.setChecked(some)
        said = "Its weights and biases" if layer.frozen else "Some of its weights or biases"
        tip = f"{said} are frozen: training leaves them as they are. Press to train them again."
        if not some:
            tip = "Freeze: training leaves its weights and biases as they are"
        self.freeze.setToolTip(tip if parameters else "Dropout has no parameters to freeze.")
        self.freeze.setAccessibleName(f"Freeze {name}")
        self._dress()

    @Slot(bool)
    def _on_freeze(self, frozen: bool) -> None:
        self.frozen.emit(self._place, frozen)

    @Slot()
    def _dress(self) -> None:
        self.remove.setIcon(self._theme.icon("close", "muted"))
        self.freeze.setIcon(self._theme.icon("lock", "text" if self.freeze.isChecked() else "disabled"))

    @Slot(int)
    def _on_units(self, units: int) -> None:
        self.units_changed.emit(self._place, units)

    @Slot(int)
    def _on_activation(self, index: int) -> None:
        del index
        self.activation_changed.emit(self._place, self.activation.name())

    @Slot()
    def _on_remove(self) -> None:
        self.removed.emit(self._place)


class NetworkTab(Tab):
    """Input, one row a layer, add, initialisation."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__(lab)
        self._theme = theme
        self.rows: list[LayerRow] = []
        self._input = label(role="muted")
        self._column.addWidget(self._input)
        self._rows_layout = QVBoxLayout()
        self._rows_layout.setSpacing(6)
        self._rows_layout.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._rows_layout)
        self.add = QPushButton("&Add layer")
        self.add.setAccessibleName("Add layer")
        self.add.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.add.clicked.connect(self._on_add)
        self.kind = Combo()
        self.kind.setFixedWidth(CONTROL_WIDTH)
        self.kind.setAccessibleName("Kind of the layer to add")
        self.kind.setToolTip("What kind of layer is added")
        self.kind.offer([(name, label, tip) for name, (label, tip) in KINDS.items()], "dense")
        self.kind.judge(lambda kind: refusal(self._lab.project, self._adding(kind)))
        self.kind.currentIndexChanged.connect(self._load_adding)
        adding = QHBoxLayout()
        adding.setSpacing(8)
        adding.addWidget(self.add, 1)
        adding.addWidget(self.kind)
        self._column.addLayout(adding)
        self._column.addSpacing(4)
        self.initialisation = Combo()
        self.initialisation.setAccessibleName(RULES["init"].label)
        self.initialisation.activated.connect(self._on_initialisation)
        self._row("&Initialisation", self.initialisation)
        self.start = StartBox()
        self.start.gain_chosen.connect(self._on_gain)
        self.start.constant_chosen.connect(self._on_constant)
        self._column.addWidget(self.start)
        self._formula = label(role="muted", wrap=True)
        self._column.addWidget(self._formula)
        self.loss = LossBox()
        self.loss.chosen.connect(self._on_loss)
        self._column.addWidget(self.loss)
        self._count = label(role="muted")
        self._column.addWidget(self._count)
        self._column.addStretch(1)
        self.show_project()

    def load(self, project: Project) -> None:
        """Fills the controls, one row a layer."""
        spec = project.network
        self._input.setText(f"Input: {spec.inputs} {'feature' if spec.inputs == 1 else 'features'}")
        self._match(len(spec.layers))
        for row in self.rows:
            row.load(project)
        self._load_adding()
        self._load_initialisation(project)
        self.loss.load(project)
        self._count.setText(f"{spec.parameter_count:,} parameters".replace(",", "\u2009"))

    @Slot()
    def _load_adding(self) -> None:
        """Whether a layer of the chosen kind can be added."""
        count = len(self._lab.project.network.layers)
        full = count >= int(RULES["layers"].maximum or 0)
        most = f"{count} layers are the most there can be."
        why = most if full else refusal(self._lab.project, self._adding(self.kind.name()))
        self.add.setEnabled(not why)
        self.add.setToolTip(why or ADD)

    def _adding(self, kind: str) -> Change:
        return partial(add_layer, at=len(self._lab.project.network.layers), kind=kind)

    def _match(self, count: int) -> None:
        while len(self.rows) > count:
            row = self.rows.pop()
            self._rows_layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < count:
            row = LayerRow(self._theme, len(self.rows))
            row.units_changed.connect(self._on_units)
            row.activation_changed.connect(self._on_activation)
            row.removed.connect(self._on_remove)
            row.frozen.connect(self._on_freeze)
            self.rows.append(row)
            self._rows_layout.addWidget(row)

    def _load_initialisation(self, project: Project) -> None:
        items = [(rule.name, rule.label, rule.formula) for rule in INITIALIZERS.values()]
        drawn = [layer for layer in project.network.layers if layer.type in ("dense", "conv1d")]
        inits = {layer.init for layer in drawn}
        current = inits.pop() if len(inits) == 1 else _MIXED
        if edits.parameters_given(project):
            current = _GIVEN
            items.insert(0, (_GIVEN, "as given", "The project brings its own weights and biases."))
        elif current == _MIXED:
            items.insert(0, (_MIXED, "mixed", "The layers start by different rules."))
        self.initialisation.offer(items, current)
        tip = next(tip for name, _, tip in items if name == current)
        self._formula.setText(tip)
        self.initialisation.setToolTip(f"{RULES['init'].tooltip}\n{tip}")
        self.start.load(drawn, current != _GIVEN)

    @Slot(int, int)
    def _on_units(self, place: int, units: int) -> None:
        self._edit(f"Units of layer {place + 1}", partial(with_units, k=place + 1, units=units))

    @Slot(int, str)
    def _on_activation(self, place: int, name: str) -> None:
        if name != self._lab.project.network.layers[place].activation:
            change = partial(with_activation, k=place + 1, activation=name)
            self._edit(f"Activation {ACTIVATIONS[name].label}", change)

    @Slot(int, bool)
    def _on_freeze(self, place: int, frozen: bool) -> None:
        verb = "Freeze" if frozen else "Train"
        self._edit(f"{verb} layer {place + 1}", freeze_layer(place + 1, frozen))

    @Slot(int)
    def _on_remove(self, place: int) -> None:
        self._edit(f"Remove layer {place + 1}", partial(remove_layers, layers=[place + 1]))

    @Slot()
    def _on_add(self) -> None:
        kind = self.kind.name()
        self._edit("Add layer" if kind == "dense" else f"Add {KINDS[kind][0]}", self._adding(kind))

    @Slot(int)
    def _on_initialisation(self, index: int) -> None:
        name = self.initialisation.itemData(index)
        if name in INITIALIZERS:
            change = partial(edits.with_initialisation, init=name)
            self._edit(f"Initialisation {INITIALIZERS[name].label}", change)

    @Slot(object)
    def _on_loss(self, spec: LossSpec) -> None:
        self._edit(f"Loss {LOSSES[spec.name].label}", edits.with_loss(self._lab.project, spec))

    @Slot(object)
    def _on_gain(self, gain: float | str) -> None:
        self._edit("Gain", edits.with_start(self._lab.project, gain=gain))

    @Slot(float)
    def _on_constant(self, value: float) -> None:
        self._edit("Constant", edits.with_start(self._lab.project, constant=value))
