"""Tables as projects: they open, train, are written with their names, and are refused with their line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deltaglow import resources
from deltaglow.cli import main
from deltaglow.model import build, fileformat, importing
from deltaglow.model.errors import ProjectError
from deltaglow.model.project import InlineData


@pytest.fixture
def penguins(tmp_path: Path) -> Path:
    lines = resources.text("data/penguins.csv").splitlines(keepends=True)
    path = tmp_path / "my penguins.csv"
    path.write_text("".join(line for line in lines if not line.startswith("#")), encoding="utf-8")
    return path


def test_a_table_opens_and_learns(penguins: Path) -> None:
    project = fileformat.read(penguins)
    assert project.title == "my penguins" and project.network.sizes == (4, 16, 3)
    data = build.dataset(project)
    assert data.class_names == ("Adelie", "Gentoo", "Chinstrap")
    assert data.feature_names[3] == "body mass (g)" and abs(data.x).max() < 5
    trainer = build.trainer(project)
    for _ in range(1000):
        trainer.step()
    held = trainer.validate()
    assert held is not None and held[1] > 0.95


@pytest.mark.parametrize("suffix", [".json", ".dglow"])
def test_names_are_written_and_read(penguins: Path, tmp_path: Path, suffix: str) -> None:
    project = fileformat.read(penguins)
    path = tmp_path / f"kept{suffix}"
    fileformat.write(project, path)
    again = fileformat.read(path)
    assert again == project and isinstance(again.data, InlineData)
    assert again.data.classes == ("Adelie", "Gentoo", "Chinstrap")


def test_numbers_to_be_met_are_standardised(penguins: Path, tmp_path: Path) -> None:
    out = tmp_path / "mass.json"
    command = [
        "import",
        str(penguins),
        "--target",
        "body mass (g)",
        "--features",
        "flipper length (mm),species",
    ]
    assert main([*command, "--out", str(out)]) == 0
    project = fileformat.read(out)
    data = build.dataset(project)
    assert project.network.loss.name == "squared_error"
    assert data.feature_names == (
        "flipper length (mm)",
        "species = Adelie",
        "species = Gentoo",
        "species = Chinstrap",
    )
    assert data.class_names == ("(body mass (g) − 4201.75) / 800.781",)
    np.testing.assert_allclose([data.y.mean(), data.y.std()], [0, 1], atol=1e-12)
    trainer = build.trainer(project)
    for _ in range(1000):
        trainer.step()
    found = trainer.validation()
    assert found is not None and found.loss < 0.2, "two thirds of the spread and more are told"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a,b\n1,2\n3\n", "t.csv: line 3: has 1 field, the first row has 2"),
        (b"a,b\n1,\n,2\n", "t.csv: misses a value in every row"),
        (b"", "t.csv: is empty"),
        (b"\0", "t.csv: line 1: holds a null character: it is no text"),
    ],
)
def test_broken_tables_are_refused_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    line: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_bytes(content)
    for command in (["check", "t.csv"], ["import", "t.csv", "--out", "t.json"]):
        assert main(command) == 1
        assert capsys.readouterr().err == line + "\n"
    assert not Path("t.json").exists()


def test_an_unknown_column_is_refused_with_those_there_are(
    penguins: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(penguins), "--target", "kind", "--out", str(tmp_path / "x.json")]) == 1
    assert "has no column 'kind'; there are 'bill length (mm)'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "names", "line"),
    [
        ("features", ["a"], "data.inline.features: has 1 name, must have 2"),
        ("classes", ["a", "b", "c"], "data.inline.classes: has 3 names, must have 2"),
        ("features", ["a", ""], 'data.inline.features[1]: is "", must be one line of text'),
        ("classes", ["a", "b\n"], "data.inline.classes[1]: is "),
        ("classes", ["a", 3], "data.inline.classes[1]: is 3, must be text in quotes"),
    ],
)
def test_names_must_fit(key: str, names: list[object], line: str) -> None:
    data = {"inline": {"x": [[1, 2], [3, 4]], "y": [0, 1], key: names}}
    document = {"deltaglow": 1, "network": {"inputs": 2, "layers": [{"units": 2}]}, "data": data}
    with pytest.raises(ProjectError) as caught:
        fileformat.loads(json.dumps(document))
    assert str(caught.value).startswith(line)


def test_of_more_samples_than_a_project_holds_evenly_spaced_ones_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "MAX_DATA_NUMBERS", 100)
    rows = "".join(f"{k},{'even' if k % 2 == 0 else 'odd'}\n" for k in range(1000))
    made = importing.project(f"x,k\n{rows}".encode(), "many.csv")
    assert isinstance(made.data, InlineData)
    kept = made.data.x[:, 0]
    assert len(kept) < 100 and kept[0] == 0 and kept[-1] == 999 and np.ptp(np.diff(kept)) <= 1
    assert made.title == f"many: {len(kept)} of 1,000 samples, evenly spaced"
