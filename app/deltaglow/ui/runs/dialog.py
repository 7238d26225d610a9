"""The branches of the run, to go to, name, compare and delete, and the memory that they share."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from deltaglow.explain import memory
from deltaglow.explain.differences import in_words
from deltaglow.session.branch_report import BranchReport, report
from deltaglow.session.branches import LONGEST_NAME
from deltaglow.session.lab import Lab
from deltaglow.session.overlays import branch_key
from deltaglow.ui.clock import FrameClock
from deltaglow.ui.plots.run_colours import swatch
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label

from .beside import BesidePanel
from .lanes import LaneDelegate, lanes_of

NAME = "branches"
BRANCH, LANE, STEPS, LOSS, RIGHT, CHANGED = range(6)
"""The columns."""
HEADS = ("Branch", "From step to step", "Steps", "Loss", "Right", "Changed there")
TIPS = (
    "Its name: F2 changes it. Ticked: its curves are drawn in the plots, in the colour beside it (Space)",
    "All branches on one scale of steps, each from where it parted from another",
    "How many steps it has made",
    "Its last loss: of the samples kept out of the training, where there are some, else of a batch",
    "Its last accuracy, of the same samples",
    "In what it differs from the branch that it parted from",
)
_NUMBER = Qt.ItemDataRole.UserRole
_DRESS = Qt.ItemDataRole.UserRole + 1
ABOUT = "Go back to a step and change something there: the steps that you leave stay here as a branch."


class BranchDialog(QDialog):
    """One row a branch. It stays open beside the window and follows it."""

    def __init__(self, parent: QWidget, lab: Lab, theme: Theme, clock: FrameClock) -> None:
        super().__init__(parent)
        self._lab = lab
        self._theme = theme
        self._filling = False
        self.setObjectName(NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Branches of the run")
        self.resize(900, 420)
        self.tree = QTreeWidget()
        self.lanes = LaneDelegate(theme, self.tree)
        self.empty: QLabel = label(ABOUT, "muted", wrap=True)
        self.beside = BesidePanel(lab)
        self.memory: QLabel = label("", "muted", wrap=True)
        self.go = self._button("&Go there", "Go to the end of the branch (Enter)", self._on_go)
        self.rename = self._button("&Rename", "Give the branch another name (F2)", self._on_rename)
        self.delete = self._button("&Delete", "Delete the branch; undo brings it back (Del)", self._on_delete)
        self.compare = self._button("&Compare", "", self._on_compare)
        self.compare.setCheckable(True)
        self._set_up_tree()
        self._arrange()
        for signal in (lab.branchesChanged, lab.runningChanged, lab.positionChanged, lab.overlays.changed):
            signal.connect(self.refresh)
        clock.textDue.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self.refresh()

    def _button(self, text: str, tip: str, action: object) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(action)
        return button

    def _set_up_tree(self) -> None:
        tree = self.tree
        tree.setAccessibleName("Branches of the run")
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAllColumnsShowFocus(True)
        tree.setHeaderLabels(HEADS)
        for column, tip in enumerate(TIPS):
            tree.headerItem().setToolTip(column, tip)
        tree.setItemDelegateForColumn(LANE, self.lanes)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = tree.header()
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(48)
        for column, width in ((BRANCH, 180), (LANE, 190), (STEPS, 70), (LOSS, 90), (RIGHT, 66)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        tree.itemSelectionChanged.connect(self._enable)
        tree.itemActivated.connect(self._on_go)
        tree.itemChanged.connect(self._on_named)
        tree.itemDelegate().closeEditor.connect(self.refresh)
        for button, key in ((self.rename, "F2"), (self.delete, "Delete")):
            button.setShortcut(QKeySequence(key))
        stack = self._lab.document.undo_stack  # the window's keys do not reach here
        for keys, action in (
            (QKeySequence.StandardKey.Undo, stack.undo),
            (QKeySequence.StandardKey.Redo, stack.redo),
        ):
            QShortcut(keys, self, action)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        row = QHBoxLayout()
        for button in (self.go, self.rename, self.delete, self.compare):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)  # above all that comes and goes: they stay under the mouse
        column.addWidget(self.empty)
        column.addWidget(self.tree, 1)
        column.addWidget(self.beside)
        column.addWidget(self.memory)

    # What is shown

    @Slot()
    def refresh(self) -> None:
        """Show the branches there are."""
        if self.tree.state() == QAbstractItemView.State.EditingState:
            return
        lab = self._lab
        found = report(lab.branches, lab.head)
        chosen = self._chosen() or lab.branches.current
        self._filling = True
        while self.tree.topLevelItemCount() > len(found):
            self.tree.takeTopLevelItem(self.tree.topLevelItemCount() - 1)
        for row, one in enumerate(found):
            item = self.tree.topLevelItem(row) or QTreeWidgetItem(self.tree)
            self._fill(item, one)
            if one.branch.number == chosen and self._chosen() != chosen:
                self.tree.setCurrentItem(item)
        self._filling = False
        self.lanes.lanes = lanes_of(found)
        self.lanes.shown = lab.frame.step
        self.tree.viewport().update()
        self.empty.setVisible(len(found) == 1)
        self.beside.refresh()
        self._tell_memory()
        self._enable()

    def _fill(self, item: QTreeWidgetItem, one: BranchReport) -> None:
        branch = one.branch
        changed = in_words(list(one.changed)) if one.forked or one.changed else ""
        if one.forked is not None:
            changed = f"at step {one.shared:,}: {changed}"
        mark = "  · here" if one.current else ""
        compared = "  · B" if branch.number == self._lab.compared else ""
        mark = "  · here, A" if one.current and self._lab.compared is not None else mark
        texts = {
            BRANCH: f"{branch.title}{mark}{compared}",
            STEPS: f"{branch.head:,}",
            LOSS: "" if one.loss is None else f"{one.loss:.4g}",
            RIGHT: "" if one.accuracy is None else f"{100 * one.accuracy:.1f} %",
            CHANGED: changed,
        }
        item.setData(0, _NUMBER, branch.number)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self._dress(item, one)
        for column, text in texts.items():
            if item.text(column) != text:
                item.setText(column, text)
                item.setToolTip(column, text)
        for column in (STEPS, LOSS, RIGHT):
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        parted = "" if one.forked is None else f", parted from {one.forked.title} {changed}"
        said = f"{texts[BRANCH]}, {branch.head} steps{parted}"
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, said)
        font = item.font(0)
        font.setBold(one.current)
        item.setFont(0, font)

    def _dress(self, item: QTreeWidgetItem, one: BranchReport) -> None:
        """Whether the branch is drawn in the plots, and how; the one that is stood on always is."""
        number = self._lab.overlays.number(branch_key(one.branch.number))
        shown = one.current or number is not None
        state = Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked
        if item.checkState(BRANCH) != state or item.data(BRANCH, Qt.ItemDataRole.CheckStateRole) is None:
            item.setCheckState(BRANCH, state)
        plain = one.current or number is None
        dress = (None if plain else number, self._theme.name)
        if item.data(0, _DRESS) != dress:
            item.setData(0, _DRESS, dress)
            item.setIcon(BRANCH, QIcon() if number is None or plain else swatch(self._theme, number))

    def _tell_memory(self) -> None:
        kept, lab = self._lab.memory, self._lab
        spacing, spill = lab.spacing, kept.spill
        curves = memory.size(sum(branch.stretch.history.nbytes for branch in lab.branches.every))
        self.memory.setText(
            f"Memory of past steps: {memory.size(kept.nbytes)} of at most {memory.size(kept.bound)},"
            f" shared by all branches. {kept.count:,} state{'s are' if kept.count > 1 else ' is'} kept,"
            f" here one every {spacing:,} steps;"
            f" steps between them are computed again. Curves: {curves}"
            + (f", and {memory.size(spill.nbytes)} of a temporary file." if spill.nbytes else ".")
            + (f" {spill.said}" if spill.trouble else "")
        )
        self.memory.setToolTip(
            f"Curves that have grown long are in a temporary file in {spill.where}, of at most"
            f" {memory.size(spill.bound)}. It is gone when the window closes."
        )

    def _chosen(self) -> int:
        there = self.tree.currentIndex().isValid()
        return int(self.tree.currentItem().data(0, _NUMBER)) if there else 0

    @Slot()
    def _enable(self) -> None:
        chosen = self._chosen()
        other = chosen in self._lab.branches and chosen != self._lab.branches.current
        here = bool(chosen) and not other
        newest = self._lab.branches.here.head == self._lab.head
        self.go.setEnabled(other or (here and not newest and not self._lab.running))
        self.rename.setEnabled(bool(chosen))
        self.delete.setEnabled(other)
        self.compare.setEnabled(other)
        self.compare.setChecked(other and self._lab.compared == chosen)
        why = "This is the branch that you are on: choose another one"
        self.delete.setToolTip("Delete the branch; undo brings it back (Del)" if other else why)
        self.compare.setToolTip(
            "Draw its curves beside those of the branch you are on (A), as B: dashed" if other else why
        )

    # What is done

    @Slot()
    def _on_go(self) -> None:
        if self.go.isEnabled():
            self._lab.switch_to(self._chosen())

    @Slot()
    def _on_rename(self) -> None:
        if self._chosen():
            item = self.tree.currentItem()
            self._filling = True
            item.setText(BRANCH, self._lab.branches[self._chosen()].title)
            self._filling = False
            self.tree.editItem(item, BRANCH)

    @Slot(QTreeWidgetItem, int)
    def _on_named(self, item: QTreeWidgetItem, column: int) -> None:
        number = int(item.data(0, _NUMBER) or 0)
        if self._filling or column != BRANCH or number not in self._lab.branches:
            return
        if self._ticked(item, number):
            return
        branch, name = self._lab.branches[number], item.text(BRANCH)[:LONGEST_NAME]
        if name.strip() != branch.title:
            self._lab.rename_branch(number, name)

    def _ticked(self, item: QTreeWidgetItem, number: int) -> bool:
        """Whether it was the tick that was changed; then its curves are drawn, or no more."""
        lab, on = self._lab, item.checkState(BRANCH) == Qt.CheckState.Checked
        shown = number == lab.branches.current or lab.overlays.number(branch_key(number)) is not None
        if on == shown:
            return False
        if number == lab.branches.current:
            self.refresh()
        else:
            lab.overlays.show([branch_key(number)], on)
        return True

    @Slot()
    def _on_delete(self) -> None:
        if self.delete.isEnabled():
            self._lab.delete_branch(self._chosen())

    @Slot()
    def _on_compare(self) -> None:
        chosen = self._chosen()
        self._lab.compare_with(None if self._lab.compared == chosen else chosen)


def show_branches(parent: QWidget, lab: Lab, theme: Theme, clock: FrameClock) -> None:
    """Open the list, or bring it to the front; it does not block."""
    known = parent.findChild(BranchDialog, NAME)
    if known is None:
        known = BranchDialog(parent, lab, theme, clock)
        known.show()
    known.activateWindow()
    known.tree.setFocus()
