"""A second opinion on a number: by nudging, or by working it out again in plain Python floats."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from deltaglow.engine import ACTIVATIONS, PRECISIONS, Difference, Frame, LayerTrace, Probe
from deltaglow.engine.gradcheck import undecided
from deltaglow.explain import after, beside_check, decisions, plain, recompute, size_check
from deltaglow.explain.numbers import MINUS, full, show
from deltaglow.explain.output_check import Outputs, Value
from deltaglow.model import sizes
from deltaglow.model.beside import SAMPLE_GRADIENTS
from deltaglow.model.decided import DECIDED
from deltaglow.model.quantity import AROUND, PART, UPDATE_ARRAYS, Quantity, validate_in, value

AGREEMENT = 1e-6
"""Relative difference up to which two answers count as the same."""
_NOISE = 64 * math.ulp(1.0)
_MOST_DIGITS = 15
_BY_RULE = "by the rule that decides it"
_BY_HAND = 13
"""Digits of the differences that one is made of."""
_FEW_DIGITS = 3
"""Fewer digits than this are no evidence."""
_PARAMETERS = frozenset({"dW", "db", "W_after", "b_after"})
_MOST_WORK = 100_000
"""Multiplications up to which a forward value is worked out all the way from the inputs; about 30 ms."""


@dataclass(frozen=True, slots=True)
class Check:
    """A second opinion on a number.

    method: "nudge" (a central difference) or "recompute". nudged: what was done, e.g. "z of layer 1, unit 1
    by ±1e−5", or how it was worked out again. value: the second answer; digits: how many significant digits
    agree. error: the second answer's own uncertainty. ok: they agree as far as that can tell. corner: a
    rectifier's corner lies within the nudge, where differences say nothing; ok is then True and `sentence`
    says so. by_hand: how a difference is found again, with its numbers.
    """

    method: str
    nudged: str
    value: float
    error: float
    digits: int
    ok: bool
    corner: bool
    by_hand: str = ""

    @property
    def telling(self) -> bool:
        """Whether it is evidence: a number may be so small that rounding in the loss drowns it."""
        return self.digits >= _FEW_DIGITS

    @property
    def heading(self) -> str:
        """What was done: "checked by nudging z of layer 1, unit 1 by ±1e−5"."""
        return f"{'checked by nudging' if self.method == 'nudge' else 'worked out again'} {self.nudged}"

    @property
    def sentence(self) -> str:
        """The outcome in one line: "finite difference −0.042325742, agrees to 9 digits"."""
        if self.corner:
            return "a corner of the activation function lies within the nudge: no slope to compare with"
        name = "finite difference" if self.method == "nudge" else "plain arithmetic gives"
        if not self.ok:
            verdict = "does not agree"
        elif not self.telling:
            verdict = "agrees as far as rounding lets it be told"
        else:
            verdict = f"agrees to {self.digits} digits"
        return f"{name} {full(self.value)}, {verdict}"


def check(frame: Frame, q: Quantity, sample: int = 0) -> Check | None:
    """The second opinion on the number at an address, in float64, and whether the two agree as far as the
    precision of the step lets them; None for what nothing computes. See `_checked`.
    """
    found = _checked(frame, q, sample)
    precision = PRECISIONS[frame.precision]
    if found is None or found.ok or precision.coarseness == 1.0:
        return found
    number = value(q, frame, sample if q.sample is None else q.sample)
    larger = max(abs(number), abs(found.value))
    error = _undecided(frame, q)
    if found.method == "recompute":
        error = max(error, precision.coarseness * found.error)
    ok = abs(number - found.value) <= max(precision.tolerance * larger, error)
    return replace(found, error=error, ok=ok)


def _undecided(frame: Frame, q: Quantity) -> float:
    """How much of the number rounding leaves undecided."""
    if q.layer is None:
        return PRECISIONS["float32"].resolution([1.0]) if q.kind == "jacobian" else 0.0
    precision, layer = PRECISIONS[frame.precision], frame.layers[q.layer - 1]
    if q.kind in ("delta", "back") or q.kind in _NUDGED or q.kind in SAMPLE_GRADIENTS:
        errors, gradients = undecided(frame)[q.layer - 1]
        return errors if q.kind in ("delta", "back") else gradients
    if q.kind == sizes.NORM:
        return undecided(frame)[q.layer - 1][1] * math.sqrt(layer.weight_gradient.size)
    if q.kind == "slope":
        return precision.resolution([1.0])
    return precision.resolution(getattr(layer, q.kind)) if q.kind in ("z", "a") else 0.0


def _checked(frame: Frame, q: Quantity, sample: int) -> Check | None:
    """Check the number at an address; None for those that nothing computes: x, y, W, b, η, and
    the zeros of a deleted connection.

    sample: the row of the batch where the address names none. Gradients, δ and what comes back are compared
    with central differences on a copy of the network, forward values and updates with plain Python arithmetic
    that starts from the inputs and parameters alone. Raises AddressError when the frame has no such quantity.
    """
    validate_in(q, frame)
    row = sample if q.sample is None else q.sample
    found = value(q, frame, row)
    if q.layer is not None and len(q.index) == 2 and q.kind not in AROUND and _deleted(frame, q):
        return None
    parameter = q.kind in _PARAMETERS or q.kind in SAMPLE_GRADIENTS
    if q.layer is not None and parameter and frame.layers[q.layer - 1].kind == "dropout":
        return None
    if q.kind in ("x_hat", "mean", "var"):
        return _compare("recompute", "from the numbers before it", found, _local_value(frame, q, row))
    if q.kind in _NUDGED:
        with np.errstate(all="ignore"):  # a sigmoid far below zero overflows on its way to 0
            difference, nudged = _NUDGED[q.kind](Probe(frame), q, row)
        return _compare("nudge", nudged, found, _with_rounding(frame, difference))
    if q.kind in _IN_THEIR_WAY:
        return _IN_THEIR_WAY[q.kind](frame, q, row, found)
    if q.kind in ("W_after", "b_after", "P_after") or q.kind in UPDATE_ARRAYS:
        return _updated(frame, q, found)
    if q.kind == "loss_after":
        passed = after.again(frame, _PHI)
        return _compare("recompute", "from the inputs and the new parameters", found, passed)
    if q.kind == "penalty":
        again = recompute.penalty(frame)
        return _compare("recompute", "weight by weight", found, Difference(again, 0.0, _NOISE * again, False))
    if frame.update.penalties and q in (Quantity("loss"), Quantity("data_loss")):
        return _whole_loss(frame, q, found)
    if q.kind in ("z", "a", "shifted", "exp", "exp_sum", "y_hat", "loss"):
        large = len(frame.theta) * (frame.samples if q == Quantity("loss") else 1) > _MOST_WORK
        if large or not plain.simple(frame.architecture):
            return _compare("recompute", "from the numbers before it", found, _local_value(frame, q, row))
        return _compare("recompute", "from the inputs and parameters", found, _forward_value(frame, q, row))
    return None


def _decided(frame: Frame, q: Quantity, row: int, found: float) -> Check | None:
    again = decisions.again(frame, q.kind)
    return (
        None if again is None else _compare("recompute", _BY_RULE, found, Difference(again, 0.0, 0.0, False))
    )


def _with_rounding(frame: Frame, found: Difference) -> Difference:
    """The difference with the rounding of the losses that it was taken between added to its error."""
    size = max(float(frame.losses.sum()), float(np.abs(frame.layers[-1].a).max()))
    return replace(found, error=found.error + 4 * math.ulp(1.0) * size / found.h)


def _deleted(frame: Frame, q: Quantity) -> bool:
    mask = frame.layers[(q.layer or 1) - 1].mask
    return mask is not None and not mask[q.index]


def _whole_loss(frame: Frame, q: Quantity, found: float) -> Check:
    """The mean loss, with the penalty in it or not."""
    large = len(frame.theta) * frame.samples > _MOST_WORK or not plain.simple(frame.architecture)
    data = (_local_value if large else _forward_value)(frame, Quantity("loss"), 0)
    added = recompute.penalty(frame) if q.kind == "loss" else 0.0
    whole = replace(data, value=data.value + added, error=data.error + _NOISE * added)
    return _compare(
        "recompute", "from the numbers before it" if large else "from the inputs and parameters", found, whole
    )


def _nudge_weight(probe: Probe, q: Quantity, row: int) -> tuple[Difference, str]:
    j, i = q.index
    found = probe.d_W(q.layer or 1, j, i)
    source = f"input {i + 1}" if q.layer == 1 else f"unit {i + 1} before it"
    return found, f"the weight to unit {j + 1} of layer {q.layer} from {source} {_by(found)}"


def _nudge_around(probe: Probe, q: Quantity, row: int) -> tuple[Difference, str]:
    j, i = q.index
    found = probe.d_parameter(q.layer or 1, "P", q.index)
    return (
        found,
        f"the weight around layers to unit {j + 1} of layer {q.layer} from unit {i + 1} {_by(found)}",
    )


def _nudge_bias(probe: Probe, q: Quantity, row: int) -> tuple[Difference, str]:
    found = probe.d_b(q.layer or 1, q.index[0])
    return found, f"the bias of layer {q.layer}, unit {q.index[0] + 1} {_by(found)}"


def _nudge_z(probe: Probe, q: Quantity, row: int) -> tuple[Difference, str]:
    found = probe.d_z(q.layer or 1, row, q.index[0])
    return found, f"z of layer {q.layer}, unit {q.index[0] + 1} {_by(found)}"


def _nudge_a(probe: Probe, q: Quantity, row: int) -> tuple[Difference, str]:
    found = probe.d_a(q.layer or 1, row, q.index[0])
    return found, f"a of layer {q.layer}, unit {q.index[0] + 1} {_by(found)}"


def _of_sample(frame: Frame, q: Quantity, row: int, found: float) -> Check | None:
    """By differences of the sample's loss, where that depends on no other sample."""
    if not beside_check.separate(frame):
        return _compare("recompute", *beside_check.product(frame, q, row, found))
    with np.errstate(all="ignore"):
        difference = Probe(frame).d_sample(q.layer or 1, SAMPLE_GRADIENTS[q.kind], q.index, row)
    what = f"the parameter and looking at this sample's loss alone, {_by(difference)}"
    return _compare("nudge", what, found, _with_rounding(frame, difference))


