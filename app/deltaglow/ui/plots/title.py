"""The name of a plot, and the menu that puts another in its place."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton

from deltaglow.ui.theme import Theme


class PlotTitle(QToolButton):
    """Reads as a heading; where there is a choice, a press opens the menu."""

    def __init__(self, theme: Theme, name: str, about: str) -> None:
        super().__init__()
        self._theme = theme
        self._about = about
        self._group: QActionGroup | None = None
        self.setProperty("role", "plot-title")
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the name
        self.setIconSize(QSize(14, 14))
        self.clicked.connect(self.open)
        theme.changed.connect(self._dress)
        self.setText(name)

    def setText(self, name: str) -> None:
        super().setText(name)
        self._tell()

    def offer(self, group: QActionGroup) -> None:
        """Let people choose one of these from here on."""
        self._group = group
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._dress()
        self._tell()

    @Slot()
    def open(self) -> None:
        """Show the menu of plots, if there is a choice."""
        if self._group is not None:
            self.plot_menu(self._group).popup(self.mapToGlobal(QPoint(0, self.height())))

    def plot_menu(self, group: QActionGroup) -> QMenu:
        """The menu of plots, with the one that is shown under the keys."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions(group.actions())
        menu.setActiveAction(group.checkedAction())
        return menu

    def _tell(self) -> None:
        choice = "Press for another plot in this place." if self._group is not None else ""
        self.setToolTip("\n".join(filter(None, (self._about, choice))))
        self.setAccessibleName(f"{self.text()} plot; choose another" if choice else f"{self.text()} plot")

    @Slot()
    def _dress(self) -> None:
        if self._group is not None:
            self.setIcon(self._theme.icon("chevron-down", "muted"))
