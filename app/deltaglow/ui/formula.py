"""Typeset mathematics on screen: lines of LaTeX in the theme's colours, crisp at any size."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from PySide6.QtCore import QObject, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget
from shiboken6 import isValid

from deltaglow.explain.pieces import uncoloured
from deltaglow.ui.theme import Theme

from .typeset import FormulaError, Typeset, coloured, prepare, typeset

SIZE = 16.0
"""The em of a formula in logical pixels."""
SMALLEST = 11.0
"""Below this em a formula is no longer made smaller to fit; it can be scrolled sideways instead."""
_LINE_GAP = 5.0
GENTLE_MS = 20
"""From turn to turn while something moves, milliseconds."""
TURN_S = 0.004
"""After so long, seconds, typesetting gives way to what else is due."""


class Typesetter(QObject):
    """Typesets the formulas of a panel one after the other, as many a turn of the event loop as are quick."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[FormulaView] = []
        self.scale = 1.0
        """By how much its formulas are larger than they were asked for: see `FormulaView.enlarge`."""
        self._held = self._gentle = self._plain = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._next)

    @property
    def busy(self) -> bool:
        """Is anything to be typeset before long?"""
        return self._timer.isActive()

    def set_gentle(self, gentle: bool, plain: bool = False) -> None:
        """While something moves: one formula a turn, and a turn a frame.

        plain: what waits is shown as plain text meanwhile, and not as what was there before.
        """
        self._gentle, self._plain = gentle, plain
        self._timer.setInterval(GENTLE_MS if gentle else 0)
        if plain:
            for view in self._waiting:
                if isValid(view):
                    view.show_plain()

    def hold(self) -> None:
        """Leaves everything undrawn until `release()`: no first window waits for ziamath's import."""
        self._held = True
        self._go()

    def release(self) -> None:
        """Ends a hold."""
        self._held = False
        self._go()

    def request(self, view: FormulaView) -> None:
        """Asks for `view` to be typeset soon; it shows plain text until then if that may take a while."""
        if self._plain:
            view.show_plain()
        if view not in self._waiting:
            self._waiting.append(view)
        self._go()

    def flush(self) -> None:
        """Typesets everything that was asked for, now."""
        waiting, self._waiting = self._waiting, []
        for view in waiting:
            if isValid(view):
                view.typeset_now()
        self._go()

    def _go(self) -> None:
        if self._waiting and not self._held:
            self._timer.start()
        else:
            self._timer.stop()

    @Slot()
    def _next(self) -> None:
        until = perf_counter() + (0.0 if self._gentle else TURN_S)
        while self._waiting:
            view = self._waiting[0]
            if not isValid(view) or not view.prepare_next():
                self._waiting.pop(0)
                if isValid(view):
                    view.typeset_now()
            if perf_counter() > until:
                break
        self._go()


