"""Drafts: how often unsaved work is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile

from deltaglow.model import examples
from deltaglow.session import autosave as session_autosave
from deltaglow.session.autosave import INTERVAL_MS, MOST_REST_MS, Autosave, Snapshot
from deltaglow.session.drafts import Drafts


@pytest.mark.parametrize(("seconds", "rest"), [(0.05, INTERVAL_MS), (2.0, 40_000), (60.0, MOST_REST_MS)])
def test_a_draft_that_takes_long_is_written_less_often(
    seconds: float, rest: int, qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, seconds])
    monkeypatch.setattr(session_autosave, "perf_counter", lambda: next(clock))
    snapshot = Snapshot(examples.load("xor"), "xor", None, "", bytes, more=False)
    autosave = Autosave(Drafts(tmp_path), lambda: snapshot)
    autosave.keep()
    assert autosave.key and autosave._timer.interval() == rest
    autosave.clear()
    assert not autosave.key and not list(tmp_path.glob("*.dglow"))


def test_a_draft_that_cannot_be_begun_says_what_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(QLockFile, "tryLock", lambda *_: False)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left on device"):
        Drafts(tmp_path).begin()
    assert not list(tmp_path.iterdir())
