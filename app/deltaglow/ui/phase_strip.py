"""The strip of phases at the top: where in a step we are, and a way to go elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from deltaglow.engine import LossSpec
from deltaglow.explain.phases import Phases
from deltaglow.session.lab import Lab
from deltaglow.ui.theme.theme import Theme
from deltaglow.ui.theme.tokens import blend


@dataclass(frozen=True)
class Stage:
    """Phases that share one chip: the first and one past the last, counted from 0."""

    title: str
    token: str
    first: int
    stop: int


def stages(phases: Phases) -> tuple[Stage, ...]:
    """The chips of a network's phases."""
    depth = phases.depth
    backward = depth + 2
    found = [
        Stage("Forward", "forward", 0, depth),
        Stage(phases.output.title, "forward", depth, depth + 1),
        Stage("Loss", "loss", depth + 1, depth + 2),
        Stage("δ output", "delta", backward, backward + 1),
    ]
    if depth > 1:
        found.append(Stage("δ hidden", "delta", backward + 1, backward + depth))
    last = backward + depth
    return (*found, Stage("Gradients", "delta", last, last + 1), Stage("Update", "delta", last + 1, last + 2))


class PhaseStrip(QWidget):
    """One chip for each stage of a step; it fills as the stage goes on. Click, or Enter, goes to its end."""

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._theme = theme
        self._depth, self._loss = 0, LossSpec()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self.setAccessibleName("Phases of a step")
        lab.projectChanged.connect(self._rebuild)
        lab.positionChanged.connect(self.refresh)
        lab.frameChanged.connect(self.refresh)
        lab.followed.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self._chips: list[Chip] = []
        self._shown: tuple[float, str] | None = None
        self._rebuild()

    @Slot()
    def _rebuild(self) -> None:
        phases = self._lab.phases
        if (self._depth, self._loss) == (phases.depth, phases.loss):
            return
        self._depth, self._loss = phases.depth, phases.loss
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._lab.set_held(False)  # of one that is gone the pointer's leaving is not told
        self._shown = None
        self._chips = [Chip(stage, self._lab, self._theme, self) for stage in stages(self._lab.phases)]
        for chip in self._chips:
            self._row.addWidget(chip)

    def position_at(self, x: float) -> float:
        """The position among the phases that lies x pixels from the left."""
        chips = self._chips
        for chip in chips:
            if x < chip.geometry().right() + 1 + self._row.spacing() / 2:
                part = min(max((x - chip.x()) / chip.width(), 0.0), 1.0)
                return chip.stage.first + part * (chip.stage.stop - chip.stage.first)
        return float(chips[-1].stage.stop)

    @Slot()
    def refresh(self) -> None:
        """Repaint the chips whose state changed."""
        state = (self._lab.position, self._theme.name)
        if state == self._shown:
            return
        self._shown = state
        for chip in self._chips:
            chip.refresh()


class Chip(QWidget):
    """One stage."""

    def __init__(self, stage: Stage, lab: Lab, theme: Theme, parent: PhaseStrip) -> None:
        super().__init__(parent)
        self.stage = stage
        self._lab = lab
        self._theme = theme
        self._drawn: tuple[float, str] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Phase {stage.title}")
        parts = stage.stop - stage.first
        tip = lab.phases.items[stage.first].caption
        self.setToolTip(
            f"{tip}\nClick: go there{f', layer by layer ({parts})' if parts > 1 else ''}. "
            "Drag: anywhere, forth and back. Under the pointer the animation is held."
        )

    @property
    def filled(self) -> float:
        """How much of the stage is done, in phases."""
        done = self._lab.position - self.stage.first
        return min(max(done, 0.0), float(self.stage.stop - self.stage.first))

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.stage.title) + 26, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.stage.title) + 12, 24)

    def refresh(self) -> None:
        """Repaint, if there is something new to see."""
        if (self.filled, self._theme.name) != self._drawn:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        filled, theme = self.filled, self._theme
        self._drawn = (filled, theme.name)
        count = self.stage.stop - self.stage.first
        current = filled > 0.0 and self.stage.first < self._lab.position <= self.stage.stop
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        panel, color = theme.color("panel"), theme.color(self.stage.token)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            shape = QPainterPath()
            shape.addRoundedRect(box, box.height() / 2, box.height() / 2)
            painter.fillPath(shape, panel)
            painter.setClipPath(shape)
            part = box.width() / count
            done = QRectF(box.left(), box.top(), part * filled, box.height())
            painter.fillRect(done, blend(panel, color, 0.34 if current else 0.14))
            for n in range(1, count):
                painter.setPen(QPen(blend(panel, color, 0.5), 1))
                x = box.left() + part * n
                painter.drawLine(int(x), int(box.bottom()) - 5, int(x), int(box.bottom()))
            painter.setClipping(False)
            edge = color if filled > 0 else theme.color("hairline")
            painter.setPen(QPen(theme.color("focus") if self.hasFocus() else edge, 1.6 if current else 1.1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(shape)
            painter.setFont(theme.ui_font(12, 600 if current else 500))
            painter.setPen(theme.color("text" if filled > 0 else "muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.stage.title)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Under the pointer the animation is held."""
        self._lab.set_held(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._lab.set_held(False)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        count = self.stage.stop - self.stage.first
        part = int(event.position().x() / max(self.width(), 1) * count)
        self._go(self.stage.first + min(max(part, 0), count - 1) + 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Dragged: to wherever the pointer is, over this chip and those beside it."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            strip = self.parentWidget()
            assert isinstance(strip, PhaseStrip)
            self._go(strip.position_at(self.mapTo(strip, event.position()).x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go(self.stage.stop)
        else:
            super().keyPressEvent(event)

    def _go(self, position: float) -> None:
        self._lab.pause()
        self._lab.set_playing(False)
        self._lab.set_position(position)
