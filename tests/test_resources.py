"""The one way to the files under resources/: what it finds, and what it refuses."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtGui import QFontDatabase, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from deltaglow import resources

SVG = "{http://www.w3.org/2000/svg}"
FAMILIES = {"Inter": "Inter", "JetBrainsMono": "JetBrains Mono", "STIXTwoMath": "STIX Two Math"}
APP_ICONS = {"deltaglow", "deltaglow-16", "wordmark"}
UI_ICONS = [name for name in resources.names("icons", ".svg") if name not in APP_ICONS]
FONTS = sorted(p.name for p in resources.path("fonts").iterdir() if p.suffix in {".otf", ".ttf"})


@pytest.fixture
def forget_root() -> Iterator[None]:
    resources.root.cache_clear()
    yield
    resources.root.cache_clear()


def test_root_is_the_checkouts() -> None:
    assert resources.root() == Path(__file__).resolve().parents[1] / "resources"


@pytest.mark.usefixtures("forget_root")
def test_a_frozen_build_looks_in_its_own_folder_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = tmp_path / "deltaglow" / "resources"
    frozen.mkdir(parents=True)
    (frozen / "note.txt").write_text("δ", encoding="utf-8")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources.text("note.txt") == "δ"


@pytest.mark.usefixtures("forget_root")
def test_a_frozen_build_without_resources_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "__file__", str(tmp_path / "a" / "b" / "resources.py"))
    with pytest.raises(resources.ResourceError, match="no resources folder in any of"):
        resources.root()


@pytest.mark.parametrize(
    "name",
    ["../pyproject.toml", "icons/../../LICENSE", "/etc/passwd", "C:/autoexec.bat", "icons\\play.svg", "\\x"],
)
def test_names_that_leave_the_folder_are_refused(name: str) -> None:
    with pytest.raises(resources.ResourceError, match="not a resource name"):
        resources.path(name)


def test_a_name_that_is_not_there_is_said() -> None:
    with pytest.raises(resources.ResourceError, match=r"no such resource: icons/unicorn\.svg"):
        resources.path("icons/unicorn.svg")


def test_names_are_sorted_stems_of_one_kind() -> None:
    names = resources.names("icons", ".svg")
    assert names == sorted(names)
    assert {"play", "pause", "deltaglow"} <= set(names)
    assert not any(name.endswith(".svg") for name in names)


@pytest.mark.parametrize("name", UI_ICONS)
def test_interface_icons_share_one_grid_and_stroke(name: str) -> None:
    svg = ET.fromstring(resources.text(f"icons/{name}.svg"))  # noqa: S314
    assert svg.tag == f"{SVG}svg"
    assert svg.get("viewBox") == "0 0 24 24"
    assert (svg.get("stroke"), svg.get("stroke-width"), svg.get("fill")) == ("currentColor", "1.75", "none")


@pytest.mark.parametrize("name", resources.names("icons", ".svg"))
def test_every_icon_draws_and_stays_on_its_canvas(name: str, qapp: QGuiApplication) -> None:
    renderer = QSvgRenderer(str(resources.path(f"icons/{name}.svg")))
    assert renderer.isValid()
    image = QImage(96, 96, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    ink = [(x, y) for x in range(96) for y in range(96) if image.pixelColor(x, y).alpha() > 0]
    assert len(ink) > 96
    if name in UI_ICONS:  # a stroke at the border would be cut
        assert all(4 <= x < 92 and 4 <= y < 92 for x, y in ink)


@pytest.mark.parametrize("name", FONTS)
def test_every_font_loads_under_its_family(name: str, qapp: QGuiApplication) -> None:
    family = FAMILIES[name.partition("-")[0]]
    number = QFontDatabase.addApplicationFont(str(resources.path(f"fonts/{name}")))
    assert family in QFontDatabase.applicationFontFamilies(number)
    QFontDatabase.removeApplicationFont(number)


def test_every_font_has_its_licence() -> None:
    for family in FAMILIES:
        assert "SIL OPEN FONT LICENSE" in resources.text(f"fonts/{family}-OFL.txt")
