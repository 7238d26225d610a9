"""Layers of every kind are added and removed in the Network tab, and what depends on them follows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from deltaglow.model import build, examples
from deltaglow.model.edits import remove_layers, with_part, with_units
from deltaglow.model.parts import Conv1d
from deltaglow.model.project import Project
from deltaglow.model.validate import validate
from deltaglow.session.lab import Lab
from deltaglow.ui.panels import edits
from deltaglow.ui.panels.network_tab import ADD, KINDS, NetworkTab
from deltaglow.ui.theme import Theme


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_added_shown_and_removed(
    qtbot: QtBot, spirals: Lab, theme: Theme, kind: str
) -> None:
    tab = NetworkTab(spirals, theme)
    qtbot.addWidget(tab)
    before = spirals.project
    tab.kind.setCurrentIndex(tab.kind.findData(kind))
    tab.add.click()
    tab.show_project()
    assert spirals.project.network.layers[2].type == ("dense" if kind == "residual" else kind)
    assert len(tab.rows) == 4
    derived = kind not in ("dense", "residual")
    assert tab.rows[2].units.isEnabled() != derived
    tab.rows[2].remove.click()
    assert spirals.project.network == before.network


def layers(project: Project) -> list[tuple[str, int]]:
    return [(layer.type, layer.units) for layer in project.network.layers]


def test_units_before_change_what_follows_from_them() -> None:
    project = examples.load("residual")
    wider = with_units(project, 1, 9)
    assert layers(wider)[:3] == [("dense", 9), ("batch_norm", 9), ("dropout", 9)]
    skip = wider.network.layers[3].skip
    assert skip is not None and skip.projection, "an identity no longer fits"
    validate(wider)


def test_skips_follow_their_source_and_go_with_it() -> None:
    project = examples.load("residual")
    without = remove_layers(project, [2])
    skip = without.network.layers[2].skip
    assert skip is not None and skip.source == 1
    gone = remove_layers(project, [1])
    assert gone.network.layers[2].skip is None
    validate(without)
    validate(gone)


def test_drawing_anew_forgets_given_numbers_of_every_kind() -> None:
    project = examples.load("residual")
    trainer = build.trainer(project)
    trainer.step()
    given = build.with_parameters(project, trainer.network.theta, trainer.network.statistics)
    assert edits.parameters_given(given) and not edits.parameters_given(project)
    assert edits.with_initialisation(given, "xavier_normal") == replace(project)


def test_what_cannot_be_added_or_removed_is_greyed_with_the_reason(qtbot: QtBot, theme: Theme) -> None:
    lab = Lab(examples.load("worked-example"))
    tab = NetworkTab(lab, theme)
    qtbot.addWidget(tab)
    assert tab.add.isEnabled()
    tab.kind.setCurrentIndex(tab.kind.findData("batch_norm"))
    assert not tab.add.isEnabled() and "at least 2 samples" in tab.add.toolTip()
    tab.kind.setCurrentIndex(tab.kind.findData("conv1d"))
    assert tab.add.isEnabled() and tab.add.toolTip() == ADD
    tab.add.click()
    tab.show_project()
    lab.edit("Units", lambda project: with_part(with_units(project, 1, 4), 2, Conv1d(2, 4)))
    tab.show_project()
    assert not tab.rows[0].remove.isEnabled() and "kernel" in tab.rows[0].remove.toolTip()
    assert tab.rows[1].remove.isEnabled()
    units = tab.rows[0].units
    units.stepDown()
    assert units.value() == 4, "a kernel of four needs as many"
    assert lab.project.network.sizes[1] == 4
