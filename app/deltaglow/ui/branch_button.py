"""The button at the step: how many branches the run has, and the way to their list."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QToolButton

from deltaglow.session.lab import Lab
from deltaglow.ui.theme.theme import Theme


class BranchButton(QToolButton):
    """Says their number where there is more than one; who owns it opens the list when it is clicked."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__()
        self._lab = lab
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(40, 32)
        self.setIconSize(QSize(18, 18))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for signal in (lab.branchesChanged, lab.comparedChanged):
            signal.connect(self.refresh)
        theme.changed.connect(self.dress)
        self.dress()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show how many there are."""
        branches, compared = self._lab.branches, self._lab.compared
        count = len(branches.every)
        text = "A|B" if compared is not None else str(count) if count > 1 else ""
        if self.text() != text:
            self.setText(text)
            self.setToolButtonStyle(
                Qt.ToolButtonStyle.ToolButtonTextOnly
                if compared is not None
                else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            )
        lines = [f"Branches of the run (Ctrl+B): you are on {branches.here.title}, of {count}."]
        if compared is not None:
            lines.append(f"Compared: A is {branches.here.title}, B is {branches[compared].title}.")
        lines.append("An edit at a past step begins another; the steps it leaves are kept.")
        self.setToolTip("\n".join(lines))
        self.setAccessibleName(f"Branches of the run: {count}, on {branches.here.title}")

    @Slot()
    def dress(self) -> None:
        """In the colours of the theme."""
        self.setIcon(self._theme.icon("branch", "text"))
