"""Samples edited by hand: each edit one step of the history, judged by the rules like any other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from deltaglow.data import DATASETS
from deltaglow.engine import LOSSES, LossSpec
from deltaglow.model import own_samples
from deltaglow.model.edits import refusal
from deltaglow.model.once import once
from deltaglow.model.project import BuiltinData, InlineData, Project
from deltaglow.model.rules import RULES
from deltaglow.model.samples import drawn
from deltaglow.session.lab import Lab
from deltaglow.ui.panels.edits import with_own_data
from deltaglow.ui.widgets.spins import number_in

Array = npt.NDArray[np.float64]


class SampleEditor(QObject):
    """Changes the samples of a laboratory's project. A built-in set becomes the project's own samples."""

    said = Signal(str, bool)
    """One line about what was done, or (True) why it was not."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._known: tuple[object, InlineData] | None = None

    @property
    def data(self) -> InlineData:
        """The samples as own data."""
        given = self._lab.project.data
        if self._known is None or self._known[0] is not given:
            self._known = given, own_samples.own(self._lab.project)
        return self._known[1]

    def type_feature(self, row: int, feature: int, text: str) -> bool:
        """A feature of a sample as it was typed."""
        name = drawn(self._lab.project).feature_names[feature]
        value = self._number(text, "feature", f"{name} of sample {row + 1}")
        if value is None:
            return False
        data = own_samples.with_feature(self.data, row, feature, value)
        return self.put(f"Set {name} of sample {row + 1}", data)

    def paint(self, row: int, values: Array, merge: int = 0) -> bool:
        """All features of a sample, as they were painted."""
        return self.put(f"Paint sample {row + 1}", own_samples.with_features(self.data, row, values), merge)

    def type_target(self, row: int, text: str) -> bool:
        """The target of a sample as it was typed or chosen: a class, labels, or numbers."""
        data = self.data
        target = self._target(data, row, text)
        return target is not None and self.put(
            f"Target of sample {row + 1}", own_samples.with_target(data, row, target)
        )

    def type_one_target(self, row: int, k: int, text: str) -> bool:
        """One of the numbers of a sample's target, as it was typed."""
        data = self.data
        kind = LOSSES[self._lab.project.network.loss.name].targets
        value = self._number(
            text, "value" if kind == "real" else "target", f"target {k + 1} of sample {row + 1}"
        )
        if value is None:
            return False
        target = data.y[row].copy()
        target[k] = value
        return self.put(f"Target of sample {row + 1}", own_samples.with_target(data, row, target))

    def add_like(self, row: int) -> bool:
        """One more sample, to be typed: so far it is like this one. It is the one that is shown."""
        data = self.data
        if len(data.x) >= own_samples.MOST_SAMPLES:
            self.said.emit(f"There are {len(data.x):,} samples, the most there can be", True)
            return False
        one = slice(row, row + 1)
        made = own_samples.appended(data, data.x[one], data.y[one])
        if not self.put("New sample", made):
            return False
        self._lab.look_at(len(made.x) - 1)
        return True

    def remove(self, rows: Sequence[int]) -> bool:
        """Those samples are gone."""
        data = self.data
        if len(data.x) <= len(set(rows)):
            self.said.emit("A network needs a sample to learn from: this is the last one", True)
            return False
        name = f"Delete sample {rows[0] + 1}" if len(rows) == 1 else f"Delete {len(rows)} samples"
        return self.put(name, own_samples.without(data, rows))

    def put(self, name: str, data: InlineData, merge: int = 0, loss: LossSpec | None = None) -> bool:
        """Learn from these samples; says why if that is not possible, and when a built-in set has become
        samples of the project's own.
        """
        lab, before = self._lab, self._lab.project.data

        def change(project: Project) -> Project:
            return with_own_data(project, data, loss)

        made = once(change)
        problem = refusal(lab.project, made)
        if problem:
            self.said.emit(problem, True)
            return False
        lab.edit(name, made, merge)
        if isinstance(before, BuiltinData):
            label = DATASETS[before.name].label
            self.said.emit(
                f"The samples are the project's own now, no longer drawn from {label}. Undo goes back.", False
            )
        else:
            self.said.emit("", False)
        return True

    def _target(self, data: InlineData, row: int, text: str) -> Array | None:
        kind = LOSSES[self._lab.project.network.loss.name].targets
        names = drawn(self._lab.project).class_names
        if kind == "distribution":
            if text not in names:
                self.said.emit(f"There is no class {text!r}; there are {', '.join(names)}", True)
                return None
            return own_samples.of_class(data, names.index(text))
        if kind == "unit":
            words = [word.strip() for word in text.replace("–", "").split(",") if word.strip()]
            unknown = next((word for word in words if word not in names), None)
            if unknown is not None:
                self.said.emit(f"There is no label {unknown!r}; there are {', '.join(names)}", True)
                return None
            return np.array([float(name in words) for name in names])
        parts = text.split(";") if ";" in text else text.split(", ")
        if len(parts) != len(names):
            self.said.emit(f"Sample {row + 1} has {len(names)} targets: type as many, with ; between", True)
            return None
        values = [self._number(part, "value", f"target of sample {row + 1}") for part in parts]
        return None if None in values else np.array(values, dtype=np.float64)

    def _number(self, text: str, key: str, what: str) -> float | None:
        number = number_in(text)
        problem = RULES[key].problem(text if number is None else number)
        if problem is None:
            return number
        self.said.emit(f"{what} {problem}", True)
        return None
