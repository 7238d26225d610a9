"""Every pair of output and loss: its slope by differences, its mean, its extremes, and what it counts."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaglow.engine import (
    LOSSES,
    Dense,
    Frame,
    LossSpec,
    Network,
    NonFinite,
    Trainer,
    check_gradients,
    evaluate,
)
from deltaglow.engine.batch import Batch
from deltaglow.engine.ops import run

CROSS_ENTROPY = "softmax_cross_entropy"
SPECS = [
    *(LossSpec(name) for name in LOSSES),
    LossSpec(CROSS_ENTROPY, label_smoothing=0.1),
    LossSpec(CROSS_ENTROPY, class_weights=(0.5, 2.0, 1.5)),
    LossSpec(CROSS_ENTROPY, label_smoothing=0.3, class_weights=(0.5, 2.0, 1.5)),
    LossSpec(CROSS_ENTROPY, label_smoothing=0.3, class_weights=(0.5, 2.0, 1.5), naive=True),
]


def targets(spec: LossSpec, rng: np.random.Generator, rows: int, soft: bool, units: int = 3) -> np.ndarray:
    kind = LOSSES[spec.name].targets
    if kind == "real":
        return rng.normal(0, 2, (rows, units))
    if kind == "unit":
        return rng.random((rows, units)) if soft else rng.integers(0, 2, (rows, units)).astype(float)
    return rng.dirichlet(np.ones(units), rows) if soft else np.eye(units)[rng.integers(0, units, rows)]


def trainer(
    spec: LossSpec, rows: int = 5, batch: int = 5, soft: bool = False, scale: float = 1.0, seed: int = 0
) -> Trainer:
    rng = np.random.default_rng(seed)
    layers = [
        Dense(4, "tanh", rng.normal(0, 1, (4, 2)), rng.normal(0, 1, 4)),
        Dense(3, "identity", rng.normal(0, scale, (3, 4)), rng.normal(0, 1, 3)),
    ]
    network = Network(2, layers, spec, rng)
    y = targets(spec, rng, rows, soft)
    return Trainer(
        network, rng.normal(0, 1, (rows, 2)), y, learning_rate=0.1, batch_size=batch, shuffle=False, rng=rng
    )


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SPECS),
    st.integers(1, 5),
    st.booleans(),
    st.sampled_from((0.1, 1.0, 5.0)),
    st.integers(0, 999),
)
def test_every_gradient_agrees_with_differences(
    spec: LossSpec, rows: int, soft: bool, scale: float, seed: int
) -> None:
    for found in check_gradients(trainer(spec, rows, rows, soft, scale, seed).preview()):
        assert found.ok, (spec, found)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("soft", [False, True])
def test_the_displayed_loss_is_the_differentiated_one(spec: LossSpec, soft: bool) -> None:
    frame = trainer(spec, soft=soft).preview()
    assert frame.loss == pytest.approx(frame.losses.sum() / frame.divisor, rel=1e-14)
    last = frame.layers[-1]
    expected = last.delta.T @ frame.layers[-2].a / frame.divisor
    np.testing.assert_allclose(last.dW, expected, rtol=1e-12)
    np.testing.assert_allclose(last.db, last.delta.sum(0) / frame.divisor, rtol=1e-12)


@pytest.mark.parametrize("spec", SPECS)
def test_errors_after_a_softmax_add_up_to_zero(spec: LossSpec) -> None:
    frame = trainer(spec).preview()
    sums = frame.layers[-1].back.sum(axis=1)
    assert (np.abs(sums) < 1e-14).all() == LOSSES[spec.name].softmax


@pytest.mark.parametrize("spec", SPECS)
def test_a_smaller_last_batch_and_the_whole_set_count_alike(spec: LossSpec) -> None:
    run = trainer(spec, rows=7, batch=3)
    whole = trainer(spec, rows=7, batch=7)
    loss, accuracy = run.evaluate()
    frame = whole.preview()
    assert loss == pytest.approx(frame.loss, rel=1e-14)
    np.testing.assert_equal(accuracy, frame.accuracy)
    losses = []
    for _ in range(3):
        state = run.state()
        shown = run.preview()
        losses += shown.losses.tolist()
        run.step()
        run.network.theta[:] = state.theta
    np.testing.assert_allclose(losses, frame.losses, rtol=1e-14)


def test_plain_cross_entropy_makes_few_calls() -> None:
    """One more than the fewest: one along rows, or of unlike shapes, takes longer than two of vectors."""
    y, labels = np.eye(3), np.arange(3)
    pair = LOSSES[CROSS_ENTROPY](LossSpec(), 3, 3)
    batch = Batch(np.zeros((3, 1)), y, labels, places=3 * labels + labels)
    assert len(pair.forward(np.zeros((3, 3)), batch, np.zeros(2))) <= 12
    assert len(pair.backward(y, np.zeros((3, 3)))) == 1


def test_class_weights_are_pytorchs() -> None:
    """CrossEntropyLoss(weight)(logits, classes) is Σ w[c] nll / Σ w[c]; with probabilities, a plain mean."""
    weights = np.array([0.5, 2.0, 1.5])
    spec = LossSpec(CROSS_ENTROPY, class_weights=tuple(weights))
    hard, soft = trainer(spec).preview(), trainer(spec, soft=True).preview()
    for frame, divisor in ((hard, weights[hard.y.argmax(1)].sum()), (soft, 5.0)):
        logits = frame.layers[-1].a
        logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        assert frame.loss == pytest.approx(-(weights * frame.y * logs).sum() / divisor, rel=1e-14)
        assert frame.divisor == divisor
    one = trainer(spec, rows=1, batch=1).preview()
    assert one.loss == pytest.approx(float(one.losses[0] / weights[one.y[0].argmax()]), rel=1e-15)


def test_sigmoids_are_stable_and_exact_where_they_saturate() -> None:
    loss = _measured(
        "sigmoid_cross_entropy", [[1e4, -1e4], [1e4, -1e4], [40.0, -40.0]], [[1, 0], [0, 1], [1, 1]]
    )
    assert loss[0] == 0.0 and loss[1] == 2e4
    assert loss[2] == pytest.approx(40 + 2 * math.exp(-40), rel=1e-15)


def test_a_label_is_right_on_its_side_of_a_half() -> None:
    frame = _frame(
        "sigmoid_cross_entropy", [[3.0, -2.0], [3.0, 2.0], [-1.0, -2.0]], [[1, 0], [1, 0], [0.2, 0.4]]
    )
    assert frame.accuracy == pytest.approx(2 / 3)


def test_regression_has_no_accuracy() -> None:
    run = trainer(LossSpec("squared_error"))
    run.step()
    assert math.isnan(run.scalars[1]) and math.isnan(run.evaluate()[1])


def test_squared_error_after_softmax_hardly_moves_where_it_is_sure_and_wrong() -> None:
    logits, y = [[-12.0, 0.0]], [[1, 0]]
    squared = _frame("softmax_squared_error", logits, y).layers[-1].delta[0]
    crossed = _frame(CROSS_ENTROPY, logits, y).layers[-1].delta[0]
    assert crossed[0] == pytest.approx(-1, abs=1e-4) and -2e-5 < squared[0] < -1e-6


@pytest.mark.parametrize(("logit", "where"), [(1000.0, "an exponential of softmax"), (-1000.0, "the loss")])
def test_naive_softmax_overflows_and_says_where(logit: float, where: str) -> None:
    """The stable form bears the same logits."""
    assert math.isfinite(_frame(CROSS_ENTROPY, [[logit, 0.0]], [[0, 1]]).loss)
    naive = LossSpec(CROSS_ENTROPY, naive=True)
    with pytest.raises(NonFinite) as caught:
        _frame(naive, [[logit, 0.0]], [[0, 1]])
    assert caught.value.quantity == where
    assert caught.value.frame is not None


def test_naive_and_stable_are_the_same_where_both_work() -> None:
    stable, naive = (trainer(LossSpec(CROSS_ENTROPY, naive=each)).preview() for each in (False, True))
    assert naive.loss == pytest.approx(stable.loss, rel=1e-14)
    np.testing.assert_allclose(naive.gradient, stable.gradient, rtol=1e-12, atol=1e-16)
    np.testing.assert_array_equal(naive.shifted, naive.layers[-1].a)


def test_an_unknown_loss_and_weights_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="no such loss: hinge"):
        Network(1, [Dense(2)], "hinge", np.random.default_rng(0))
    with pytest.raises(ValueError, match="2 class weights for 3 classes"):
        trainer(LossSpec(CROSS_ENTROPY, class_weights=(1.0, 2.0)))


def _frame(spec: LossSpec | str, logits: list[list[float]], y: list[list[float]]) -> Frame:
    """The frame of a network whose logits are its inputs."""
    size = len(y[0])
    network = Network(size, [Dense(size, W=np.eye(size))], spec, np.random.default_rng(0))
    x, targets_of = np.array(logits), np.array(y, dtype=float)
    rng = np.random.default_rng(0)
    run = Trainer(network, x, targets_of, learning_rate=1e-3, batch_size=len(y), shuffle=False, rng=rng)
    return run.preview()


def _measured(spec: str, logits: list[list[float]], y: list[list[float]]) -> list[float]:
    found: list[float] = _frame(spec, logits, y).losses.tolist()
    return found


# ---- evaluation


def passing(spec: str, size: int) -> Network:
    """A network whose logits are its inputs."""
    return Network(size, [Dense(size, W=np.eye(size))], spec, np.random.default_rng(0))


def test_a_confusion_matrix_counts_classes() -> None:
    said, right = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0])
    found = evaluate(passing(CROSS_ENTROPY, 3), 5 * np.eye(3)[said], np.eye(3)[right])
    assert found.confusion is not None and found.precision is not None and found.recall is not None
    assert found.confusion.tolist() == [[1, 1, 0], [1, 2, 0], [0, 0, 0]]
    np.testing.assert_allclose(found.precision, [1 / 2, 2 / 3, math.nan])
    np.testing.assert_allclose(found.recall, [1 / 2, 2 / 3, math.nan])
    assert (found.samples, found.accuracy) == (5, 3 / 5) and math.isnan(found.r_squared)


def test_labels_have_a_matrix_each() -> None:
    logits = np.array([[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    found = evaluate(passing("sigmoid_cross_entropy", 2), logits, np.array([[1.0, 0], [0, 1], [0, 1]]))
    assert found.confusion is not None and found.precision is not None and found.recall is not None
    assert found.confusion.tolist() == [[[1, 1], [0, 1]], [[1, 0], [0, 2]]]
    assert found.precision.tolist() == [0.5, 1.0] and found.recall.tolist() == [1.0, 1.0]
    assert found.accuracy == pytest.approx(2 / 3)


def test_regression_is_judged_by_r_squared() -> None:
    x = np.array([[0.0], [1.0], [2.0], [4.0]])
    y = np.array([[0.0], [1.0], [2.0], [3.0]])
    found = evaluate(passing("squared_error", 1), x, y)
    assert found.r_squared == pytest.approx(1 - 1 / 5) and found.loss == pytest.approx(1 / 8)
    assert math.isnan(found.accuracy) and found.confusion is None
    assert math.isnan(evaluate(passing("squared_error", 1), x[:1], y[:1]).r_squared)


@pytest.mark.parametrize(("spec", "rows"), list(product(SPECS, (1, 1025, 2500))))
def test_evaluation_in_pieces_is_evaluation_at_once(spec: LossSpec, rows: int) -> None:
    run = trainer(spec, rows=rows, batch=rows)
    found, frame = run.evaluation(), run.preview()
    assert found.loss == pytest.approx(frame.loss, rel=1e-12)
    np.testing.assert_allclose(found.accuracy, frame.accuracy, rtol=1e-12)
    assert run.evaluate() == pytest.approx((found.loss, found.accuracy), nan_ok=True)


@pytest.mark.parametrize("classes", [31, 32, 33, 40])
@pytest.mark.parametrize("name", ["softmax_cross_entropy", "softmax_squared_error"])
def test_a_smaller_last_batch_of_many_classes_is_cut_from_the_same_arrays(name: str, classes: int) -> None:
    """Whether a row's largest logit is written once for each class or shared, the cut computes the same."""
    rng = np.random.default_rng(0)
    logits, y = rng.normal(size=(3, classes)), np.eye(classes)[[0, 5, 2]]
    found = []
    for rows in (3, 8):
        loss = LOSSES[name](LossSpec(name), classes, rows)
        if rows > 3:
            loss = loss.first(3)
        result = np.zeros(2)
        run(loss.forward(logits, Batch(logits, y, y.argmax(1)), result))
        found.append((loss.y_hat.tobytes(), loss.losses.tobytes(), result.tobytes()))
    assert found[0] == found[1]