def _output_slope(frame: Frame, q: Quantity, row: int, found: float) -> Check | None:
    difference = beside_check.output_slope(frame, q, row)
    if difference is None:
        return None
    what = f"logit {q.index[1] + 1}" if q.kind == "jacobian" else f"ŷ of output {q.index[0] + 1} alone"
    return _compare("nudge", f"{what} {_by(difference)}", found, difference)


def _size(frame: Frame, q: Quantity, row: int, found: float) -> Check | None:
    """By differences along the gradient, where that is what the number is the size of."""
    if q.kind == sizes.RATIO and not found:
        return None
    nudged = size_check.along_gradient(frame, q.layer or 1) if q.kind == sizes.NORM else None
    if nudged is None:
        return _compare("recompute", "from the numbers it is made of", found, size_check.again(frame, q))
    what = f"all weights of layer {q.layer} at once along their gradient, together {_by(nudged)}"
    return _compare("nudge", what, found, _with_rounding(frame, nudged))


def _nudge_for_data(probe: Probe, q: Quantity, row: int) -> tuple[Difference, str]:
    found = probe.d_parameter(q.layer or 1, PART[q.kind], q.index, penalised=False)
    return found, f"the weight and leaving the penalty aside, {_by(found)}"


_NUDGED: dict[str, Callable[[Probe, Quantity, int], tuple[Difference, str]]] = {
    "dW_data": _nudge_for_data,
    "dP_data": _nudge_for_data,
    "dW": _nudge_weight,
    "dP": _nudge_around,
    "db": _nudge_bias,
    "delta": _nudge_z,
    "back": _nudge_a,
}


