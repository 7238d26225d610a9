"""Without a mouse and without eyes: every control has a name, and a whole session goes by keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from deltaglow.model import fileformat
from deltaglow.model.quantity import Quantity
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.network_table import NetworkTable

CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
)  # fmt: skip
CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def controls(root: QWidget) -> list[QWidget]:
    """Everything that is seen and can be worked, but for the parts of other controls."""
    return [
        each
        for each in root.findChildren(QWidget)
        if isinstance(each, CONTROLS)
        and each.isVisible()
        and not isinstance(each, QScrollBar)
        and not isinstance(each.parentWidget(), QAbstractSpinBox | QComboBox | QAbstractItemView)
        and not each.objectName().startswith("qt_")
    ]


def described(each: QWidget) -> str:
    return f"{type(each).__name__} {each.accessibleName()!r} {each.toolTip()[:40]!r}"


def test_every_control_has_a_name_and_says_what_it_does(window: MainWindow) -> None:
    found = controls(window)
    assert len(found) > 30
    nameless = [
        described(each)
        for each in found
        if not (QAccessible.queryAccessibleInterface(each).text(QAccessible.Text.Name) or "").strip()
    ]
    assert not nameless
    assert not [described(each) for each in found if not each.toolTip()]


def test_tab_comes_to_every_control_and_round_again(window: MainWindow) -> None:
    wanted = {each for each in controls(window) if each.isEnabled()}
    seen: set[QWidget] = set()
    for _ in range(3 * len(wanted)):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        seen.add(now)
    without_keys = {each for each in wanted if each.focusPolicy() & Qt.FocusPolicy.TabFocus} - seen
    assert not [described(each) for each in without_keys]


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or QApplication.activeWindow(), key, modifiers)


def test_a_whole_session_without_a_mouse(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, panel = window.lab, window.explanation
    for _ in range(40):
        if lab.complete:
            break
        press(Qt.Key.Key_Right)
    assert lab.complete, "played forward to the end"
    before = panel._address.field.text()
    press(Qt.Key.Key_G, CONTROL)
    QTest.keyClicks(QApplication.focusWidget(), "W[9]")
    for _ in range(3):  # proposals, what was typed, the field
        press(Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is window.diagram, "Esc leads back"
    assert panel._address.field.text() == before
    press(Qt.Key.Key_G, CONTROL)
    QTest.keyClicks(QApplication.focusWidget(), "delta[1][0]")
    press(Qt.Key.Key_Return)
    assert lab.selected == Quantity("delta", 1, (0,))
    panel.settle()
    chip = next(each for each in panel._body.made_of.chips if each.quantity == Quantity("W", 2, (0, 0)))
    for _ in range(60):
        press(Qt.Key.Key_Tab)
        if QApplication.focusWidget() is chip:
            break
    assert QApplication.focusWidget() is chip, "Tab comes to what it is made of"
    press(Qt.Key.Key_Return)
    assert lab.selected == Quantity("W", 2, (0, 0))
    qtbot.waitUntil(lambda: panel.derivation is not None and panel.derivation.quantity == lab.selected)
    press(Qt.Key.Key_Left, ALT)
    qtbot.waitUntil(lambda: lab.selected == Quantity("delta", 1, (0,)), timeout=5000)  # and back
    press(Qt.Key.Key_T)
    qtbot.waitUntil(lambda: lab.head > 20, timeout=20_000)
    press(Qt.Key.Key_T)
    qtbot.waitUntil(lambda: not lab.running, timeout=20_000)
    press(Qt.Key.Key_Z, CONTROL)
    assert lab.head == 1
    target = tmp_path / "by keys.dglow"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(target), ""))
    press(Qt.Key.Key_S, CONTROL)
    assert fileformat.read(target).title == "Worked example"


def test_the_network_as_a_table_is_read_and_followed(window: MainWindow, qtbot: QtBot) -> None:
    lab = window.lab
    QTest.keyClick(window, Qt.Key.Key_T, CONTROL | SHIFT)
    table = window.findChild(NetworkTable)
    assert table is not None
    tree = table.tree
    assert tree.currentItem().text(0) == "Error delta of layer 1, unit 1"
    assert tree.currentItem().text(2) == "not computed yet"
    lab.set_position(lab.phases.end)
    assert tree.currentItem().text(2) == "−0.0423257"
    lab.select(Quantity("W", 2, (0, 1)))
    assert tree.currentItem().text(0).startswith("Weight w9 from unit 2 of layer 1")
    spoken = tree.currentItem().data(0, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith("unit 1 of layer 2: 0.400000")
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert lab.selected == Quantity("dW", 2, (0, 1)), "a row is a selection"
    interface = QAccessible.queryAccessibleInterface(tree)
    assert interface.role() == QAccessible.Role.Tree
    assert interface.text(QAccessible.Text.Name) == "The network's numbers"
    window.files.open_example("xor")
    qtbot.waitUntil(lambda: tree.topLevelItemCount() > 0 and tree.currentItem() is not None)
    assert tree.topLevelItem(0).text(0) == "Inputs"
    lab.select(Quantity("y_hat", None, (1,)))
    assert tree.currentItem().text(1) == "ŷ₂"
    table.close()


def test_sliders_say_in_words_where_they_stand(window: MainWindow, qtbot: QtBot) -> None:
    lab, transport = window.lab, window.transport
    lab.set_position(lab.phases.position("delta:1@0.5"))
    assert transport.scrub.accessibleName() == "Position in the step: δ hidden, layer 1"
    assert transport.speed.accessibleName() == "Animation speed: 1.0 s a layer"
    transport.speed.setValue(100)
    assert transport.speed.accessibleName() == "Animation speed: 50 ms a layer"
