"""The panel that says why the selected number is what it is."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QContextMenuEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from deltaglow.explain import symbols
from deltaglow.explain.check import check
from deltaglow.explain.depths.reading import CHAIN, DEPTHS, NUMBERS, WORDS, derive_at
from deltaglow.explain.numbers import show
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import AddressError, Quantity, value
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import FormulaView, Typesetter
from deltaglow.ui.theme import Theme
from deltaglow.ui.typeset import in_line
from deltaglow.ui.widgets import Chip, caption, label, restyle
from deltaglow.ui.widgets.segments import Choice, Segments

from .address import AddressBar
from .copying import CopyRow, copies_menu
from .group import GroupView
from .links import Link, LinkArea
from .outcome import Outcome
from .remark import Remark
from .verdict import VerdictBox, can_be_checked

CHECK_AFTER_MS = 250
"""How long a selection has to rest before it is checked by differences."""
BEGIN_AFTER_MS = 30
"""How long after the first frame typesetting begins."""
_DIGITS = 3
_MARGIN = 14
_SETTING = "explained_in"
_READINGS = (
    Choice(WORDS, "In plain words: what this number is, why it is so here, what moves it", "Alt+1"),
    Choice(NUMBERS, "The formula, and the same with the numbers put in", "Alt+2"),
    Choice(CHAIN, "The chain rule from the loss to here: every path, every factor", "Alt+3"),
)


class ExplanationPanel(QFrame):
    """Explains `lab.selected` in the frame on show; its operands are links.

    It follows the laboratory by itself. `settle()` makes everything final at once, for pictures and tests.
    `settings` remembers how deep the explanations go; None remembers nothing.
    """

    def __init__(
        self, lab: Lab, theme: Theme, settings: QSettings | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lab, self._theme, self._settings = lab, theme, settings
        self._reading = NUMBERS
        self._typesetter = Typesetter(self)
        self._typesetter.hold()
        self._derivation: Derivation | None = None
        self._reached = False
        self._shown: tuple[Quantity, str] | None = None
        self.copies = CopyRow(lambda: self._derivation)
        self._stops: list[QWidget] = []
        self._groups: list[GroupView] = []
        self._soon = self._timer(0, self._update)
        self._painted = False
        self._begin = self._timer(BEGIN_AFTER_MS, self._typesetter.release)
        self._settled = self._timer(CHECK_AFTER_MS, self._check)
        self.setProperty("surface", "panel")
        self.setAccessibleName("Why this number")
        self._build()
        self._restore()
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

    @property
    def reading(self) -> str:
        """How deep the explanation goes, one of DEPTHS."""
        return self._reading

    @Slot(str)
    def set_reading(self, reading: str) -> None:
        """Explains in words, in numbers, or by the chain rule from now on."""
        self._reading = reading
        self._switch.show_choice(reading)
        if self._settings is not None:
            self._settings.setValue(_SETTING, reading)
        self._on_changed()

    def _restore(self) -> None:
        kept = "" if self._settings is None else str(self._settings.value(_SETTING, ""))
        self._reading = kept if kept in DEPTHS else NUMBERS
        self._switch.show_choice(self._reading)

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
        self._switch = Segments("Explained in", _READINGS)
        self._switch.chosen.connect(self.set_reading)
        head = QHBoxLayout()
        head.addWidget(caption("Why this number"), 1)
        head.addWidget(self._switch)
        top = QVBoxLayout()
        top.setContentsMargins(14, 8, 14, 4)
        top.setSpacing(5)
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
        layout.addWidget(self.copies)

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
        self._later = Remark()
        self._groups_layout = QVBoxLayout()
        self._groups_layout.setSpacing(8)
        self._line = QFrame()
        self._line.setProperty("surface", "line")
        self._result = Outcome(self._theme, self._typesetter)
        self._verdict = VerdictBox()
        self._note = Remark("muted")
        self._made_of = LinkArea("Made of", self._theme, self._typesetter)
        self._used_in = LinkArea("It is used in", self._theme, self._typesetter)
        for area in (self._made_of, self._used_in):
            area.chosen.connect(self._choose)
        self._column = layout = QVBoxLayout(self._content)
        layout.setContentsMargins(14, 0, _MARGIN, 2)
        layout.setSpacing(5)
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(heading)
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
        layout.addStretch(1)

    def _order_tabs(self) -> None:
        """From top to bottom: rows and chips are made when they are first needed, after the buttons."""
        rows = [row for group in self._groups for row in group.rows]
        chips = [*self._made_of.chips, *self._used_in.chips]
        stops: list[QWidget] = [self._address.field, *self._switch.buttons, *rows, *chips]
        stops += self.copies.buttons
        if stops != self._stops:
            self._stops = stops
            for before, after in pairwise(stops):
                self.setTabOrder(before, after)

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
            found = self._explained()
        except AddressError:
            return  # the network is being replaced: the selection follows, and so shall we
        shown = lab.selected, self._reading
        changed, self._shown = shown != self._shown, shown
        self._derivation = found
        self._show(found, changed)
        self._address.show_address(lab.selected)
        if changed:
            self._scroll.verticalScrollBar().setValue(0)
        self._verdict.setVisible(False)
        if self._reached and not lab.running:
            self._settled.start()

    def _explained(self) -> Derivation:
        """At the chosen depth; what is not computed yet is told as a formula, for words tell numbers."""
        lab = self._lab
        known = lab.running or lab.reached(lab.selected)
        depth = NUMBERS if self._reading == WORDS and not known else self._reading
        found = derive_at(depth, lab.project, lab.frame, lab.selected, lab.sample, known=self._known)
        if found.addressed:
            self._reached = self._known(found.quantity)
        else:
            self._reached = all(self._known(operand.quantity) for operand in found.operands)
        return found

    def _known(self, quantity: Quantity) -> bool:
        return self._lab.running or self._lab.reached(quantity)

    def _show(self, found: Derivation, changed: bool) -> None:
        known, running = self._reached, self._lab.running
        self._title.setText(found.title)
        self._sentence.setText(found.sentence[:1].upper() + found.sentence[1:] + ".")
        restyle(self._sentence, role="reading" if self._reading == WORDS and known else "muted")
        self._symbol.set_latex(in_line(found.label.latex), found.label.text, found.role)
        self._show_formula(found, changed)
        self._stale.setVisible(running)
        self._why.setVisible(bool(found.why))
        self._why.setText(found.why or "")
        self._later.tell("" if known else self._when(found.quantity))
        self._show_groups(found, known and not running)
        self._line.setVisible(known)
        self._result.setVisible(known)
        self._result.show_outcome(found)
        self._note.tell((found.note or "") if known else "")
        self._show_links(found)
        self._order_tabs()

    def _show_formula(self, found: Derivation, changed: bool) -> None:
        """The formula, with numbers once they are known. While training, an old one fades until a pause."""
        lines, texts = found.symbolic, found.text_symbolic
        if self._lab.running:
            if changed:
                self._formula.set_dimmed(False)
                self._formula.set_lines(lines, "\n".join(texts))
        else:
            numeric = self._reached
            lines = (*lines, *(found.numeric if numeric else ()))
            texts = (*texts, *(found.text_numeric if numeric else ()))
            self._formula.set_lines(lines, "\n".join(texts))
        told = self._reading == WORDS and self._reached
        self._formula_box.setVisible(bool(lines) and not told)

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

    def _show_links(self, found: Derivation) -> None:
        project = self._lab.project
        self._made_of.show_links(
            [
                Link(
                    each.quantity,
                    each.latex,
                    each.text,
                    symbols.spoken(project, each.quantity),
                    each.printed if self._known(each.quantity) else "",
                    each.role,
                )
                for each in found.operands
            ]
        )
        uses = [(each, symbols.label(project, each)) for each in found.used_in]
        links = [Link(q, name.latex, name.text, symbols.spoken(project, q)) for q, name in uses]
        self._used_in.show_links(links, found.used_in_more)

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
            if found.addressed:
                self._result.show_number(show(value(found.quantity, lab.frame, lab.sample), 9).text)
            for chip, operand in zip(self._made_of.chips, found.operands, strict=False):
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
        if not found.addressed:
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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copying the number under the mouse, or that of the link with the focus; else the one explained."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        under = self.focusWidget() if by_key else self.childAt(event.pos())
        while under is not None and not isinstance(under, Chip):
            under = under.parentWidget()
        quantity = under.quantity if isinstance(under, Chip) else self._lab.selected
        if quantity is not None:
            copies_menu(self, self._lab, quantity).popup(event.globalPos())
            event.accept()
