"""Writing files: the old one or the new one, never half of one, and nothing left lying about."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from deltaglow.model import atomic


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write(path, b"one")
    atomic.write(path, b"two")
    assert path.read_bytes() == b"two" and list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_usual_mode_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    path, usual = tmp_path / "file", tmp_path / "usual"
    usual.touch()
    atomic.write(path, b"")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)
    path.chmod(0o640)
    atomic.write(path, b"more")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link, real = tmp_path / "link", tmp_path / "there" / "real"
    link.symlink_to(real)
    atomic.write(link, b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_alone(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    atomic.write(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path if step == "replace" else os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        atomic.write(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write(path, b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            atomic.write(path, bytes(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_old_strays_are_swept_and_young_ones_and_others_stay(tmp_path: Path) -> None:
    old, young, other = (tmp_path / name for name in (".deltaglow-a.tmp", ".deltaglow-b.tmp", "c.tmp"))
    for path in (old, young, other):
        path.touch()
    hours_ago = time.time() - 7200
    for path in (old, other):
        os.utime(path, (hours_ago, hours_ago))
    atomic.write(tmp_path / "file", b"")
    assert not old.exists() and young.exists() and other.exists()


KILLED = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from deltaglow.model import atomic
    print("go", flush=True)
    k = 0
    while True:
        k += 1
        atomic.write(Path(sys.argv[1]), bytes([k % 256]) * 200_000)
    """
)


def test_killed_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
        with process, contextlib.suppress(BrokenPipeError):
            assert process.stdout is not None
            process.stdout.readline()
            while not path.exists():
                os.sched_yield()
            process.kill()
        data = path.read_bytes()
        assert len(data) == 200_000 and len(set(data)) == 1
