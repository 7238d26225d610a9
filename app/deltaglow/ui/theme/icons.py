"""Icons: line drawings in `currentColor`, recoloured from the theme's tokens and rendered crisp on HiDPI."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from deltaglow import resources

from .tokens import ThemeError

_SIZES = (16, 24)


def pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    """The icon `name` in `color` ("#RRGGBB"), `size` logical pixels square, at device pixel ratio `ratio`.

    Raises ThemeError when there is no `resources/icons/NAME.svg`, or when it cannot be drawn.
    """
    try:
        source = resources.text(f"icons/{name}.svg")
    except resources.ResourceError as error:
        raise ThemeError(f"no icon {name!r}") from error
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
    if not renderer.isValid():
        raise ThemeError(f"icon {name!r} is not a drawable SVG")
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    side = max(1, round(size * ratio))
    drawn = QPixmap(side, side)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


def icon(name: str, color: str, disabled: str) -> QIcon:
    """A QIcon of `name` for every screen's device pixel ratio, greyed with `disabled` when not enabled."""
    made = QIcon()
    ratios = {1.0} | {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    for ratio in sorted(ratios):
        for size in _SIZES:
            made.addPixmap(pixmap(name, color, size, ratio), QIcon.Mode.Normal)
            made.addPixmap(pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return made
