"""The sets that were measured: whole, as published, picked fairly, and said where they are from."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from deltaglow import resources
from deltaglow.data import DATASETS, Dataset, DataSetKind, Stored, draw, most, parse
from deltaglow.data.drawing import shares

STORED = [kind for kind in DATASETS.values() if isinstance(kind.make, Stored)]
every_stored = pytest.mark.parametrize("kind", STORED, ids=[kind.name for kind in STORED])


def whole(kind: DataSetKind) -> Dataset:
    assert isinstance(kind.make, Stored)
    return parse(resources.text(f"data/{kind.make.file}"), kind.label)


@every_stored
def test_the_file_holds_what_the_kind_says(kind: DataSetKind) -> None:
    data = whole(kind)
    assert isinstance(kind.make, Stored)
    assert data.x.shape == (kind.max_samples, kind.inputs)
    assert tuple(data.y.sum(axis=0)) == kind.make.sizes
    assert np.isfinite(data.x).all()
    assert kind.picture is None or np.prod(kind.picture) == kind.inputs


@every_stored
def test_source_and_licence_are_stated_everywhere(kind: DataSetKind) -> None:
    assert isinstance(kind.make, Stored)
    top = resources.text(f"data/{kind.make.file}").partition("\n\n")[0]
    licence = "CC0" if kind.name == "penguins" else "CC BY 4.0"
    assert "Licence:" in top and licence in top and "http" in top
    assert licence in kind.source
    row = next(
        line
        for line in resources.text("docs/project-format.md").splitlines()
        if line.startswith(f"| `{kind.name}` |") and "doi" in line
    )
    assert licence in row


def test_published_figures() -> None:
    """Means and deviations as the descriptions of the sets give them."""
    iris, wine, penguins = (whole(DATASETS[name]) for name in ("iris", "wine", "penguins"))
    np.testing.assert_allclose(iris.x.mean(axis=0), [5.843, 3.057, 3.758, 1.199], atol=5e-4)
    np.testing.assert_allclose(iris.x.std(axis=0, ddof=1), [0.828, 0.436, 1.765, 0.762], atol=5e-4)
    # Where scikit-learn's copy follows Fisher's paper and UCI's does not.
    assert iris.x[34].tolist() == [4.9, 3.1, 1.5, 0.2] and iris.x[37].tolist() == [4.9, 3.6, 1.4, 0.1]
    np.testing.assert_allclose(wine.x[:, [0, 12]].mean(axis=0), [13.0006, 746.8933], atol=5e-4)
    assert wine.x[:, 12].max() == 1680 and wine.x[:, 12].min() == 278
    np.testing.assert_allclose(penguins.x.mean(axis=0), [43.92, 17.15, 200.92, 4201.75], atol=6e-3)
    assert penguins.class_names == ("Adelie", "Gentoo", "Chinstrap")


def test_digits_are_pictures_of_digits() -> None:
    data = whole(DATASETS["digits"])
    assert data.class_names == tuple("0123456789")
    assert data.x.min() == 0 and data.x.max() == 16 and not (data.x % 1).any()
    mean = data.x[data.y[:, 0] == 1].mean(axis=0).reshape(8, 8)
    assert mean[3:5, 3:5].max() < 2 < mean[3:5, 2].min(), "the middle of a 0 is empty"
    one = data.x[data.y[:, 1] == 1].mean(axis=0).reshape(8, 8)
    assert one[:, 3:5].mean() > 3 * one[:, [0, 1, 6, 7]].mean(), "a 1 stands in the middle"


@every_stored
def test_all_of_it_is_a_shuffle_of_it(kind: DataSetKind) -> None:
    data = whole(kind)
    drawn = draw(kind, kind.max_samples, 0.0, kind.default_classes, 5, whole=data)
    assert not np.array_equal(drawn.x, data.x)
    together = [np.hstack((each.x, each.y)) for each in (drawn, data)]
    ordered = [rows[np.lexsort(rows.T)] for rows in together]
    assert np.array_equal(*ordered)
    assert drawn.feature_names == data.feature_names and drawn.class_names == data.class_names


@every_stored
def test_part_of_it_keeps_the_shares_of_its_classes(kind: DataSetKind) -> None:
    data = whole(kind)
    drawn = draw(kind, 100, 0.0, kind.default_classes, 1, whole=data)
    np.testing.assert_allclose(drawn.y.mean(axis=0), data.y.mean(axis=0), atol=0.01)
    there, taken = (Counter(map(bytes, np.hstack((each.x, each.y)))) for each in (data, drawn))
    assert taken <= there, "each sample at most as often as it is there"


@every_stored
def test_nothing_is_drawn_from_a_set_that_was_not_read(kind: DataSetKind) -> None:
    with pytest.raises(ValueError, match="must be read first"):
        draw(kind, 50, 0.0, kind.default_classes, 0)


def test_a_damaged_file_is_not_taken() -> None:
    with pytest.raises(ValueError, match=r"Iris: 2 numbers a line under 3 names"):
        parse("# licence\na,b,c,class\n1,2,x\n3,4,y\n", "Iris")
    with pytest.raises(ValueError, match="inhomogeneous"):
        parse("a,b,class\n1,2,x\n3,y\n", "Iris")
    with pytest.raises(ValueError, match="could not convert"):
        parse("a,class\none,x\n", "Iris")


BALANCED = [kind for kind in DATASETS.values() if kind.balanced]


@pytest.mark.parametrize("kind", BALANCED, ids=[kind.name for kind in BALANCED])
@pytest.mark.parametrize("balance", [0.05, 0.5, 0.999])
def test_classes_can_be_made_to_differ_in_size(kind: DataSetKind, balance: float) -> None:
    stored = whole(kind) if isinstance(kind.make, Stored) else None
    samples = min(200, most(kind, balance))
    for classes in range(kind.min_classes, kind.max_classes + 1):
        data = draw(kind, samples, 0.0, classes, 2, balance, stored)
        sizes = data.y.sum(axis=0)
        before = np.ones(classes) if stored is None else stored.y.sum(axis=0)
        expected = before * balance ** (np.arange(classes) / (classes - 1))
        np.testing.assert_allclose(sizes, samples * expected / expected.sum(), atol=1.0)
        assert sizes.sum() == samples == len(data.x)
        again = draw(kind, samples, 0.0, classes, 2, balance, stored)
        assert again.x.tobytes() == data.x.tobytes() and again.y.tobytes() == data.y.tobytes()
        assert (data.y[: samples // 2].sum(axis=0) > 0)[0], "in random order"


def test_shares_are_exact_where_they_can_be() -> None:
    assert shares(10, 2, 1.0) == (5, 5)
    assert shares(11, 2, 1.0) == (6, 5)
    assert shares(111, 3, 0.01) == (100, 10, 1)
    assert shares(30, 3, 1.0, (50, 50, 50)) == (10, 10, 10)
    assert shares(150, 3, 1.0, (50, 50, 50)) == (50, 50, 50)


@every_stored
def test_the_most_that_a_balance_leaves_can_be_had(kind: DataSetKind) -> None:
    assert isinstance(kind.make, Stored)
    for balance in (1.0, 0.9, 0.3, 0.05):
        taken = shares(most(kind, balance), len(kind.make.sizes), balance, kind.make.sizes)
        assert all(count <= size for count, size in zip(taken, kind.make.sizes, strict=True))
        assert taken[0] >= kind.make.sizes[0] - 1


def test_a_checkerboard_is_one() -> None:
    for classes in (2, 3, 4):
        data = draw(DATASETS["checkerboard"], 2000, 0.0, classes, 0)
        squares = np.floor(2 * (data.x + 1)).astype(int)
        assert np.array_equal(squares.sum(axis=1) % classes, data.y.argmax(axis=1))
        assert len(np.unique(squares, axis=0)) == 16
