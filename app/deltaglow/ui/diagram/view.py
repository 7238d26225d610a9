"""The diagram widget: draws the scene, finds what is under the mouse, and can be walked with the keyboard."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSettings, QSize, Qt, QTimer, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from deltaglow.engine import Architecture
from deltaglow.explain.captions import COMPLETE, Caption
from deltaglow.explain.captions import caption as words
from deltaglow.explain.opening import Opening
from deltaglow.model.project import Project
from deltaglow.model.quantity import AddressError, Quantity, validate
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import (
    caption,
    edges,
    foot,
    locks,
    moves,
    nodes,
    pulses,
    softmax_card,
    split,
    wiring,
)
from deltaglow.ui.diagram.accessible import OF_UNIT
from deltaglow.ui.diagram.editing.editor import Editor
from deltaglow.ui.diagram.editing.keyboard import Keyboard
from deltaglow.ui.diagram.editing.pointer import Pointer
from deltaglow.ui.diagram.geometry import Geometry
from deltaglow.ui.diagram.ground import Ground
from deltaglow.ui.diagram.magnifier import Magnifier
from deltaglow.ui.diagram.readings import Readings
from deltaglow.ui.diagram.responses import ResponseMaps
from deltaglow.ui.diagram.scene import Scene
from deltaglow.ui.diagram.speech import Speech
from deltaglow.ui.theme.theme import Theme

REST_MS = 40
"""How long nothing was drawn before what comes next is prepared."""


class DiagramView(QWidget):
    """The network, with values, weights and errors.

    Click a unit, a connection, a bar or a number to have it explained. With the keyboard: up and down go
    through the units of a column, Page Up and Page Down through the columns, Q through the numbers of a unit.
    What edits is in `editing` and `gestures`; here events are only handed on.
    """

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._theme = theme
        self._readings = Readings()
        self._ground = Ground(self._readings)
        self._said: tuple[Project, Opening, Hashable, Caption] | None = None
        self._placed: tuple[object, Geometry] | None = None
        self._show_focus = False
        self.magnifier = Magnifier(self)
        self._hovered: Quantity | None = None
        self.editor = Editor(self, lab, self.scene, self.magnifier)
        self._pointer, self._keyboard = Pointer(self.editor), Keyboard(self.editor)
        self._played = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._prepare)
        self.still = False
        """Reduced motion."""
        self.split = True
        """While errors travel, each unit shows what came back and how much it listens."""
        self.responses = ResponseMaps(lab, theme, self)
        self.responses.changed.connect(self._on_theme)
        # Before anything is told of this widget: what it is to assistive programs is settled by then.
        self.speech = Speech(self, lab, self.scene, self._words, self.responses)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(520, 380)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Network diagram")
        for signal in (lab.frameChanged, lab.positionChanged):
            signal.connect(self._on_change)
        lab.followed.connect(self._on_followed)
        for changed in (theme.changed, self.magnifier.changed):
            changed.connect(self._on_theme)
        lab.selectionChanged.connect(self._on_change)
        lab.projectChanged.connect(self._forget_hovered)
        self.speech.tell()

    def sizeHint(self) -> QSize:
        return QSize(700, 500)

    def scene(self) -> Scene:
        """What is drawn now."""
        lab = self._lab
        return Scene(
            project=lab.project,
            frame=lab.frame,
            opening=lab.opening,
            position=lab.position,
            sample=lab.sample,
            selected=lab.selected,
            hovered=self._hovered,
            geometry=self._geometry(),
            theme=self._theme,
            still=self.still or lab.running,
            running=lab.running,
            split=self.split,
            maps=self.responses.maps,
        )

    def set_split(self, split: bool) -> None:
        """Show beside each unit what came back and how much it listens, or do not."""
        if split != self.split:
            self.split = split
            self.update()

    def show_responses(self, on: bool) -> None:
        """Show in each unit what it says all over the plane of two features, or only what it says now."""
        self.responses.switch(on)
        self.editor.say(self.responses.why_not(self._geometry()) if on else "")

    def remember(self, settings: QSettings) -> None:
        """Keep what is shown."""
        settings.setValue("split", self.split)
        settings.setValue("responses", self.responses.on)

    def recall(self, settings: QSettings) -> None:
        """Show what was kept."""
        self.set_split(bool(settings.value("split", True, type=bool)))
        self.responses.switch(bool(settings.value("responses", False, type=bool)))

    def quantity_at(self, point: QPointF) -> Quantity | None:
        """The number under a point, if any."""
        scene = self.scene()
        for area, quantity in (*nodes.hits(scene), *softmax_card.hits(scene), *foot.hits(scene)):
            if area.contains(point):
                return quantity
        if scene.geometry.moved and not scene.geometry.viewport.contains(point):
            return None
        unit = scene.geometry.unit_at(point)
        if unit is not None:
            return nodes.unit_quantity(scene, *unit)
        edge = scene.geometry.edge_at(point) or scene.geometry.cell_at(point)
        if edge is not None:
            layer, j, i = edge
            return Quantity(self._edge_kind(scene), layer, (j, i))
        return None

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        self.responses.follow(self._geometry(), self.magnifier.ratio, self._ground.due)
        scene = self.scene()
        # What is not finite is drawn too, and NumPy need not remark on it.
        with np.errstate(all="ignore"):
            self._paint(scene)
            if self._lab.playing:
                self._ground.prepare(scene, self.magnifier.ratio)
            elif not scene.running:
                self._rest.start()

    @Slot()
    def _prepare(self) -> None:
        """While nothing moves: what the phases to come are drawn from, one picture a turn."""
        if not self._lab.playing and self._ground.prepare(self.scene(), self.magnifier.ratio):
            self._rest.start()

    def _paint(self, scene: Scene) -> None:
        ground = self._ground.picture(scene, self._words(scene), self.magnifier.ratio)
        with self.magnifier.painting() as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawPixmap(0, 0, ground)
            self._draw_moving(painter, scene)
            if self.editor.active:
                self.editor.draw(painter, scene)

    def _draw_moving(self, painter: QPainter, scene: Scene) -> None:
        scene.geometry.clip(painter)
        lines = self._ground.lines_of(scene.geometry)
        edges.draw_marked(painter, scene, lines, scene.selected, 1.0)
        if scene.hovered is not None:
            edges.draw_marked(painter, scene, lines, scene.hovered, 0.6)
        if not scene.running:
            edges.draw_lit(painter, scene, lines)
        pulses.draw(painter, scene)
        if not scene.running:
            nodes.draw_halos(painter, scene)
        nodes.draw(painter, scene, self._ground.read if scene.running else None)
        locks.draw(painter, scene)
        if not scene.running:
            nodes.draw_beyond(painter, scene)
            split.draw(painter, scene)
            moves.draw(painter, scene)
        painter.setClipping(False)
        if not scene.running:
            self._readings.draw(painter, scene)
            caption.draw(painter, scene, self._words(scene))
        if self._show_focus and self.hasFocus():
            painter.setPen(QPen(self._theme.color("focus"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            whole = QRectF(QPointF(), self.magnifier.size)
            painter.drawRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def _words(self, scene: Scene) -> Caption:
        """The caption, worked out once for each move."""
        if scene.running and not scene.frame.left_out:
            return COMPLETE
        number = -1 if scene.detail is None else scene.detail.number
        key = (scene.moment.index, number, scene.position >= scene.phases.end)
        project, opening, said = scene.project, scene.opening, self._said
        if said is None or said[0] is not project or said[1] is not opening or said[2] != key:
            said = self._said = (project, opening, key, words(project, opening, scene.position))
        return said[3]

    def _geometry(self) -> Geometry:
        architecture = self._lab.frame.architecture
        key = (architecture, self.magnifier.size, self.editor.viewpoint)
        if self._placed is None or self._placed[0] != key:
            self._placed = (key, self._new_geometry(architecture))
        return self._placed[1]

    def _new_geometry(self, architecture: Architecture) -> Geometry:
        room = wiring.headroom(architecture)
        size = self.magnifier.size
        wanted = Geometry(architecture.widths, size.width(), size.height(), room, self.editor.viewpoint)
        known = self._ground.geometry
        return known if known is not None and known == wanted else wanted

    # Mouse and keyboard

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._ground.forget()
        super().resizeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        reason = Qt.FocusReason
        self._show_focus = event.reason() in (reason.TabFocusReason, reason.BacktabFocusReason)
        super().focusInEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event = self.magnifier.mouse(event)
        self._pointer.move(event)
        found = None if self._pointer.busy else self.quantity_at(event.position())
        tip = self._pointer.tip
        if found != self._hovered:
            self._hovered = found
            self.update()
        self.setCursor(self._pointer.cursor)
        self.setToolTip(tip or ("" if found is None else self.speech.describe(found)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event = self.magnifier.mouse(event)
        self._pointer.press(event, self.quantity_at(event.position()))
        if self._pointer.busy and self._pointer.space:
            self._lab.set_playing(self._played)  # the space bar was for dragging, not for playing
        self.setCursor(self._pointer.cursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(self.magnifier.mouse(event))
        self.setCursor(self._pointer.cursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event = self.magnifier.mouse(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pointer.double_click(event, self.quantity_at(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.setAccepted(self._pointer.wheel(self.magnifier.wheel(event)))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        at = self.magnifier.taken(QPointF(event.pos())) if by_mouse else self._selected_place()
        if not by_mouse:
            self.editor.open_menu(at)
        else:
            self.editor.open_menu(at, self._pointer.target(at), self.quantity_at(at))

    def _selected_place(self) -> QPointF:
        """Where the menu of what is selected opens when a key asks for it."""
        layer, unit = self._place()
        return self._geometry().columns[layer].centre(unit)

    def event(self, event: QEvent) -> bool:
        """While a gesture is under way Esc is for it, whoever else has it as a shortcut."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            busy = self._pointer.busy or self.editor.popover is not None
            if event.key() == Qt.Key.Key_Escape and busy:
                event.accept()
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._forget_hovered()
        self._pointer.leave()
        super().leaveEvent(event)

    @Slot()
    def _forget_hovered(self) -> None:
        """The mouse is elsewhere, or what it was over may be gone from the network."""
        if self._hovered is not None:
            self._hovered = None
            self.unsetCursor()
            self.setToolTip("")
            self.update()

    @Slot()
    def _on_change(self) -> None:
        if self._hovered is not None and not self._lab.running:
            # The mouse may have rested while the number changed, or went with its unit.
            try:
                validate(self._hovered, self._lab.frame.architecture, self._lab.frame.samples)
            except AddressError:
                self._forget_hovered()
            else:
                self.setToolTip(self.speech.describe(self._hovered))
        self.update()

    @Slot()
    def _on_followed(self) -> None:
        if self._ground.stays:
            self.update(self._units_area())
        else:
            self.update()

    @Slot()
    def _on_theme(self) -> None:
        self._ground.forget()
        self._readings.forget()
        self.update()

    @Slot()
    def renew_lines(self) -> None:
        """While training: draw the lines and readings of the frame that comes next."""
        self._ground.due = True

    def _units_area(self) -> QRect:
        """Where the units are: all that changes in the frames that keep the picture of the lines.

        One rectangle: a blit through a clip of several takes longer than the pixels between them.
        """
        geometry = self._geometry()
        columns = geometry.columns
        reach = columns[0].radius + (8 if geometry.detail < 2 else nodes.NOTES_REACH)
        top = min(column.places[0] for column in columns) - reach
        bottom = max(column.places[-1] for column in columns) + reach
        left, right = columns[0].x - reach, columns[-1].x + reach
        return self.magnifier.shown(QRectF(left, top, right - left, bottom - top)).toAlignedRect()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Down: (0, 1),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_PageDown: (1, 0),
            Qt.Key.Key_PageUp: (-1, 0),
        }
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._pointer.space, self._played = True, self._lab.playing
        if key == Qt.Key.Key_Escape and self._pointer.cancel():
            return
        if key in steps and not event.modifiers():
            self._walk(*steps[key])
        elif key == Qt.Key.Key_Q and not event.modifiers():
            self._cycle()
        elif key == Qt.Key.Key_M and not event.modifiers():
            self.show_responses(not self.responses.on)
        elif not self._keyboard.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._pointer.space = False
        super().keyReleaseEvent(event)

    def _place(self) -> tuple[int, int]:
        """The column and unit the selection belongs to."""
        q = self._lab.selected
        if q.kind == "x":
            return 0, q.index[0]
        if q.layer is not None:
            return q.layer, q.index[0] if q.index else 0
        return self._lab.phases.depth, q.index[0] if q.index else 0

    def _walk(self, columns: int, units: int) -> None:
        sizes = self._lab.frame.architecture.widths
        layer, unit = self._place()
        layer = min(max(layer + columns, 0), len(sizes) - 1)
        unit = (unit + units) % sizes[layer] if units else min(unit, sizes[layer] - 1)
        kind = self._lab.selected.kind if self._lab.selected.kind in OF_UNIT else "a"
        self._lab.select(Quantity("x", None, (unit,)) if layer == 0 else Quantity(kind, layer, (unit,)))

    def _cycle(self) -> None:
        layer, unit = self._place()
        if layer == 0:
            return
        kind = self._lab.selected.kind
        following = OF_UNIT[(OF_UNIT.index(kind) + 1) % len(OF_UNIT)] if kind in OF_UNIT else OF_UNIT[0]
        self._lab.select(Quantity(following, layer, (unit,)))

    def _edge_kind(self, scene: Scene) -> str:
        """What a click on a connection means now: weight, gradient, or weight after the update."""
        phase = scene.moment.phase
        kinds = {"gradients": "dW", "update": "W_after", "delta": "dW"}
        return kinds.get(phase.kind, "W") if phase is not None else "W"