class FormulaView(QWidget):
    """Shows lines of LaTeX, scaled down to the width there is; its accessible text is the plain-text form."""

    def __init__(
        self,
        theme: Theme,
        typesetter: Typesetter | None = None,
        size: float = SIZE,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._typesetter = typesetter
        self._asked = size
        self._size = size if typesetter is None else size * typesetter.scale
        self._token = "text"
        self._latex: tuple[str, ...] = ()
        self._text = ""
        self._lines: list[Typeset] = []
        self._fallback = False
        self._dimmed = False
        self._offset = 0.0
        self._picture: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    @property
    def latex(self) -> tuple[str, ...]:
        """The lines as given."""
        return self._latex

    @property
    def text(self) -> str:
        """The plain-text form."""
        return self._text

    @property
    def typeset_lines(self) -> int:
        """How many lines are drawn as mathematics; 0 while they wait, or when they cannot be typeset."""
        return len(self._lines)

    def set_symbol(self, latex: str, text: str) -> None:
        """Shows a symbol, in plain text until it is typeset: the one before stood for something else."""
        if (latex,) != self._latex and self._lines:
            self._text = text
            self.show_plain()
        self.set_latex(latex, text)

    def set_latex(self, latex: str, text: str = "", token: str = "text") -> None:
        """Shows one line; see `set_lines`."""
        self.set_lines((latex,) if latex else (), text or latex, token)

    def set_lines(self, latex: Sequence[str], text: str, token: str = "text") -> None:
        """Shows these lines in the colour `token`; `text` is their plain form, shown if it fails."""
        if (tuple(latex), text, token) == (self._latex, self._text, self._token):
            return
        self._latex, self._text, self._token = tuple(latex), text, token
        self._offset = 0.0
        self.setAccessibleName(text)
        if self._typesetter is None:
            self.typeset_now()
        else:
            self._typesetter.request(self)

    def enlarge(self, by: float) -> None:
        """Shows it so many times as large as it was asked for."""
        self._size = self._asked * by
        self._on_theme()

    def set_dimmed(self, dimmed: bool) -> None:
        """Shows the formula faintly: it belongs to a moment that has passed."""
        self._dimmed = dimmed
        self.update()

    def show_plain(self) -> None:
        """Shows the plain-text form instead of the typeset one."""
        self._lines = []
        self._fallback = True
        self._relayout()

    def prepare_next(self) -> bool:
        """Lays out one of the lines, the part that takes long; False if none of them is left."""
        return any(prepare(coloured(line, self._theme)) for line in self._latex)

    def typeset_now(self) -> None:
        """Typesets the lines at once, through the cache."""
        colour = self._theme.tokens.text_hex(self._token)
        self._fallback = False
        try:
            self._lines = [typeset(coloured(line, self._theme), self._size, colour) for line in self._latex]
        except FormulaError:
            self._lines = []
            self._fallback = True
        self._relayout()

    def _relayout(self) -> None:
        self._picture = None
        self._fit()
        self.updateGeometry()
        self.update()

    # geometry

    def _natural(self) -> tuple[float, float]:
        if self._fallback:
            metrics = self.fontMetrics()
            room = metrics.boundingRect(QRect(), Qt.AlignmentFlag.AlignLeft, self._text)
            return room.width() + 2.0, float(room.height())
        if not self._lines:
            return 0.0, self._size * 1.5
        heights = [line.height for line in self._lines]
        return max(line.width for line in self._lines), sum(heights) + _LINE_GAP * (len(heights) - 1)

    def _scale(self) -> float:
        width, _ = self._natural()
        if width <= 0 or self.width() <= 0:
            return 1.0
        return min(1.0, max(self.width() / width, SMALLEST / self._size))

    def _fit(self) -> None:
        height = round(self._natural()[1] * self._scale() + 0.5)
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        """The formula at full size."""
        width, height = self._natural()
        return QSize(round(width + 0.5), round(height + 0.5))

    def minimumSizeHint(self) -> QSize:
        """Any width will do: the formula is scaled down, then scrolled."""
        return QSize(24, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scales to the new width."""
        super().resizeEvent(event)
        self._fit()
        self._scroll(0.0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls a formula that is too wide sideways."""
        overflow = self._natural()[0] * self._scale() - self.width()
        delta = event.angleDelta().x() or (
            event.angleDelta().y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0
        )
        if overflow <= 0 or not delta:
            event.ignore()
            return
        self._scroll(-delta / 4)

    def _scroll(self, by: float) -> None:
        overflow = max(self._natural()[0] * self._scale() - self.width(), 0.0)
        self._offset = min(max(self._offset + by, 0.0), overflow)
        self._picture = None
        self.update()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the lines one below the other."""
        del event
        if not self._fallback:
            self.draw_ahead()
        with QPainter(self) as painter:
            if self._dimmed:
                painter.setOpacity(0.4)
            if self._fallback:
                painter.setPen(self._theme.text_color(self._token))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self._text)
            elif self._picture is not None:
                painter.drawPixmap(0, 0, self._picture)

    def draw_ahead(self) -> bool:
        """Draws the lines as they will be painted, if that is still to be done; whether it was."""
        ratio, kept = self.devicePixelRatioF(), self._picture
        if not self._lines or (kept is not None and kept.devicePixelRatio() == ratio):
            return False
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        scale, y = self._scale(), 0.0
        with QPainter(picture) as painter:
            for line in self._lines:
                line.draw(painter, -self._offset, y, scale)
                y += (line.height + _LINE_GAP) * scale
        self._picture = picture
        return True

    @Slot()
    def _on_theme(self) -> None:
        if self._lines:
            self.typeset_now()  # quick, since only colours change; the old ones must not stay meanwhile
        else:
            self.update()

    # copying

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy as LaTeX, text or Markdown."""
        if not self._latex:
            event.ignore()
            return
        self.menu().popup(event.globalPos())
        event.accept()

    def menu(self) -> QMenu:
        """The formula's context menu."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy as LaTeX").triggered.connect(self.copy_latex)
        menu.addAction("Copy as text").triggered.connect(self.copy_text)
        menu.addAction("Copy as Markdown").triggered.connect(self.copy_markdown)
        return menu

    @Slot()
    def copy_latex(self) -> None:
        """Puts the LaTeX, without colours, on the clipboard."""
        QGuiApplication.clipboard().setText(" \\\\\n".join(uncoloured(line) for line in self._latex))

    @Slot()
    def copy_markdown(self) -> None:
        """Puts the formula, without colours, in dollars on the clipboard."""
        lines = " \\\\\n".join(uncoloured(line) for line in self._latex)
        QGuiApplication.clipboard().setText(f"$$\n{lines}\n$$\n")

    @Slot()
    def copy_text(self) -> None:
        """Puts the plain-text form on the clipboard."""
        QGuiApplication.clipboard().setText(self._text)
