"""Files that released versions wrote open for ever, and mean what they meant.

`released/VERSION/` holds them with answers.json, worked out by that version: the sizes, and the first
parameters after 25 steps of training. They are never made again; a release adds a folder.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deltaglow.model import build, fileformat

FILES = sorted(
    path for path in (Path(__file__).parent / "released").glob("*/*") if path.name != "answers.json"
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_file_of_a_released_version_opens_and_trains_as_it_did(path: Path, tmp_path: Path) -> None:
    project = fileformat.read(path)
    answer = json.loads((path.parent / "answers.json").read_text())[path.name]
    assert list(project.network.sizes) == answer["sizes"]
    assert project.network.parameter_count == answer["parameters"]
    trainer = build.trainer(project)
    for _ in range(25):
        trainer.step()
    # Sums may be taken in another order than then, no more.
    wanted = [float.fromhex(number) for number in answer["theta_after_25"]]
    np.testing.assert_allclose(trainer.network.theta[: len(wanted)], wanted, rtol=1e-9, atol=1e-12)
    again = tmp_path / path.name
    fileformat.write(project, again)
    assert fileformat.read(again) == project


def test_there_are_files_of_every_kind() -> None:
    assert {path.suffix for path in FILES} == {".json", ".dglow"} and len(FILES) >= 6
