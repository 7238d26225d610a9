"""Built-in data sets: the same bits from the same seed, sensible ranges, and learnable by the right rule."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow import resources
from deltaglow.data import DATASETS, Dataset, DataSetKind, Stored, draw, parse

KINDS = list(DATASETS.values())
MADE = [kind for kind in KINDS if not isinstance(kind.make, Stored)]
BLURRED = [kind for kind in KINDS if kind.name != "circles"]
"""All but circles, whose angles come from the same stream as their noise: they have a test of their own."""
SORTED = [kind for kind in MADE if kind.targets == "classes" and kind.name != "worked-example"]
"""All that have classes to sort; the worked example is one sample over and over."""
every_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
every_made = pytest.mark.parametrize("kind", MADE, ids=[kind.name for kind in MADE])


def drawn(kind: DataSetKind, **changes: float) -> Dataset:
    arguments = {
        "samples": kind.default_samples,
        "noise": kind.default_noise,
        "classes": kind.default_classes,
        "seed": 0,
        **changes,
    }
    return draw(kind, whole=whole(kind), **arguments)  # type: ignore[arg-type]


def whole(kind: DataSetKind) -> Dataset | None:
    if not isinstance(kind.make, Stored):
        return None
    return parse(resources.text(f"data/{kind.make.file}"), kind.label)


@every_kind
def test_shapes_and_names(kind: DataSetKind) -> None:
    for classes in range(kind.min_classes, kind.max_classes + 1):
        for samples in (kind.min_samples, kind.min_samples + 1, kind.min_samples + 98):
            data = drawn(kind, samples=samples, classes=classes)
            assert data.x.shape == (samples, kind.inputs) and data.x.dtype == np.float64
            assert data.y.shape == (samples, classes)
            if kind.targets == "classes":
                assert np.array_equal(np.unique(data.y), [0, 1]) and (data.y.sum(axis=1) == 1).all()
            else:
                assert np.isfinite(data.y).all() and len(np.unique(data.y)) > 1
            assert len(data.feature_names) == kind.inputs and len(data.class_names) == classes
            assert len(set(data.class_names)) == classes
            assert data.title and kind.label and kind.description.endswith(".")


@every_kind
def test_the_seed_decides_everything(kind: DataSetKind) -> None:
    first, same, other = (drawn(kind, noise=0.1, seed=seed) for seed in (3, 3, 4))
    assert first.x.tobytes() == same.x.tobytes() and first.y.tobytes() == same.y.tobytes()
    assert not np.array_equal(first.x, other.x)


@every_kind
def test_global_random_state_is_left_alone(kind: DataSetKind) -> None:
    before = np.random.get_state()[1].tolist()  # noqa: NPY002  the very state that must not move
    drawn(kind)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@every_kind
def test_nobody_can_write_into_a_set(kind: DataSetKind) -> None:
    data = drawn(kind)
    for array in (data.x, data.y):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


@pytest.mark.parametrize("kind", BLURRED, ids=[kind.name for kind in BLURRED])
def test_noise_is_a_standard_deviation(kind: DataSetKind) -> None:
    samples = min(kind.max_samples, 4000)
    clean, noisy = drawn(kind, samples=samples, noise=0.0), drawn(kind, samples=samples, noise=0.5)
    blurred = noisy.x - clean.x if kind.targets == "classes" else noisy.y - clean.y
    if (stored := whole(kind)) is not None:
        deviation = stored.x.std(axis=0)
        assert not blurred[:, deviation == 0].any()
        blurred = blurred[:, deviation > 0] / deviation[deviation > 0]
    assert np.std(blurred) == pytest.approx(0.5, rel=0.05)
    if kind.targets == "values":
        assert np.array_equal(noisy.x, clean.x)


def test_noise_on_circles_is_a_standard_deviation() -> None:
    """Across the ring, where it is the noise alone: along it every angle is as good."""
    kind = DATASETS["circles"]
    clean, noisy = drawn(kind, samples=4000, noise=0.0), drawn(kind, samples=4000, noise=0.02)
    radii = [np.hypot(*data.x.T) for data in (clean, noisy)]
    assert np.array_equal(clean.y, noisy.y)
    assert np.std(radii[1] - radii[0]) == pytest.approx(0.02, rel=0.05)


@every_made
def test_features_are_of_the_order_of_one(kind: DataSetKind) -> None:
    clean = drawn(kind, noise=0.0, samples=min(kind.max_samples, 500))
    limit = 2.0 if kind.name == "worked-example" else 1.0
    assert np.abs(clean.x).max() <= limit + 1e-12
    assert np.abs(clean.x).max() > 0.6


@pytest.mark.parametrize("kind", SORTED, ids=[kind.name for kind in SORTED])
def test_classes_are_of_one_size_and_mixed(kind: DataSetKind) -> None:
    for classes in range(kind.min_classes, kind.max_classes + 1):
        counts = drawn(kind, samples=101, classes=classes).y.sum(axis=0)
        assert counts.max() - counts.min() <= 1
        assert (drawn(kind, samples=101, classes=classes).y[: 2 * classes].sum(axis=0) >= 1).all()


def test_xor_is_the_truth_table() -> None:
    data = drawn(DATASETS["xor"])
    assert data.x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert data.y.argmax(axis=1).tolist() == [0, 1, 1, 0]


def test_xor_clouds_lie_around_its_corners() -> None:
    data = drawn(DATASETS["xor"], samples=400, noise=0.1)
    near = (data.x > 0.5).astype(int)
    assert (near[:, 0] ^ near[:, 1]).tolist() == data.y.argmax(axis=1).tolist()


def test_circles_differ_by_radius_only() -> None:
    data = drawn(DATASETS["circles"], noise=0.0, classes=3)
    np.testing.assert_allclose(np.hypot(*data.x.T), (data.y.argmax(axis=1) + 1) / 3)


def test_spiral_arms_are_turned_copies_of_each_other() -> None:
    for classes in (2, 3, 4, 5):
        data = drawn(DATASETS["spirals"], noise=0.0, samples=20 * classes, classes=classes)
        points = data.x[:, 0] + 1j * data.x[:, 1]
        arms = [points[data.y[:, k] == 1] for k in range(classes)]
        for k, arm in enumerate(arms):
            np.testing.assert_allclose(arm, arms[0] * np.exp(2j * np.pi * k / classes), atol=1e-12)
        assert np.abs(points).min() == pytest.approx(0.05) and np.abs(points).max() == pytest.approx(1.0)


def test_moons_and_blobs_can_be_told_apart() -> None:
    moons = drawn(DATASETS["moons"], noise=0.0)
    distance = np.linalg.norm(moons.x[:, None] - moons.x[None], axis=2)
    other = moons.y.argmax(axis=1)[:, None] != moons.y.argmax(axis=1)[None]
    assert distance[other].min() > 0.15
    blobs = drawn(DATASETS["blobs"], noise=0.1, classes=4)
    centres = np.array([blobs.x[blobs.y[:, k] == 1].mean(axis=0) for k in range(4)])
    nearest = np.linalg.norm(blobs.x[:, None] - centres[None], axis=2).argmin(axis=1)
    assert (nearest == blobs.y.argmax(axis=1)).all()


def test_the_plane_is_one_and_the_sine_too() -> None:
    plane = drawn(DATASETS["plane"], noise=0.0)
    np.testing.assert_allclose(plane.y[:, 0], 0.7 * plane.x[:, 0] - 0.4 * plane.x[:, 1] + 0.2, rtol=1e-12)
    sine = drawn(DATASETS["sine"], noise=0.0)
    np.testing.assert_allclose(sine.y, np.sin(np.pi * sine.x), rtol=1e-12)
