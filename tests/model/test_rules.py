"""The table of constraints, and the texts that are made from it."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from deltaglow.data import DATASETS
from deltaglow.engine import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS
from deltaglow.model.rules import LEARNING_RATE_BANDS, RULES, Rule, learning_rate_band, nearest, rule, shown
from deltaglow.model.rules.data import DATA
from deltaglow.model.rules.network import NETWORK
from deltaglow.model.rules.training import TRAINING


@pytest.mark.parametrize("key", RULES)
def test_every_default_is_allowed_and_every_rule_explains_itself(key: str) -> None:
    known = RULES[key]
    assert known.problem(known.default) is None
    assert known.label and known.help and not known.help.endswith(".")
    assert known.tooltip.endswith(".") and known.help in known.tooltip
    for line in known.tooltip.splitlines():
        assert line[0].isupper()


def test_no_key_has_two_rules() -> None:
    assert len(RULES) == len(NETWORK) + len(TRAINING) + len(DATA)


def test_choices_are_what_there_is() -> None:
    assert RULES["activation"].choices == tuple(ACTIVATIONS)
    assert RULES["init"].choices == tuple(INITIALIZERS)
    assert RULES["loss"].choices == tuple(LOSSES)
    assert RULES["optimizer"].choices == tuple(OPTIMIZERS)
    assert RULES["data"].choices == tuple(DATASETS)


@pytest.mark.parametrize(
    ("key", "allowed", "refused"),
    [
        ("units", [1, 4096, 2.0], [0, 4097, -1, 1.5, True, "2", None, math.nan, math.inf, 10**500, [1]]),
        ("learning_rate", [1e-300, 0.1, 1000], [0, 0.0, -0.1, 1000.1, math.nan, math.inf, False, "0.1"]),
        ("noise", [0, 0.5, 2], [-1e-9, 2.1]),
        ("shuffle", [True, False], [0, 1, "true", None]),
        ("activation", ["tanh"], ["Tanh", "", None, 3, ["tanh"], True]),
        ("weight", [0, -1e308, 10**300], [math.nan, -math.inf, "1", True]),
        ("gain", [1, 1e-9, "auto"], [0, -1, "Auto", "", None, True]),
        ("mask", [0, 1], [0.5, 2, True]),
    ],
)
def test_limits(key: str, allowed: list[object], refused: list[object]) -> None:
    for value in allowed:
        assert RULES[key].problem(value) is None, value
    for value in refused:
        problem = RULES[key].problem(value)
        assert problem is not None and problem.startswith("is ") and RULES[key].expected in problem, value


def test_what_would_be_right() -> None:
    assert RULES["units"].expected == "a whole number from 1 to 4096"
    assert RULES["learning_rate"].expected == "a number above 0, at most 1000"
    assert RULES["shuffle"].expected == "true or false"
    assert Rule("", "", choices=("dense",)).expected == "dense"
    assert RULES["weight"].expected == "a finite number"
    assert RULES["gain"].expected == 'a number above 0, at most 1000, or "auto"'
    assert Rule("", "", 2).expected == "a number of at least 2"
    assert Rule("", "", 0.5, 1.5, exclusive=True).expected == "a number above 0.5, at most 1.5"


def test_near_misses() -> None:
    assert nearest("Leaky-ReLU", RULES["activation"].choices) == ' (did you mean "leaky_relu"?)'
    assert nearest("tan", RULES["activation"].choices) == ' (did you mean "tanh"?)'
    assert nearest("zzz", RULES["activation"].choices) == ""
    assert nearest(3, RULES["activation"].choices) == ""
    assert nearest("x" * 10**6, RULES["activation"].choices) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("a\n\x1b", '"a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"'),
        ("y" * 100, '"' + "y" * 39 + '…"'),
        ([1], "a list"),
        ({}, "an object"),
        (math.nan, "not a number (NaN)"),
        (-math.inf, "beyond the range of a 64-bit float"),
        (1.5, "1.5"),
        (-3, "-3"),
    ],
)
def test_values_as_they_are_quoted(value: object, text: str) -> None:
    assert shown(value) == text


def test_whole_numbers_of_any_length_are_quoted() -> None:
    assert len(shown(10**10_000)) < 60


@pytest.mark.parametrize("name", DATASETS)
def test_rules_of_a_data_set(name: str) -> None:
    kind = DATASETS[name]
    assert rule("classes", name).maximum == kind.max_classes
    assert rule("samples", name).minimum == kind.min_samples
    assert rule("noise", name).default == kind.default_noise
    for key in ("classes", "samples", "noise"):
        narrowed = rule(key, name)
        assert narrowed.problem(narrowed.default) is None
        assert narrowed.label == RULES[key].label and narrowed.integer == RULES[key].integer
        assert (narrowed.maximum or 0) <= (RULES[key].maximum or 0)
    assert rule("samples") is RULES["samples"]


def test_the_bands_cover_every_learning_rate_once() -> None:
    assert LEARNING_RATE_BANDS[0].low == 0 and LEARNING_RATE_BANDS[-1].high == math.inf
    for before, after in pairwise(LEARNING_RATE_BANDS):
        assert before.high == after.low
    assert [band.low for band in LEARNING_RATE_BANDS[1:]] == [0.0001, 0.001, 0.01, 0.1]
    for band in LEARNING_RATE_BANDS:
        assert learning_rate_band(band.low) is band
    assert learning_rate_band(0.0999).behaviour == "Fast but potentially unstable"
    assert learning_rate_band(0.1).behaviour == "Divergence likely"
    assert learning_rate_band(1e6) is LEARNING_RATE_BANDS[-1]


def test_the_last_band_is_advice_only() -> None:
    assert "advice" in LEARNING_RATE_BANDS[-1].advice and "0.1 to 1" in LEARNING_RATE_BANDS[-1].advice
