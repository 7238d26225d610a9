"""What the network learns from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from deltaglow.data import DATASETS
from deltaglow.engine import LOSSES
from deltaglow.model.edits import refusal
from deltaglow.model.project import BuiltinData, InlineData, Preparation, Project
from deltaglow.model.rules import RULES, rule
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.spins import IntSpin, NumberSpin

from . import edits
from .preparation_box import PreparationBox
from .tab import Tab

_OWN = ""
_OUTPUTS = {"distribution": ("class", "classes"), "unit": ("label", "labels"), "real": ("target", "targets")}
OWN_REASON = "This project carries its own sample: choose a built-in data set to change this."


class DataTab(Tab):
    """Data set, samples, noise, classes, seed; and which sample of the batch is shown."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self.data_set = Combo()
        self.data_set.setAccessibleName(RULES["data"].label)
        self.data_set.setToolTip(RULES["data"].tooltip)
        self.data_set.judge(self._why_not)
        self.description = label(role="muted", wrap=True)
        self.samples = IntSpin(RULES["samples"])
        self.noise = NumberSpin(RULES["noise"])
        self.classes = IntSpin(RULES["classes"])
        self.seed = IntSpin(RULES["seed"])
        self.seed.setAccessibleName("Data seed")
        self.balance = NumberSpin(RULES["balance"])
        self.balance.setSingleStep(0.05)
        self.preparation = PreparationBox()
        self._row("&Data set", self.data_set)
        self._column.addWidget(self.description)
        self._row("Sa&mples", self.samples)
        self._row("&Noise", self.noise)
        self._classes_name = self._row("&Classes", self.classes)
        self._row("&Balance", self.balance)
        self._row("Data s&eed", self.seed)
        self._column.addWidget(self.preparation)
        self._sample_box = self._build_sample_box()
        self._column.addWidget(self._sample_box)
        self._column.addStretch(1)
        self.data_set.activated.connect(self._on_data_set)
        self.preparation.chosen.connect(self._on_preparation)
        for control in (self.samples, self.noise, self.classes, self.seed, self.balance):
            control.valueChanged.connect(self._on_number)
        self.sample.valueChanged.connect(self._on_sample)
        lab.frameChanged.connect(self._show_sample)
        self.show_project()

    def _build_sample_box(self) -> QWidget:
        box = QFrame()
        box.setProperty("surface", "raised")
        self.sample = IntSpin(replace(RULES["samples"], label="Shown sample"))
        self.sample.setToolTip("Which row of the mini-batch the diagram and the explanation show.\nFrom 1.")
        self.sample.setFixedWidth(72)
        self._sample_of = label(role="muted")
        name = label("Sho&wn sample")
        name.setBuddy(self.sample)
        row = QHBoxLayout(box)
        row.setContentsMargins(10, 6, 10, 6)
        row.addWidget(name, 1)
        row.addWidget(self.sample)
        row.addWidget(self._sample_of)
        return box

    def load(self, project: Project) -> None:
        """Fills the controls; those that do not apply are greyed and say why."""
        data = project.data
        items = [(kind.name, kind.label, kind.description) for kind in DATASETS.values()]
        if isinstance(data, InlineData):
            items.insert(0, (_OWN, "own sample" if len(data.x) == 1 else "own samples", OWN_REASON))
        self.data_set.offer(items, _OWN if isinstance(data, InlineData) else data.name)
        if isinstance(data, BuiltinData):
            self._load_builtin(data)
        else:
            self._load_own(data, project)
        self.preparation.show_preparation(project.preparation)
        self._show_sample()

    def _load_builtin(self, data: BuiltinData) -> None:
        kind = DATASETS[data.name]
        whose = f"Source: {kind.source}." if kind.source else "Made by the program, from the data seed."
        self.description.setText(f"{kind.description} {whose}")
        self.description.setToolTip(whose)
        values = kind.targets == "values"
        self._classes_name.setText("Outputs" if values else "&Classes")
        blur = "the targets" if values else "every feature"
        self.balance.setEnabled(kind.balanced)
        self.balance.setToolTip(
            RULES["balance"].tooltip if kind.balanced else "Class balance: not for this data set."
        )
        self.balance.setValue(data.balance)
        for key, control, value in (
            ("samples", self.samples, data.samples),
            ("noise", self.noise, data.noise),
            ("classes", self.classes, data.classes or kind.default_classes),
        ):
            narrowed = rule(key, data.name)
            if key == "noise":
                narrowed = replace(narrowed, help=f"Standard deviation of the blur added to {blur}")
            if key == "classes" and values:
                narrowed = replace(narrowed, label="Outputs")
            control.set_rule(narrowed)
            fixed = narrowed.minimum == narrowed.maximum
            control.setEnabled(not fixed)
            if fixed:
                control.setToolTip(f"{narrowed.label}: always {narrowed.minimum:g} in this data set.")
            control.setValue(value)  # type: ignore[arg-type]  # an int for the two whole-number boxes
        self.seed.setEnabled(True)
        self.seed.setToolTip(f"{RULES['seed'].tooltip}\nThis one draws the data.")
        self.seed.setValue(data.seed)

    def _load_own(self, data: InlineData, project: Project) -> None:
        self._classes_name.setText("&Classes")
        self.classes.setAccessibleName(RULES["classes"].label)
        rows, features = data.x.shape
        self.description.setText(
            f"This project carries {_count(rows, 'sample')} of its own: {_count(features, 'feature')}, "
            f"{_count(data.y.shape[1], *_OUTPUTS[LOSSES[project.network.loss.name].targets])}."
        )
        for control, value in ((self.samples, rows), (self.classes, data.y.shape[1]), (self.seed, 0)):
            control.setRange(0, max(value, 1))
            control.setValue(value)
        self.noise.setValue(0.0)
        self.balance.setValue(1.0)
        self.description.setToolTip("")
        for each in (self.samples, self.noise, self.classes, self.seed, self.balance):
            each.setEnabled(False)
            each.setToolTip(OWN_REASON)

    @Slot()
    def _show_sample(self) -> None:
        rows = self._lab.frame.samples
        if self._sample_box.isHidden() == (rows > 1):
            self._sample_box.setVisible(rows > 1)
        if self.sample.maximum() == rows and self.sample.value() == self._lab.sample + 1:
            return
        blocked = self.sample.blockSignals(True)
        self.sample.setRange(1, rows)
        self.sample.setValue(self._lab.sample + 1)
        self.sample.blockSignals(blocked)
        self._sample_of.setText(f"of {rows}")

    @Slot(int)
    def _on_sample(self, row: int) -> None:
        self._lab.set_sample(row - 1)

    def _why_not(self, name: str) -> str:
        """Why a built-in set cannot be learned from, "" if it can: what normalises needs two samples."""
        if name not in DATASETS:
            return ""
        return refusal(self._lab.project, partial(edits.with_data_set, name=name))

    @Slot(int)
    def _on_data_set(self, place: int) -> None:
        name = self.data_set.itemData(place)
        data = self._lab.project.data
        if name == _OWN or (isinstance(data, BuiltinData) and data.name == name):
            return
        project = edits.with_data_set(self._lab.project, name)
        self._edit(f"Data set {DATASETS[name].label}", project)

    @Slot()
    def _on_number(self) -> None:
        data = self._lab.project.data
        if self.loading or not isinstance(data, BuiltinData):
            return
        changed = replace(
            data,
            samples=self.samples.value(),
            noise=self.noise.value(),
            classes=self.classes.value(),
            seed=self.seed.value(),
            balance=self.balance.value(),
        )
        if changed != replace(data, classes=data.classes or DATASETS[data.name].default_classes):
            self._edit(_what(data, changed), edits.with_data(self._lab.project, changed))

    @Slot(str, object)
    def _on_preparation(self, text: str, chosen: Preparation) -> None:
        self._edit(text, edits.with_preparation(self._lab.project, chosen))


def _what(before: BuiltinData, after: BuiltinData) -> str:
    for name in ("samples", "noise", "seed", "balance"):
        if getattr(before, name) != getattr(after, name):
            return {"seed": "Data seed", "balance": "Class balance"}.get(name, name.capitalize())
    return "Classes"


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
