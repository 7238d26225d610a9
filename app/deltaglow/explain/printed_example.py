"""The printed example that @worked-example comes from: its slips, and what its own numbers lead to.

It has a slip in its arithmetic (the second logit) and two in its indices (the gradients of w₈ and w₉, the
way back to the hidden units). A project is known to follow it by the names it gives its weights. What the
slips lead to is worked out here from its own numbers, with its own rounding, and told while the step's
numbers are still those of the example; the slips in indices are told as long as the weights are called so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from deltaglow.engine import Frame
from deltaglow.engine.ops import Array
from deltaglow.explain.numbers import show
from deltaglow.model.project import Project
from deltaglow.model.quantity import PART, Quantity

NAMES = (
    (("w1", "w2", "w3"), ("w4", "w5", "w6")),
    (("w7", "w9"), ("w8", "w10")),
)
"""The example's weights by layer, row and column: in its forward pass w8 leads from unit 1 to output 2."""

_X, _TARGET, _ETA = (1.0, 2.0, -1.0), (1.0, 0.0), 0.1
_W = (((0.2, -0.3, 0.4), (-0.5, 0.1, 0.2)), ((0.3, 0.4), (-0.1, 0.2)))
_B = ((0.5, 0.5), (0.1, 0.1))
_PRINTED_A, _PRINTED_Y_HAT = (0.426, 0.5), (0.561, 0.439)
_SHOWN_AFTER = 4
"""Digits of a gradient and of a parameter after the step: with three some slips would not show."""
_SAME = 1e-9


@dataclass(frozen=True)
class Slip:
    """Where the printed example differs: a remark that several numbers share, and what comes of it here."""

    remark: str
    consequence: str = ""

    @property
    def told(self) -> str:
        """All of it."""
        return f"{self.remark} {self.consequence}".strip()


@dataclass(frozen=True)
class _Cause:
    """A slip in the way back: in full, and in a few words as what a gradient of the example comes from."""

    told: str
    brief: str


_LOGIT = (
    "The printed example has 0.185 here, in its step 3. Its own numbers give −0.1·0.426 + 0.2·0.5 + 0.1 = "
    "0.157. From 0.185 it goes on to ŷ = (0.561, 0.439) and a loss of 0.579; from 0.157 they are (0.567, "
    "0.433) and 0.567."
)
_SOFTMAX = (
    "The printed example has {printed} here, in its step {step}, because it carries on from a second logit "
    "of 0.185. That logit is −0.1·0.426 + 0.2·0.5 + 0.1 = 0.157, and with it this is {right}."
)
_SWAPPED = _Cause(
    "The printed example swaps the gradients of w₈ and w₉ in its steps 6 to 13: it has (ŷ₁ − y₁) a₂ for w₈ "
    "and (ŷ₂ − y₂) a₁ for w₉. In its own forward pass w₈ leads from a₁ to the second output and w₉ from a₂ "
    "to the first, so ∂L/∂w₈ = (ŷ₂ − y₂) a₁ and ∂L/∂w₉ = (ŷ₁ − y₁) a₂: the error of the unit that a weight "
    "leads to, times the activation of the unit that it comes from.",
    "swapped between w₈ and w₉",
)
_WRONG_WEIGHT = _Cause(
    "The printed example brings the second output's error back to hidden unit 1 through w₉, in its part "
    "on input weights. The weight between the two is w₈: what comes back is (ŷ₁ − y₁) w₇ + (ŷ₂ − y₂) w₈. An "
    "error returns along the very weights the signal came by.",
    "brought back through w₉ in place of w₈",
)
_LIKEWISE = _Cause(
    "The printed example says only that this one follows the same pattern. Its pattern would bring in w₈ and "
    "w₁₀ here; in its own forward pass hidden unit 2 leads out through w₉ and w₁₀, so what comes back is (ŷ₁ "
    "− y₁) w₉ + (ŷ₂ − y₂) w₁₀.",
    "brought back through w₈ in place of w₉",
)
_CARRIED = _Cause(
    "The printed example has this formula, but works with ŷ = (0.561, 0.439), which comes from its second "
    "logit of 0.185 in place of 0.157.",
    "from its ŷ of (0.561, 0.439)",
)
_HERE = "Its own numbers would make this {printed}; it is {right}."
_NO_BIAS = "The printed example has no gradients of biases."
_ERROR = "Its error, {cause}, would make this {printed}; it is {right}."
_NO_STEP = (
    "The printed example stops at the rule w ← w − η ∂L/∂w: it names no η (0.1 is the choice made here) and "
    "works out no step."
)
_STEP = "Its gradient, {cause}, would lead to {printed}; the right one leads to {right}."
_NO_RATE = "The printed example names no η; 0.1 is the choice made here."
_LOSS_AFTER = (
    "The printed example takes no step. One of η = 0.1 along its own gradients would end at {printed}, "
    "because two of them are swapped and those of the hidden layer have the wrong sign; along the right ones "
    "it ends at {right}."
)


def follows(project: Project) -> bool:
    """Whether the project is the printed 3-2-2 network, by the names of its weights."""
    return tuple(layer.names_W for layer in project.network.layers) == NAMES


