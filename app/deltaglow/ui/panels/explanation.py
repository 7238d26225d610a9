"""The panel that says why the selected number is what it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QContextMenuEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from deltaglow.engine import Architecture
from deltaglow.explain.check import check
from deltaglow.explain.depths.reading import CHAIN, DEPTHS, NUMBERS, WORDS, derive_at
from deltaglow.explain.numbers import show
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import AddressError, Quantity, value
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import Typesetter
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import Chip, caption
from deltaglow.ui.widgets.segments import Choice, Segments

from .address import AddressBar
from .ahead import Ahead
from .body import Body
from .copying import CopyRow, copies_menu
from .turns import Turns
from .verdict import can_be_checked

CHECK_AFTER_MS = 250
"""How long a selection has to rest before it is checked by differences."""
BEGIN_AFTER_MS = 30
"""How long after the first frame typesetting begins."""
_DIGITS = 3
AHEAD = 6
"""Links whose formulas are laid out before anyone presses them."""
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
        self._was_seen: tuple[bool, ...] = ()
        self._architecture: Architecture | None = None
        self._shown: tuple[Quantity, str] | None = None
        self.copies = CopyRow(lambda: self._derivation)
        self._stops: list[QWidget] = []
        self.ahead = Ahead(lab, theme, self._coming, self)
        self._soon = self._timer(0, self._update)
        self._turns = Turns(self._in_turns, self)
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
        lab.playingChanged.connect(self._typesetter.set_gentle)
        lab.playingChanged.connect(self._on_playing)
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

    @property
    def enlarged(self) -> float:
        """By how much the explanation is shown larger."""
        return self._typesetter.scale

    def enlarge(self, by: float) -> None:
        """Shows the explanation so many times as large."""
        self._body.enlarge(by)
        self._on_changed()

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
        self._body = Body(self._lab, self._theme, self._typesetter)
        self._body.chosen.connect(self._choose)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._body)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._make_room_for_bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.copies)

    def _order_tabs(self) -> None:
        """From top to bottom: rows and chips are made when they are first needed, after the buttons."""
        stops: list[QWidget] = [self._address.field, *self._switch.buttons, *self._body.stops]
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
        self._turns.drop()
        self._soon.start()

    @Slot()
    def _on_frame(self) -> None:
        if not self._lab.running:
            self._on_changed()

    @Slot()
    def _on_position(self) -> None:
        lab = self._lab
        if lab.running or lab.frame.architecture is not self._architecture:
            return  # of another network what is made of what is still to be found out
        if self._seen() == self._was_seen:
            return
        if not self._lab.playing:
            self._soon.start()
        elif not self._soon.isActive() and not self._turns.active:
            self._turns.begin()

    @Slot(bool)
    def _on_playing(self, playing: bool) -> None:
        if not playing and self._turns.active:
            self._soon.start()

    @Slot(bool)
    def _on_running(self, running: bool) -> None:
        self._typesetter.set_gentle(running, plain=running)
        self._body.formula.set_dimmed(running)
        self._soon.start()

    @Slot()
    def _update(self) -> None:
        """Everything at once."""
        self._soon.stop()
        self._turns.drop()
        self._body.release()
        try:
            found = self._explained()
        except AddressError:
            return  # the network is being replaced: the selection follows, and so shall we
        for _ in self._show(found):
            pass

    def _in_turns(self) -> Iterator[None]:
        """While the step plays on: what was found, shown, typeset and laid out unseen, then painted."""
        try:
            found = self._explained()
        except AddressError:
            return
        yield
        self._body.hold()
        for _ in self._show(found):
            yield
        while self._typesetter.busy:
            yield
        self._body.lay_out()
        yield
        for _ in self._body.pictures():
            yield
        self._body.release()

    def _show(self, found: Derivation) -> Iterator[None]:
        lab = self._lab
        shown = lab.selected, self._reading
        changed, self._shown = shown != self._shown, shown
        self._derivation = found
        self._was_seen, self._architecture = self._seen(), lab.frame.architecture
        told = self._reading == WORDS and self._reached
        yield from self._body.show_derivation(found, self._reached, self._known, told=told, changed=changed)
        yield
        self._order_tabs()
        self._address.show_address(lab.selected)
        if changed:
            self._scroll.verticalScrollBar().setValue(0)
        self._body.verdict.setVisible(False)
        if not lab.running:
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

    def _seen(self) -> tuple[bool, ...]:
        """What is known of the number that is explained, and of those that it is made of."""
        made_of = () if self._derivation is None else self._derivation.operands
        return (self._lab.reached(self._lab.selected), *(self._known(each.quantity) for each in made_of))

    def _known(self, quantity: Quantity) -> bool:
        return self._lab.running or self._lab.reached(quantity)

    @Slot(object)
    def _choose(self, quantity: Quantity) -> None:
        self._lab.select(quantity)

    @Slot()
    def refresh_live(self) -> None:
        """While training: the result and the operands, read from the frame, without a derivation. Only what
        tells numbers in words is derived anew.
        """
        found, lab = self._derivation, self._lab
        if found is None or not lab.running:
            return
        try:
            if self._reading == WORDS:
                found = self._derivation = self._explained()
                self._body.retell(found)
            if found.addressed:
                self._body.result.show_number(show(value(found.quantity, lab.frame, lab.sample), 9).text)
            for chip, operand in zip(self._body.made_of.chips, found.operands, strict=False):
                number = value(operand.quantity, lab.frame, lab.sample)
                chip.show_value(show(number, _DIGITS).text, operand.role)
        except AddressError:
            self._soon.start()

    @Slot()
    def _check(self) -> None:
        self._settled.stop()
        found, lab, verdict = self._derivation, self._lab, self._body.verdict
        if found is None or lab.running:
            return
        if self.isVisible():
            self.ahead.begin()
        if not self._reached or not found.addressed:
            return
        if not can_be_checked(lab.frame):
            verdict.show_overflow()
            verdict.show()
            return
        outcome = check(lab.frame, found.quantity, lab.sample)
        verdict.setVisible(outcome is not None)
        if outcome is not None:
            verdict.show_check(outcome, found.value)

    def _coming(self) -> Iterator[Derivation]:
        """What will be on show once everything is known, and after a press on one of the links there."""
        # Between two of them there may be another network.
        lab, depth = self._lab, self._reading
        project, frame, sample = lab.project, lab.frame, lab.sample
        whole = derive_at(depth, project, frame, lab.selected, sample)
        self._body.make_room_for(whole)
        yield whole
        for operand in whole.operands[:AHEAD]:
            yield derive_at(depth, project, frame, operand.quantity, sample)

    @Slot(int, int)
    def _make_room_for_bar(self, low: int, high: int) -> None:
        self._body.make_room(self._scroll.verticalScrollBar().sizeHint().width() if high > low else 0)

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
