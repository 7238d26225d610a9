"""Layers of every kind are added and removed in the Network tab, and what depends on them follows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from deltaglow.model import build, examples
from deltaglow.model.edits import remove_layers, with_units
from deltaglow.model.project import Project
from deltaglow.model.validate import validate
from deltaglow.session.lab import Lab
from deltaglow.ui.panels import edits
from deltaglow.ui.panels.network_tab import KINDS, NetworkTab
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
