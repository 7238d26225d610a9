"""Saving a project where everything goes wrong: the old file stays whole, or the new one is."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deltaglow.model import atomic, fileformat
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Project, Training

SAVES = 200

SAVER = """
import os
import sys
from dataclasses import replace
from pathlib import Path
from deltaglow.model import fileformat
path = Path(sys.argv[1])
project = fileformat.read(path)
number = 0
print("ready", flush=True)
while True:
    number += 1
    fileformat.write(replace(project, title=f"save {number} of {os.getpid()}"), path)
"""


def project(samples: int = 400, title: str = "save 0") -> Project:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(samples, 30)), np.eye(3)[rng.integers(0, 3, samples)]
    network = NetworkSpec(30, (Layer(20, "tanh"), Layer(3)))
    return Project(network, InlineData(x, y), Training(), title)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".dglow", ".json"])
def test_killed_at_any_moment_of_two_hundred_saves(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"net{suffix}"
    whole = project()
    fileformat.write(whole, path)
    moments = np.random.default_rng(SAVES + len(suffix))
    titles = set()
    for _ in range(SAVES // 2):
        with subprocess.Popen(
            [sys.executable, "-c", SAVER, str(path)], stdout=subprocess.PIPE, env=dict(os.environ)
        ) as saver:
            assert saver.stdout is not None and saver.stdout.readline() == b"ready\n"
            try:
                saver.wait(moments.uniform(0.0, 0.12))
            except subprocess.TimeoutExpired:
                saver.send_signal(signal.SIGKILL)
            assert saver.wait() == -signal.SIGKILL
        found = fileformat.read(path)
        assert replace(found, title=whole.title) == whole
        titles.add(found.title)
    assert len(titles) > 10, "some were killed after a save"
    for stray in tmp_path.glob(".deltaglow-*"):
        os.utime(stray, (0, 0))
    atomic.sweep(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".dglow", ".json"])
def test_on_a_full_disk_the_old_file_stays_and_one_line_says_so(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"net{suffix}"
    fileformat.write(project(10), path)
    before = path.read_bytes()
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
        with pytest.raises(ProjectError) as caught:
            fileformat.write(project(), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert str(caught.value) == f"{path}: cannot be written: file too large"
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_in_a_read_only_folder_the_old_file_stays_and_one_line_says_so(tmp_path: Path) -> None:
    path = tmp_path / "net.dglow"
    fileformat.write(project(10), path)
    before = path.read_bytes()
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ProjectError, match="cannot be written: permission denied"):
            fileformat.write(project(), path)
    finally:
        tmp_path.chmod(0o700)
    assert path.read_bytes() == before


@pytest.mark.parametrize("units", [1_000_000, 10**15])
def test_a_million_units_are_refused_before_memory_is_taken(units: int, tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    text = json.loads(fileformat.dumps(project(4)))
    text["network"]["layers"][0] = {"units": units}
    path.write_text(json.dumps(text))
    tracemalloc.start()
    try:
        with pytest.raises(ProjectError) as caught:
            fileformat.read(path)
        assert tracemalloc.get_traced_memory()[1] < 40 * 2**20, "what the text may take, and no more"
    finally:
        tracemalloc.stop()
    assert str(caught.value).endswith(
        f"network.layers[0].units: is {units}, must be a whole number from 1 to 4096"
    )


@pytest.mark.slow
def test_a_file_cut_short_or_with_a_bit_turned_opens_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "net.dglow"
    whole = project(20)
    fileformat.write(whole, path)
    data, moments = path.read_bytes(), np.random.default_rng(3)
    for number in range(600):
        broken = bytearray(data)
        if number % 2:
            del broken[moments.integers(len(data)) :]
        else:
            broken[moments.integers(len(data))] ^= 1 << int(moments.integers(8))
        path.write_bytes(broken)
        said, found = "", whole
        try:
            found = fileformat.read(path)
        except ProjectError as error:
            said = str(error)
        assert found == whole, "what opens is what was saved"
        assert "\n" not in said
