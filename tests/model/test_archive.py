"""`.dglow` archives: the same bits again, and nothing an archive claims is believed before it is checked."""

from __future__ import annotations

import io
import json
import pickle
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from tests.model.projects import document, projects

from deltaglow.model import archive, fileformat
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import InlineData, Project


@given(projects())
def test_an_archive_gives_the_same_bits(project: Project) -> None:
    data = archive.packed(project)
    again = archive.read(io.BytesIO(data))
    assert again == project
    assert archive.packed(again) == data


def npy(array: object, **options: Any) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), **options)
    return file.getvalue()


def referring() -> dict[str, Any]:
    """A document whose second layer's W is in the archive."""
    d = document()
    d["network"]["layers"][1]["W"] = {"array": "W"}
    return d


def packed(path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return path


def with_array(path: Path, content: bytes) -> Path:
    return packed(path, {"project.json": json.dumps(referring()).encode(), "arrays/W.npy": content})


def refusal(path: Path) -> str:
    with pytest.raises(ProjectError) as caught:
        fileformat.read(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ") and line.isprintable() and len(line) < 400
    return line.removeprefix(f"{path}: ")


W = [[0.3, 0.4], [-0.1, 0.2]]

GOOD: dict[str, bytes] = {
    "as written": npy(W),
    "version 2": npy(W, version=(2, 0)),
    "column-major": npy(np.asfortranarray(W)),
    "big-endian": npy(np.array(W, dtype=">f8")),
}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_arrays_as_numpy_writes_them(name: str, compression: int, tmp_path: Path) -> None:
    entries = {"project.json": json.dumps(referring()).encode(), "arrays/": b"", "arrays/W.npy": GOOD[name]}
    project = fileformat.read(packed(tmp_path / "p.dglow", entries, compression))
    found = project.network.layers[1].W
    assert found is not None and found.tolist() == W and found.flags.c_contiguous


def test_whole_numbers_and_single_precision(tmp_path: Path) -> None:
    for dtype in ("i1", "u4", "i8", "f4", "f2"):
        project = fileformat.read(with_array(tmp_path / "p.dglow", npy(np.eye(2, dtype=dtype))))
        found = project.network.layers[1].W
        assert found is not None and found.dtype == np.float64 and found.tolist() == np.eye(2).tolist()


def test_the_kind_of_file_is_told_by_its_content(tmp_path: Path) -> None:
    path = with_array(tmp_path / "misnamed.json", npy(W))
    assert fileformat.read(path).network.outputs == 2


BAD_ARRAYS: dict[str, tuple[bytes, str]] = {
    "pickled": (
        npy(np.array([[1, None], [2, 3]], dtype=object), allow_pickle=True),
        "arrays/W.npy holds '|O', must hold 64-bit floats",
    ),
    "a bare pickle": (pickle.dumps(W), "arrays/W.npy is not a NumPy array file"),
    "empty": (b"", "is not a NumPy array file"),
    "text": (b"hello", "is not a NumPy array file"),
    "version 9": (b"\x93NUMPY\x09\x00" + npy(W)[8:], "is not a NumPy array file of version 1 or 2"),
    "cut short": (npy(W)[:-1], "has 31 bytes of numbers, must have 32"),
    "too long": (npy(W) + b"\0", "has 33 bytes of numbers, must have 32"),
    "cut header": (npy(W)[:40], "is not a NumPy array file"),
    "another shape": (npy([[1.0, 2.0, 3.0]]), "arrays/W.npy is 1 × 3, must be 2 × 2"),
    "a scalar": (npy(1.0), "is a single number, must be 2 × 2"),
    "NaN": (npy([[1.0, np.nan], [0, 0]]), "W[0][1]: is not a number (NaN), must be a finite number"),
    "complex": (npy(np.array(W) + 1j), "holds '<c16'"),
    "text array": (npy(np.array([["a", "b"], ["c", "d"]])), "holds '<U1'"),
    "dates": (npy(np.zeros((2, 2), dtype="M8[s]")), "holds '<M8[s]'"),
    "structured": (npy(np.zeros((2, 2), dtype=[("a", "f8")])), "holds"),
    "long double": (npy(np.zeros((2, 2), dtype=np.longdouble)), "holds"),
}


@pytest.mark.parametrize("name", BAD_ARRAYS)
def test_arrays_that_are_not(name: str, tmp_path: Path) -> None:
    content, message = BAD_ARRAYS[name]
    line = refusal(with_array(tmp_path / "p.dglow", content))
    assert line.startswith("network.layers[1].W") and message in line


def header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("(,)", "is not a NumPy array file"),
        ("()", "is a single number, must be 2 × 2"),
        ("(1000000000, 1000000000)", "is 1000000000 × 1000000000, must be 2 × 2"),
        ("(2, 2, " + "1, " * 1000 + ")", "must be 2 × 2"),
        ("(-2, -2)", "is not a NumPy array file"),
        ("(2, 2), '1e9", "is not a NumPy array file"),
        ("(2, 2)  ", "is not a NumPy array file"),
        ("(2.0, 2)", "is not a NumPy array file"),
        ("__import__('os').system('false')", "is not a NumPy array file"),
        ("(" * 200 + ")" * 200, "is not a NumPy array file"),
    ],
)
def test_headers_that_lie(shape: str, message: str, tmp_path: Path) -> None:
    assert message in refusal(with_array(tmp_path / "p.dglow", header(shape) + bytes(32)))


