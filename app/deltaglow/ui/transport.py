"""The transport: play, step, rewind, scrub, and train."""

from __future__ import annotations

from math import exp, log

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Slot
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from deltaglow.model.rules import Rule
from deltaglow.session.lab import Lab
from deltaglow.ui.branch_button import BranchButton
from deltaglow.ui.depth_switch import DepthSwitch
from deltaglow.ui.step_slider import StepSlider
from deltaglow.ui.theme.theme import Theme
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.slider import Slider
from deltaglow.ui.widgets.spins import IntSpin

FASTEST, SLOWEST = 0.05, 2.0
"""Seconds a layer takes in the animation."""
RATES = (
    ("flat out", 0.0),
    ("1000 steps/s", 1000.0),
    ("100 steps/s", 100.0),
    ("10 steps/s", 10.0),
    ("1 step/s", 1.0),
)
SCRUB = 200
"""Slider notches per phase."""
BACK = "Step back (←; a whole phase: Shift+←)"
FORWARD = "Step forward (→; a whole phase: Shift+→; a training step: Ctrl+→)"
PAUSE_FIRST = "Pause the training first (T)"
STEP_TIP = "The step shown, of those made so far: type or choose one to go back to it"
STEP_WIDTH, STEP_DIGITS = 86, 5
"""Pixels of the field for the step, and the digits that it has room for; with more of them it grows."""


class PhaseSlider(Slider):
    """A position among the phases; ticks stand at their ends."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__()
        self._lab = lab
        self._theme = theme
        self.setProperty("tone", "delta")
        self.setMinimumSize(140, 26)
        self.setAccessibleName("Position in the step")
        self.setToolTip(
            "Drag to go anywhere in this step, forth and back; ↑ and ↓ go by a twentieth of a phase.\n"
            "→ and ← go from stop to stop. Under the pointer the animation is held."
        )
        self.setPageStep(SCRUB)
        self.setSingleStep(SCRUB // 10)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Under the pointer the animation is held."""
        self._lab.set_held(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._lab.set_held(False)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and Home are the window's: from stop to stop, not by pixels."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        groove: QRect = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderGroove, self
        )
        count, half = len(self._lab.phases), 8
        span = groove.width() - 2 * half
        with QPainter(self) as painter:
            painter.setFont(self._theme.mono_font(9))
            for n in range(count + 1):
                x = groove.left() + half + round(span * n / count)
                reached = self.value() >= n * SCRUB
                painter.setPen(QPen(self._theme.color("delta" if reached else "zero"), 1))
                painter.drawLine(x, self.height() - 9, x, self.height() - 6)


