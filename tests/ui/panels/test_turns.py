"""While a step plays, an explanation is renewed in turns, and never seen half renewed."""

from __future__ import annotations

from deltaglow.model import examples
from deltaglow.model.quantity import Quantity
from deltaglow.session.lab import Lab
from deltaglow.ui.panels.explanation import ExplanationPanel
from deltaglow.ui.theme import Theme


def _playing(qtbot, qapp):
    lab = Lab(examples.load("worked-example"))
    panel = ExplanationPanel(lab, Theme("dark"))
    qtbot.addWidget(panel)
    panel.resize(340, 900)
    panel.show()
    lab.select(Quantity("delta", 1, (0,)))
    panel.settle()
    lab.set_playing(True)
    lab.set_position(lab.phases.position("delta:1@1"))
    assert panel._turns.active
    return lab, panel


def test_the_new_numbers_come_into_sight_all_at_once(qtbot, qapp):
    _lab, panel = _playing(qtbot, qapp)
    body, before = panel._body, panel._body.grab()
    qtbot.waitUntil(lambda: body.result.isVisible() and bool(panel.derivation.numeric), timeout=5000)
    assert not body.updatesEnabled()
    qtbot.waitUntil(lambda: not panel._turns.active, timeout=5000)
    assert body.updatesEnabled() and body.result.number == panel.derivation.precise
    assert not panel._typesetter.busy
    panel.settle()
    in_turns = body.grab().toImage()
    panel._update()
    panel.settle()
    assert body.grab().toImage() == in_turns != before.toImage()


def test_another_number_or_the_end_of_playing_ends_the_turns(qtbot, qapp):
    lab, panel = _playing(qtbot, qapp)
    qtbot.waitUntil(lambda: not panel._body.updatesEnabled(), timeout=5000)
    lab.set_playing(False)
    qtbot.waitUntil(lambda: not panel._turns.active, timeout=5000)
    assert panel._body.updatesEnabled()

    lab, panel = _playing(qtbot, qapp)
    qtbot.waitUntil(lambda: not panel._body.updatesEnabled(), timeout=5000)
    lab.select(Quantity("W", 1, (0, 0)))
    assert not panel._turns.active
    qtbot.waitUntil(panel._body.updatesEnabled, timeout=5000)
    assert panel.derivation.quantity == lab.selected
