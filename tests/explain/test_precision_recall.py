"""Precision and recall where there is little to be said: no positives, outputs that are not numbers."""

from __future__ import annotations

import math

import numpy as np

from deltaglow.engine.losses import LossSpec
from deltaglow.explain.precision_recall import by_class, precision_recall


def test_a_class_that_no_sample_is_of_has_no_recall() -> None:
    found = precision_recall(np.zeros(3, dtype=bool), np.array([0.2, 0.5, 0.9]))
    assert found.precision.tolist() == [0.0, 0.0, 0.0] and np.isnan(found.recall).all()
    assert math.isnan(found.average) and found.outline().shape == (0, 2)
    assert precision_recall(np.zeros(0, dtype=bool), np.zeros(0)).thresholds.size == 0


def test_what_is_not_a_number_is_never_said() -> None:
    found = precision_recall(np.array([True, True, False]), np.array([np.nan, 0.7, np.inf]))
    assert found.thresholds.tolist() == [0.7, np.inf]
    assert found.counts(0) == (1, 1, 1, 0) and found.recall.tolist() == [0.5, 0.0]


def test_the_outline_goes_through_every_corner_and_ends_where_all_is_said() -> None:
    wanted = np.array([True, False, True, False])
    found = precision_recall(wanted, np.array([0.9, 0.8, 0.7, 0.1]))
    assert found.outline().tolist() == [
        [0.0, 1.0],
        [0.5, 1.0],
        [0.5, 0.5],
        [0.5, 0.5],
        [0.5, 2 / 3],
        [1.0, 2 / 3],
        [1.0, 0.5],
        [1.0, 0.5],
    ]
    area = np.diff(found.outline()[:, 0]) @ found.outline()[1:, 1]
    assert math.isclose(area, found.average)


def test_a_long_outline_is_thinned_where_nobody_can_tell() -> None:
    rng = np.random.default_rng(0)
    wanted = rng.random(50_000) < 0.5
    found = precision_recall(wanted, wanted + 3.0 * rng.random(50_000))
    outline = found.outline(100)
    assert len(outline) < 1000 < len(found.thresholds)
    assert math.isclose(np.diff(outline[:, 0]) @ outline[1:, 1], found.average, abs_tol=0.01)


def test_labels_are_each_judged_by_themselves_and_classes_against_all_others() -> None:
    y = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    y_hat = np.array([[0.9, 0.8], [0.2, 0.7], [0.1, 0.6]])
    labels = by_class(LossSpec("sigmoid_cross_entropy"), y, y_hat)
    assert [one.positives for one in labels] == [1, 2] and labels[1].average == 1.0
    classes = by_class(LossSpec("softmax_cross_entropy"), np.array([[0.6, 0.4], [0.1, 0.9]]), y_hat[:2])
    assert [one.positives for one in classes] == [1, 1] and classes[0].average == 1.0