class Transport(QFrame):
    """Plays the phases of a step at a speed, steps through them both ways, and starts and stops training."""

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._theme = theme
        self.setProperty("surface", "panel")
        self.setAccessibleName("Transport")
        self.rewind = self._button("rewind", "Rewind to the start of the run (Home)", "Rewind", lab.rewind)
        self.back = self._button("step-back", BACK, "Step back", lab.step_back)
        self.play = self._button(
            "play", "Play the phases, or pause (Space)", "Play or pause", self.toggle_play
        )
        self.play.setIconSize(QSize(22, 22))
        self.play.setFixedSize(40, 40)
        self.forward = self._button("step-forward", FORWARD, "Step forward", lab.step_forward)
        self.speed = self._speed_slider()
        self.speed_label = QLabel()
        self.speed_label.setProperty("role", "muted")
        self.speed_label.setMinimumWidth(76)
        self.scrub = PhaseSlider(lab, theme)
        self.opened = DepthSwitch(lab)
        self.scrub.valueChanged.connect(self._on_scrub)
        self.step = IntSpin(Rule("Training step shown", STEP_TIP, 0, 0))
        self._steps = (0, -1)
        """The first and the last step that can be shown, as the field knows it."""
        self.timeline = StepSlider(lab)
        self.where = QLabel()
        self.branches = BranchButton(lab, theme)
        self.train = QPushButton("Train")
        self.rate = Combo()
        self._set_up_step()
        self._set_up_train()
        self._arrange()
        lab.projectChanged.connect(self._rebuild)
        for signal in (lab.positionChanged, lab.historyReset):
            signal.connect(self.refresh)
        lab.frameChanged.connect(self._on_frame)
        lab.playingChanged.connect(self._on_state)
        lab.heldChanged.connect(self._on_state)
        lab.runningChanged.connect(self._on_state)
        theme.changed.connect(self._dress)
        self._on_speed(self.speed.value())
        self._rebuild()
        self._dress()

    # Building

    def _button(self, icon: str, tip: str, name: str, action: object) -> QToolButton:
        button = QToolButton()
        button.setProperty("icon_name", icon)
        button.setToolTip(tip)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setFixedSize(32, 32)
        button.setIconSize(QSize(18, 18))
        button.clicked.connect(action)
        return button

    def _speed_slider(self) -> Slider:
        slider = Slider()
        slider.setRange(0, 100)
        slider.setFixedWidth(84)
        slider.setProperty("tone", "plain")
        slider.setAccessibleName("Animation speed")
        slider.setToolTip(f"Speed of the animation: from {SLOWEST:g} s to {FASTEST * 1000:g} ms a layer")
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        slider.setValue(round(100 * log(SLOWEST / self._lab.seconds_per_layer) / log(SLOWEST / FASTEST)))
        slider.valueChanged.connect(self._on_speed)
        return slider

    def _set_up_step(self) -> None:
        self.step.setFixedWidth(STEP_WIDTH)
        self.step.valueChanged.connect(self._on_step)
        self.where.setProperty("role", "muted")
        self.where.setFixedSize(104, 2 * self.where.fontMetrics().height() + 2)

    def _set_up_train(self) -> None:
        self.train.setProperty("role", "primary")
        self.train.setToolTip("Train from the step shown, or pause (T)")
        self.train.setAccessibleName("Train or pause training")
        self.train.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.train.setFixedWidth(78)
        self.train.clicked.connect(self.toggle_train)
        for label, rate in RATES:
            self.rate.addItem(label, rate)
        self.rate.setFixedWidth(112)
        self.rate.setAccessibleName("Training speed")
        self.rate.setToolTip("How many training steps a second: as many as there can be, or a fixed rate")
        self.rate.currentIndexChanged.connect(self._on_rate)

    def _arrange(self) -> None:
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(12, 4, 12, 6)
        column.setSpacing(0)
        column.addWidget(self.timeline)
        column.addLayout(row)
        row.setSpacing(6)
        for button in (self.rewind, self.back, self.play, self.forward):
            row.addWidget(button)
        row.addSpacing(6)
        speed = QVBoxLayout()
        speed.setSpacing(0)
        speed.addWidget(self.speed_label)
        speed.addWidget(self.speed)
        row.addLayout(speed)
        row.addSpacing(6)
        phases = QVBoxLayout()
        phases.setSpacing(0)
        phases.addWidget(self.opened)
        phases.addWidget(self.scrub)
        row.addLayout(phases, 1)
        place = QVBoxLayout()
        place.setSpacing(1)
        place.addWidget(self.step)
        row.addLayout(place)
        row.addWidget(self.where)
        row.addWidget(self.branches)
        row.addSpacing(6)
        row.addWidget(self.train)
        row.addWidget(self.rate)

    # What the user does

    @Slot()
    def toggle_play(self) -> None:
        """Play or pause the animation; while training, pause that."""
        if self._lab.running:
            self._lab.pause()
        else:
            self._lab.set_playing(not self._lab.playing)

    @Slot()
    def toggle_train(self) -> None:
        """Train or pause."""
        if self._lab.running:
            self._lab.pause()
        else:
            self._lab.train()

    @Slot(int)
    def _on_speed(self, notch: int) -> None:
        seconds = SLOWEST * exp(-notch / 100 * log(SLOWEST / FASTEST))
        self._lab.seconds_per_layer = seconds
        text = f"{seconds:.1f} s" if seconds >= 0.95 else f"{round(seconds * 1000, -1):.0f} ms"
        self.speed_label.setText(f"{text} / layer")
        self.speed.setAccessibleName(f"Animation speed: {text} a layer")

    @Slot(int)
    def _on_scrub(self, notch: int) -> None:
        if notch != self._notch():
            self._lab.pause()
            self._lab.set_playing(False)
            self._lab.set_position(notch / SCRUB)

    @Slot(int)
    def _on_step(self, step: int) -> None:
        if step != self._lab.frame.step:
            self._lab.pause()
            self._lab.set_playing(False)
            self._lab.show_step(step, self._lab.phases.end if step < self._lab.head else 0.0)
            self.refresh()

    @Slot(int)
    def _on_rate(self, index: int) -> None:
        self._lab.rate = self.rate.itemData(index)

    # What the laboratory does

    def why_not_on(self) -> str:
        """Why one cannot step on now; "" if one can."""
        return PAUSE_FIRST if self._lab.running else ""

    def why_not_back(self) -> str:
        """Why one cannot step back now; "" if one can."""
        lab = self._lab
        if lab.running:
            return PAUSE_FIRST
        if lab.position > 0 or lab.frame.step > lab.first_step:
            return ""
        return f"Steps before {lab.first_step} {lab.unseen}" if lab.first_step else "The run begins here"

    def _notch(self) -> int:
        return round(min(self._lab.position, self._lab.phases.end) * SCRUB)

    @Slot()
    def _rebuild(self) -> None:
        self.scrub.blockSignals(True)
        self.scrub.setRange(0, len(self._lab.phases) * SCRUB)
        self.scrub.blockSignals(False)
        self.refresh()

    @Slot()
    def _on_frame(self) -> None:
        # While training, the clock says when: a spin box sixty times a second costs more than it shows.
        if not self._lab.running:
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show where the laboratory is."""
        lab = self._lab
        self._allow_steps(lab.first_step, lab.head)
        for widget, value in ((self.scrub, self._notch()), (self.step, lab.frame.step)):
            if widget.value() != value:
                widget.blockSignals(True)
                widget.setValue(value)
                widget.blockSignals(False)
        self.timeline.refresh()
        for button, why, tip in (
            (self.back, self.why_not_back(), BACK),
            (self.forward, self.why_not_on(), FORWARD),
        ):
            if button.toolTip() != (why or tip):
                button.setToolTip(why or tip)
            button.setEnabled(not why)
        more = max(len(str(lab.frame.step)) - STEP_DIGITS, 0)
        width = STEP_WIDTH + more * self.step.fontMetrics().horizontalAdvance("0")
        if self.step.width() != width:
            self.step.setFixedWidth(width)
        phase = lab.phase
        if lab.running:
            text = "training"
        elif lab.held and lab.playing:
            text = "held"
        elif phase is None:
            text = "start"
        else:
            text = "complete" if lab.position >= lab.phases.end else phase.title
        made = f"last: {lab.head - 1}" if lab.head else "none made yet"
        whole = f"{text}\n{made}"
        if self.where.text() != whole:
            self.where.setText(whole)
            self.scrub.setAccessibleName(f"Position in the step: {text}")

    def _allow_steps(self, first: int, head: int) -> None:
        step = self.step
        if (first, head) == self._steps:
            return
        self._steps = first, head
        others = (
            f"Steps {first} to {head} can be shown" if head > first else f"Only step {first} can be shown"
        )
        others += ": no more were made" if not first else f"; those before {first} {self._lab.unseen}"
        step.blockSignals(True)
        step.allow(first, head, others)
        step.blockSignals(False)
        step.setToolTip(f"{STEP_TIP}.\n{others}.")

    @Slot()
    def _on_state(self) -> None:
        playing, running = self._lab.playing, self._lab.running
        self.play.setProperty("icon_name", "pause" if playing or running else "play")
        self.train.setText("Pause" if running else "Train")
        self._dress()
        self.refresh()

    @Slot()
    def _dress(self) -> None:
        for button in (self.rewind, self.back, self.play, self.forward):
            button.setIcon(self._theme.icon(button.property("icon_name"), "text"))
        self.scrub.update()
