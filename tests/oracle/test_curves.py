"""Precision and recall, and principal axes, against scikit-learn's stored answers (generate_curves.py)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deltaglow.explain.precision_recall import precision_recall
from deltaglow.explain.projection import AXES, principal

with np.load(Path(__file__).parent / "curves.npz", allow_pickle=False) as stored:
    ANSWERS = dict(stored)


def cases(kind: str) -> list[str]:
    return sorted({key.split("/")[1] for key in ANSWERS if key.startswith(f"{kind}/")})


def test_there_are_answers() -> None:
    assert len(cases("curve")) == 7 and len(cases("axes")) == 4


@pytest.mark.parametrize("case", cases("curve"))
def test_precision_and_recall_at_every_threshold(case: str) -> None:
    wanted, outputs, precision, recall, thresholds, average = (
        ANSWERS[f"curve/{case}/{what}"]
        for what in ("wanted", "outputs", "precision", "recall", "thresholds", "average")
    )
    found = precision_recall(wanted, outputs)
    np.testing.assert_array_equal(found.thresholds, thresholds)
    np.testing.assert_allclose(found.precision, precision[:-1], rtol=1e-15)  # it ends in (0, 1)
    np.testing.assert_allclose(found.recall, recall[:-1], rtol=1e-15)
    np.testing.assert_allclose(found.average, average, rtol=1e-14)
    for place, threshold in enumerate(thresholds.tolist()):
        said = outputs >= threshold
        expected = (
            int((said & wanted).sum()),
            int((said & ~wanted).sum()),
            int((~said & wanted).sum()),
            int((~said & ~wanted).sum()),
        )
        assert found.counts(place) == expected


@pytest.mark.parametrize("case", cases("axes"))
def test_principal_axes(case: str) -> None:
    x, places, shares, directions = (
        ANSWERS[f"axes/{case}/{what}"] for what in ("x", "places", "shares", "directions")
    )
    found, count = principal(x), len(directions)
    scale = float(np.abs(x).max())
    np.testing.assert_allclose(found.directions[:count], directions, atol=1e-10)
    np.testing.assert_allclose(found.places[:, :count], places, atol=1e-10 * scale)
    np.testing.assert_allclose(found.shares[:count], shares, rtol=1e-9)
    assert not found.places[:, count:].any() and not found.shares[count:].any()
    assert found.places.shape == (len(x), AXES)
