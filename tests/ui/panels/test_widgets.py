"""The small shared widgets."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from deltaglow.model.quantity import Quantity
from deltaglow.model.rules import RULES
from deltaglow.ui.notices import Choice, Notices
from deltaglow.ui.panels.trail import LONGEST, Trail
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import FlowLayout, SignedBar
from deltaglow.ui.widgets.band_slider import BandSlider
from deltaglow.ui.widgets.complaint import complain, complaint_within
from deltaglow.ui.widgets.spins import IntSpin, NumberSpin


def columns_of(widget: QWidget, colour: QColor) -> list[int]:
    image = widget.grab().toImage()
    middle = image.height() // 2
    return [x for x in range(image.width()) if image.pixelColor(x, middle) == colour]


@pytest.mark.parametrize(("value", "side"), [(0.5, "right"), (-0.5, "left")])
def test_a_bar_goes_to_the_side_of_its_sign(qtbot: QtBot, theme: Theme, value: float, side: str) -> None:
    bar = SignedBar(theme)
    qtbot.addWidget(bar)
    bar.resize(100, 16)
    bar.show_value(value, 1.0, "delta")
    found = columns_of(bar, theme.color("delta"))
    assert 20 <= len(found) <= 25
    assert (min(found) > 50) if side == "right" else (max(found) < 50)


def test_a_bar_stays_within_its_scale(qtbot: QtBot, theme: Theme) -> None:
    bar = SignedBar(theme)
    qtbot.addWidget(bar)
    bar.resize(100, 16)
    bar.show_value(50.0, 1.0, "delta")
    assert max(columns_of(bar, theme.color("delta"))) <= 99
    bar.show_value(float("nan"), 1.0, "delta")
    assert columns_of(bar, theme.color("delta")) == []


def test_a_flow_wraps_and_hidden_widgets_take_no_room(qtbot: QtBot) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    flow = FlowLayout(5)
    area.setLayout(flow)
    buttons = [QWidget() for _ in range(4)]  # which no style sheet makes larger
    for button in buttons:
        button.setFixedSize(QSize(60, 20))
        flow.addWidget(button)
    area.resize(130, 200)
    area.show()
    qtbot.waitExposed(area)
    assert flow.heightForWidth(130) == 45
    assert flow.heightForWidth(500) == 20
    assert buttons[2].y() > buttons[1].y() == buttons[0].y()
    buttons[0].hide()
    buttons[1].hide()
    assert flow.heightForWidth(130) == 20
    assert flow.itemAt(9) is None and flow.takeAt(9) is None and flow.count() == 4


def test_the_slider_gives_back_the_number_it_is_shown(qtbot: QtBot, theme: Theme) -> None:
    slider = BandSlider(theme, (-5, 1), [(0.0, "band_1"), (0.1, "band_5")])
    qtbot.addWidget(slider)
    slider.resize(200, 22)
    for number in (1e-5, 0.00031, 0.01, 0.1, 0.5, 10.0):
        with qtbot.assertNotEmitted(slider.chosen):
            slider.show_number(number)
        assert slider.number() == pytest.approx(number, rel=0.05)
    slider.show_number(500.0)
    assert slider.number() == 10.0
    with qtbot.waitSignal(slider.chosen, timeout=1000) as chosen:
        qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert chosen.args[0] == pytest.approx(7.9)


def test_the_current_band_is_drawn_at_full_strength(qtbot: QtBot, theme: Theme) -> None:
    slider = BandSlider(theme, (-5, 1), [(0.0, "band_1"), (0.001, "band_3"), (0.1, "band_5")])
    qtbot.addWidget(slider)
    slider.resize(300, 22)
    slider.show_number(0.005)
    assert columns_of(slider, theme.color("band_3"))
    assert not columns_of(slider, theme.color("band_5"))


def test_a_number_box_takes_numbers_as_people_write_them(qtbot: QtBot) -> None:
    box = NumberSpin(RULES["learning_rate"], ratio=True)
    qtbot.addWidget(box)
    box.setValue(0.1)
    for text, value in (("0,25", 0.25), ("3e-4", 0.0003), (" 2 ", 2.0)):
        box.selectAll()
        qtbot.keyClicks(box, text)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert box.value() == pytest.approx(value)
    for text in ("", "nan", "0", "-3", "1e9", "fast"):
        box.selectAll()
        qtbot.keyClick(box, Qt.Key.Key_Delete)
        qtbot.keyClicks(box, text)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert "above 0" in complaint_within(box)
        assert box.value() == 2.0
    box.stepBy(1)
    assert box.value() == pytest.approx(2.5)


def test_a_whole_number_out_of_the_limits_is_told_beside_its_box_and_not_cut_to_fit(qtbot: QtBot) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    box, other = IntSpin(RULES["units"], area), IntSpin(RULES["seed"], area)
    other.move(0, 60)
    area.resize(300, 200)
    with qtbot.waitActive(area):
        area.show()
        area.activateWindow()
    box.setValue(7)
    for text in ("100000", "12.5", "many", "0", ""):
        box.setFocus()
        box.selectAll()
        qtbot.keyClick(box, Qt.Key.Key_Delete)
        qtbot.keyClicks(box, text)
        assert box.text() == text
        assert bool(complaint_within(box)) == (text not in ("0", "")), "what more digits may mend is let be"
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert "from 1 to 4096" in complaint_within(box) and box.value() == 7
    qtbot.keyClicks(box, "4")
    assert not complaint_within(box)
    complain(box, "Something")
    other.setFocus()
    assert not complaint_within(area)
    for text, value in (("1 000", 1000), ("2,000", 2000), ("+30", 30)):
        box.setFocus()
        box.selectAll()
        qtbot.keyClicks(box, text)
        other.setFocus()
        assert box.value() == value and not complaint_within(area)
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "0")
    other.setFocus()
    assert "Units is 0" in complaint_within(box), "said also where one has gone on"


def test_a_slider_comes_to_the_pointer_and_goes_with_it(qtbot: QtBot, theme: Theme) -> None:
    slider = BandSlider(theme, (-5, 1), [(0.0, "band_1"), (0.1, "band_5")])
    qtbot.addWidget(slider)
    slider.resize(314, 22)
    slider.show_number(10.0)
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(slider, left, pos=QPoint(157, 11))
    assert slider.isSliderDown() and slider.number() == pytest.approx(0.01)
    qtbot.mouseMove(slider, QPoint(57, 11))
    assert slider.number() == pytest.approx(1e-4)
    qtbot.mouseMove(slider, QPoint(-300, 11))
    assert slider.number() == pytest.approx(1e-5)
    qtbot.mouseRelease(slider, left, pos=QPoint(-300, 11))
    assert not slider.isSliderDown()
    qtbot.mousePress(slider, left, pos=QPoint(11, 11))
    assert slider.number() == pytest.approx(1e-5), "on the handle nothing jumps"
    qtbot.mouseMove(slider, QPoint(61, 11))
    qtbot.mouseRelease(slider, left, pos=QPoint(61, 11))
    assert slider.number() == pytest.approx(1e-4)
    qtbot.mousePress(slider, Qt.MouseButton.RightButton, pos=QPoint(200, 11))
    assert slider.number() == pytest.approx(1e-4)


def test_the_trail_goes_back_and_stays_bounded() -> None:
    trail = Trail()
    assert trail.peek(-1) is None and trail.go(-1) is None
    for number in range(LONGEST + 20):
        trail.visit(Quantity("x", None, (number,)))
        trail.visit(Quantity("x", None, (number,)))
    steps = 0
    while trail.go(-1) is not None:
        steps += 1
    assert steps == LONGEST - 1  # the one on show is among them


def test_the_trail_drops_what_exists_no_longer() -> None:
    trail = Trail()
    for number in (1, 9, 1, 2, 9, 3):
        trail.visit(Quantity("x", None, (number,)))
    trail.go(-2)
    trail.keep(lambda quantity: quantity.index != (9,))
    assert [quantity.index for quantity in trail.lately(9)] == [(1,), (2,)]
    assert trail.peek(1) == Quantity("x", None, (3,))
    trail.keep(lambda quantity: False)
    assert trail.lately(9) == [] and trail.peek(1) is None and trail.peek(-1) is None


def test_a_text_that_wraps_is_as_high_with_its_second_words_as_with_its_first(qtbot: QtBot) -> None:
    short, long = (
        "One line of words",
        "Words enough for two lines in a narrow bar, and some more for a third",
    )
    bars = Notices()
    qtbot.addWidget(bars)
    bars.resize(220, 400)
    bars.show()
    bar = bars.say("subject", short, (Choice("Do it", "Does it", lambda: None),))

    def height() -> int:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        return bars.heightForWidth(bars.width())

    first = height()
    bar.text.setText(long)
    assert height() > first
    bar.text.setText(short)
    assert height() == first
