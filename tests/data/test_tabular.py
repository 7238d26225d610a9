"""From a table to samples: what is taken for what, and which rows are whole."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.data.delimited import TableError, read
from deltaglow.data.tabular import Choices, samples

TABLE = """id,width,colour,height,kind
a1,1.5,red,2,oak
a2,2.5,blue,,elm
a3,3.5,red,4,elm
a4,4.5,green,5,oak
a5,,red,6,oak
"""


def test_words_are_the_target_and_make_features() -> None:
    found = samples(read(TABLE), "trees")
    data = found.dataset
    assert data.class_names == ("oak", "elm") and found.classes
    assert data.feature_names[-5:] == ("width", "colour = red", "colour = blue", "colour = green", "height")
    assert found.left_out == 2
    assert data.x[:, -5:].tolist() == [[1.5, 1, 0, 0, 2], [3.5, 1, 0, 0, 4], [4.5, 0, 0, 1, 5]]
    assert data.y.tolist() == [[1, 0], [0, 1], [1, 0]]


def test_columns_can_be_chosen() -> None:
    found = samples(read(TABLE), "trees", Choices("height", ("width",)))
    assert found.dataset.feature_names == ("width",) and found.dataset.class_names == ("height",)
    assert not found.classes and found.dataset.y.ravel().tolist() == [2, 4, 5]
    assert found.unused == ("id", "colour", "kind")


def test_names_and_columns_that_miss_most_are_not_used() -> None:
    rows = [f"n{k},{k},{'' if k % 3 else k},{'yes' if k % 2 else 'no'}" for k in range(60)]
    found = samples(read("name,x,seldom,answer\n" + "\n".join(rows)), "t")
    assert found.dataset.feature_names == ("x",) and found.unused == ("name", "seldom")
    assert found.left_out == 0 and len(found.dataset.x) == 60
    asked = samples(read("name,x,seldom,answer\n" + "\n".join(rows)), "t", Choices(None, ("x", "seldom")))
    assert asked.left_out == 40


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([0, 1] * 10, ("0", "1")),
        ([3, 1, 2, 3, 1, 2], ("1", "2", "3")),
        (list(range(12)) * 3, None),
        ([0.5, 1.5] * 10, None),
        ([1, 2, 3], None),
    ],
)
def test_numbers_as_targets(values: list[float], classes: tuple[str, ...] | None) -> None:
    text = "x,y\n" + "\n".join(f"{k / 7},{value}" for k, value in enumerate(values))
    found = samples(read(text), "t")
    assert found.classes == (classes is not None)
    assert found.dataset.class_names == (classes or ("y",))
    expected = (
        np.eye(len(classes))[[classes.index(str(v)) for v in values]]
        if classes
        else np.array(values)[:, None]
    )
    np.testing.assert_array_equal(found.dataset.y, expected)


@pytest.mark.parametrize(
    ("text", "target", "why"),
    [
        (TABLE, "hight", "has no column 'hight'; there are 'id', 'width', 'colour', 'height', 'kind'"),
        ("x\n1\n2\n", None, "has no column beside 'x' to learn from"),
        ("x,y\n1,\n,2\n", None, "misses a value in every row"),
        (
            "x,y\n" + "\n".join(f"{k},w{k}" for k in range(1001)),
            "y",
            "has in the column 'y' 1,001 different values, at most 1,000 can be classes or features",
        ),
        ("x,y\n1,a\n2,a\n", "y", "has a single class, 'a', in the column 'y'"),
    ],
)
def test_what_cannot_be_learned_is_told(text: str, target: str | None, why: str) -> None:
    with pytest.raises(TableError) as caught:
        samples(read(text), "t", Choices(target))
    assert str(caught.value) == why


def test_missing_values_can_be_filled() -> None:
    text = "a,colour,kind\n1,red,x\n,red,y\n5,,x\n3,blue,\n"
    found = samples(read(text), "t", Choices(missing="mean"))
    assert found.left_out == 1 and found.filled == 2, "a row that misses its target stays out"
    assert found.dataset.x.tolist() == [[1, 1, 0], [3, 1, 0], [5, 1, 0]], (
        "the mean of 1, 5 and 3; the commonest"
    )


def test_whole_numbers_can_be_numbers_and_others_classes() -> None:
    text = "x,y\n" + "\n".join(f"{k / 7},{k % 2 + 0.5}" for k in range(8))
    found = samples(read(text), "t", Choices(classes=True))
    assert found.classes and found.dataset.class_names == ("0.5", "1.5")
    text = text.replace(".5\n", "\n")
    assert not samples(read(text), "t", Choices(classes=False)).classes
    with pytest.raises(TableError, match="line 2: has 'oak' in the column 'kind', which is no number"):
        samples(read(TABLE), "t", Choices("kind", ("width",), classes=False))


def test_of_too_many_some_are_taken() -> None:
    table = read("x,y\n" + "\n".join(f"{k},{k / 3}" for k in range(1000)))
    even = samples(table, "t", Choices(most=10))
    assert even.dataset.x.ravel().tolist() == [0, 111, 222, 333, 444, 555, 666, 777, 888, 999]
    assert even.there_were == 1000
    once, again, other = (samples(table, "t", Choices(most=10, seed=s)).dataset.x.ravel() for s in (1, 1, 2))
    assert once.tolist() == again.tolist() == sorted(set(once.tolist())) and once.tolist() != other.tolist()