def _by(difference: Difference) -> str:
    return f"by ±{show(difference.h, 1).text}"


def _compare(method: str, nudged: str, found: float, other: Difference) -> Check:
    gap = abs(found - other.value)
    larger = max(abs(found), abs(other.value))
    resolved = max(1e-9 if method == "nudge" else 0.0, 4 * other.error)
    ok = other.corner or gap <= AGREEMENT * larger or gap <= resolved
    digits, by_hand = _digits(gap, larger), "" if other.corner else _by_hand(other)
    return Check(method, nudged, other.value, other.error, digits, ok, other.corner, by_hand)


def _by_hand(found: Difference) -> str:
    """How to find a difference again: two of them, with smaller nudges, and what they come to."""
    if found.halves is None:
        return ""
    half, quarter = (full(each, _BY_HAND) for each in found.halves)
    nudges = " and ".join(f"±{full(found.h / part, 4)}" for part in (2, 4))
    first, second = (f"({each})" if each.startswith(MINUS) else each for each in (quarter, half))
    return (
        f"nudged by {nudges}, the loss changes by {half} and {quarter} times as much;"
        f" (4·{first} − {second}) / 3 = {full(found.value)}"
    )


def _digits(gap: float, larger: float) -> int:
    """How many significant digits two numbers share, from their gap and the larger's magnitude; 0 where one
    is not finite.
    """
    if not (math.isfinite(gap) and math.isfinite(larger)):
        return 0
    if gap == 0.0 or larger == 0.0:
        return _MOST_DIGITS
    return max(0, min(_MOST_DIGITS, math.floor(-math.log10(gap / larger))))


