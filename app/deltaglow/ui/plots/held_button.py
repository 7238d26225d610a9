"""The switch between the samples trained on and those that are kept out of the training."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton, QWidget

from deltaglow.model.project import Project


class HeldButton(QToolButton):
    """Checked: those kept out. There is nothing to press where none are."""

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText("validation")
        self.setProperty("role", "quiet")
        self.setCheckable(True)
        self.setAccessibleName(f"{heading} of the samples kept out of the training")

    def follow(self, project: Project) -> None:
        """Another project: whether it keeps samples out."""
        there = project.validation is not None
        self.setEnabled(there)
        self.setToolTip(
            "Judge by the samples that are kept out of the training"
            if there
            else "No samples are kept out of the training: choose a validation share in the Data tab"
        )
        if not there:
            self.setChecked(False)
