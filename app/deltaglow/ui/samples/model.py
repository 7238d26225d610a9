"""The samples as a table: features, targets, and what the network says of each at the step shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from deltaglow.data import Dataset
from deltaglow.data.dataset import brief
from deltaglow.engine.answers import Answer
from deltaglow.explain.numbers import fixed, plain, show
from deltaglow.explain.sample_answers import SampleAnswers
from deltaglow.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Rows = npt.NDArray[np.intp]
Role = Qt.ItemDataRole
_NOWHERE = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_BLOCK, _BLOCKS = 64, 16
"""Rows that are asked about together, and how many such answers are kept: more than are ever seen at once."""
SHOWN = {
    "all": ("All", "Whatever the network says of them"),
    "wrong": ("Misclassified", "Those that the network is wrong about, with the parameters shown"),
    "right": ("Right", "Those that the network is right about, with the parameters shown"),
}
USED = {
    "all": ("all samples", "Those trained on, and those kept out"),
    "train": ("trained on", "Those that the network learns from"),
    "held": ("kept out", "Those that are kept out of the training to judge it by"),
}


@dataclass(frozen=True)
class Column:
    """One column; `feature` is the number of the one it shows."""

    kind: str
    title: str
    tip: str
    feature: int = -1


class SampleModel(QAbstractTableModel):
    """A row for each sample that is let through, in the order asked for. Only what is seen is worked out.

    `edited` carries the sample's row, the feature (−1 for the target) and the text that was typed.
    """

    edited = Signal(int, int, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._raw: Dataset | None = None
        self._answers: SampleAnswers | None = None
        self._columns: list[Column] = []
        self._blocks: dict[int, Answer] = {}
        self.order: Rows = np.arange(0)
        """The samples in the order in which they are shown."""
        self._places: Rows | None = None
        self.shown, self.used = "all", "all"
        self._sorted: tuple[str, int, bool] = ("row", -1, False)
        """The kind and the feature of the column that is sorted by, and whether downwards."""

    # What is shown

    @property
    def columns(self) -> list[Column]:
        """The columns there are."""
        return self._columns

    @property
    def raw(self) -> Dataset:
        """The samples."""
        assert self._raw is not None, "nothing is shown yet"
        return self._raw

    def show_samples(self, raw: Dataset, answers: SampleAnswers, pictured: bool) -> None:
        """Show other samples, or what another network says of the same ones."""
        self.beginResetModel()
        self._raw, self._answers = raw, answers
        self._columns = _columns(raw, answers, pictured)
        known = {(column.kind, column.feature) for column in self._columns}
        if self._sorted[:2] not in known:
            self._sorted = ("row", -1, False)
        self._take_order()
        self.endResetModel()

    def renew_answers(self) -> None:
        """The network says something else."""
        self._blocks.clear()
        kinds = [k for k, column in enumerate(self._columns) if column.kind in _ANSWERS]
        if kinds and len(self.order):
            last = self.index(len(self.order) - 1, kinds[-1])
            self.dataChanged.emit(self.index(0, kinds[0]), last)

    def arrange(self) -> None:
        """Let through and sort anew, by what is known now."""
        if self._answers is None:
            return
        order = self._ordered()
        if np.array_equal(self.order, order):
            return
        self.beginResetModel()
        self._take_order(order)
        self.endResetModel()

    def filter_by(self, shown: str, used: str) -> None:
        """Let through those of SHOWN and USED."""
        if (shown, used) != (self.shown, self.used):
            self.shown, self.used = shown, used
            self.arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by none, in the order of the data."""
        chosen = self._columns[column] if 0 <= column < len(self._columns) else Column("row", "", "")
        self._sorted = (chosen.kind, chosen.feature, order == Qt.SortOrder.DescendingOrder)
        self.arrange()

    def place_of(self, row: int) -> int:
        """Where a sample stands in the table; −1 if it is not let through."""
        if self._places is None:
            self._places = np.full(len(self.raw.x), -1, dtype=np.intp)
            self._places[self.order] = np.arange(len(self.order))
        return int(self._places[row]) if 0 <= row < len(self._places) else -1

    def column_of(self, kind: str, feature: int = -1) -> int:
        """The place of a column; −1 if there is none."""
        found = (
            k for k, column in enumerate(self._columns) if (column.kind, column.feature) == (kind, feature)
        )
        return next(found, -1)

    def answer(self, place: int) -> tuple[Answer, int]:
        """What the network says of those around a place of the table, and which of them is that one."""
        block = place // _BLOCK
        if block not in self._blocks:
            if len(self._blocks) >= _BLOCKS:
                self._blocks.pop(next(iter(self._blocks)))
            assert self._answers is not None
            rows = self.order[block * _BLOCK : (block + 1) * _BLOCK]
            self._blocks[block] = self._answers.about(rows)
        return self._blocks[block], place % _BLOCK

    def _take_order(self, order: Rows | None = None) -> None:
        self.order = self._ordered() if order is None else order
        self._places = None
        self._blocks.clear()

    def _ordered(self) -> Rows:
        answers = self._answers
        assert answers is not None
        let = np.ones(answers.count, dtype=bool)
        if self.shown != "all" and answers.judged:
            let &= answers.wrong if self.shown == "wrong" else answers.right == 1.0
        if self.used != "all":
            let &= answers.held if self.used == "held" else ~answers.held
        rows = np.flatnonzero(let)
        key = self._key()
        if key is None:
            return rows[::-1].copy() if self._sorted[2] else rows
        values = key[rows]
        return rows[np.argsort(-values if self._sorted[2] else values, kind="stable")]

    def _key(self) -> npt.NDArray[np.float64] | None:
        answers, (kind, feature, _) = self._answers, self._sorted
        assert answers is not None
        match kind:
            case "feature":
                return np.asarray(self.raw.x[:, feature])
            case "target":
                return np.asarray(answers.wanted if answers.judged else self.raw.y[:, 0], dtype=float)
            case "says":
                return answers.said
            case "sure":
                return answers.sure
            case "loss":
                return answers.loss
            case "use":
                return answers.held.astype(float)
        return None

    # As Qt asks for it

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        kind = self._columns[index.column()].kind
        return plain | Qt.ItemFlag.ItemIsEditable if kind in ("feature", "target") else plain

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        column, place = self._columns[index.column()], index.row()
        if role in (Role.DisplayRole, Role.EditRole):
            return self._text(column, place, role == Role.EditRole)
        if role == Role.TextAlignmentRole:
            return self._alignment(column)
        if role == Role.ForegroundRole:
            return self._colour(column, place)
        if role == Role.ToolTipRole:
            return self._tip(column, place)
        return None

    def setData(self, index: Index, value: object, role: int = Role.EditRole) -> bool:
        if role != Role.EditRole:
            return False
        column = self._columns[index.column()]
        if str(value) != str(self.data(index, Role.EditRole)):
            self.edited.emit(int(self.order[index.row()]), column.feature, str(value))
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self._columns[section]
        if role == Role.DisplayRole:
            return column.title
        if role == Role.TextAlignmentRole:
            return self._alignment(column)
        return column.tip if role == Role.ToolTipRole else None

    @property
    def _judged(self) -> bool:
        return self._answers is not None and self._answers.judged

    def _alignment(self, column: Column) -> Qt.AlignmentFlag:
        words = column.kind == "use" or (column.kind in ("target", "says") and self._judged)
        return _LEFT if words else _RIGHT

    def _text(self, column: Column, place: int, whole: bool) -> str:
        row, raw = int(self.order[place]), self.raw
        match column.kind:
            case "row":
                return str(row + 1)
            case "feature":
                value = float(raw.x[row, column.feature])
                return number(value) if whole else plain(value).text
            case "target":
                return self.told(raw.y[row], whole)
            case "use":
                assert self._answers is not None
                return "kept out" if self._answers.held[row] else "train"
            case "picture":
                return ""
        found, at = self.answer(place)
        if column.kind == "loss":
            return show(float(found.losses[at]), 3).text
        if column.kind == "sure":
            return fixed(float(found.y_hat[at, raw.y[row].argmax()]), 3).text
        told = self.told(found.y_hat[at])
        return told if not self._judged else f"{'✓' if found.right[at] else '✗'} {told}"

    def told(self, values: npt.NDArray[np.float64], whole: bool = False) -> str:
        """Targets or outputs in words: the class, the labels, or the numbers."""
        assert self._answers is not None
        names = self.raw.class_names
        match self._answers.kind:
            case "distribution":
                return names[int(values.argmax())] if np.isfinite(values).all() else "not a number"
            case "unit":
                return (
                    ", ".join(name for name, value in zip(names, values, strict=True) if value > 0.5) or "–"
                )
        return ", ".join(number(float(value)) if whole else plain(float(value)).text for value in values)

    def _colour(self, column: Column, place: int) -> QColor | None:
        if column.kind in ("row", "use"):
            return self._theme.color("muted")
        if column.kind == "says" and self._judged:
            found, at = self.answer(place)
            return self._theme.color("y_hat_text" if found.right[at] else "bad")
        if column.kind == "loss" and self._judged:
            found, at = self.answer(place)
            return None if found.right[at] else self._theme.color("loss_text")
        return None

    def _tip(self, column: Column, place: int) -> str:
        row = int(self.order[place])
        if column.kind == "feature":
            return f"{column.tip} of sample {row + 1}; F2 or double-click types another"
        if column.kind == "target":
            return f"What sample {row + 1} should be; F2 or double-click chooses another"
        return column.tip


_ANSWERS = ("says", "sure", "loss")


def number(value: float) -> str:
    """A number with all its digits, as it can be typed."""
    return f"{value:.15g}" if float(f"{value:.15g}") == value else repr(value)


def _columns(raw: Dataset, answers: SampleAnswers, pictured: bool) -> list[Column]:
    found = [Column("row", "#", "The sample's number, from 1")]
    if pictured:
        found.append(Column("picture", "", "The sample as a picture"))
    single = raw.y.shape[1] == 1 and not answers.judged
    found.append(Column("target", "Target", "What the sample is, or should be"))
    found.append(Column("says", "Says", "What the network says of it with the parameters shown"))
    if answers.kind == "distribution":
        found.append(Column("sure", "ŷ", "The probability that the network gives the right class, 0 to 1"))
    found.append(Column("loss", "Loss", "The sample's own loss with the parameters shown"))
    if answers.held.any():
        found.append(Column("use", "Use", "Trained on, or kept out to judge the network by"))
    if single:
        name = raw.class_names[0]
        found[1 + pictured] = Column("target", "Target", f"What should come out: {name}")
    names = enumerate(raw.feature_names)
    return found + [Column("feature", brief(name), name, k) for k, name in names]