def _slope_check(frame: Frame, q: Quantity, row: int, found: float) -> Check:
    """φ′(z) by a difference of φ alone, refined by one Richardson step."""
    trace = frame.layers[(q.layer or 1) - 1]
    z = float(trace.z[row, q.index[0]])
    h = 1e-3 * max(1.0, abs(z))
    phi = _PHI[trace.activation]

    def slope(width: float) -> float:
        return (phi(z + width) - phi(z - width)) / ((z + width) - (z - width))

    coarse, half, quarter = slope(h), slope(h / 2), slope(h / 4)
    first, refined = (4 * half - coarse) / 3, (4 * quarter - half) / 3
    nearest = min((abs(z - place) for place in ACTIVATIONS[trace.activation].corners), default=math.inf)
    corner = nearest <= h
    if corner and nearest != 0.0:
        h = nearest / 2
        refined = first = slope(h)
        corner = False
    noise = abs(refined - first) + 4 * math.ulp(1.0) * abs(phi(z)) / h
    difference = Difference(refined, h, noise, corner)
    nudged = f"z of layer {q.layer}, unit {q.index[0] + 1} {_by(difference)}"
    return _compare("nudge", nudged, found, difference)


def _sigmoid(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z)) if z > -700.0 else 0.0


_IN_THEIR_WAY: dict[str, Callable[[Frame, Quantity, int, float], Check | None]] = {
    "slope": _slope_check,
    **dict.fromkeys(("jacobian", "dL_dy_hat"), _output_slope),
    **dict.fromkeys(SAMPLE_GRADIENTS, _of_sample),
    **dict.fromkeys(sizes.SIZES, _size),
    **dict.fromkeys(DECIDED, _decided),
}
_PHI: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "sigmoid": _sigmoid,
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: max(z, 0.01 * z),
    "elu": lambda z: z if z > 0.0 else math.expm1(z),
    "selu": lambda z: 1.0507009873554805 * (z if z > 0.0 else 1.6732632423543772 * math.expm1(z)),
    "gelu": lambda z: z * 0.5 * math.erfc(-z / math.sqrt(2.0)),
    "gelu_tanh": lambda z: z * _sigmoid(2.0 * math.sqrt(2.0 / math.pi) * (z + 0.044715 * z * z * z)),
    "silu": lambda z: z * _sigmoid(z),
    "softplus": lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))),
    "hard_tanh": lambda z: max(-1.0, min(z, 1.0)),
}


