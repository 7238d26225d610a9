"""What the rows of a sheet are called that has one for each output."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFont, QFontMetricsF

from deltaglow.model.output_names import short_name
from deltaglow.model.project import Project
from deltaglow.ui.widgets.told_apart import told_apart


def row_names(
    project: Project, shown: Sequence[int], font: QFont, least: float, most: float, beside: float
) -> tuple[dict[int, str], float]:
    """The name of each output shown, its number where it has none, and the pixels that the names take with
    `beside` of them after each: `least` to `most`.
    """
    names = [short_name(project, k) for k in shown]
    metrics = QFontMetricsF(font)
    width = min(max(max(map(metrics.horizontalAdvance, names), default=0.0) + beside, least), most)
    return dict(zip(shown, told_apart(names, font, width - beside), strict=True)), width
