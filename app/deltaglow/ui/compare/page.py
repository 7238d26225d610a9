"""The page "Compare": two runs, A and B, at the same step, the same phase and the same sample."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deltaglow.explain.numbers import full
from deltaglow.model.output_names import output_name
from deltaglow.model.samples import numbered, output_word
from deltaglow.session.comparison import comparison
from deltaglow.session.lab import Lab
from deltaglow.session.other_run import OtherRun, Side
from deltaglow.ui.later import Later
from deltaglow.ui.pages.following import Following
from deltaglow.ui.pages.page import HEAD
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo

from .picture import NetworkPicture

NOBODY = (
    "No other run yet. To have one here:\n\n"
    "1  Train.\n"
    "2  Press “Back to the start”.\n"
    "3  Change one thing: the learning rate, an activation, a weight.\n"
    "4  Train again.\n\n"
    "The run that you left stays, and stands here beside the new one, from the same seed."
)
CHOICE = 170
"""Pixels for the name of B."""
MOST_OUTPUTS = 4
"""Outputs whose probabilities there is room for."""


class ComparePage(Following, QWidget):
    """Moves with the time line. It only looks, but for running on, which undo takes back."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__()
        self.lab, self.theme = lab, theme
        self.other = OtherRun(lab, self)
        self.a, self.b = NetworkPicture(lab, theme, "A"), NetworkPicture(lab, theme, "B")
        self.titles = (label(role="subheading"), label(role="subheading"))
        self.answers = (label(role="mono"), label(role="mono"))
        self.summary: QLabel = label(role="muted", wrap=True)
        self.nobody: QLabel = label(NOBODY, "muted", wrap=True)
        self._offered: list[tuple[str, str, str]] = []
        self._arrange()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Compare two runs")
        self._soon = Later(self.follow, self)
        for signal in (lab.frameChanged, lab.positionChanged, lab.branchesChanged, lab.comparedChanged):
            signal.connect(self._soon.ask)
        for signal in (lab.projectChanged, lab.runningChanged):
            signal.connect(self._soon.ask)
        theme.changed.connect(self._soon.ask)

    def _arrange(self) -> None:
        self.heading = label("Compare", "heading")
        self.heading.setFixedHeight(HEAD - 9)
        self.choice = Combo()
        self.choice.setToolTip("B: the branch that the one you are on, A, is compared with")
        self.choice.setAccessibleName("B, the branch to compare with")
        self.choice.activated.connect(self._on_choice)
        self.run_on = self._button("Run on", self._on_run_on)
        self.swap = self._button("Swap A and B", self._on_swap)
        self.swap.setToolTip("Stand on B, and compare it with A; undo takes that back")
        self.start = self._button("Back to the start", self._on_start)
        self.start.setToolTip("Show step 0: what is changed there begins another run from the same seed")
        bar = QHBoxLayout()
        bar.setSpacing(8)
        self.choice.setFixedWidth(CHOICE)
        for widget in (self.choice, self.start, self.swap, self.run_on):  # what comes and goes stands last
            bar.addWidget(widget)
        bar.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for place, picture in enumerate((self.a, self.b)):
            grid.addWidget(self.titles[place], 0, place)
            grid.addWidget(picture, 1, place)
            grid.addWidget(self.answers[place], 2, place)
            grid.setColumnStretch(place, 1)
        grid.addWidget(self.nobody, 1, 1)
        grid.setRowStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 9, 14, 12)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addLayout(bar)
        column.addWidget(self.summary)
        column.addLayout(grid, 1)

    def _button(self, text: str, action: object) -> QPushButton:
        button = QPushButton(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(action)
        return button

    # Following

    def showEvent(self, event: QShowEvent) -> None:
        """With another branch and no comparison yet, the newest other one is B."""
        super().showEvent(event)
        others = self.lab.branches.others
        if self.lab.compared is None and others:
            self.lab.compare_with(others[-1].number)
        self.renew()

    def renew(self) -> None:
        """Show both as they are now."""
        lab, branch = self.lab, self.other.branch
        self._offer()
        self.run_on.setVisible(branch is not None)
        self.swap.setVisible(branch is not None)
        self.swap.setEnabled(not lab.running)
        self.a.show_side(self.other.own)
        self._title(0, f"A ━  {lab.branches.here.title}", self.other.own, True)
        for widget in (self.b, self.titles[1], self.answers[1]):
            widget.setVisible(branch is not None)
        self.nobody.setVisible(branch is None)
        if branch is None:
            self.summary.setText("")
            return
        side = self.other.side()
        if side is not None:
            self.b.show_side(side)
            self._title(1, f"B ┅  {branch.title}", side, lab.frame.step == side.frame.step)
        self._say()
        self._tell_run_on()

    def _say(self) -> None:
        lab, branch = self.lab, self.other.branch
        assert branch is not None
        found = comparison(lab.branches.here, branch, lab.frame.step)
        lines = [f"{row.what}: A {row.a}, B {row.b}" for row in found.settings]
        self.summary.setText("\n".join([found.summary, "  ·  ".join(lines)]).strip())

    def _title(self, place: int, name: str, side: Side, same: bool) -> None:
        step = f"step {side.frame.step:,}" if same else f"its last step, {side.frame.step:,}"
        self.titles[place].setText(f"{name}  ·  {step}")
        answer = _answer(side)
        self.answers[place].setText(answer)
        (self.a, self.b)[place].setAccessibleName(f"Network {name}, {step}: {answer}")

    def _tell_run_on(self) -> None:
        behind, running = self.other.behind, self.lab.running
        self.run_on.setVisible(behind is not None)
        self.run_on.setEnabled(not running)
        if behind is None:
            return
        branch, steps = behind
        which = "A" if branch.number == self.lab.branches.current else "B"
        self.run_on.setText(f"Run {which} to step {steps:,}")
        self.run_on.setToolTip(f"Train {branch.title} until it has made as many steps as the other (Return)")

    def _offer(self) -> None:
        lab = self.lab
        items = [(str(b.number), f"B: {b.title}", f"{b.head:,} steps") for b in lab.branches.others]
        items.insert(0, ("", "B: none", "Compare no more"))
        chosen = "" if lab.compared is None else str(lab.compared)
        if items != self._offered:
            self._offered = items
            self.choice.clear()
            self.choice.offer(items, chosen)
        elif self.choice.name() != chosen:
            self.choice.setCurrentIndex([name for name, _, _ in items].index(chosen))
        self.choice.setEnabled(len(items) > 1)

    # What is done

    @Slot()
    def _on_choice(self) -> None:
        name = self.choice.name()
        self.lab.compare_with(int(name) if name else None)

    @Slot()
    def _on_run_on(self) -> None:
        self.other.catch_up()

    @Slot()
    def _on_swap(self) -> None:
        if self.lab.compared is not None:
            self.lab.switch_to(self.lab.compared)

    @Slot()
    def _on_start(self) -> None:
        self.lab.rewind()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return runs on; the other keys are the window's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.run_on.isVisible():
            self.run_on.click()
        else:
            event.ignore()


def _answer(side: Side) -> str:
    """What the network says of the sample, and its loss, as far as that is known."""
    frame, project = side.frame, side.project
    if side.position < side.opening.phases.position("loss") - 1e-9:
        return "loss: not computed yet"
    said = [f"loss {full(frame.losses[side.sample], 4)}"]
    outputs = frame.y_hat[side.sample]
    if len(outputs) <= MOST_OUTPUTS:
        names = (output_name(project, k) for k in range(len(outputs)))
        told = zip(names, (full(each, 4) for each in outputs), strict=True)
        said.append("ŷ " + "  ".join(f"{name} {number}".strip() for name, number in told))
    else:
        best = int(np.argmax(outputs))
        name = output_name(project, best) or numbered(output_word(project), best)
        said.append(f"ŷ greatest: {name}")
    return "   ".join(said)
