"""The centre of the window: the diagram, or a page in its place, with a quiet tab over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from deltaglow.engine import LOSSES
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import DiagramView
from deltaglow.ui.pages.opener import Opener
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets.on_demand import OnDemand

if TYPE_CHECKING:
    from deltaglow.ui.compare.page import ComparePage
    from deltaglow.ui.pages.batch_page import BatchPage
    from deltaglow.ui.pages.page import Page
    from deltaglow.ui.pages.softmax_page import SoftmaxPage
    from deltaglow.ui.samples.draw_page import DrawPage
    from deltaglow.ui.samples.page import SamplesPage

NAMES = ("network", "softmax", "batch", "samples", "draw", "compare")
_MARGIN = 12


class Centre(QWidget):
    """A stack with the diagram and the pages, under a tab bar that lies over its upper right corner."""

    changed = Signal(str)
    """The name of what is shown now, one of NAMES."""
    exampleWanted = Signal(str)
    """The name of an example that a page leads to."""

    def __init__(self, lab: Lab, theme: Theme, diagram: DiagramView) -> None:
        super().__init__()
        self._diagram = diagram
        self._lab, self._theme = lab, theme
        self._softmax, self._batch = OnDemand(self._make_softmax), OnDemand(self._make_batch)
        self._samples, self._draw = OnDemand(self._make_samples), OnDemand(self._make_draw)
        self._stack = QStackedWidget(self)
        self._compare = OnDemand(self._make_compare)
        for widget in (diagram, self._softmax, self._batch, self._samples, self._draw, self._compare):
            self._stack.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.tabs = QTabBar(self)
        self.tabs.setObjectName("centre_tabs")
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.setAccessibleName("What stands in the centre")
        for place, (title, tip) in enumerate(
            (
                ("Network", "The diagram (F6)"),
                ("", "From the logits to δ, number by number (F7)"),
                ("Batch", "One gradient, sample by sample (F8)"),
                ("Samples", "All samples in a table, and what the network says of each (F9)"),
                ("Draw", "Points drawn on the plane of two features (F10)"),
                ("A | B", "Two runs compared, beside each other at the same step (F12)"),
            )
        ):
            self.tabs.addTab(title)
            self.tabs.setTabToolTip(place, tip)
        self.tabs.currentChanged.connect(self._on_tab)
        self._name_output()
        lab.projectChanged.connect(self._name_output)
        self.opener = Opener(diagram, lab, theme)
        self.opener.clicked.connect(self.open_softmax)

    # The pages are imported when they are first made: no window waits for what it does not show.

    def _make_softmax(self) -> SoftmaxPage:
        from deltaglow.ui.pages.softmax_page import SoftmaxPage

        return SoftmaxPage(self._lab, self._theme)

    def _make_batch(self) -> BatchPage:
        from deltaglow.ui.pages.batch_page import BatchPage

        page = BatchPage(self._lab, self._theme)
        page.exampleWanted.connect(self.exampleWanted)
        return page

    def _make_samples(self) -> SamplesPage:
        from deltaglow.ui.samples.page import SamplesPage

        return SamplesPage(self._lab, self._theme)

    def _make_draw(self) -> DrawPage:
        from deltaglow.ui.samples.draw_page import DrawPage

        return DrawPage(self._lab, self._theme)

    def _make_compare(self) -> ComparePage:
        from deltaglow.ui.compare.page import ComparePage

        return ComparePage(self._lab, self._theme)

    @property
    def softmax(self) -> SoftmaxPage:
        """Everything between the logits and δ."""
        return self._softmax.content

    @property
    def batch(self) -> BatchPage:
        """One gradient, sample by sample."""
        return self._batch.content

    @property
    def samples(self) -> SamplesPage:
        """The table of samples."""
        return self._samples.content

    @property
    def draw(self) -> DrawPage:
        """The plane to draw points on."""
        return self._draw.content

    @property
    def compare(self) -> ComparePage:
        """Two runs beside each other."""
        return self._compare.content

    @property
    def pages(self) -> list[Page | SamplesPage | DrawPage | ComparePage]:
        """All but the diagram, as far as they were ever shown."""
        demands = (self._softmax, self._batch, self._samples, self._draw, self._compare)
        return [page.made for page in demands if page.made is not None]

    @property
    def shown(self) -> str:
        """The name of what is shown."""
        return NAMES[self._stack.currentIndex()]

    def show_page(self, name: str) -> None:
        """Show the diagram or a page, one of NAMES, and give it the keyboard."""
        self.tabs.setCurrentIndex(NAMES.index(name))
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def step_wrong(self, by: int) -> None:
        """Show the next sample that the network is wrong about, or with −1 the one before, whatever page is
        shown.
        """
        self.samples.step_wrong(by)

    @Slot()
    def open_softmax(self) -> None:
        """What the heading of the diagram's card leads to."""
        self.show_page("softmax")

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """The keyboard goes to what is shown."""
        self._stack.currentWidget().setFocus(reason)

    @Slot()
    def follow_run(self) -> None:
        """While training: texts are due."""
        for page in self.pages:
            page.follow_run()

    def settle(self) -> None:
        """Bring the page that is shown up to date now."""
        for page in self.pages:
            if page.isVisible():
                page.settle()

    @Slot(int)
    def _on_tab(self, place: int) -> None:
        focused = self._stack.currentWidget().hasFocus()
        self._stack.setCurrentIndex(place)
        self._place_tabs()
        if focused:
            self.setFocus()
        self.changed.emit(self.shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leads back to the diagram."""
        if event.key() == Qt.Key.Key_Escape and self.shown != "network":
            self.show_page("network")
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_tabs()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme may have other margins."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._place_tabs()

    @Slot()
    def _name_output(self) -> None:
        """What the second page is called: not every network ends in a softmax."""
        softmax = LOSSES[self._lab.project.network.loss.name].softmax
        self.tabs.setTabText(1, "Softmax" if softmax else "Output")
        self._place_tabs()

    def _place_tabs(self) -> None:
        """As wide as they are now: the one that is shown is written bolder."""
        self.tabs.ensurePolished()
        size = self.tabs.sizeHint()
        self.tabs.setGeometry(self.width() - size.width() - _MARGIN, 5, size.width(), size.height())
        self.tabs.raise_()
