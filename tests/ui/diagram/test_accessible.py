"""The diagram as assistive programs see it: by Qt's own accessibility interface, as a screen reader would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface
from pytestqt.qtbot import QtBot

from deltaglow.model import edits, examples
from deltaglow.session.lab import Lab
from deltaglow.ui.diagram import DiagramView, speech
from deltaglow.ui.theme.theme import Theme

Name, Description = QAccessible.Text.Name, QAccessible.Text.Description


@pytest.fixture(scope="module", autouse=True)
def factory(qapp: object) -> None:
    QAccessible.installFactory(speech.interface)


@pytest.fixture
def active() -> Iterator[None]:
    """As if a screen reader were there."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def diagram(qtbot: QtBot, name: str) -> DiagramView:
    view = DiagramView(Lab(examples.load(name)), Theme("dark"))
    qtbot.addWidget(view)
    view.resize(700, 420)
    view.show()
    return view


def below(item: QAccessibleInterface) -> list[QAccessibleInterface]:
    return [item.child(n) for n in range(item.childCount())]


def test_every_unit_connection_and_output_has_a_name_a_place_and_its_numbers(qtbot: QtBot) -> None:
    view = diagram(qtbot, "worked-example")
    lab = view.speech._lab
    lab.set_position(lab.phases.end)
    tree = QAccessible.queryAccessibleInterface(view)
    columns = below(tree)
    assert tree.text(Name) == "Network diagram"
    assert [column.text(Name) for column in columns] == [
        "inputs, 3 units",
        "Layer 1, sigmoid, 2 units",
        "Layer 2, identity, 2 units",
        "outputs and targets, 2 units",
    ]
    assert [len(below(column)) for column in columns] == [3, 2, 2, 2]
    unit = below(columns[1])[0]
    assert unit.text(Name) == "activation a of layer 1, unit 1: 0.4256"
    assert "δ⁽¹⁾₁ = −0.04233" in unit.text(Description)
    weight = below(unit)[2]
    assert weight.text(Name) == "weight w3 from input 3 to unit 1 of layer 1: 0.4000"
    assert below(columns[3])[1].text(Name) == "softmax output 2: 0.4329"
    for item in (*columns, unit, weight, *below(columns[3])):
        assert item.isValid() and view.window().geometry().contains(item.rect())
        assert item.parent().indexOfChild(item) >= 0
        for child in below(item):
            middle = child.rect().center()
            assert item.childAt(middle.x(), middle.y()) is not None


def test_what_is_not_computed_yet_is_said_to_be_so(qtbot: QtBot) -> None:
    view = diagram(qtbot, "worked-example")
    unit = QAccessible.queryAccessibleInterface(view).child(1).child(0)
    assert unit.text(Name) == "activation a of layer 1, unit 1: not computed yet"
    assert unit.text(Description).startswith("b") and "δ" not in unit.text(Description)


def test_pressing_an_item_explains_it_and_gives_it_the_focus(qtbot: QtBot, active: None) -> None:
    view = diagram(qtbot, "worked-example")
    lab = view.speech._lab
    tree = QAccessible.queryAccessibleInterface(view)
    unit = tree.child(1).child(1)
    action = unit.actionInterface()
    assert action.actionNames() == ["Press"]
    action.doAction("Press")
    assert str(lab.selected) == "b[1][1]"  # all that is known of it before the first phase
    assert unit.state().focused and not tree.child(1).child(0).state().focused
    lab.set_position(lab.phases.end)
    action.doAction("Press")
    assert str(lab.selected) == "a[1][1]"
    tree.child(2).child(0).child(1).actionInterface().doAction("Press")
    assert str(lab.selected) == "W[2][0,1]"


def test_items_of_units_that_are_gone_are_no_longer_valid(qtbot: QtBot, active: None) -> None:
    view = diagram(qtbot, "residual")
    lab = view.speech._lab
    tree = QAccessible.queryAccessibleInterface(view)
    last = below(tree.child(1))[-1]
    every = [item for column in below(tree) for item in below(column) for item in (item, *below(item))]
    assert len(every) > 40 and all(item.text(Name) for item in every)
    lab.edit("Remove a unit", lambda project: edits.remove_units(project, [(1, 0)]))
    assert not last.isValid() and last.text(Name) == "" and last.childCount() == 0 and last.state().invalid
    last.actionInterface().doAction("Press")
