"""Everything of one layer in a card beside its heading: units, kind, activation, initialisation."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from deltaglow.engine import ACTIVATIONS, INITIALIZERS, LOSSES
from deltaglow.engine.layers import Conv1dShape
from deltaglow.model import edits, naming
from deltaglow.model.kinds import source_rule
from deltaglow.model.parts import BatchNorm, Dropout, Skip
from deltaglow.model.project import Change, Layer
from deltaglow.model.rules import RULES
from deltaglow.ui.diagram.editing.command import Tools
from deltaglow.ui.diagram.editing.layer_commands import NOTHING_DRAWN
from deltaglow.ui.panels.form import Form
from deltaglow.ui.panels.network_tab import KINDS, NO_ACTIVATION
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.spins import JudgedSpin, NumberSpin

WIDTH = 252
GIVEN = "given"
_NUMBERS = {
    "rate": "rate",
    "channels": "channels",
    "kernel": "kernel",
    "stride": "stride",
    "in_channels": "in_channels",
    "eps": "eps",
    "momentum": "running_momentum",
}
"""Numbers of layers that are not dense, and the rule for each."""


class Popover(QFrame):
    """Follows the project as long as it is open; Esc closes it, and so does whatever takes the keys."""

    closed = Signal()

    def __init__(self, parent: QWidget, tools: Tools, layer: int) -> None:
        super().__init__(parent)
        self._host, self._tools, self.layer = parent, tools, layer
        self.setProperty("surface", "panel")
        self.setAccessibleName(f"Layer {layer}")
        self.setFixedWidth(WIDTH)
        # A press on what takes no focus, a list say, would give it to the diagram, and so close the card; one
        # beside the controls would be the diagram's.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._head())
        self.form = Form()
        column.addWidget(self.form)
        self.units = self.form.judged("units", "&Units")
        self.kind = self._combo("&Kind", "Kind of the layer")
        self.activation = self._combo("&Activation", RULES["activation"].label)
        self.init = self._combo("&Initialisation", RULES["init"].label)
        self.numbers = {key: self._number(key, rule) for key, rule in _NUMBERS.items()}
        self.source = self.form.judged("from", "Skip &from")
        self.projection = self.form.flag("projection", "&Projection")
        self._problem = label(role="error", wrap=True)
        self._problem.hide()
        column.addWidget(self._problem)
        self.remove = QPushButton("&Remove layer")
        self.remove.setAccessibleName("Remove the layer")
        self.remove.clicked.connect(self._on_remove)
        column.addWidget(self.remove)
        self.kind.judge(lambda name: self._refusal(self._of_kind(name)))
        self.units.valueChanged.connect(self._on_units)
        self.kind.activated.connect(self._on_kind)
        self.activation.activated.connect(self._on_activation)
        self.init.activated.connect(self._on_init)
        self.source.valueChanged.connect(self._on_skip)
        self.projection.toggled.connect(self._on_skip)
        tools.lab.projectChanged.connect(self.load)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._application = application
        application.focusChanged.connect(self._on_focus)
        self.load()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._title = QLabel()
        self._title.setProperty("role", "subheading")
        row.addWidget(self._title, 1)
        close = QToolButton()
        close.setProperty("role", "quiet")
        close.setText("✕")
        close.setToolTip("Close (Esc)")
        close.setAccessibleName("Close")
        close.clicked.connect(self.leave)
        row.addWidget(close)
        return row

    def _combo(self, text: str, name: str) -> Combo:
        made = Combo()
        made.setAccessibleName(name)
        self.form.row(text, made)
        return made

    def _number(self, key: str, rule: str) -> JudgedSpin | NumberSpin:
        control = self.form.judged(rule) if RULES[rule].integer else self.form.number(rule)
        control.setProperty("setting", key)
        control.valueChanged.connect(self._on_number)
        return control

    def open_beside(self, heading: QRectF) -> None:
        """Show it under a heading, inside its parent."""
        self.adjustSize()
        area = self._host.rect()
        left = min(max(round(heading.center().x()) - WIDTH // 2, 4), area.width() - WIDTH - 4)
        top = min(max(round(heading.bottom()) + 4, 4), max(area.height() - self.height() - 4, 4))
        self.move(left, top)
        self.show()
        self.raise_()
        first = self.units if self.units.isEnabled() else self.activation
        first.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def load(self) -> None:
        """Show the layer as it is now; close if it is gone."""
        project = self._tools.lab.project
        if self.layer > len(project.network.layers):
            self.leave()
            return
        layer, last = project.network.layers[self.layer - 1], self.layer == len(project.network.layers)
        title = f"{'Output layer' if last else f'Layer {self.layer}'}{naming.quoted(layer.name)}"
        room = WIDTH - 56
        self._title.setText(self._title.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room))
        self._title.setToolTip(title)
        self._problem.hide()
        with _silent(self.units):
            self.units.setValue(layer.units)
        why = edits.fixed(project, self.layer)
        self.units.setEnabled(not why)
        self.units.setToolTip(why or RULES["units"].tooltip)
        self.units.judge(lambda units: self._refusal(partial(edits.with_units, k=self.layer, units=units)))
        kind = "residual" if layer.skip is not None else layer.type
        self.kind.offer([(name, text, tip) for name, (text, tip) in KINDS.items()], kind)
        self.kind.setEnabled(not last)
        dense = "The output layer is dense: its units are the outputs."
        self.kind.setToolTip(dense if last else f"{KINDS[kind][1]}.")
        self.activation.offer([(a.name, a.label, "") for a in ACTIVATIONS.values()], layer.activation)
        acts = not isinstance(layer.part, Dropout)
        self.activation.setEnabled(acts)
        softmax = LOSSES[project.network.loss.name].softmax
        usual = "\nSoftmax follows: the identity is the usual choice here." if last and softmax else ""
        self.activation.setToolTip(RULES["activation"].tooltip + usual if acts else NO_ACTIVATION)
        self._load_init(layer)
        part = layer.part
        for key, control in self.numbers.items():
            _row_of(control).setVisible(hasattr(part, key))
            if hasattr(part, key):
                number = getattr(part, key)
                with _silent(control):
                    control.setValue(self._channels_before() if number is None else number)
                if isinstance(control, JudgedSpin):
                    control.setToolTip(RULES[_NUMBERS[key]].tooltip)
                    control.judge(partial(self._why_not_number, key))
        for chosen in (self.source, self.projection):
            _row_of(chosen).setVisible(layer.skip is not None)
        if layer.skip is not None:
            with _silent(self.source), _silent(self.projection):
                self.source.set_rule(source_rule(self.layer))
                self.source.setValue(layer.skip.source)
                self.projection.setChecked(layer.skip.projection)
            self._judge_skip(layer.skip)
        remove = partial(edits.remove_layers, layers=[self.layer])
        why = "The output layer stays: its units are the outputs." if last else self._refusal(remove)
        self.remove.setEnabled(not why)
        self.remove.setToolTip(why or f"Removes layer {self.layer} (Ctrl+Delete)")
        self.adjustSize()

    def _judge_skip(self, skip: Skip) -> None:
        """Units can be added as they are only to as many."""

        def why_not(source: int, projection: bool) -> str:
            return self._refusal(partial(edits.with_layer, k=self.layer, skip=Skip(source, projection)))

        self.source.judge(lambda source: why_not(source, skip.projection))
        why = why_not(skip.source, not skip.projection)
        self.projection.setEnabled(not why)
        self.projection.setToolTip(why or RULES["projection"].tooltip)

    def _of_kind(self, name: str) -> Change:
        return partial(edits.with_kind, k=self.layer, kind=name)

    def _refusal(self, change: Change) -> str:
        return self._tools.refusal(change)

    def _why_not_number(self, key: str, number: int) -> str:
        """A row of the kind before may get the keys in the midst of a change, just before it is hidden."""
        part = self._tools.lab.project.network.layers[self.layer - 1].part
        return self._refusal(self._with_number(key, number)) if hasattr(part, key) else ""

    def _with_number(self, key: str, number: float) -> Change:
        part = self._tools.lab.project.network.layers[self.layer - 1].part
        assert part is not None
        chosen = replace(part, **{key: number})  # type: ignore[arg-type]
        return partial(edits.with_part, k=self.layer, part=chosen)

    def _channels_before(self) -> int:
        """As how many channels a convolution sees the units before if the project does not say."""
        shape = self._tools.lab.frame.architecture.layers[self.layer - 1]
        return shape.span // shape.kernel if isinstance(shape, Conv1dShape) else 1

    def _load_init(self, layer: Layer) -> None:
        items = [(rule.name, rule.label, rule.formula) for rule in INITIALIZERS.values()]
        current = layer.init
        if layer.W is not None:
            items.insert(0, (GIVEN, "as given", "The project has the weights of this layer."))
            current = GIVEN
        self.init.offer(items, current)
        bare = isinstance(layer.part, BatchNorm | Dropout)
        self.init.setEnabled(not bare)
        drawn = f"{RULES['init'].tooltip}\nChoosing one draws this layer anew."
        self.init.setToolTip(NOTHING_DRAWN if bare else drawn)

    @Slot()
    def leave(self) -> None:
        """Close it."""
        if self.isVisible():
            self._application.focusChanged.disconnect(self._on_focus)
            if self.isAncestorOf(QApplication.focusWidget() or self):
                self._host.setFocus(Qt.FocusReason.OtherFocusReason)
            self.hide()
            self._tools.lab.projectChanged.disconnect(self.load)
            self.closed.emit()
            self.deleteLater()

    @Slot(QWidget, QWidget)
    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        """Something else in the window is used, the button that trains say: the card would be in the way."""
        del before
        if now is None or now is self or now.window() is not self.window():
            return
        if not self.isAncestorOf(now):
            self.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def _edit(self, name: str, change: Change) -> None:
        problem = self._refusal(change)
        if problem:
            self.load()
            self._say(problem)
        else:
            self._tools.apply(name, change)

    @Slot(str)
    def _say(self, problem: str) -> None:
        """What is wrong with what is being typed."""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.adjustSize()

    @Slot(int)
    def _on_units(self, units: int) -> None:
        self._edit(f"Units of layer {self.layer}", partial(edits.with_units, k=self.layer, units=units))

    @Slot(int)
    def _on_kind(self, index: int) -> None:
        del index
        name = self.kind.name()
        self._edit(f"Layer {self.layer} is {KINDS[name][0]}", self._of_kind(name))

    @Slot(int)
    def _on_activation(self, index: int) -> None:
        del index
        name = self.activation.name()
        change = partial(edits.with_activation, k=self.layer, activation=name)
        self._edit(f"Activation {ACTIVATIONS[name].label}", change)

    @Slot(int)
    def _on_init(self, index: int) -> None:
        del index
        name = self.init.name()
        if name != GIVEN:
            change = partial(edits.with_initialisation, k=self.layer, init=name)
            self._edit(f"Draw layer {self.layer} anew, {INITIALIZERS[name].label}", change)

    @Slot(int)
    @Slot(float)
    def _on_number(self, value: float) -> None:
        key = str(self.sender().property("setting"))
        rule = RULES[_NUMBERS[key]]
        change = self._with_number(key, int(value) if rule.integer else value)
        self._edit(f"{rule.label} of layer {self.layer}", change)

    @Slot()
    def _on_skip(self) -> None:
        skip = Skip(self.source.value(), self.projection.isChecked())
        self._edit(f"Skip of layer {self.layer}", partial(edits.with_layer, k=self.layer, skip=skip))

    @Slot()
    def _on_remove(self) -> None:
        self._edit(f"Remove layer {self.layer}", partial(edits.remove_layers, layers=[self.layer]))
        self.leave()


def _row_of(control: QWidget) -> QWidget:
    row = control.parentWidget()
    assert row is not None
    return row


class _silent:  # noqa: N801 - reads as what it does
    """While it lasts, a control says nothing about its changes."""

    def __init__(self, control: QWidget) -> None:
        self._control = control

    def __enter__(self) -> None:
        self._before = self._control.blockSignals(True)

    def __exit__(self, *error: object) -> None:
        self._control.blockSignals(self._before)
