"""The main window: composes the parts, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMainWindow,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from deltaglow.explain.opening import DEPTHS
from deltaglow.session.lab import Lab
from deltaglow.ui.actions import Actions
from deltaglow.ui.banner import Banner
from deltaglow.ui.clock import FrameClock
from deltaglow.ui.diagram import DiagramView
from deltaglow.ui.files import Files
from deltaglow.ui.ground import Ground
from deltaglow.ui.keeper import Keeper
from deltaglow.ui.later import Later
from deltaglow.ui.logo import Logo
from deltaglow.ui.notices import Notices
from deltaglow.ui.pages.centre import Centre
from deltaglow.ui.panels.explanation import ExplanationPanel
from deltaglow.ui.panels.parameters import ParameterPanel
from deltaglow.ui.phase_strip import PhaseStrip
from deltaglow.ui.plots import FIRST, PLOTS, PlotCard, PlotSlot
from deltaglow.ui.presenter import Presenter
from deltaglow.ui.recent import Recent
from deltaglow.ui.samples.holding import HoldBar
from deltaglow.ui.spotlight import Spotlight
from deltaglow.ui.theme.theme import Theme
from deltaglow.ui.transport import Transport
from deltaglow.ui.widgets import label

GAP = 8
LEAST_WIDTHS, LEAST_PLOT = (264, 344), 160
"""Pixels that the panels left and right, and the plots, have in the smallest window."""
THREE_PLOTS = 1600
"""The width from which a window shows a third plot."""
WARM_UP_MS = 150
ELIDE = Qt.TextElideMode.ElideMiddle
KEYS = {
    (Qt.Key.Key_Right, False, False): "step_forward",
    (Qt.Key.Key_Left, False, False): "step_back",
    (Qt.Key.Key_Right, True, False): "phase_forward",
    (Qt.Key.Key_Left, True, False): "phase_back",
    (Qt.Key.Key_Right, False, True): "next_step",
    (Qt.Key.Key_Left, False, True): "previous_step",
    (Qt.Key.Key_Home, False, False): "rewind",
}
"""(key, Shift, Ctrl) → what the laboratory does. No shortcuts: a field with the focus comes first."""


class MainWindow(QMainWindow):
    """The whole laboratory on one screen.

    `settings` remembers its size, theme and speed; None remembers nothing.
    """

    def __init__(self, lab: Lab, theme: Theme, settings: QSettings | None = None) -> None:
        super().__init__()
        self.lab = lab
        self.theme = theme
        self._settings = settings
        self.setObjectName("main_window")
        self.setAcceptDrops(True)
        self.diagram = DiagramView(lab, theme)
        self.centre = Centre(lab, theme, self.diagram)
        self.strip = PhaseStrip(lab, theme)
        self.transport = Transport(lab, theme)
        self.parameters = ParameterPanel(lab, theme)
        self.explanation = ExplanationPanel(lab, theme, settings)
        self.slots = tuple(PlotSlot(lab, theme, PLOTS, name) for name in self._plots_last())
        self.files = Files(lab, theme, self, Recent(settings))
        self.notices = Notices()
        self.holding = HoldBar(lab, self.notices)
        self.presenter, self.spotlight = Presenter(self), Spotlight(self)
        self.actions_ = Actions(self)
        self.centre.exampleWanted.connect(self.files.open_example)
        self.clock = FrameClock(lab)
        self.clock.linesDue.connect(self.diagram.renew_lines)
        self.clock.plotDue.connect(self._refresh_plot)
        self._ending = False
        self._plots_later = Later(self._refresh_plots_when_still, self)
        self.banner = Banner()
        self._arrange()
        lab.message.connect(self.banner.say)
        lab.runningChanged.connect(self._on_running)
        lab.playingChanged.connect(self._plots_later.ask)
        lab.frameChanged.connect(self._on_frame)
        lab.projectChanged.connect(self._refresh_title)
        self.clock.textDue.connect(self._refresh_title)
        self.clock.textDue.connect(self.transport.refresh)
        self.clock.textDue.connect(self.explanation.refresh_live)
        self.clock.textDue.connect(self.centre.follow_run)
        self.clock.textDue.connect(self.parameters.training.memory.numbers.show_scale)
        for signal in (lab.positionChanged, lab.historyReset):
            signal.connect(self._plots_later.ask)
        self.files.nameChanged.connect(self._refresh_title)
        self.files.succeeded.connect(self.banner.hide)
        theme.changed.connect(self._save_theme)
        self.keeper = (
            Keeper(lab, self.files, self.notices, self.diagram, self) if settings is not None else None
        )
        self._refresh_title()
        self._restore()
        self.diagram.setFocus()

    def _arrange(self) -> None:
        """The explanation stands the whole height on the right: it is what one reads."""
        self.canvas = QFrame()
        self.canvas.setProperty("surface", "canvas")
        inside = QVBoxLayout(self.canvas)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.setSpacing(0)
        inside.addWidget(self.banner)
        inside.addWidget(self.notices)
        inside.addWidget(self.centre)
        middle = QHBoxLayout()
        middle.addWidget(self.parameters)
        middle.addWidget(self.canvas, 1)
        plots = QHBoxLayout()
        for slot in self.slots:
            plots.addWidget(slot, 1)
        self.work = work = QVBoxLayout()
        work.addLayout(middle, 1)
        work.addWidget(self.transport)
        work.addLayout(plots)
        body = QHBoxLayout()
        body.addLayout(work, 1)
        body.addWidget(self.explanation)
        ground = Ground(self.centre)
        self.setCentralWidget(ground)
        column = QVBoxLayout(ground)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        self.top_bar = self._top_bar()
        column.addWidget(self.top_bar)
        column.addLayout(body, 1)
        for layout in (middle, plots, work, body, column):
            layout.setSpacing(GAP)
        self.share_out()
        frame = self.layout()
        assert frame is not None
        frame.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def _set_smallest(self) -> None:
        """As small as the smallest shares allow: those of a large window must not keep it from shrinking."""
        left, right = LEAST_WIDTHS
        work = max(left + GAP + self.diagram.minimumWidth() + 2, self.transport.minimumSizeHint().width())
        width = max(work + GAP + right, self.top_bar.minimumSizeHint().width()) + 2 * GAP
        height = self.centralWidget().minimumSizeHint().height() - self.slots[0].height() + LEAST_PLOT
        self.setMinimumSize(width, height)

    def share_out(self) -> None:
        """Give the panels their part of the window: no less than they need, no more than they can use."""
        if self.presenter.on:
            self.presenter.share_out()
            return
        if self.spotlight.slot is not None:
            self.spotlight.share_out()
            return
        width, height = self.width(), self.height()
        self.parameters.setFixedWidth(min(max(round(width * 0.18), LEAST_WIDTHS[0]), 320))
        self.explanation.setFixedWidth(min(max(round(width * 0.25), LEAST_WIDTHS[1]), 460))
        for slot in self.slots:
            slot.setFixedHeight(min(max(round(height * 0.21), LEAST_PLOT), 280))
            slot.setVisible(slot is not self.slots[-1] or width >= THREE_PLOTS)
        if self.isVisible():
            self.slots[-1].refresh()

    def _top_bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(4, 6, 4, 0)
        row.setSpacing(10)
        row.addWidget(Logo())
        wordmark = QLabel("Deltaglow")
        wordmark.setFont(self.theme.ui_font(14, 600))
        row.addWidget(wordmark)
        row.addWidget(self.actions_.menu_bar)
        self.name = label(role="muted")
        self.name.setFixedSize(150, self.name.fontMetrics().height() + 4)
        row.addWidget(self.name)
        row.addStretch(1)
        row.addWidget(self.strip)
        row.addStretch(1)
        self.where = QLabel()
        self.where.setProperty("role", "muted")
        self.where.setFixedSize(216, self.where.fontMetrics().height() + 4)
        self.where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.where)
        self.theme_button = QToolButton()
        self.theme_button.setProperty("role", "quiet")
        self.theme_button.setToolTip("Dark or light (Ctrl+Shift+L)")
        self.theme_button.setAccessibleName("Switch between dark and light")
        self.theme_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.theme_button.clicked.connect(self.toggle_theme)
        row.addWidget(self.theme_button)
        self._dress()
        return bar

    # What is shown

    @Slot()
    def _on_frame(self) -> None:
        if not self.lab.running:
            self._refresh_title()

    @Slot()
    def _refresh_title(self) -> None:
        lab = self.lab
        mark = " •" if lab.document.modified else ""
        mark += " (read-only)" if self.files.read_only else ""
        if self.windowTitle() != f"{self.files.name}{mark} — Deltaglow":
            self.setWindowTitle(f"{self.files.name}{mark} — Deltaglow")
        name = self.name.fontMetrics().elidedText(f"{self.files.name}{mark}", ELIDE, self.name.width())
        if self.name.text() != name:
            self.name.setText(name)
            self.name.setToolTip(str(lab.document.path or self.files.name))
        row = int(lab.frame.rows[lab.sample]) + 1
        text = f"epoch {lab.frame.epoch} · sample {row} of {len(lab.dataset.x)}"
        if self.where.text() != text:
            self.where.setText(text)

    @Slot(int)
    def _refresh_plot(self, number: int) -> None:
        if shown := self._slots_shown:
            shown[number % len(shown)].take_turn(self.clock)

    def _refresh_plots_when_still(self) -> None:
        if not self.lab.running and not self.lab.playing:
            self.refresh_plots()

    @property
    def plots(self) -> tuple[PlotCard, ...]:
        """The plots that are seen, from the left."""
        return tuple(slot.plot for slot in self._slots_shown)

    @property
    def _slots_shown(self) -> tuple[PlotSlot, ...]:
        return tuple(slot for slot in self.slots if slot.isVisibleTo(self))

    def _plots_last(self) -> list[str]:
        """The names of the plots that were chosen when the window was last closed."""
        saved = [] if self._settings is None else str(self._settings.value("plots", "")).split(",")
        return saved if len(saved) == len(FIRST) and PLOTS.keys() >= set(saved) else list(FIRST)

    def refresh_plots(self) -> None:
        """Bring every plot up to the newest step."""
        for slot in self.slots:
            slot.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_smallest()
        # Plots and typesetting are imported once the window is up: nobody waits for them to see it.
        QTimer.singleShot(WARM_UP_MS, self._settle)

    @Slot()
    def fit_screen(self) -> None:
        """Leave the title bar its room on the screen; of its height nothing is known before it is there."""
        over = self.frameGeometry().height() - self.screen().availableGeometry().height()
        if over > 0 and not self.windowState():
            self.resize(self.width(), self.height() - over)

    @Slot()
    def _settle(self) -> None:
        """The window is up, unless it was closed at once."""
        if not self.isVisible():
            return
        self._warm_up()
        self.refresh_plots()
        if self.keeper is not None:
            self.keeper.offer_drafts()

    def _warm_up(self) -> None:
        for slot in self._slots_shown:
            slot.prepare()
        self.parameters.prepare()

    @Slot(bool)
    def _on_running(self, running: bool) -> None:
        if running:
            self._warm_up()
            self.banner.hide()
        else:
            self.refresh_plots()
        self._refresh_title()

    # Theme

    @Slot()
    def toggle_theme(self) -> None:
        """From dark to light or back."""
        self.theme.set_choice("light" if self.theme.name == "dark" else "dark")

    @Slot()
    def _save_theme(self) -> None:
        self._dress()
        if self._settings is not None:
            self._settings.setValue("theme", self.theme.choice)

    def _dress(self) -> None:
        self.theme_button.setIcon(self.theme.icon("sun" if self.theme.name == "dark" else "moon", "muted"))

    # Keys, files and the end

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers()
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        action = KEYS.get((Qt.Key(event.key()), shift, control))
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.transport.toggle_play()
        elif event.key() == Qt.Key.Key_T and not modifiers and not event.isAutoRepeat():
            self.transport.toggle_train()
        elif event.key() == Qt.Key.Key_D and not modifiers:
            self.lab.next_depth()
        elif event.key() == Qt.Key.Key_Escape and not modifiers:
            self.presenter.leave()
            self.spotlight.leave()
            self.centre.setFocus()
        elif action is not None and not modifiers & Qt.KeyboardModifier.AltModifier:
            getattr(self.lab, action)()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.share_out()
        super().resizeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.files.dropped(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = self.files.dropped(event.mimeData())
        if path is not None:
            self.files.open_file(path)

    @Slot()
    def end(self) -> None:
        """Close without asking anybody: the system ends the program. What is not saved is kept as a draft."""
        self._ending = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        keep = self._ending or not self.lab.document.edited
        if not keep and not self.files.may_leave():
            event.ignore()
            return
        self.presenter.leave()
        if self._settings is not None:
            self._settings.setValue("onward", self.lab.onward)
            self._settings.setValue("geometry", self.saveGeometry())
            self._settings.setValue("plots", ",".join(slot.name for slot in self.slots))
            self._settings.setValue("speed", self.transport.speed.value())
            self._settings.setValue("depth", self.lab.depth)
            self.diagram.remember(self._settings)
        self.files.end_import()
        self.lab.set_playing(False)
        self.lab.pause()
        if self.keeper is not None:
            self.keeper.close(keep, self._ending)
        self.lab.close()
        event.accept()

    def _restore(self) -> None:
        self.resize(1280, 800)
        if self._settings is None:
            return
        geometry = self._settings.value("geometry", type=QByteArray)
        if isinstance(geometry, QByteArray) and not geometry.isEmpty():
            self.restoreGeometry(geometry)
        speed = str(self._settings.value("speed", ""))
        if speed.isdecimal():
            self.transport.speed.setValue(min(int(speed), self.transport.speed.maximum()))
        depth = str(self._settings.value("depth", ""))
        if depth in DEPTHS:
            self.lab.set_depth(depth)
        self.lab.set_onward(bool(self._settings.value("onward", False, type=bool)))
        self.diagram.recall(self._settings)
