"""An explanation as it stands in the panel: title, formula, parts, result, links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from deltaglow.explain import symbols
from deltaglow.explain.parts import Derivation
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.formula import FormulaView, Typesetter
from deltaglow.ui.theme import Theme
from deltaglow.ui.typeset import in_line
from deltaglow.ui.widgets import label, restyle
from deltaglow.ui.widgets.chip import Chip

from .group import GroupView, RowView
from .links import Link, LinkArea
from .outcome import Outcome
from .remark import Remark
from .verdict import VerdictBox

_MARGIN = 14
SYMBOL = 96
"""Pixels that the symbol beside the title may be wide."""


_BRACKET = re.compile(r"\([^()]{1,24}\)")


def whole_brackets(words: str) -> str:
    """The words, brackets that hold a short formula never broken at the end of a line."""

    def whole(match: re.Match[str]) -> str:
        formula = any(sign in match[0] for sign in "=−·")
        return match[0].replace(" ", "\N{NO-BREAK SPACE}") if formula else match[0]

    return _BRACKET.sub(whole, words)


class Body(QWidget):
    """Shows one derivation; `chosen` carries the number of a link that was pressed."""

    chosen = Signal(object)

    def __init__(self, lab: Lab, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__()
        self._lab, self._theme, self._typesetter = lab, theme, typesetter
        self.groups: list[GroupView] = []
        self.setObjectName("explanation")
        self._build()

    @property
    def stops(self) -> list[QWidget]:
        """Where the keyboard stops, from top to bottom."""
        rows = [row for group in self.groups for row in group.rows]
        return [*rows, *self.made_of.chips, *self.used_in.chips]

    def _build(self) -> None:
        self._title = label(role="heading", wrap=True)
        self._sentence = label(role="muted", wrap=True)
        self.formula_box = QFrame()
        self.formula_box.setProperty("surface", "raised")
        self.formula = FormulaView(self._theme, self._typesetter)
        self._stale = label("The numbers follow when paused.", "small")
        box = QVBoxLayout(self.formula_box)
        box.setContentsMargins(11, 7, 11, 7)
        box.addWidget(self.formula)
        box.addWidget(self._stale)
        self._why = label(role="reading", wrap=True)
        self._later = Remark()
        self._groups_layout = QVBoxLayout()
        self._groups_layout.setSpacing(8)
        self._line = QFrame()
        self._line.setProperty("surface", "line")
        self.result = Outcome(self._theme, self._typesetter)
        self.verdict = VerdictBox()
        self._note = Remark("muted")
        self.made_of = LinkArea("Made of", self._theme, self._typesetter)
        self.used_in = LinkArea("It is used in", self._theme, self._typesetter)
        for area in (self.made_of, self.used_in):
            area.chosen.connect(self._choose)
        self._symbol = FormulaView(self._theme, self._typesetter, 16.0)
        self._symbol.setMaximumWidth(SYMBOL)
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 0, _MARGIN, 2)
        layout.setSpacing(5)
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(heading)
        layout.addWidget(self._sentence)
        layout.addWidget(self.formula_box)
        layout.addWidget(self._why)
        layout.addWidget(self._later)
        layout.addLayout(self._groups_layout)
        layout.addWidget(self._line)
        layout.addWidget(self.result)
        layout.addWidget(self.verdict)
        layout.addWidget(self._note)
        layout.addWidget(self.made_of)
        layout.addWidget(self.used_in)
        layout.addStretch(1)

    def enlarge(self, by: float) -> None:
        """Shows everything so many times as large."""
        self._typesetter.scale = by
        self._theme.enlarge(self.objectName(), by)
        self._symbol.setMaximumWidth(round(SYMBOL * by))
        for view in self.findChildren(FormulaView):
            view.enlarge(by)
        parts: list[RowView | Chip | Outcome] = [*self.findChildren(RowView), *self.findChildren(Chip)]
        for part in (*parts, self.result):
            part.enlarge(by)

    def show_derivation(
        self,
        found: Derivation,
        reached: bool,
        known: Callable[[Quantity], bool],
        *,
        told: bool = False,
        changed: bool = True,
    ) -> Iterator[None]:
        """Shows it part by part, with its numbers once they are `reached`, and of the links those that are
        `known`.

        told: it is told in words, and needs no formula. changed: it is of another number than the one before.
        """
        running = self._lab.running
        self._title.setText(found.title)
        self._say(found)
        restyle(self._sentence, role="reading" if told else "muted")
        self._symbol.set_latex(in_line(found.label.latex), found.label.text, found.role)
        self._show_formula(found, reached, changed)
        self.formula_box.setVisible(bool(found.symbolic or (reached and found.numeric)) and not told)
        self._stale.setVisible(running)
        self._later.tell("" if reached else self._when(found.quantity))
        yield
        for _ in self._show_groups(found, reached and not running):
            yield
        self._line.setVisible(reached)
        self.result.setVisible(reached)
        self.result.show_outcome(found)
        self._note.tell((found.note or "") if reached else "")
        yield
        self._show_links(found, known)

    def retell(self, found: Derivation) -> None:
        """Another value of the same number, told in words."""
        self._say(found)
        self._note.tell(found.note or "")

    def _say(self, found: Derivation) -> None:
        self._sentence.setText(found.sentence[:1].upper() + found.sentence[1:] + ".")
        self._why.setVisible(bool(found.why))
        self._why.setText(whole_brackets(found.why or ""))

    def _show_formula(self, found: Derivation, numeric: bool, changed: bool) -> None:
        """The formula, with numbers once they are known. While training, an old one fades until a pause."""
        lines, texts = found.symbolic, found.text_symbolic
        if self._lab.running:
            if changed:
                self.formula.set_dimmed(False)
                self.formula.set_lines(lines, "\n".join(texts))
            return
        lines = (*lines, *(found.numeric if numeric else ()))
        texts = (*texts, *(found.text_numeric if numeric else ()))
        self.formula.set_lines(lines, "\n".join(texts))

    def _when(self, quantity: Quantity) -> str:
        phase = self._lab.phases.birthplace(quantity)
        return f"Computed in phase “{phase.title}”: press → to get there." if phase else ""

    def make_room_for(self, found: Derivation) -> None:
        """Makes what its groups will need, hidden: showing them then takes no longer than filling them in."""
        while len(self.groups) < len(found.groups):
            view = GroupView(self._theme, self._typesetter)
            view.chosen.connect(self._choose)
            self.groups.append(view)
            self._groups_layout.addWidget(view)
            view.setVisible(False)
        for view, group in zip(self.groups, found.groups, strict=False):
            view.make_rows(len(group.rows))

    def _show_groups(self, found: Derivation, visible: bool) -> Iterator[None]:
        self.make_room_for(found)
        for place, group_view in enumerate(self.groups):
            shown = visible and place < len(found.groups)
            group_view.setVisible(shown)
            if shown:
                number = place + 1 if len(found.groups) > 1 else 0
                group_view.show_group(number, found.groups[place])
                yield

    def _show_links(self, found: Derivation, known: Callable[[Quantity], bool]) -> None:
        project = self._lab.project
        self.made_of.show_links(
            [
                Link(
                    each.quantity,
                    each.latex,
                    each.text,
                    symbols.spoken(project, each.quantity),
                    each.printed if known(each.quantity) else "",
                    each.role,
                )
                for each in found.operands
            ]
        )
        uses = [(each, symbols.label(project, each)) for each in found.used_in]
        links = [Link(q, name.latex, name.text, symbols.spoken(project, q)) for q, name in uses]
        self.used_in.show_links(links, found.used_in_more)

    def hold(self) -> None:
        """Keeps the picture as it is, whatever is shown from now on, until `release()`."""
        self.setUpdatesEnabled(False)
        self._column.setEnabled(False)

    def lay_out(self) -> None:
        """Puts what was shown during a hold into its places, still unseen."""
        self._column.setEnabled(True)
        self._column.activate()

    def pictures(self) -> Iterator[None]:
        """Draws the formulas that were shown during a hold, one after the other, still unseen."""
        for view in self.findChildren(FormulaView):
            if view.isVisibleTo(self) and view.draw_ahead():
                yield

    def release(self) -> None:
        """Ends a hold."""
        if not self.updatesEnabled():
            self._column.setEnabled(True)
            self.setUpdatesEnabled(True)

    @Slot(object)
    def _choose(self, quantity: Quantity) -> None:
        self.chosen.emit(quantity)

    def make_room(self, pixels: int) -> None:
        """Narrows the margin on the right by so much: a scroll bar stands there, and nothing moves."""
        margins = self._column.contentsMargins()
        margins.setRight(_MARGIN - pixels)
        self._column.setContentsMargins(margins)