def test_a_claimed_data_type_is_not_evaluated(tmp_path: Path) -> None:
    assert "W.npy" in refusal(with_array(tmp_path / "p.dglow", header("(2, 2)", "'O'") + bytes(32)))


ARCHIVES: list[tuple[dict[str, bytes], str]] = [
    ({}, "is an archive without project.json"),
    ({"readme.txt": b"x"}, "readme.txt: does not belong into a project"),
    ({"project.json": b"{", "../evil.npy": b""}, "../evil.npy: does not belong into a project"),
    ({"project.json": b"{", "/etc/passwd": b""}, "does not belong into a project"),
    ({"project.json": b"{", "arrays/../../evil.npy": b""}, "does not belong into a project"),
    ({"project.json": b"{", "arrays/a/b.npy": b""}, "does not belong into a project"),
    ({"project.json": b"{", "arrays\\evil.npy": b""}, "does not belong into a project"),
    ({"project.json": b"{", "arrays/ev\nil.npy": b""}, "does not belong into a project"),
    ({"project.json": b"{", "arrays/.npy": b""}, "does not belong into a project"),
    ({"project.json": b"{"}, "ends in the middle"),
    ({"project.json": b'{"deltaglow": 2}'}, "deltaglow: is version 2, this program reads version 1"),
    (
        {"project.json": json.dumps(document()).encode(), "arrays/left.npy": b""},
        "arrays/left.npy: is not referred to by project.json",
    ),
    (
        {"project.json": json.dumps(referring()).encode()},
        "network.layers[1].W: refers to arrays/W.npy, which the archive does not have",
    ),
]


@pytest.mark.parametrize(("entries", "message"), ARCHIVES, ids=[message for _, message in ARCHIVES])
def test_archives_that_are_no_projects(entries: dict[str, bytes], message: str, tmp_path: Path) -> None:
    assert message in refusal(packed(tmp_path / "p.dglow", entries))


def test_references_stay_in_the_archive(tmp_path: Path) -> None:
    for name in ("../../etc/passwd", "/etc/passwd", "W.npy", "", "\n", "arrays/W"):
        d = document()
        d["network"]["layers"][1]["W"] = {"array": name}
        path = packed(tmp_path / "p.dglow", {"project.json": json.dumps(d).encode(), "arrays/W.npy": npy(W)})
        assert "which the archive does not have" in refusal(path)


def test_reference_must_be_plain(tmp_path: Path) -> None:
    d = document()
    d["network"]["layers"][1]["W"] = {"array": "W", "more": 1}
    path = packed(tmp_path / "p.dglow", {"project.json": json.dumps(d).encode(), "arrays/W.npy": npy(W)})
    assert "network.layers[1].W.more: is not a known key" in refusal(path)


def test_data_in_the_archive(tmp_path: Path) -> None:
    def made(x: npt.ArrayLike, y: npt.ArrayLike) -> Path:
        d = document()
        d["data"]["inline"] = {"x": {"array": "x"}, "y": {"array": "y"}}
        entries = {"project.json": json.dumps(d).encode(), "arrays/x.npy": npy(x), "arrays/y.npy": npy(y)}
        return packed(tmp_path / "p.dglow", entries, zipfile.ZIP_DEFLATED)

    data = fileformat.read(made(np.ones((5, 3)), np.eye(2)[[0, 1, 0, 1, 0]])).data
    assert isinstance(data, InlineData) and data.x.shape == (5, 3)
    assert "arrays/x.npy is 5 × 2, must be any × 3" in refusal(made(np.ones((5, 2)), np.ones((5, 2))))
    assert "arrays/x.npy has 0 rows" in refusal(made(np.ones((0, 3)), np.ones((0, 2))))
    assert "arrays/x.npy has 100001 rows" in refusal(made(np.ones((100_001, 3)), np.ones((1, 2))))
    assert "arrays/y.npy is 4 × 2, must be 5 × 2" in refusal(made(np.ones((5, 3)), np.ones((4, 2))))
    assert "sums to 2, targets must sum to 1" in refusal(made(np.ones((5, 3)), np.ones((5, 2))))


