"""A number's derivation on the clipboard: three forms, by button, key and menu."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.editing.commands import for_selection
from deltaglow.ui.main_window import MainWindow
from deltaglow.ui.panels.copying import copies_menu


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_the_three_forms_and_what_is_said(window: MainWindow, qtbot: QtBot) -> None:
    lab, panel = window.lab, window.explanation
    lab.set_position(lab.phases.end)
    lab.select(Quantity("dW", 2, (1, 0)))
    panel.settle()
    names = [button.accessibleName() for button in panel.copies.buttons]
    assert names == ["Copy as text", "Copy as LaTeX", "Copy as Markdown"]
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_X, both)
    begins = "\\begin{align*}\n\\frac{\\partial L}{\\partial w_{8}} &= "
    qtbot.waitUntil(lambda: clipboard().startswith(begins), timeout=5000)
    latex = clipboard()
    assert latex.endswith("0.184\n\\end{align*}\n")
    assert "textcolor" not in latex
    assert panel.copies.said == "Copied ✓"
    qtbot.waitUntil(lambda: panel.copies.said == "Copy as", timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_M, both)
    qtbot.waitUntil(lambda: clipboard().startswith("**The gradient of w₈**: "), timeout=5000)
    assert "\n$$\n\\begin{aligned}\n" in clipboard()
    qtbot.keyClick(window, Qt.Key.Key_C, both)
    qtbot.waitUntil(lambda: clipboard().splitlines()[-1].startswith("∂L/∂w₈ = 0.18"), timeout=5000)
    qtbot.waitUntil(lambda: panel.copies.said == "Copy as", timeout=5000)


def test_menus_copy_what_they_are_about(window: MainWindow) -> None:
    lab = window.lab
    lab.set_position(lab.phases.end)
    menu = copies_menu(window, lab, Quantity("delta", 2, (0,)))
    menu.actions()[1].trigger()
    assert r"\delta^{(2)}_{1} &= \hat{y}_{1} - y_{1}" in clipboard()
    lab.select(Quantity("z", 1, (0,)))
    (copying,) = [each for each in for_selection(window.diagram.editor) if each and "derivation" in each.text]
    run = copying.below[0].run if copying.below[0] else None
    assert run is not None
    run()
    assert "z⁽¹⁾₁ = −0.3" in clipboard()
    lab.rewind()
    assert not any(each.isEnabled() for each in copies_menu(window, lab, Quantity("z", 1, (0,))).actions())
    (copying,) = [each for each in for_selection(window.diagram.editor) if each and "derivation" in each.text]
    assert copying.why_not() == "It is not computed yet: step on to it"
