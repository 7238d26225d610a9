"""The running theme: colours by token, fonts, icons, palette and style sheet, for dark and light alike."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from . import fonts, icons, qss
from .tokens import ThemeError, Tokens, along, load

CHOICES = ("system", "dark", "light")


DRESSED = "dressed"
"""The application's property that says that it has its style."""
UNDRESSED = "/* nothing */"
"""A style sheet without rules."""


class Theme(QObject):
    """What every widget asks for its looks.

    `choice` is what the user wants ("system", "dark" or "light"); `name` is what that comes to. `changed`
    is emitted when the colours become others: whoever paints with them repaints then. Needs a running
    QGuiApplication. Raises ThemeError for an unknown choice.
    """

    changed = Signal()

    def __init__(self, choice: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        fonts.load()
        self._choice = _checked(choice)
        self._tokens = load(self._resolve())
        self._app: QApplication | None = None
        self._enlarged = ""
        self._icons: dict[tuple[str, str], QIcon] = {}
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def choice(self) -> str:
        """As chosen: "system", "dark" or "light"."""
        return self._choice

    @property
    def name(self) -> str:
        """As shown: "dark" or "light"."""
        return self._tokens.name

    @property
    def tokens(self) -> Tokens:
        """The colours of the theme as shown."""
        return self._tokens

    def set_choice(self, choice: str) -> None:
        """Shows another theme; emits `changed` if the colours differ. Raises ThemeError if unknown."""
        self._choice = _checked(choice)
        self._refresh()

    def color(self, token: str) -> QColor:
        """The colour of `token`. Raises ThemeError for an unknown one."""
        return QColor(self._tokens.hex(token))

    def hex(self, token: str) -> str:
        """The colour of `token` as "#RRGGBB". Raises ThemeError for an unknown one."""
        return self._tokens.hex(token)

    def text_color(self, token: str) -> QColor:
        """The colour in which text that carries the meaning `token` is readable on every surface."""
        return QColor(self._tokens.text_hex(token))

    def layer_color(self, layer: int, count: int) -> QColor:
        """The colour of layer `layer` (from 1) of `count`: pink for the first, towards violet for the last.

        The first two of up to three layers keep their colours when a layer is added or removed.
        """
        return along(self._tokens.layer_ramp, (layer - 1) / max(count - 1, 2))

    def ui_font(self, size: float = 13, weight: int = 400) -> QFont:
        """The interface's font; `size` in logical pixels, `weight` as in OpenType."""
        return fonts.font(fonts.UI_FAMILIES, size, weight)

    def mono_font(self, size: float = 12, weight: int = 400) -> QFont:
        """The font of numbers that stand in columns."""
        return fonts.font(fonts.MONO_FAMILIES, size, weight)

    def math_font(self, size: float = 15, italic: bool = True) -> QFont:
        """The font of symbols that are drawn as text rather than typeset."""
        made = fonts.font(fonts.MATH_FAMILIES, size, 400)
        made.setItalic(italic)
        return made

    def icon(self, name: str, token: str = "text") -> QIcon:
        """The icon `name` in the colour of `token`. Raises ThemeError when either is unknown."""
        key = (name, token)
        if key not in self._icons:
            self._icons[key] = icons.icon(name, self.hex(token), self.hex("disabled"))
        return self._icons[key]

    def pixmap(self, name: str, size: int, token: str = "text", ratio: float = 1.0) -> QPixmap:
        """The icon `name` as a picture of `size` logical pixels square. Raises ThemeError as `icon` does."""
        return icons.pixmap(name, self.hex(token), size, ratio)

    def palette(self) -> QPalette:
        """Fusion's palette in this theme's colours."""
        return _palette(self)

    def apply(self, app: QApplication) -> None:
        """Dresses the whole application in this theme, and again whenever the theme changes."""
        self._app = app
        if not app.property(DRESSED):
            # Once: Python keeps what `style()` has given it, and another style may come to lie where one was
            # deleted; nor is there ever no style sheet, whose style would go with it.
            app.setStyle("Fusion")
            app.setFont(self.ui_font(qss.BASE))
            app.setProperty(DRESSED, True)
        app.setStyleSheet(UNDRESSED)  # every widget before any is dressed: a third of the time
        app.setPalette(self.palette())
        app.setStyleSheet(qss.sheet(self._tokens) + self._enlarged)

    def enlarge(self, name: str, by: float) -> None:
        """Show all text below the widget of this object name so many times as large."""
        self._enlarged = "" if by == 1.0 else qss.larger(name, by)
        if self._app is not None:
            self._app.setStyleSheet(qss.sheet(self._tokens) + self._enlarged)

    @Slot(Qt.ColorScheme)
    def _follow_system(self, scheme: Qt.ColorScheme) -> None:
        del scheme
        if self._choice == "system":
            self._refresh()

    def _resolve(self) -> str:
        if self._choice != "system":
            return self._choice
        scheme = QGuiApplication.styleHints().colorScheme()
        return "light" if scheme == Qt.ColorScheme.Light else "dark"

    def _refresh(self) -> None:
        name = self._resolve()
        if name == self._tokens.name:
            return
        self._tokens = load(name)
        self._icons.clear()
        if self._app is not None:
            self.apply(self._app)
        self.changed.emit()


def _checked(choice: str) -> str:
    if choice not in CHOICES:
        raise ThemeError(f"no theme {choice!r}: choose one of {', '.join(CHOICES)}")
    return choice


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for where, token in {
        role.Window: "panel",
        role.WindowText: "text",
        role.Base: "raised",
        role.AlternateBase: "panel",
        role.Text: "text",
        role.Button: "raised",
        role.ButtonText: "text",
        role.BrightText: "loss",
        role.ToolTipBase: "tooltip",
        role.ToolTipText: "text",
        role.PlaceholderText: "muted",
        role.Highlight: "selection",
        role.HighlightedText: "selection_text",
        role.Link: "positive_text",
        role.LinkVisited: "delta_text",
        role.Light: "hover",
        role.Midlight: "hairline",
        role.Mid: "hairline",
        role.Dark: "canvas",
        role.Shadow: "canvas",
        role.Accent: "forward",
    }.items():
        palette.setColor(where, theme.color(token))
    off = QPalette.ColorGroup.Disabled
    for where in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(off, where, theme.color("disabled"))
    return palette
