"""Settings of a project as a table has them, and the axes that runs are put on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deltaglow.explain.parallel import axis
from deltaglow.explain.settings import Entry, settings
from deltaglow.model import examples
from deltaglow.model.project import Optimizer


def test_what_is_not_chosen_has_the_rules_own_value() -> None:
    moons = examples.load("moons")
    found = settings(moons)
    assert found["Layers"].text == "2–6–2" and found["Parameters"].value == 32.0
    assert found["Activations"].text == "tanh" and found["Loss function"].text == "softmax cross entropy"
    adam = Optimizer("adam", 1e-5, (("beta1", 0.8),))
    other = settings(replace(moons, training=replace(moons.training, optimizer=adam)))
    assert (other["Learning rate η"].value, other["Learning rate η"].text) == (1e-5, "1e\u221205")
    assert (other["β₁"].value, other["β₂"].value) == (0.8, 0.999)
    assert "β₁" not in found


def entries(*values: float | str) -> list[Entry | None]:
    return [Entry(value, str(value)) for value in values]


def test_numbers_of_many_sizes_lie_by_their_powers_of_ten() -> None:
    made = axis("η", [*entries(0.001, 1.0, 0.1), None])
    assert [made.place(one) for one in entries(0.001, 0.1, 1.0)] == pytest.approx([0.0, 2 / 3, 1.0])
    assert made.place(None) is None and made.place(Entry(float("nan"), "")) is None
    assert [text for _, text in made.ticks(4)] == ["0.001", "0.01", "0.1", "1"]


@pytest.mark.parametrize(
    "values", [(0.0, 1.0), (-3.0, 1e6), (5.0, 9.0), (1e-9, 3e-9), (0.2, 0.21), (1.0, 60.0)]
)
@pytest.mark.parametrize("most", [1, 2, 5, 40])
def test_ticks_lie_on_the_axis_and_name_what_is_there(values: tuple[float, ...], most: int) -> None:
    made = axis("x", entries(*values))
    ticks = made.ticks(most)
    assert 2 <= len(ticks) <= max(most, 2) + 1
    for place, text in ticks:
        assert -1e-9 <= place <= 1.0 + 1e-9
        number = float(text.replace("\u2212", "-"))
        assert made.place(Entry(number, "")) == pytest.approx(place, abs=0.01)


def test_what_is_counted_has_no_halves_and_words_their_places() -> None:
    assert all("." not in text for _, text in axis("Seed", entries(1.0, 3.0)).ticks(9))
    words = axis("Optimiser", entries("sgd", "adam", "sgd"))
    assert words.words == ("adam", "sgd") and words.place(Entry("sgd", "sgd")) == 1.0
    assert axis("Limit", entries("none", 2.0)).words == ("2.0", "none")
    assert axis("Seed", entries(4.0, 4.0)).ticks(5) == [(0.5, "4")]
    assert axis("Loss", [None, *entries(float("inf"))]).place(Entry(1.0, "1")) is None
