"""The card of a layer has a control for everything that the project file says of its kind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QWidget
from tests.ui.conftest import OpenProject

from deltaglow.model import examples
from deltaglow.model.parts import BatchNorm, Conv1d, Dropout, Part, Skip
from deltaglow.model.project import Layer, NetworkSpec, Project
from deltaglow.ui.diagram.editing.popover import Popover
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.complaint import complaint_within
from deltaglow.ui.widgets.spins import JudgedSpin

LEFT = Qt.MouseButton.LeftButton
ENABLED = Qt.ItemFlag.ItemIsEnabled


def network(*hidden: Layer) -> Project:
    project = examples.load("moons")
    return replace(project, network=NetworkSpec(2, (*hidden, Layer(2)), project.network.loss))


def card(open_project: OpenProject, project: Project, layer: int) -> Popover:
    window = open_project(project)
    window.diagram.editor.open_layer(layer)
    found = window.diagram.editor.popover
    assert found is not None
    return found


def shown(popover: Popover) -> set[str]:
    controls: dict[str, QWidget] = {
        **popover.numbers,
        "from": popover.source,
        "projection": popover.projection,
    }
    return {key for key, control in controls.items() if control.isVisible()}


@pytest.mark.parametrize(
    ("part", "numbers"),
    [
        (BatchNorm(), {"eps": 0.01, "momentum": 0.3}),
        (Dropout(0.5), {"rate": 0.2}),
        (Conv1d(2, 2), {"channels": 3, "kernel": 3, "stride": 2, "in_channels": 2}),
    ],
)
def test_every_number_of_a_layer_is_set_and_taken_back(
    open_project: OpenProject, part: Part, numbers: dict[str, float]
) -> None:
    units = 9 if isinstance(part, BatchNorm | Dropout) else 5 * 2
    middle = Layer(units if not isinstance(part, Conv1d) else 22, part=part)
    project = network(Layer(12 if isinstance(part, Conv1d) else units, "tanh"), middle)
    popover = card(open_project, project, 2)
    assert shown(popover) == set(numbers)
    lab = popover._tools.lab
    for key, number in numbers.items():
        popover.numbers[key].setValue(number)  # type: ignore[arg-type]
        assert getattr(lab.project.network.layers[1].part, key) == number
        assert not popover._problem.isVisible()
    for _ in numbers:
        lab.document.undo_stack.undo()
    assert (
        lab.project == project
        and popover.numbers[next(iter(numbers))].value() != numbers[next(iter(numbers))]
    )


def test_where_a_connection_around_comes_from_and_whether_it_has_a_matrix(open_project: OpenProject) -> None:
    project = network(Layer(4, "tanh"), Layer(4, "tanh"), Layer(4, "tanh", skip=Skip(1)))
    popover = card(open_project, project, 3)
    lab = popover._tools.lab
    assert shown(popover) == {"from", "projection"} and popover.source.maximum() == 2
    popover.source.setValue(2)
    assert lab.project.network.layers[2].skip == Skip(2)
    popover.source.setValue(0)
    assert popover._problem.isVisible() and lab.project.network.layers[2].skip == Skip(2)
    assert popover.source.value() == 2
    popover.projection.click()
    popover.source.setValue(0)
    assert lab.project.network.layers[2].skip == Skip(0, True) and not popover._problem.isVisible()


def test_a_plain_layer_has_none_of_them(open_project: OpenProject) -> None:
    assert shown(card(open_project, network(Layer(4, "tanh")), 1)) == set()


def test_a_press_on_a_list_or_beside_the_controls_leaves_the_card_open(open_project: OpenProject) -> None:
    popover = card(open_project, network(Layer(4, "tanh")), 1)
    for name in (popover.activation, popover.init, popover.kind):
        QTest.mousePress(popover.window().windowHandle(), LEFT, pos=place(name))
        QTest.mouseRelease(popover.window().windowHandle(), LEFT, pos=place(name))
        assert popover.isVisible() and name.view().isVisible(), "its list is open"
        name.hidePopup()
    QTest.mouseClick(popover.window().windowHandle(), LEFT, pos=popover.mapTo(popover.window(), QPoint(4, 4)))
    assert popover.isVisible()
    QTest.keyClick(QApplication.focusWidget() or popover, Qt.Key.Key_Escape)
    assert popover.isHidden()


def place(control: QWidget) -> QPoint:
    return control.mapTo(control.window(), control.rect().center())


def greyed(kind: Combo) -> dict[str, str]:
    """The names that cannot be chosen, and why, as who opens the list sees them."""
    kind.showPopup()
    kind.hidePopup()
    items = range(kind.count())
    off = [place for place in items if not kind.model().flags(kind.model().index(place, 0)) & ENABLED]
    return {kind.itemData(place): kind.itemData(place, Qt.ItemDataRole.ToolTipRole) for place in off}


def test_a_kind_that_would_be_refused_is_greyed_with_the_reason(open_project: OpenProject) -> None:
    popover = card(open_project, examples.load("worked-example"), 1)
    assert list(greyed(popover.kind)) == ["batch_norm"]
    assert "at least 2 samples" in greyed(popover.kind)["batch_norm"]
    popover.kind.setFocus()
    for _ in range(popover.kind.count()):
        QTest.keyClick(popover.kind, Qt.Key.Key_Down)
        assert popover.kind.name() != "batch_norm" and not popover._problem.isVisible()
    assert popover.kind.name() == "conv1d", "the keys go past it"


def test_arrows_go_past_what_does_not_fit_and_say_why(open_project: OpenProject) -> None:
    slides = Layer(8, part=Conv1d(2, 3, in_channels=2))
    popover = card(open_project, network(Layer(12, "tanh"), slides), 2)
    seen, kernel = popover.numbers["in_channels"], popover.numbers["kernel"]
    assert isinstance(seen, JudgedSpin) and isinstance(kernel, JudgedSpin)
    found = [seen.value()]
    for _ in range(3):
        seen.stepUp()
        found.append(seen.value())
    assert found == [2, 3, 4, 4], "12 fall into so many channels; of 6 the kernel is longer than what is left"
    kernel.setFocus()
    assert not kernel.stepEnabled() & QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
    assert "longer than the 3 positions" in kernel.toolTip()
    kernel.selectAll()
    QTest.keyClicks(kernel, "4")
    assert "longer than the 3 positions" in complaint_within(kernel)
    QTest.keyClick(kernel, Qt.Key.Key_Return)
    assert kernel.value() == 3


def test_a_matrix_of_its_own_stays_where_the_units_are_not_as_many(open_project: OpenProject) -> None:
    popover = card(open_project, network(Layer(3, "tanh"), Layer(4, "tanh", skip=Skip(1, True))), 2)
    assert not popover.projection.isEnabled() and "cannot add the 3 units" in popover.projection.toolTip()
    popover = card(open_project, network(Layer(4, "tanh"), Layer(4, "tanh", skip=Skip(1, True))), 2)
    assert popover.projection.isEnabled()


def test_another_kind_by_the_keys_goes_past_rows_that_are_no_more(open_project: OpenProject) -> None:
    popover = card(open_project, network(Layer(8, "tanh"), Layer(12, part=Conv1d(2, 3))), 2)
    for name in ("dropout", "conv1d", "batch_norm", "conv1d", "residual"):
        popover.init.setFocus()  # it is greyed with dropout, and the keys go to what comes next
        popover.kind.setCurrentIndex(popover.kind.findData(name))
        popover.kind.activated.emit(popover.kind.currentIndex())
        assert popover._tools.lab.project.network.layers[1].type == ("dense" if name == "residual" else name)
