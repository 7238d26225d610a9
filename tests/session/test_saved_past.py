"""A file that keeps the past of its run: every step comes back, and the curves are whole."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from tests.session.test_scrubbing import project

from deltaglow.engine import EarlyStopping
from deltaglow.model import archive, build, fileformat, run_history
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import Project
from deltaglow.session.lab import Lab

SMALL = project(2, 4, 3, batch=16, data="spirals")


@pytest.fixture
def lab(qtbot: QtBot) -> Iterator[Lab]:
    made = Lab(SMALL)
    made.train()
    qtbot.waitUntil(lambda: made.history.length > 150)
    made.pause()
    yield made
    made.close()


def saved(lab: Lab, path: Path) -> Path:
    fileformat.write(lab.saved_project, path, lab.saved_past())
    return path


def opened(path: Path) -> Lab:
    return Lab(fileformat.read(path), path, fileformat.read_history(path))


def test_every_step_comes_back_bit_for_bit(lab: Lab, tmp_path: Path) -> None:
    again = opened(saved(lab, tmp_path / "run.dglow"))
    assert (again.head, again.first_step, again.frame.step) == (lab.head, 0, lab.head)
    names = lab.history.names
    assert again.history.names == names and again.document.keeps_past
    assert again.history.columns(names).tobytes() == lab.history.columns(names).tobytes()
    alone, frames = build.trainer(SMALL), {}
    for step in range(120):
        frames[step] = alone.step(capture=True)
    for step in (0, 1, 31, 32, 77, 119, 5):
        again.show_step(step, again.phases.end)
        assert again.frame.theta_after.tobytes() == frames[step].theta_after.tobytes()
        assert again.frame.statistics_after.tobytes() == frames[step].statistics_after.tobytes()
    again.show_step(40)
    again._go_back_to(40)
    again.next_step()
    assert again.frame.theta_after.tobytes() == frames[40].theta_after.tobytes()
    again.close()


def test_without_it_files_are_as_they_were(lab: Lab, tmp_path: Path) -> None:
    project = lab.saved_project
    fileformat.write(project, tmp_path / "bare.dglow")
    fileformat.write(project, tmp_path / "full.dglow", lab.saved_past())
    assert (tmp_path / "bare.dglow").read_bytes() == archive.packed(project)
    assert fileformat.read_history(tmp_path / "bare.dglow") is None
    assert fileformat.read(tmp_path / "full.dglow") == fileformat.read(tmp_path / "bare.dglow")
    size = (tmp_path / "full.dglow").stat().st_size - (tmp_path / "bare.dglow").stat().st_size
    past = lab.saved_past()
    assert past is not None and past.nbytes * 0.8 < size < past.nbytes * 1.2 + 4000


def test_when_steps_were_made_is_kept_and_older_files_do_not_say_it(lab: Lab, tmp_path: Path) -> None:
    steps = np.arange(0, lab.head + 1, 10)
    seconds = lab.history.pace.at(steps)
    again = opened(saved(lab, tmp_path / "run.dglow"))
    assert seconds[-1] > 0 and again.history.pace.at(steps) == pytest.approx(seconds)
    for _ in range(3):
        again.next_step()
    assert again.history.pace.at(np.array([lab.head + 3]))[0] > seconds[-1]
    again.close()
    old = rewritten(tmp_path / "run.dglow", lambda document: document["history"].pop("pace"))
    with zipfile.ZipFile(old) as file:
        entries = {name: file.read(name) for name in file.namelist() if "pace" not in name}
    with zipfile.ZipFile(old, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    older = opened(old)
    assert older.head == lab.head and older.history.pace.at(steps).tolist() == [0.0] * len(steps)
    older.close()


def test_what_was_edited_has_its_steps_from_there(lab: Lab, tmp_path: Path) -> None:
    head = lab.head

    def slower(project: Project) -> Project:
        return replace(project, training=replace(project.training, batch_size=8))

    lab.edit("Batch size", slower)
    for _ in range(5):
        lab.next_step()
    again = opened(saved(lab, tmp_path / "run.dglow"))
    assert again.first_step == head and again.head == head + 5
    assert np.isfinite(again.history.columns(["loss"])).all()
    again.show_step(head + 2, again.phases.end)
    assert again.frame.theta_after.tobytes() == lab.past_frame(head + 2).theta_after.tobytes()
    again.close()


def test_of_a_run_with_early_stopping_only_the_curves(lab: Lab, tmp_path: Path) -> None:
    stopping = EarlyStopping(500, 0.0, True)
    lab.open(replace(SMALL, training=replace(SMALL.training, early_stopping=stopping)))
    for _ in range(6):
        lab.next_step()
    again = opened(saved(lab, tmp_path / "run.dglow"))
    assert again.first_step == 6 and np.isfinite(again.history.columns(["loss"])).all()
    again.close()


def test_states_are_thinned_to_what_a_file_may_hold(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lab.saved_past()
    assert whole is not None and whole.theta is not None
    each = whole.theta.shape[1] * 3 + whole.statistics.shape[1] if whole.statistics is not None else 0
    monkeypatch.setattr(run_history, "MAX_NUMBERS", max(each * 2 + 1, whole.rows.size))
    monkeypatch.setattr(run_history, "MAX_STATES", 2)
    few = lab.saved_past()
    assert few is not None and 1 <= len(few.states) <= 2 and few.states[0].step == 0
    monkeypatch.setattr(run_history, "MAX_NUMBERS", whole.rows.size - 1)
    assert lab.saved_past() is None


def rewritten(path: Path, change: Callable[[dict[str, Any]], None], **arrays: Any) -> Path:
    """The archive with its document changed, and other arrays."""
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    document = json.loads(entries["project.json"])
    change(document)
    entries["project.json"] = json.dumps(document).encode()
    for name, array in arrays.items():
        content = io.BytesIO()
        np.lib.format.write_array(content, array, version=(1, 0))
        entries[f"arrays/history.{name}.npy"] = content.getvalue()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return path


def nothing(document: dict[str, Any]) -> None:
    del document


@pytest.mark.parametrize(
    ("change", "arrays", "said"),
    [
        (lambda d: d["history"].update(columns=["x" * 99]), {}, "history.columns"),
        (lambda d: d["history"].update(columns=["loss", "loss"]), {}, "history.columns"),
        (lambda d: d["history"].update(columns=[f"a[{k}]" for k in range(300)]), {}, "history.columns"),
        (lambda d: d.pop("state"), {}, 'no "state"'),
        (lambda d: d["history"].pop("parameters"), {}, 'no "parameters"'),
        (lambda d: d["history"].pop("averages"), {}, 'no "averages"'),
        (lambda d: d["history"].update(optimizer=[]), {}, "has 0 arrays, must have 2"),
        (lambda d: d["history"].update(states=d["history"]["states"] * 600), {}, "history.states"),
        (lambda d: d["history"]["states"].reverse(), {}, "not of a later step"),
        (lambda d: d["history"]["states"][-1].update(step=10**7), {}, "go on to step"),
        (lambda d: d["history"]["states"][0].update(generator="0"), {}, "PCG64"),
        (lambda d: d["history"]["states"][0].update(streams=[]), {}, "dropout"),
        (lambda d: d["history"].update(extra=1), {}, "not a known key"),
        (nothing, {"pace": np.array([[0.0, 0.0], [5.0, -1.0]])}, "seconds that do not fall"),
        (nothing, {"pace": np.array([[5.0, 0.0], [5.0, 1.0]])}, "steps that ascend"),
        (nothing, {"pace": np.array([[0.0, 0.0], [1e9, 1.0]])}, "goes on to step 1,000,000,000"),
        (nothing, {"pace": np.array([[0.0, np.inf]])}, "not finite"),
        (nothing, {"pace": np.zeros((2, 3))}, "must be"),
        (nothing, {"rows": np.zeros((3, 3), np.float32)}, "must be"),
        (nothing, {"parameters": np.zeros((1, 1))}, "must be"),
        (nothing, {"rows": np.zeros(2, dtype=object)}, "must hold 64-bit floats"),
        (lambda d: d["state"].update(step=10**8), {}, "at most 10,000,000"),
    ],
)
def test_a_history_that_does_not_fit_is_refused(
    lab: Lab,
    tmp_path: Path,
    change: Callable[[dict[str, Any]], None],
    arrays: dict[str, Any],
    said: str,
) -> None:
    path = saved(lab, tmp_path / "run.dglow")
    if any(array.dtype == object for array in arrays.values()):
        arrays = {name: array.astype("<c16") for name, array in arrays.items()}
    with pytest.raises(ProjectError) as caught:
        fileformat.read(rewritten(path, change, **arrays))
    assert said in str(caught.value)


def test_a_json_has_none(lab: Lab, tmp_path: Path) -> None:
    fileformat.write(lab.saved_project, tmp_path / "run.json", lab.saved_past())
    document = json.loads((tmp_path / "run.json").read_text())
    assert "history" not in document and fileformat.read_history(tmp_path / "run.json") is None
    with pytest.raises(ProjectError, match=r"save the project as a \.dglow"):
        fileformat.loads(json.dumps(document | {"history": {}}))
