"""The diagram of networks and numbers that are larger than anyone would choose."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF

from deltaglow.ui.diagram.geometry import Geometry
from deltaglow.ui.diagram.nodes import brief, figure_size, room, signed
from deltaglow.ui.diagram.notes import note_box, symbol_box
from deltaglow.ui.theme import Theme


@pytest.mark.parametrize("value", [0.0, -0.42, 12.3456, -273239.0, 1e6, -98765432.0, 1.7e200, -1.7e200, 4e-9])
@pytest.mark.parametrize("decimals", [2, 3])
@pytest.mark.parametrize("most", [4, 5, 6])
def test_what_stands_in_a_unit_stays_short_and_true(value: float, decimals: int, most: int) -> None:
    text = brief(value, decimals, most)
    assert len(text) <= (6 if abs(value) > 1e99 else most)
    assert float(text.replace("−", "-")) == pytest.approx(value, rel=0.2, abs=0.01)


def test_figures_end_within_their_unit(qapp: object) -> None:
    for radius in (10.0, 13.0, 17.9, 18.0, 21.0, 24.0, 30.0):
        size = figure_size(radius)
        metrics = QFontMetricsF(Theme("dark").mono_font(size))
        for value in (-0.7321, -0.0468, 0.5, -12.3, 123.4):
            wide = metrics.horizontalAdvance(brief(value, 3 if radius >= 22 else 2, room(radius)))
            assert (wide / 2) ** 2 + (0.35 * size) ** 2 <= (radius + 0.5) ** 2, (radius, value)


def test_what_is_not_finite_stands_as_it_is() -> None:
    assert brief(float("nan"), 3) == signed("nan") == "nan"
    assert brief(float("-inf"), 3) == "−inf"


def test_a_wide_layer_takes_no_text_from_the_narrow_ones() -> None:
    assert Geometry((2, 500, 3), 650, 515).detail == Geometry((2, 3, 3), 650, 515).detail


@pytest.mark.parametrize("units", [2, 3, 4])
def test_the_notes_of_a_unit_end_above_the_symbol_of_the_next(units: int) -> None:
    for height in range(300, 900):
        geometry = Geometry((2, units), 650, height)
        if geometry.detail >= 2:
            column = geometry.columns[1]
            last = note_box(column, 0, geometry.detail - 2)
            assert last.bottom() <= symbol_box(column, 1).top(), height


def test_a_bar_leaves_room_for_its_caption_and_holds_its_units() -> None:
    geometry = Geometry((784, 64, 10), 650, 515)
    column = geometry.columns[0]
    assert column.bar is not None
    assert column.bar.top() >= geometry.net.top() + 14
    assert column.bar.top() < column.ys[0] and column.ys[-1] < column.bar.bottom()
