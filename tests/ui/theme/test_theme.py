"""The look: every colour readable, every style rule resolvable, icons recoloured, the system followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from deltaglow import resources
from deltaglow.ui.theme import Theme, ThemeError, blend, fonts, icons, qss
from deltaglow.ui.theme.tokens import load

NAMES = ("dark", "light")
SURFACES = ("canvas", "panel", "raised")
MEANINGS = ("positive", "negative", "zero", "forward", "delta", "loss", "y_hat", "target")


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    qapp.setStyleSheet("")


@pytest.mark.parametrize("name", NAMES)
def test_text_is_readable_on_every_surface(name: str) -> None:
    tokens = load(name)
    for surface in SURFACES:
        below = tokens.hex(surface)
        assert contrast(tokens.hex("text"), below) >= 7, surface
        for token in ("muted", *(f"{meaning}_text" for meaning in MEANINGS)):
            assert contrast(tokens.hex(token), below) >= 4.5, (token, surface)


@pytest.mark.parametrize("name", NAMES)
def test_text_is_readable_on_tinted_boxes_buttons_and_selections(name: str) -> None:
    tokens = load(name)
    for fill in ("good_fill", "warn_fill", "bad_fill", "note_fill", "hover", "pressed", "tooltip"):
        assert contrast(tokens.hex("text"), tokens.hex(fill)) >= 7, fill
    for fill in ("good_fill", "warn_fill", "bad_fill", "note_fill"):
        assert contrast(tokens.hex("muted"), tokens.hex(fill)) >= 4.5, fill
    assert contrast(tokens.hex("on_accent"), tokens.hex("delta")) >= 4.5
    assert contrast(tokens.hex("selection_text"), tokens.hex("selection")) >= 7
    assert contrast(tokens.hex("focus"), tokens.hex("panel")) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_layer_colours_can_be_seen_and_told_apart(qapp: QApplication, name: str) -> None:
    theme = Theme(name)
    for count in range(1, 6):
        colours = [theme.layer_color(k, count).name() for k in range(1, count + 1)]
        assert len(set(colours)) == count
        assert all(contrast(c, theme.hex("panel")) >= 3 for c in colours)


def test_both_themes_have_the_same_tokens() -> None:
    dark, light = load("dark"), load("light")
    assert dark.colors.keys() == light.colors.keys()
    for value in [*dark.colors.values(), *light.colors.values(), *dark.layer_ramp, *light.layer_ramp]:
        assert re.fullmatch(r"#[0-9A-F]{6}", value)


@pytest.mark.parametrize("name", NAMES)
def test_style_sheet_resolves_every_token_and_mark(name: str) -> None:
    tokens = load(name)
    sheet = qss.sheet(tokens)
    assert "@" not in sheet and "$" not in sheet
    for file in re.findall(r'url\("([^"]+)"\)', sheet):
        drawing = Path(file).read_text(encoding="utf-8")
        colour = re.search(r'stroke="(#[0-9A-F]{6})"', drawing)
        assert colour and colour[1] in tokens.colors.values(), file


def test_applying_and_switching_redresses_the_application(qtbot: QtBot, dressed: QApplication) -> None:
    theme = Theme("dark")
    theme.apply(dressed)
    assert dressed.palette().color(QPalette.ColorRole.Window) == theme.color("panel")
    label, button = QLabel("loss"), QPushButton("Train")
    for widget in (label, button):
        qtbot.addWidget(widget)
    dark = label.palette().color(QPalette.ColorRole.WindowText)
    with qtbot.waitSignal(theme.changed, timeout=1000):
        theme.set_choice("light")
    assert theme.name == "light"
    assert dressed.palette().color(QPalette.ColorRole.Window) == QColor("#FFFFFF")
    label.ensurePolished()
    assert label.palette().color(QPalette.ColorRole.WindowText) != dark


def test_choosing_what_is_shown_already_is_quiet(qtbot: QtBot) -> None:
    theme = Theme("dark")
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_choice("dark")


def test_system_follows_the_colour_scheme(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    theme = Theme("system")
    assert theme.name in NAMES
    wanted = "light" if theme.name == "dark" else "dark"
    monkeypatch.setattr(theme, "_resolve", lambda: wanted)
    with qtbot.waitSignal(theme.changed, timeout=1000):
        QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)
    assert theme.name == wanted


def test_unknown_names_raise(qapp: QApplication) -> None:
    theme = Theme("dark")
    for wrong in (
        lambda: theme.color("pinkish"),
        lambda: theme.icon("no-such-icon"),
        lambda: theme.set_choice("sepia"),
        lambda: load("sepia"),
    ):
        with pytest.raises(ThemeError):
            wrong()


def test_icons_take_the_colour_and_the_pixel_ratio(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    square = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">'
        '<path d="M0 0h4v4H0z" fill="currentColor"/></svg>'
    )
    monkeypatch.setattr(resources, "text", lambda name: square)
    drawn = icons.pixmap("square", "#FF5FA8", 16, 2.0)
    assert (drawn.width(), drawn.devicePixelRatio()) == (32, 2.0)
    assert drawn.toImage().pixelColor(16, 16) == QColor("#FF5FA8")


def test_fonts_are_loaded_once_and_figures_are_tabular(qapp: QApplication) -> None:
    theme = Theme("dark")
    assert fonts.load() == []
    assert theme.ui_font(13, 600).pixelSize() == 13
    assert theme.mono_font().featureTags()
    for make in (theme.ui_font, theme.mono_font, theme.math_font):
        assert make(15).families()


def test_blending_is_opaque_and_meets_its_ends() -> None:
    below, above = QColor("#000000"), QColor("#FFFFFF")
    assert blend(below, above, 0.0) == below
    assert blend(below, above, 1.0) == above
    assert blend(below, above, 0.5).red() in (127, 128)