# ---- bombs and damage -------------------------------------------------------------------------


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["project.json", "arrays/W.npy"])
def test_a_bomb_is_not_unpacked(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.dglow"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        if name != "project.json":
            made.writestr("project.json", json.dumps(referring()))
        with made.open(name, "w", force_zip64=True) as entry:
            for _ in range(300):
                entry.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    assert peak(lambda: refusal(path)) < 2**22
    assert f"{name}: unpacks to 314,572,800 bytes, more than any project needs" in refusal(path)


def test_an_array_of_the_wrong_size_is_not_unpacked(tmp_path: Path) -> None:
    """What it unpacks to is within bounds, but not what its own header says."""
    path = tmp_path / "bomb.dglow"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("project.json", json.dumps(referring()))
        with made.open("arrays/W.npy", "w") as entry:
            entry.write(header("(2, 2)"))
            for _ in range(64):
                entry.write(bytes(2**20))
    assert "arrays/W.npy has 67108864 bytes of numbers, must have 32" in refusal(path)
    assert peak(lambda: refusal(path)) < 2**21


def test_a_directory_that_points_before_the_file_is_damage(tmp_path: Path) -> None:
    path = with_array(tmp_path / "p.dglow", npy(W))
    data = bytearray(path.read_bytes())
    data[-6:-2] = b"\xff" * 4
    path.write_bytes(data)
    assert refusal(path) == "is a damaged archive: it points beyond its ends"


def test_members_that_are_links_archives_or_twins(tmp_path: Path) -> None:
    path = tmp_path / "p.dglow"
    link = zipfile.ZipInfo("arrays/W.npy")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("project.json", json.dumps(referring()))
        made.writestr(link, "/etc/passwd")
    assert "arrays/W.npy is not a NumPy array file" in refusal(path)
    inner = with_array(tmp_path / "inner.dglow", npy(W)).read_bytes()
    assert "arrays/W.npy is not a NumPy array file" in refusal(with_array(path, inner))
    entries = {"project.json": json.dumps(referring()).encode(), "arrays/W.npy": npy(W), "arrays/w.npy": b""}
    assert "arrays/w.npy: is not referred to" in refusal(packed(path, entries))


def test_a_large_array_of_the_wrong_shape_is_not_converted(tmp_path: Path) -> None:
    """Its bytes are within bounds, but as float64 they would take eight times as many."""
    path = tmp_path / "wide.dglow"
    d = {
        "deltaglow": 1,
        "network": {"inputs": 4096, "layers": [{"units": 2}]},
        "data": {"inline": {"x": {"array": "x"}, "y": {"array": "y"}}},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("project.json", json.dumps(d))
        with made.open("arrays/x.npy", "w") as entry:
            entry.write(header("(4096, 4096)", "'|u1'"))
            for _ in range(16):
                entry.write(bytes(2**20))
    assert "holds 16,777,216 numbers, more than any project has" in refusal(path)
    assert peak(lambda: refusal(path)) < 6 * 2**24


def test_an_entry_larger_than_it_claims(tmp_path: Path) -> None:
    path = with_array(tmp_path / "p.dglow", npy(W))
    data = path.read_bytes().replace(len(npy(W)).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    refusal(path)


def test_twice_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "p.dglow"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("project.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("project.json", "{}")
    assert "project.json: is in the archive twice" in refusal(path)


def test_a_directory_of_many_entries_is_not_read(tmp_path: Path) -> None:
    path = packed(tmp_path / "p.dglow", {f"arrays/{k:050}.npy": b"" for k in range(800)})
    assert "more entries than any project has" in refusal(path)


def test_zip64_and_comments_are_refused(tmp_path: Path) -> None:
    path = with_array(tmp_path / "p.dglow", npy(W))
    plain = path.read_bytes()
    path.write_bytes(plain[:-22] + b"PK\x06\x07" + bytes(16) + plain[-22:])
    assert "more entries than any project has" in refusal(path)
    path.write_bytes(plain + b"trailing")
    assert "is a damaged archive" in refusal(path)


def test_other_compressions_and_encryption(tmp_path: Path) -> None:
    path = packed(tmp_path / "p.dglow", {"project.json": json.dumps(document()).encode()}, zipfile.ZIP_LZMA)
    assert "must be stored or deflated" in refusal(path)
    data = bytearray(packed(path, {"project.json": b"{}"}).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "project.json: is encrypted" in refusal(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_damage_anywhere_is_a_clear_line_or_none(compression: int) -> None:
    """Every byte spoilt in turn, and every length cut: a line, or a project where nothing depends on it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.dglow"
        entries = {"project.json": json.dumps(referring()).encode(), "arrays/W.npy": npy(W)}
        whole = packed(path, entries, compression).read_bytes()
        for k in range(len(whole)):
            for spoilt in (whole[:k], whole[:k] + bytes([whole[k] ^ 0x55]) + whole[k + 1 :]):
                path.write_bytes(spoilt)
                assert line_or_nothing(path).isprintable()


def line_or_nothing(path: Path) -> str:
    try:
        fileformat.read(path)
    except ProjectError as error:
        return str(error)
    return ""
