"""The panel that says why the selected number is what it is."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from deltaglow.explain import symbols
from deltaglow.explain.check import check
from deltaglow.explain.derivation import derive
from deltaglow.explain.numbers import show
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import AddressError, Quantity, value
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import FormulaView, Typesetter
from deltaglow.ui.theme import Theme
from deltaglow.ui.typeset import in_line, plain
from deltaglow.ui.widgets import Chip, FlowLayout, caption, label, restyle

from .address import AddressBar
from .group import GroupView
from .verdict import VerdictBox, can_be_checked

CHECK_AFTER_MS = 250
"""How long a selection has to rest before it is checked by differences."""
BEGIN_AFTER_MS = 30
"""How long after the first frame typesetting begins."""
_DIGITS = 3
_MARGIN = 14


class ExplanationPanel(QFrame):
    """Explains `lab.selected` in the frame on show; its operands are links.

    It follows the laboratory by itself. `settle()` makes everything final at once, for pictures and tests.
    """

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab, self._theme = lab, theme
        self._typesetter = Typesetter(self)
        self._typesetter.hold()
        self._derivation: Derivation | None = None
        self._reached = False
        self._formula_of: Quantity | None = None
        self._operands: list[Chip] = []
        self._uses: list[Chip] = []
        self._copies: list[QPushButton] = []
        self._stops: list[QWidget] = []
        self._groups: list[GroupView] = []
        self._soon = self._timer(0, self._update)
        self._painted = False
        self._begin = self._timer(BEGIN_AFTER_MS, self._typesetter.release)
        self._settled = self._timer(CHECK_AFTER_MS, self._check)
        self.setProperty("surface", "panel")
        self.setAccessibleName("Why this number")
        self._build()
        lab.selectionChanged.connect(self._on_changed)
        lab.frameChanged.connect(self._on_frame)
        lab.projectChanged.connect(self._on_changed)
        lab.positionChanged.connect(self._on_position)
        lab.runningChanged.connect(self._on_running)
        self._soon.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first time, lets typesetting begin once this frame is on the screen."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self._begin.start()

    def sizeHint(self) -> QSize:
        """A column beside the diagram."""
        return QSize(340, 560)

    def minimumSizeHint(self) -> QSize:
        """The narrowest in which formulas stay readable."""
        return QSize(280, 240)

    @property
    def derivation(self) -> Derivation | None:
        """What is on show."""
        return self._derivation

    @Slot()
    def focus_address(self) -> None:
        """Puts the cursor into the address field; the window binds a key to it."""
        self._address.focus_field()

    def settle(self) -> None:
        """Brings everything up to date now: the derivation, its check and the typeset formulas."""
        self._update()
        self._check()
        if not self._lab.running:
            self._typesetter.flush()

    # building

    def _timer(self, delay: int, action: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(delay)
        timer.timeout.connect(action)
        return timer

    def _build(self) -> None:
        self._symbol = FormulaView(self._theme, self._typesetter, 16.0)
        self._symbol.setMaximumWidth(96)
        self._address = AddressBar(self._lab)
        head = QHBoxLayout()
        head.addWidget(caption("Why this number"), 1)
        head.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignRight)
        top = QVBoxLayout()
        top.setContentsMargins(14, 12, 14, 6)
        top.setSpacing(6)
        top.addLayout(head)
        top.addWidget(self._address)
        self._content = QWidget()
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._build_content()
        self._scroll.setWidget(self._content)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._make_room_for_bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(self._build_buttons())

    def _build_content(self) -> None:
        self._title = label(role="heading", wrap=True)
        self._sentence = label(role="muted", wrap=True)
        self._formula_box = QFrame()
        self._formula_box.setProperty("surface", "raised")
        self._formula = FormulaView(self._theme, self._typesetter)
        self._stale = label("The numbers follow when paused.", "small")
        box = QVBoxLayout(self._formula_box)
        box.setContentsMargins(11, 7, 11, 7)
        box.addWidget(self._formula)
        box.addWidget(self._stale)
        self._why = label(role="small", wrap=True)
        self._later = QFrame()
        self._later.setProperty("surface", "note")
        self._later_text = label(wrap=True)
        later = QVBoxLayout(self._later)
        later.setContentsMargins(10, 7, 10, 7)
        later.addWidget(self._later_text)
        self._groups_layout = QVBoxLayout()
        self._groups_layout.setSpacing(8)
        self._line = QFrame()
        self._line.setProperty("surface", "line")
        self._result = self._build_result()
        self._verdict = VerdictBox()
        self._note = QFrame()
        self._note.setProperty("surface", "note")
        self._note_text = label(wrap=True)
        self._note_text.setProperty("role", "muted")
        note = QVBoxLayout(self._note)
        note.setContentsMargins(10, 5, 10, 6)
        note.addWidget(self._note_text)
        self._made_of, self._operand_flow = self._chip_area("Made of")
        self._used_in, self._use_flow = self._chip_area("It is used in")
        self._uses_more = label(role="small")
        self._column = layout = QVBoxLayout(self._content)
        layout.setContentsMargins(14, 2, _MARGIN, 8)
        layout.setSpacing(6)
        layout.addWidget(self._title)
        layout.addWidget(self._sentence)
        layout.addWidget(self._formula_box)
        layout.addWidget(self._why)
        layout.addWidget(self._later)
        layout.addLayout(self._groups_layout)
        layout.addWidget(self._line)
        layout.addWidget(self._result)
        layout.addWidget(self._verdict)
        layout.addWidget(self._note)
        layout.addWidget(self._made_of)
        layout.addWidget(self._used_in)
        layout.addWidget(self._uses_more)
        layout.addStretch(1)

    def _build_result(self) -> QWidget:
        area = QWidget()
        self._result_symbol = FormulaView(self._theme, self._typesetter, 17.0)
        self._result_value = label(role="value")
        self._result_value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._result_value.setFont(self._theme.mono_font(16))
        self._result_value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        metrics = self._result_value.fontMetrics()
        # Of fixed size, so that a new number asks for no new layout.
        self._result_value.setFixedSize(
            metrics.horizontalAdvance("−0.000000000e−000") + 4, metrics.height() + 4
        )
        row = QHBoxLayout(area)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._result_symbol, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._result_value)
        return area

    def _chip_area(self, heading: str) -> tuple[QWidget, FlowLayout]:
        area = QWidget()
        layout = QVBoxLayout(area)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addWidget(label(heading, "muted"))
        flow = FlowLayout(5)
        layout.addLayout(flow)
        return area, flow

    def _order_tabs(self) -> None:
        """From top to bottom: rows and chips are made when they are first needed, after the buttons."""
        rows = [row for group in self._groups for row in group.rows]
        stops: list[QWidget] = [self._address.field, *rows, *self._operands, *self._uses, *self._copies]
        if stops != self._stops:
            self._stops = stops
            for before, after in pairwise(stops):
                self.setTabOrder(before, after)

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(14, 6, 14, 12)
        row.setSpacing(8)
        for text, tip, action in (
            ("Copy as LaTeX", "Copies the formulas as LaTeX, without colours", self.copy_latex),
            ("Copy as text", "Copies the explanation as plain text", self.copy_text),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(action)
            row.addWidget(button, 1)
            self._copies.append(button)
        return row

    # following the laboratory

    @Slot()
    def _on_changed(self) -> None:
        # What is on show may not be in this network: there is nothing to check before it is explained anew.
        self._settled.stop()
        self._soon.start()

    @Slot()
    def _on_frame(self) -> None:
        if not self._lab.running:
            self._settled.stop()
            self._soon.start()

    @Slot()
    def _on_position(self) -> None:
        if not self._lab.running and self._lab.reached(self._lab.selected) != self._reached:
            self._soon.start()

    @Slot(bool)
    def _on_running(self, running: bool) -> None:
        self._typesetter.set_paused(running)
        self._formula.set_dimmed(running)
        self._soon.start()

    @Slot()
    def _update(self) -> None:
        self._soon.stop()
        lab = self._lab
        try:
            found = derive(lab.project, lab.frame, lab.selected, lab.sample)
        except AddressError:
            return  # the network is being replaced: the selection follows, and so shall we
        changed = self._derivation is None or self._derivation.quantity != found.quantity
        self._derivation = found
        self._reached = lab.running or lab.reached(found.quantity)
        self._show(found)
        self._address.show_address(found.quantity)
        if changed:
            self._scroll.verticalScrollBar().setValue(0)
        self._verdict.setVisible(False)
        if self._reached and not lab.running:
            self._settled.start()

    def _show(self, found: Derivation) -> None:
        known, running = self._reached, self._lab.running
        self._title.setText(found.title)
        self._sentence.setText(found.sentence[:1].upper() + found.sentence[1:] + ".")
        self._symbol.set_latex(in_line(found.label.latex), found.label.text, found.role)
        if running and self._formula_of != found.quantity:
            self._formula.set_dimmed(False)
            self._formula.set_lines(found.symbolic, "\n".join(found.text_symbolic))
        elif not running:
            lines = (*found.symbolic, *(found.numeric if known else ()))
            texts = (*found.text_symbolic, *(found.text_numeric if known else ()))
            self._formula.set_lines(lines, "\n".join(texts))
        self._formula_of = found.quantity
        self._formula_box.setVisible(bool(found.symbolic or found.numeric))
        self._stale.setVisible(running)
        self._why.setVisible(bool(found.why))
        self._why.setText(found.why or "")
        self._later.setVisible(not known)
        self._later_text.setText(self._when(found.quantity))
        self._show_groups(found, known and not running)
        self._line.setVisible(known)
        self._result.setVisible(known)
        self._result_symbol.set_latex(in_line(found.label.latex), found.label.text, found.role)
        self._result_value.setText(found.precise)
        restyle(self._result_value, tone=found.role)
        self._note.setVisible(bool(found.note) and known)
        self._note_text.setText(found.note or "")
        self._show_chips(found)
        self._order_tabs()

    def _when(self, quantity: Quantity) -> str:
        phase = self._lab.phases.birthplace(quantity)
        return f"Computed in phase “{phase.title}”: press → to get there." if phase else ""

    def _show_groups(self, found: Derivation, visible: bool) -> None:
        while len(self._groups) < len(found.groups):
            view = GroupView(self._theme, self._typesetter)
            view.chosen.connect(self._choose)
            self._groups.append(view)
            self._groups_layout.addWidget(view)
        for place, group_view in enumerate(self._groups):
            shown = visible and place < len(found.groups)
            group_view.setVisible(shown)
            if shown:
                number = place + 1 if len(found.groups) > 1 else 0
                group_view.show_group(number, found.groups[place])

    def _show_chips(self, found: Derivation) -> None:
        project = self._lab.project
        self._grow(self._operands, self._operand_flow, len(found.operands))
        for place, operand in enumerate(found.operands):
            chip = self._operands[place]
            spoken = symbols.spoken(project, operand.quantity)
            chip.show_quantity(operand.quantity, in_line(operand.latex), operand.text, spoken)
            known = self._lab.running or self._lab.reached(operand.quantity)
            chip.show_value(operand.printed if known else "", operand.role)
        self._grow(self._uses, self._use_flow, len(found.used_in))
        for place, quantity in enumerate(found.used_in):
            name = symbols.label(project, quantity)
            self._uses[place].show_quantity(
                quantity, in_line(name.latex), name.text, symbols.spoken(project, quantity)
            )
            self._uses[place].show_value("")
        self._made_of.setVisible(bool(found.operands))
        self._used_in.setVisible(bool(found.used_in))
        self._uses_more.setVisible(found.used_in_more > 0)
        self._uses_more.setText(f"and {found.used_in_more} more")

    def _grow(self, chips: list[Chip], flow: FlowLayout, count: int) -> None:
        while len(chips) < count:
            chip = Chip(self._theme, self._typesetter)
            chip.chosen.connect(self._choose)
            chips.append(chip)
            flow.addWidget(chip)
        for place, each in enumerate(chips):
            each.setVisible(place < count)

    @Slot(object)
    def _choose(self, quantity: Quantity) -> None:
        self._lab.select(quantity)

    @Slot()
    def refresh_live(self) -> None:
        """While training: the result and the operands, read from the frame, without a derivation."""
        found, lab = self._derivation, self._lab
        if found is None or not lab.running:
            return
        try:
            self._result_value.setText(show(value(found.quantity, lab.frame, lab.sample), 9).text)
            for chip, operand in zip(self._operands, found.operands, strict=False):
                number = value(operand.quantity, lab.frame, lab.sample)
                chip.show_value(show(number, _DIGITS).text, operand.role)
        except AddressError:
            self._soon.start()

    @Slot()
    def _check(self) -> None:
        self._settled.stop()
        found, lab = self._derivation, self._lab
        if found is None or lab.running or not self._reached:
            return
        if not can_be_checked(lab.frame):
            self._verdict.show_overflow()
            self._verdict.show()
            return
        outcome = check(lab.frame, found.quantity, lab.sample)
        self._verdict.setVisible(outcome is not None)
        if outcome is not None:
            self._verdict.show_check(outcome, found.value)

    @Slot(int, int)
    def _make_room_for_bar(self, low: int, high: int) -> None:
        """The scroll bar stands in the margin, so that nothing moves when it comes or goes."""
        margins = self._column.contentsMargins()
        bar = self._scroll.verticalScrollBar().sizeHint().width() if high > low else 0
        margins.setRight(_MARGIN - bar)
        self._column.setContentsMargins(margins)

    # copying

    @Slot()
    def copy_latex(self) -> None:
        """Puts the formulas on the clipboard as LaTeX."""
        if self._derivation is not None:
            lines = (*self._derivation.symbolic, *self._derivation.numeric)
            QGuiApplication.clipboard().setText(" \\\\\n".join(plain(line) for line in lines))

    @Slot()
    def copy_text(self) -> None:
        """Puts the explanation on the clipboard as plain text."""
        found = self._derivation
        if found is not None:
            lines = [found.title, found.sentence, "", *found.text_symbolic, *found.text_numeric, ""]
            lines += [f"{found.label.text} = {found.precise}"]
            QGuiApplication.clipboard().setText("\n".join(lines))
