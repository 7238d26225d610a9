"""Which two features span the plane that decision regions and response maps are drawn over."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from deltaglow.explain.regions import telling
from deltaglow.model.project import Project
from deltaglow.model.samples import Prepared


class FeaturePlane(QObject):
    """The features across and up. One choice for all that shows the plane; it lasts while the features are
    the same ones, and without a choice it is the two that tell the most about the targets.
    """

    changed = Signal()
    """Another plane was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._pair = (0, 0)

    def of(self, project: Project, made: Prepared) -> tuple[int, int]:
        """The numbers of the two features, one and the same where there is but one. made: its samples."""
        if tuple(made.raw.feature_names) != self._names:
            self._names = tuple(made.raw.feature_names)
            self._pair = telling(project, made)
        return self._pair

    def choose(self, across: int, up: int) -> None:
        """Take these two from now on. Raises ValueError if there are no such features."""
        if not all(0 <= feature < len(self._names) for feature in (across, up)):
            raise ValueError(f"features {across}, {up} of {len(self._names)}")
        if (across, up) != self._pair:
            self._pair = (across, up)
            self.changed.emit()