def _updated(frame: Frame, q: Quantity, found: float) -> Check | None:
    """By the optimiser's formula; None for what the step before left."""
    part = PART[q.kind]
    parameter = recompute.Parameter(frame, part, q.layer or 1, q.index)
    again = parameter.found(q.kind)
    if again is None:
        return None
    size = max(abs(again), abs(parameter.given(part)) if "after" in q.kind else 0.0)
    told = "from the parameter, its gradient and η" if "after" in q.kind else "from the numbers it is made of"
    return _compare("recompute", told, found, Difference(again, 0.0, 4 * _NOISE * size, corner=False))


def _forward_value(frame: Frame, q: Quantity, row: int) -> Difference:
    """The value worked out from x, y, W and b alone."""
    if q.kind == "loss" and q.sample is None and _averaged(frame):
        losses = [_Forward(frame, each).loss() for each in range(frame.samples)]
        mean = math.fsum(found for found, _ in losses) / frame.divisor
        error = math.fsum(error for _, error in losses) / frame.divisor + _NOISE * abs(mean)
        return Difference(mean, 0.0, error, corner=False)
    again, error = _Forward(frame, row).value(q)
    return Difference(again, 0.0, error, corner=False)


def _local_value(frame: Frame, q: Quantity, row: int) -> Difference:
    """The value worked out from the quantities just before it, for networks too large to go all the way."""
    again, error = _from_neighbours(frame, q, row)
    return Difference(again, 0.0, error, corner=False)


def _from_neighbours(frame: Frame, q: Quantity, row: int) -> Value:
    k = q.layer or 1
    match q.kind:
        case "z" | "x_hat" | "mean" | "var":
            return plain.value(frame, q, row)
        case "a":
            trace = frame.layers[k - 1]
            return _rounded(_PHI[trace.activation](float(trace.z[row, q.index[0]])))
        case "loss" if q.sample is None and _averaged(frame):
            return _rounded(math.fsum(frame.losses.tolist()) / frame.divisor)
        case kind:
            logits = [(v, 0.0) for v in frame.layers[-1].a[row].tolist()]
            outputs = Outputs(frame.architecture.loss, logits, frame.y[row].tolist())
            return outputs.value(kind, q.index[0] if q.index else 0)


def _averaged(frame: Frame) -> bool:
    """Whether a batch's loss is another number than that of a row."""
    return frame.samples > 1 or frame.divisor != 1.0


def _rounded(value: float) -> Value:
    return value, _NOISE * abs(value)


class _Forward:
    """One row's forward pass in Python floats, each value with a bound on its rounding error."""

    def __init__(self, frame: Frame, row: int) -> None:
        self._y = [float(target) for target in frame.y[row]]
        said = [(float(feature), 0.0) for feature in frame.x[row]]
        self._z: list[list[Value]] = []
        self._a: list[list[Value]] = []
        for trace in frame.layers:
            sums = [_weighted_sum(trace, j, said) for j in range(len(trace.b))]
            phi, steepest = _PHI[trace.activation], ACTIVATIONS[trace.activation].steepest
            said = [(phi(z), steepest * error + _NOISE * abs(phi(z))) for z, error in sums]
            self._z.append(sums)
            self._a.append(said)
        self._outputs = Outputs(frame.architecture.loss, said, self._y)

    def value(self, q: Quantity) -> Value:
        """The quantity and its error bound."""
        match q.kind:
            case "z":
                return self._z[(q.layer or 1) - 1][q.index[0]]
            case "a":
                return self._a[(q.layer or 1) - 1][q.index[0]]
            case kind:
                return self._outputs.value(kind, q.index[0] if q.index else 0)

    def loss(self) -> Value:
        """The loss of the row."""
        return self._outputs.loss()


def _weighted_sum(trace: LayerTrace, j: int, said: list[Value]) -> Value:
    weights = [float(w) for w in trace.W[j]]
    terms = [w * a for w, (a, _) in zip(weights, said, strict=True)]
    bias = float(trace.b[j])
    size = math.fsum(map(abs, terms)) + abs(bias)
    carried = math.fsum(abs(w) * error for w, (_, error) in zip(weights, said, strict=True))
    return math.fsum((*terms, bias)), carried + _NOISE * size
