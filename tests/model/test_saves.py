"""Saving a project where everything goes wrong: the old file stays whole, or the new one is."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from deltaglow.model import atomic, fileformat
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import InlineData, Layer, NetworkSpec, Project, Training

SAVES = 200

KILLER = """
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from deltaglow.model import fileformat
path, kills = Path(sys.argv[1]), int(sys.argv[2])
project = fileformat.read(path)
begun = time.perf_counter()
fileformat.write(project, path)
once = time.perf_counter() - begun
moments = random.Random(kills)
for kill in range(kills):
    saver = os.fork()
    number = 0
    while not saver:
        number += 1
        fileformat.write(replace(project, title=f"save {number} of {kill}"), path)
    time.sleep(moments.uniform(0.0, 4 * once))
    os.kill(saver, signal.SIGKILL)
    os.waitpid(saver, 0)
    found = fileformat.read(path)
    assert replace(found, title=project.title) == project
    print(found.title)
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
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(path), str(SAVES // 2)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = done.stdout.splitlines()
    assert done.returncode == 0 and len(found) == SAVES // 2, done.stderr
    assert len(set(found)) > SAVES // 20, "some were killed after a save"
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


NOBODY = 65534
INTRUDER = """
import os
import sys
from dataclasses import replace
from pathlib import Path
from deltaglow.model import fileformat
path = Path(sys.argv[1])
project = fileformat.read(path)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))
try:
    fileformat.write(replace(project, title="other"), path)
except fileformat.ProjectError as error:
    sys.exit(str(error))
"""


def test_in_a_read_only_folder_the_old_file_stays_and_one_line_says_so() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "net.dglow"
        fileformat.write(project(10), path)
        before = path.read_bytes()
        folder.chmod(0o555)
        try:
            done = subprocess.run(
                [sys.executable, "-c", INTRUDER, str(path), str(NOBODY)],
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            folder.chmod(0o755)
        assert done.stderr == f"{path}: cannot be written: permission denied\n"
        assert done.returncode == 1 and path.read_bytes() == before
        assert [each.name for each in folder.iterdir()] == [path.name]


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
