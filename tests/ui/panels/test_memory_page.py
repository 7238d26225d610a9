"""The Memory page: edits are undoable edits of the project, the ledger is that of the run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from pytestqt.qtbot import QtBot

from deltaglow.explain.memory import entries
from deltaglow.model.parts import BatchNorm
from deltaglow.model.project import Layer
from deltaglow.session.lab import Lab
from deltaglow.ui.panels.memory_page import MemoryPage
from deltaglow.ui.panels.parameters import ParameterPanel
from deltaglow.ui.theme import Theme


@pytest.fixture
def panel(qtbot: QtBot, spirals: Lab, theme: Theme) -> ParameterPanel:
    made = ParameterPanel(spirals, theme)
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    return made


@pytest.fixture
def page(qtbot: QtBot, panel: ParameterPanel) -> MemoryPage:
    button = panel.training.choice.button(3)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.training.memory.isVisible()
    return panel.training.memory


def test_the_ledger_is_that_of_the_run(page: MemoryPage, spirals: Lab, qtbot: QtBot) -> None:
    shown = page.ledger.lines
    assert shown == [(e.label.capitalize(), e.size) for e in entries(spirals.ledger())]
    assert shown[0][0] == "Parameters" and shown[-1][0] == "In all"
    spirals.train()
    qtbot.waitUntil(lambda: spirals.history.length > 200)
    assert page.ledger.lines == shown
    spirals.pause()
    assert page.ledger.lines == [(e.label.capitalize(), e.size) for e in entries(spirals.ledger())] != shown


def test_segments_are_chosen_and_save_memory(page: MemoryPage, spirals: Lab) -> None:
    def activations() -> int:
        return spirals.ledger().activations

    before, names = activations(), [page.segments.itemData(i) for i in range(page.segments.count())]
    assert names == ["1", "auto", "2", "3"] and page.segments.currentText() == "off"
    for name, kept in (("auto", "auto"), ("3", 3)):
        page.segments.setCurrentIndex(page.segments.findData(name))
        page.segments.activated.emit(page.segments.currentIndex())
        assert spirals.project.training.checkpoint == kept
        assert activations() < before
        assert "Of these, shared" in dict(page.ledger.lines)
    spirals.document.undo_stack.undo()
    spirals.document.undo_stack.undo()
    QCoreApplication.processEvents()  # the panel follows once all is painted
    assert page.segments.currentText() == "off" and activations() == before
    assert "Of these, shared" not in dict(page.ledger.lines)


def test_micro_batches_are_edited_and_refused_with_batch_normalisation(
    page: MemoryPage, panel: ParameterPanel, spirals: Lab
) -> None:
    page.micro_batches.setValue(3)
    assert spirals.project.training.micro_batches == 3 and panel.error == ""
    page.micro_batches.setValue(1)
    network = spirals.project.network
    norm = Layer(network.layers[0].units, part=BatchNorm())
    layers = (network.layers[0], norm, *network.layers[1:])
    spirals.edit("Norm", replace(spirals.project, network=replace(network, layers=layers)))
    page.micro_batches.setValue(2)
    assert "layer 2 is batch normalisation" in panel.error
    assert spirals.project.training.micro_batches == 1 == page.micro_batches.value()


def test_every_line_says_what_it_is(page: MemoryPage) -> None:
    for name, size in page.ledger._lines:
        if not name.isHidden():
            assert name.toolTip() == size.toolTip() and "bytes." in size.toolTip()
            assert size.accessibleName().startswith("Memory, ")


def test_the_names_of_the_pages_fit(panel: ParameterPanel) -> None:
    for button in panel.training.choice.buttons():
        assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width() - 4
