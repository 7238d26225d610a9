"""The two forms of the import dialog: how a table is written, and what is made of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QLabel, QWidget

from deltaglow.data import SCALINGS, Table
from deltaglow.data.delimited import Format
from deltaglow.data.tabular import MISSING_RULES, Choices
from deltaglow.model.rules import RULES, Rule
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.spins import IntSpin, NumberSpin

Items = list[tuple[str, str, str]]
DELIMITERS: Items = [
    (",", "Comma", "a,b"),
    (";", "Semicolon", "a;b"),
    ("\t", "Tab", "As spreadsheets copy cells"),
    ("|", "Bar", "a|b"),
    (" ", "Space", "Several count as one"),
]
ENCODINGS: Items = [
    ("utf-8", "UTF-8", "What nearly everything writes today"),
    ("utf-8-sig", "UTF-8, marked", "With a mark in front, as Excel writes it"),
    ("utf-16", "UTF-16", "Excel's “Unicode text”"),
    ("cp1252", "Western European", "Windows-1252"),
    ("cp1250", "Central European", "Windows-1250"),
    ("cp1251", "Cyrillic", "Windows-1251"),
    ("koi8-r", "Cyrillic, KOI8", "KOI8-R"),
    ("cp1253", "Greek", "Windows-1253"),
    ("cp1254", "Turkish", "Windows-1254"),
    ("cp1256", "Arabic", "Windows-1256"),
    ("shift_jis", "Japanese", "Shift JIS"),
    ("gb18030", "Chinese", "GB 18030"),
]
DECIMALS: Items = [(".", "Point: 1.5", ""), (",", "Comma: 1,5", "")]
KINDS: Items = [
    ("", "By itself", "Words and a few whole numbers are classes, other numbers are numbers"),
    ("classes", "Classes", "Each different value is a class of its own"),
    ("numbers", "Numbers", "To be met as closely as possible; they are standardised"),
]
TAKES: Items = [
    ("even", "Evenly spaced", "From the first row to the last"),
    ("random", "At random", "The same ones for the same seed"),
]
PLACES: Items = [
    ("new", "A new project", "In place of the one in the window, which is asked about if it is not saved"),
    ("here", "This project", "Its data are replaced, its network kept where it fits; undo takes that back"),
]
_SKIP = Rule("Lines to skip", "Lines at the top that are no part of the table", 0, 1000, integer=True)


def combo(name: str, tip: str, items: Items, width: int = 128) -> Combo:
    """A list in a dialog."""
    made = Combo()
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setAccessibleName(name)
    made.setToolTip(tip)
    made.setMinimumWidth(width)
    made.offer(items, items[0][0] if items else "")
    return made


class FormatBar(QWidget):
    """How the table is written: shown as found, each part can be changed."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.delimiter = combo("Delimiter", "What stands between two values", DELIMITERS, 108)
        self.encoding = combo("Encoding", "How letters are written as bytes", ENCODINGS, 148)
        self.decimal = combo("Decimal mark", "What stands before a number's decimals", DECIMALS, 108)
        self._loading = False
        self.header = QCheckBox("First row names the &columns")
        self.header.setToolTip("Whether the first row is names, and not a sample")
        self._quote = Format.quote
        self.skip = IntSpin(_SKIP)
        self.skip.setFixedWidth(60)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for text, box in (
            ("&Delimiter", self.delimiter),
            ("&Encoding", self.encoding),
            ("Deci&mal", self.decimal),
        ):
            name = label(text, tone="muted")
            name.setBuddy(box)
            row.addWidget(name)
            row.addWidget(box)
            row.addSpacing(6)
            box.activated.connect(self.changed)
        before = label("Skip &lines", tone="muted")
        before.setBuddy(self.skip)
        row.addWidget(before)
        row.addWidget(self.skip)
        row.addSpacing(6)
        row.addWidget(self.header)
        row.addStretch(1)
        self.header.clicked.connect(self.changed)
        self.skip.valueChanged.connect(self._on_skip)

    def show_format(self, form: Format, text: bool) -> None:
        """Show what was found; a `text` from the clipboard has no encoding."""
        known = [name for name, _, _ in ENCODINGS]
        more = [] if form.encoding in known else [(form.encoding, form.encoding, "")]
        self.delimiter.offer(DELIMITERS, form.delimiter)
        self.encoding.offer([*ENCODINGS, *more], form.encoding)
        self.decimal.offer(DECIMALS, form.decimal)
        self.header.setChecked(form.header)
        self._quote = form.quote
        self._loading = True
        self.skip.setValue(form.skip)
        self._loading = False
        self.encoding.setEnabled(not text)
        self.encoding.setToolTip(
            "Text from the clipboard has none" if text else "How letters are written as bytes"
        )

    @property
    def format(self) -> Format:
        """What is chosen."""
        return Format(
            self.delimiter.name(),
            self.encoding.name(),
            self.decimal.name(),
            self.header.isChecked(),
            self.skip.value(),
            self._quote,
        )

    @Slot()
    def _on_skip(self) -> None:
        if not self._loading:
            self.changed.emit()