def slip(frame: Frame, q: Quantity, value: float) -> Slip | None:
    """What to say where a number of a project that `follows` the example is explained; or None.

    value: what the number is worth in this frame.
    """
    own = _still_its_own(frame)
    cause = _cause(q, own)
    if cause is not None:
        return _of_the_way_back(q, cause, value) if own else _in_any_step(q, cause)
    if not own:
        return None
    if q.kind == "loss_after":
        printed, right = show(_loss(*_after())).text, show(value).text
        return Slip(_LOSS_AFTER.format(printed=printed, right=right))
    remark = _NO_RATE if q.kind == "learning_rate" else _forward(q)
    return None if remark is None else Slip(remark)


def _of_the_way_back(q: Quantity, cause: _Cause, value: float) -> Slip:
    digits = 3 if q.kind in ("delta", "back", "db") else _SHOWN_AFTER
    printed, right = show(_its_own(q), digits).text, show(value, digits).text
    if q.kind == "db":
        return Slip(_NO_BIAS, _ERROR.format(cause=cause.brief, printed=printed, right=right))
    if q.kind.endswith("_after"):
        return Slip(_NO_STEP, _STEP.format(cause=cause.brief, printed=printed, right=right))
    return Slip(cause.told, _HERE.format(printed=printed, right=right))


def _in_any_step(q: Quantity, cause: _Cause) -> Slip | None:
    """A slip in the indices is one whatever the numbers are."""
    return Slip(cause.told) if q.kind in ("dW", "delta", "back") or cause is _SWAPPED else None


def _forward(q: Quantity) -> str | None:
    if q.kind in ("z", "a"):
        return _LOGIT if q.layer == 2 and q.index == (1,) else None
    if q.kind == "y_hat":
        printed, right = (("0.561", "0.567"), ("0.439", "0.433"))[q.index[0]]
        return _SOFTMAX.format(printed=printed, right=right, step=4)
    return _SOFTMAX.format(printed="0.579", right="0.567", step=5) if q.kind == "loss" else None


def _cause(q: Quantity, own: bool) -> _Cause | None:
    """Which slip a number of the way back, or of the step, has a part in."""
    if q.kind not in ("delta", "back", "dW", "db", "W_after", "b_after"):
        return None
    if q.layer == 1:
        return _WRONG_WEIGHT if q.index[0] == 0 else _LIKEWISE
    if PART.get(q.kind) == "W" and q.index in ((1, 0), (0, 1)):
        return _SWAPPED
    return _CARRIED if own else None


def _still_its_own(frame: Frame) -> bool:
    """Whether parameters, input and target are those of the example, and the update is plain descent."""
    layers = frame.layers
    plain = frame.update.optimizer == "sgd" and frame.learning_rate == _ETA and frame.samples == 1
    same = plain and all(
        layer.activation == activation and _is(layer.W, W) and _is(layer.b, b)
        for layer, activation, W, b in zip(layers, ("sigmoid", "identity"), _W, _B, strict=True)
    )
    return same and _is(frame.x[0], _X) and _is(frame.y[0], _TARGET)


def _is(found: Array, wanted: object) -> bool:
    expected = np.array(wanted)
    return found.shape == expected.shape and bool(np.allclose(found, expected, rtol=0.0, atol=_SAME))


def _errors() -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """The example's δ of the outputs, what it brings back to the hidden units, and their δ."""
    first, second = (said - wanted for said, wanted in zip(_PRINTED_Y_HAT, _TARGET, strict=True))
    ((w7, w9), (w8, w10)), (a1, a2) = _W[1], _PRINTED_A
    came = first * w7 + second * w9, first * w8 + second * w10
    return (first, second), came, (came[0] * a1 * (1.0 - a1), came[1] * a2 * (1.0 - a2))


def _gradients() -> tuple[Array, Array, Array, Array]:
    """The example's dW and db of both layers, w₈ and w₉ swapped as it has them."""
    out, _, hidden = _errors()
    return np.outer(hidden, _X), np.array(hidden), np.outer(out, _PRINTED_A).T, np.array(out)


def _after() -> tuple[Array, Array, Array, Array]:
    """Its W and b of both layers after a step along its own gradients."""
    parameters = (_W[0], _B[0], _W[1], _B[1])
    first, second, third, fourth = (
        np.array(p) - _ETA * slope for p, slope in zip(parameters, _gradients(), strict=True)
    )
    return first, second, third, fourth


def _loss(W1: Array, b1: Array, W2: Array, b2: Array) -> float:
    """The loss of the example's sample with these parameters, forward as it should be."""
    hidden = 1.0 / (1.0 + np.exp(-(W1 @ np.array(_X) + b1)))
    logits = W2 @ hidden + b2
    return float(math.log(float(np.exp(logits).sum())) - logits[0])


def _its_own(q: Quantity) -> float:
    """What the example's own formulas and numbers make of a number."""
    k = q.layer or 1
    if q.kind in ("delta", "back"):
        out, came, hidden = _errors()
        return (out if k == 2 else hidden if q.kind == "delta" else came)[q.index[0]]
    found = _after() if q.kind.endswith("_after") else _gradients()
    return float(found[2 * k - 2 + (PART[q.kind] == "b")][q.index])
