"""A card that holds one plot: heading, a line of words, what to do while it is empty, menu and export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme

from .title import PlotTitle


class PlotCard(QFrame):
    """Base of the plots. The owner calls `refresh()` on its clock, and `prepare()` when there is time.

    heading: the plot's name. about: what it shows, for the tooltip of its name.
    """

    heading = ""
    about = ""

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._theme = theme
        self.setProperty("surface", "panel")
        self.title = PlotTitle(theme, self.heading, self.about)
        self._legend = QLabel()
        self._legend.setFont(theme.mono_font(11))
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        # Words that are longer than there is room for must not make the window wider.
        self._legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy = self._legend.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # or else the heading would move to the middle
        self._legend.setSizePolicy(policy)
        self._legend.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._header = QHBoxLayout()
        self._header.setSpacing(8)
        self._header.addWidget(self.title)
        self._header.addWidget(self._legend, 1)
        self._empty = QLabel(self._empty_text())
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 6, 8, 6)
        self._layout.setSpacing(0)
        self._layout.addLayout(self._header)
        self._layout.addWidget(self._empty, 1)
        self.setAccessibleName(f"{self.heading} plot")

    def refresh(self) -> None:
        """Draws what has changed since the last call."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Builds what is costly now, rather than when there is something to show."""

    def _empty_text(self) -> str:
        return f"Press Train (T) or play a step: the {self.heading.lower()} appears here."

    @property
    def readout(self) -> str:
        """The words beside the heading (rich text)."""
        return self._legend.text()

    def _write(self, text: str) -> None:
        if text != self._legend.text():
            self._legend.setText(text)

    def sizeHint(self) -> QSize:
        """Wide enough for six ticks."""
        return QSize(340, 176)

    def minimumSizeHint(self) -> QSize:
        """The least at which axis and curve can be read."""
        return QSize(220, 120)

    # the menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the plot."""
        self.menu().popup(event.globalPos())
        event.accept()

    def menu(self) -> QMenu:
        """The plot's context menu."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._fill(menu)
        menu.addSeparator()
        for kind, write in self._exports().items():
            action = menu.addAction(f"Export as {kind}…")
            action.setEnabled(self._full)
            action.setToolTip("" if self._full else "There is no step to show yet")
            action.triggered.connect(lambda _=False, kind=kind, write=write: self._export(kind, write))
        return menu

    def _fill(self, menu: QMenu) -> None:
        """Put the plot's own commands into its menu."""

    @property
    def _full(self) -> bool:
        """Whether there is anything to be seen."""
        return not self._empty.isVisibleTo(self)

    def _exports(self) -> dict[str, Callable[[Path], bool]]:
        """What it can be written as: the kind of file, and who writes it."""
        return {"PNG": self.export_png}

    def _export(self, kind: str, write: Callable[[Path], bool]) -> None:
        stem = self.heading.lower().replace(" ", "-")
        name, _ = QFileDialog.getSaveFileName(
            self, f"Export as {kind}", f"{stem}.{kind.lower()}", f"{kind} (*.{kind.lower()})"
        )
        if name:
            write(Path(name))

    def export_png(self, target: Path) -> bool:
        """Writes a picture of the card to `target`; False and a `lab.message` on failure."""
        if not self.grab().save(str(target), "PNG"):
            self._lab.message.emit(f"{target}: the picture could not be written")
            return False
        return True

    @Slot()
    def _on_theme(self) -> None:
        self._legend.setFont(self._theme.mono_font(11))
