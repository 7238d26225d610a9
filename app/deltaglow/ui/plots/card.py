"""A card that holds one plot: heading, a line of words, what to do while it is empty, menu and export."""

from __future__ import annotations

from abc import abstractmethod
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from deltaglow.model import atomic
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme

from .export import Table
from .title import PlotTitle

if TYPE_CHECKING:
    from .long_export import LongExport
    from .picture import Picture

EMPTY = "There is no step to show yet"
MEANS = {
    "CSV": "The numbers that are shown, as a table",
    "PNG": "The plot as a picture, without its controls",
    "SVG": "The plot as a drawing: lines stay lines and text stays text, at any size",
}
"""What each kind of file has."""


class Legend(QLabel):
    """The words beside a heading: how much room there is for them is known when they are laid out."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tells."""
        super().resizeEvent(event)
        self.resized.emit()


class PlotCard(QFrame):
    """Base of the plots. The owner calls `refresh()` on its clock, and `prepare()` when there is time.

    heading: the plot's name. about: what it shows, for the tooltip of its name.
    """

    heading = ""
    about = ""
    enlargeWanted = Signal()

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._theme = theme
        self.enlarged = False
        """Whether it is shown large, in a place of which the owner knows."""
        self.setProperty("surface", "panel")
        self.title = PlotTitle(theme, self.heading, self.about)
        self._legend = Legend()
        self._legend.resized.connect(self._on_room)
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
        self.more = QToolButton()
        self.more.setProperty("role", "quiet")
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setToolTip("What can be done with this plot: export, view (or right-click)")
        self.more.setAccessibleName(f"Menu of the {self.heading.lower()} plot")
        self.more.clicked.connect(self.open_menu)
        self._empty = QLabel(self._empty_text())
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 6, 8, 6)
        self._layout.setSpacing(0)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addLayout(self._header, 1)
        top.addWidget(self.more)
        self._layout.addLayout(top)
        self._layout.addWidget(self._empty, 1)
        self.setAccessibleName(f"{self.heading} plot")
        theme.changed.connect(self._dress_menu)
        self._dress_menu()

    @Slot()
    def _on_room(self) -> None:
        """There is more room for the words beside the heading, or less."""

    @Slot()
    def _dress_menu(self) -> None:
        self.more.setIcon(self._theme.icon("more", "muted"))

    @abstractmethod
    def refresh(self) -> None:
        """Draws what has changed since the last call."""

    def prepare(self) -> None:
        """Builds what is costly now, rather than when there is something to show."""

    def _empty_text(self) -> str:
        return f"Press Train (T) or play a step: the {self.heading.lower()} appears here."

    @property
    def readout(self) -> str:
        """The words beside the heading (rich text)."""
        return self._legend.text()

    def _write(self, text: str) -> None:
        """Plain words beside the heading: names in them are other people's."""
        self._write_rich(escape(text, quote=False).replace("  ", "&nbsp; "))

    def _write_rich(self, text: str) -> None:
        if text != self._legend.text():
            self._legend.setText(text)

    def sizeHint(self) -> QSize:
        """Wide enough for six ticks."""
        return QSize(340, 176)

    def minimumSizeHint(self) -> QSize:
        """The least at which axis and curve can be read."""
        return QSize(220, 120)

    # the step shown, everywhere

    @property
    def step_shown(self) -> int:
        """The step that everything shows, or -1 while that is the newest."""
        lab = self._lab
        past = not lab.running and lab.frame.step < lab.head - 1
        return lab.frame.step if past else -1

    @Slot(int)
    def go_to(self, step: int) -> None:
        """Show this step, complete, everywhere; one of another network than now is out of reach."""
        lab = self._lab
        if lab.running:
            lab.message.emit("Pause the training first (T): then a press on a curve shows that step")
        elif step < lab.first_step:
            lab.message.emit(f"Steps before {lab.first_step:,} {lab.unseen}")
        else:
            lab.show_step(step, lab.phases.end)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On the heading: larger, or as it was."""
        below = self.body if self.body is not None and self._full else self._empty
        if event.button() == Qt.MouseButton.LeftButton and event.position().y() < below.y():
            self.enlargeWanted.emit()

    # the menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the plot."""
        self.menu().popup(event.globalPos())
        event.accept()

    def menu(self) -> QMenu:
        """The plot's menu."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        larger = menu.addAction("As small as before" if self.enlarged else "Enlarge")
        larger.setToolTip("Also by a double click beside the heading; Esc makes it small again")
        larger.triggered.connect(self.enlargeWanted)
        self._fill(menu)
        menu.addSeparator()
        full = self._full and self.body is not None
        copy = menu.addAction("Copy picture")
        copy.setToolTip("The plot as a picture, without its controls, to the clipboard")
        copy.triggered.connect(self.copy_picture)
        actions = [copy]
        for kind, means in MEANS.items():
            action = menu.addAction(f"Export as {kind}…")
            action.setToolTip(means)
            action.triggered.connect(lambda _=False, kind=kind: self._ask_where(kind))
            actions.append(action)
        for action in actions:
            action.setEnabled(full)
            if not full:
                action.setToolTip(EMPTY)
        return menu

    @Slot()
    def open_menu(self) -> None:
        """Opens the plot's menu under its button."""
        self.menu().popup(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def _fill(self, menu: QMenu) -> None:
        """Put the plot's own commands into its menu."""

    # what others get of it

    @property
    @abstractmethod
    def body(self) -> QWidget | None:
        """The widget that draws the plot; None while there is none."""

    @abstractmethod
    def table(self) -> Table | None:
        """What is shown, as numbers; None while nothing is."""

    @property
    def _full(self) -> bool:
        """Whether there is anything to be seen."""
        return not self._empty.isVisibleTo(self)

    def _ask_where(self, kind: str) -> None:
        stem = self.heading.lower().replace(" ", "-")
        name, _ = QFileDialog.getSaveFileName(
            self, f"Export as {kind}", f"{stem}.{kind.lower()}", f"{kind} (*.{kind.lower()})"
        )
        if name and self._write_long(kind, Path(name)) is None:
            self.export(kind, Path(name))

    def _write_long(self, kind: str, target: Path) -> LongExport | None:
        """Begins to write a table of many rows; None where there are few, or a picture is wanted."""
        table = self.table() if kind == "CSV" else None
        from .long_export import MANY, LongExport  # as for pictures

        if table is None or table.count < MANY:
            return None
        return LongExport(self.window(), self._lab, table, target)

    def picture(self) -> Picture | None:
        """The plot as a picture; None while there is nothing to be seen."""
        body = self.body
        if body is None or not self._full:
            return None
        # Imported when it is first asked for: no window waits for what writes files.
        from .picture import Picture

        return Picture(self._theme, self.heading, self._legend.text(), body)

    @Slot()
    def copy_picture(self) -> None:
        """The plot as a picture to the clipboard."""
        picture = self.picture()
        if picture is not None:
            QGuiApplication.clipboard().setPixmap(picture.pixmap())

    def export(self, kind: str, target: Path) -> bool:
        """Writes the plot to `target` as one of MEANS; False and a `lab.message` on failure."""
        data = self._as_file(kind)
        try:
            if data is not None:
                atomic.write(target, data)
        except OSError as error:
            self._lab.message.emit(f"{target}: {error.strerror or error}")
            return False
        return data is not None

    def _as_file(self, kind: str) -> bytes | None:
        if kind == "CSV":
            table = self.table()
            return None if table is None else table.csv()
        picture = self.picture()
        if picture is None:
            return None
        return picture.png() if kind == "PNG" else picture.svg()

    @Slot()
    def _on_theme(self) -> None:
        self._legend.setFont(self._theme.mono_font(11))