class OptionForm(QWidget):
    """What is made of the table. `changed` tells that the samples are others, `targeted` of which column."""

    changed = Signal()
    targeted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.target = combo("Target", "The column that is to be told from the others", [])
        self.kind = combo("Taken as", "Whether the target's values are classes, or numbers", KINDS)
        gaps = [(name, text, tip) for name, (text, tip) in MISSING_RULES.items()]
        self.missing = combo("Missing values", "What happens to a row that misses a feature", gaps)
        scalings = [(name, kind.label, kind.description) for name, kind in SCALINGS.items()]
        self.scale = combo("Scaling", RULES["scale"].tooltip, scalings)
        self.scale.offer(scalings, "standard")
        self.held_out = NumberSpin(RULES["validation"])
        self.held_out.setSingleStep(0.05)
        self.held_out.setValue(0.2)
        self.take = combo("Of too many rows take", "Which rows become samples", TAKES)
        self.seed = IntSpin(RULES["seed"])
        self.seed.setAccessibleName("Seed of the choice of rows")
        self.place = combo("Import into", "Where the samples go", PLACES)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setSpacing(6)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        taken = QWidget()
        row = QHBoxLayout(taken)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.take, 1)
        row.addWidget(label("seed", "muted"))
        row.addWidget(self.seed)
        for text, field in (
            ("&Target", self.target),
            ("Taken &as", self.kind),
            ("Missing &values", self.missing),
            ("&Scaling", self.scale),
            ("&Kept out", self.held_out),
            ("&Rows", taken),
            ("Import &into", self.place),
        ):
            name = QLabel(text)
            name.setProperty("tone", "muted")
            name.setBuddy(self.take if field is taken else field)
            self._form.addRow(name, field)
        self._taken = taken
        self.ask_for_rows(False)
        for box in (self.kind, self.missing, self.scale, self.take):
            box.activated.connect(self._tell)
        self.seed.valueChanged.connect(self.changed)
        self.target.activated.connect(self._on_target)

    def show_table(self, table: Table, target: str) -> None:
        """Offer the table's columns as targets."""
        self.target.offer([(c.name, c.name, f"Learn to tell {c.name}") for c in table.columns], target)
        self._follow_target(table)

    def _follow_target(self, table: Table) -> None:
        words = any(c.name == self.target.name() and c.numbers is None for c in table.columns)
        self.kind.setEnabled(not words)
        self.kind.setToolTip(
            "Words are classes" if words else "Whether the target's values are classes, or numbers"
        )

    def follow(self, table: Table) -> None:
        """Another target of the table was chosen."""
        self._follow_target(table)

    def ask_for_rows(self, needed: bool) -> None:
        """Whether there are more rows than a project holds."""
        self._form.setRowVisible(self._taken, needed)
        self.seed.setEnabled(self.take.name() == "random")

    def choices(self, features: tuple[str, ...], most: int | None) -> Choices:
        """What is chosen."""
        kind = self.kind.name() if self.kind.isEnabled() else ""
        return Choices(
            target=self.target.name(),
            features=features,
            classes={"": None, "classes": True, "numbers": False}[kind],
            missing=self.missing.name(),
            most=most,
            seed=self.seed.value() if self.take.name() == "random" else None,
        )

    @Slot()
    def _tell(self) -> None:
        self.seed.setEnabled(self.take.name() == "random")
        self.changed.emit()

    @Slot()
    def _on_target(self) -> None:
        self.targeted.emit(self.target.name())
