"""Fonts: the families of the interface, its numbers and its mathematics, loaded once per application."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFont, QFontDatabase

from deltaglow import resources

UI_FAMILIES = [
    "Inter",
    "STIX Two Math",
    "Noto Sans",
    "Segoe UI",
    "Helvetica Neue",
    "DejaVu Sans",
    "sans-serif",
]
MONO_FAMILIES = [
    "JetBrains Mono",
    "Inter",
    "STIX Two Math",
    "Noto Sans Mono",
    "Menlo",
    "Consolas",
    "DejaVu Sans Mono",
    "monospace",
]
MATH_FAMILIES = ["STIX Two Math", "STIX Two Text", "Cambria Math", "DejaVu Serif", "serif"]

_LOADED = "deltaglow_fonts_loaded"


def load() -> list[str]:
    """Registers every font file under `resources/fonts` and returns the families they brought.

    A second call for the same application does nothing and returns an empty list.
    """
    app = QCoreApplication.instance()
    if app is None or app.property(_LOADED):
        return []
    app.setProperty(_LOADED, True)
    try:
        folder = resources.path("fonts")
    except resources.ResourceError:
        return []
    families: list[str] = []
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() in (".ttf", ".otf"):
            number = QFontDatabase.addApplicationFont(str(file))
            if number >= 0:
                families += QFontDatabase.applicationFontFamilies(number)
    return families


def font(families: list[str], size: float, weight: int) -> QFont:
    """A font of `size` logical pixels and OpenType `weight` (400 regular, 600 semi-bold), figures tabular."""
    return QFont(_font(tuple(families), size, weight))


@cache
def _font(families: tuple[str, ...], size: float, weight: int) -> QFont:
    made = QFont()
    made.setFamilies(families)
    made.setPixelSize(max(1, round(size)))
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made
