"""Addresses: every number that can be pointed at has one, in the diagram, a formula, a plot or a command.

Grammar: `kind[layer][index]@row`, with the parts a kind has. Layers count from 1, units and rows from 0.
`W[k][j,i]` is the weight from unit i of layer k-1 to unit j of layer k.

    x[0]  y[1]  z[1][0]  a[1][0]  slope[1][0]  back[1][0]  delta[1][0]@3
    W[2][0,1]  b[2][0]  dW[1][0,2]  db[1][0]  W_after[2][0,1]  b_after[1][0]
    y_hat[1]  shifted[0]  exp[0]  exp_sum  loss  loss@2  loss_after  learning_rate
    gradient_norm[1]  total_norm  clip_factor  update_ratio
    loss_scale  loss_scale_after  watched_loss  best_loss  waited
    jacobian[1,0]  dL_dy_hat[0]  dW_sample[2][0,1]@3, also written dW[2][0,1]@3
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from deltaglow.engine import LOSSES
from deltaglow.engine.after import loss_after
from deltaglow.model import naming, sizes
from deltaglow.model.beside import SAMPLE_GRADIENTS, loss_slope, sample_gradients, softmax_slope
from deltaglow.model.decided import DECIDED, absent
from deltaglow.model.spelling import nearest, plainly

if TYPE_CHECKING:
    from deltaglow.engine import Architecture, Frame, LayerShape, LayerTrace
    from deltaglow.model.project import Project


class AddressError(ValueError):
    """An address that cannot be read, or that names nothing in this network. str() is one line."""


class Kind(NamedTuple):
    """What the address of one kind of quantity is made of, and what the quantity means."""

    layered: bool
    """Has a layer."""
    indices: int
    """How many unit indices: 0, 1 or 2."""
    per_sample: bool
    """Differs from row to row of the batch; `loss` without a row is the batch's mean."""
    meaning: str


KINDS: dict[str, Kind] = {
    "x": Kind(False, 1, True, "input feature"),
    "y": Kind(False, 1, True, "target"),
    "z": Kind(True, 1, True, "pre-activation"),
    "a": Kind(True, 1, True, "activation"),
    "slope": Kind(True, 1, True, "slope of the activation function, φ′(z)"),
    "back": Kind(True, 1, True, "what comes back from the layer after, ∂L/∂a"),
    "delta": Kind(True, 1, True, "error δ, ∂L/∂z"),
    "W": Kind(True, 2, False, "weight before the step"),
    "b": Kind(True, 1, False, "bias before the step"),
    "dW": Kind(True, 2, False, "gradient of a weight"),
    "db": Kind(True, 1, False, "gradient of a bias"),
    "W_after": Kind(True, 2, False, "weight after the step"),
    "b_after": Kind(True, 1, False, "bias after the step"),
    "x_hat": Kind(True, 1, True, "normalised input x̂"),
    "mean": Kind(True, 1, False, "mean μ that is subtracted"),
    "var": Kind(True, 1, False, "variance σ² that is divided by"),
    "keep": Kind(True, 1, True, "what dropout multiplies by: 0, or 1 / (1 − rate)"),
    "P": Kind(True, 2, False, "weight of a connection around layers, before the step"),
    "dP": Kind(True, 2, False, "gradient of a weight of a connection around layers"),
    "P_after": Kind(True, 2, False, "weight of a connection around layers, after the step"),
    "y_hat": Kind(False, 1, True, "output: a probability after softmax or a sigmoid, or a prediction"),
    "shifted": Kind(False, 1, True, "logit less the largest logit"),
    "exp": Kind(False, 1, True, "exponential of the shifted logit"),
    "exp_sum": Kind(False, 0, True, "sum of the exponentials"),
    "jacobian": Kind(False, 2, True, "slope of softmax, ∂ŷ/∂logit"),
    "dL_dy_hat": Kind(False, 1, True, "slope of the loss, ∂L/∂ŷ"),
    "dW_sample": Kind(True, 2, True, "gradient of a weight, of one sample's loss alone"),
    "db_sample": Kind(True, 1, True, "gradient of a bias, of one sample's loss alone"),
    "dP_sample": Kind(True, 2, True, "gradient of one sample's loss for a weight around layers"),
    "loss": Kind(False, 0, True, "loss"),
    "loss_after": Kind(False, 0, False, "loss of the same batch after the step"),
    "learning_rate": Kind(False, 0, False, "learning rate η"),
    "data_loss": Kind(False, 0, False, "loss without the penalty on large weights"),
    "penalty": Kind(False, 0, False, "penalty on large weights, a part of the loss"),
    **{kind: Kind(kind == sizes.NORM, 0, False, meaning) for kind, meaning in sizes.SIZES.items()},
    **{kind: Kind(False, 0, False, meaning) for kind, meaning in DECIDED.items()},
}

PARTS = {"W": "weight", "b": "bias", "P": "weight of a connection around layers"}
"""The parameters of a layer: the letter of their kinds, and what each is."""

_BETWEEN: dict[str, tuple[str, str]] = {
    "data": ("d{}_data", "gradient of the data's loss alone"),
    "penalty": ("d{}_penalty", "gradient of the penalty on large weights"),
    "gathered": ("d{}_gathered", "gradients gathered so far"),
    "gathered_before": ("d{}_gathered_before", "gradients gathered before this batch"),
    "clipped": ("d{}_clipped", "clipped gradient"),
    "sent": ("d{}_sent", "gradient that the update uses, of a sparse one"),
    "remembered": ("d{}_remembered", "gradient that is held back and remembered"),
    "remembered_before": ("d{}_remembered_before", "gradient remembered from before the step"),
    "velocity": ("velocity_{}", "velocity of a {}"),
    "velocity_before": ("velocity_before_{}", "velocity of a {} before the step"),
    "m": ("m_{}", "running mean of a {}'s gradients"),
    "m_before": ("m_before_{}", "running mean of a {}'s gradients before the step"),
    "v": ("v_{}", "running square of a {}'s gradients"),
    "v_before": ("v_before_{}", "running square of a {}'s gradients before the step"),
    "m_hat": ("m_hat_{}", "corrected running mean of a {}'s gradients"),
    "v_hat": ("v_hat_{}", "corrected running square of a {}'s gradients"),
    "rate": ("rate_{}", "effective learning rate of a {}"),
}
"""Between gradient and update: the name in a frame's update → the kind for a parameter, and its meaning."""


def _between() -> Iterator[tuple[str, str, str, Kind]]:
    """Every kind between gradient and update: itself, its parameter, its name in an update, its parts."""
    for part, what in PARTS.items():
        for name, (kind, meaning) in _BETWEEN.items():
            if part != "b" or name not in ("data", "penalty"):
                parts = Kind(True, 1 if part == "b" else 2, False, meaning.format(what))
                yield kind.format(part), part, name, parts


KINDS |= {kind: parts for kind, _, _, parts in _between()}

UPDATE_ARRAYS: dict[str, str] = {kind: name for kind, _, name, _ in _between()}
"""Kinds that only some runs have → the name of their numbers in a frame's update."""

PART: dict[str, str] = {
    **{kind: part for part in PARTS for kind in (part, f"d{part}", f"{part}_after")},
    **{kind: part for kind, part, _, _ in _between()},
}
"""Kinds that belong to a parameter → which: "dW_clipped" and "m_W" to "W"."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """The address of one number. Raises AddressError when the parts do not fit the kind.

    kind: a key of KINDS. layer: counts from 1. index: unit indices from 0; (j, i) for weights.
    sample: row of the batch from 0, or None for the row that the reader has chosen (for `loss`: the mean).
    """

    kind: str
    layer: int | None = None
    index: tuple[int, ...] = ()
    sample: int | None = None

    def __post_init__(self) -> None:
        kind = KINDS.get(self.kind)
        if kind is None:
            raise AddressError(_unknown(self.kind, self.kind))
        if (self.layer is not None) != kind.layered or len(self.index) != kind.indices:
            raise AddressError(f"{self.kind}: write it as {pattern(self.kind)}")
        if self.sample is not None and not kind.per_sample:
            raise AddressError(f"{self.kind}: is one number for the whole batch, so it takes no @row")

    def __str__(self) -> str:
        layer = "" if self.layer is None else f"[{self.layer}]"
        index = f"[{','.join(map(str, self.index))}]" if self.index else ""
        sample = "" if self.sample is None else f"@{self.sample}"
        return f"{self.kind}{layer}{index}{sample}"

    @property
    def per_sample(self) -> bool:
        """Whether the number differs from row to row of the batch."""
        return KINDS[self.kind].per_sample


def pattern(kind: str) -> str:
    """How an address of this kind is written: "W[layer][to,from]"."""
    parts = KINDS[kind]
    index = ("", "[unit]", "[to,from]")[parts.indices]
    return kind + ("[layer]" if parts.layered else "") + index


_ADDRESS = re.compile(
    r"(?P<kind>[A-Za-z_]+)"
    r"(?:\[(?P<first>[0-9]{1,9}(?:\s*,\s*[0-9]{1,9})?)\])?"
    r"(?:\[(?P<second>[0-9]{1,9}(?:\s*,\s*[0-9]{1,9})?)\])?"
    r"(?:@(?P<sample>[0-9]{1,9}))?"
)


def parse(text: str, project: Project | None = None) -> Quantity:
    """The quantity that `text` names; spaces do not matter, and symbols of formulas are read (see `plainly`).

    With a project, its own parameter names are read too: "w8", and "dw8" for its gradient. `a[0][i]`, the
    input as layer 0, is read as `x[i]`. Raises AddressError.
    """
    written, text = text.strip(), plainly(text)
    if project is not None:
        named = _named(written, project) or _named(text, project)
        if named is not None:
            return named
    match = _ADDRESS.fullmatch(text)
    if match is None or match["kind"] not in KINDS:
        word = re.match(r"[^\[@]*", text)
        raise AddressError(_unknown(written, word[0] if word else text, project))
    kind = KINDS[match["kind"]]
    first, second = _numbers(match["first"]), _numbers(match["second"])
    if not kind.layered:
        layer, index, rest = None, first, second
    elif len(first) == 1:
        layer, index, rest = first[0], second, ()
    else:
        layer, index, rest = None, first, second
    if len(index) != kind.indices or rest or (layer is None) == kind.layered:
        raise AddressError(f"{_shown(text)}: write it as {pattern(match['kind'])}")
    sample = None if match["sample"] is None else int(match["sample"])
    if sample is not None and f"{match['kind']}_sample" in SAMPLE_GRADIENTS:
        return Quantity(f"{match['kind']}_sample", layer, index, sample)
    if match["kind"] == "a" and layer == 0:
        return Quantity("x", None, index, sample)
    return Quantity(match["kind"], layer, index, sample)


SOFTMAX_ONLY = ("shifted", "exp", "exp_sum", "jacobian", "dL_dy_hat")
"""Kinds that only losses on a softmax have."""

EXTRA: dict[str, str] = {"x_hat": "batch_norm", "mean": "batch_norm", "var": "batch_norm", "keep": "dropout"}
"""Kinds that only one kind of layer has, and which."""
AROUND = frozenset(kind for kind, part in (PART | SAMPLE_GRADIENTS).items() if part == "P")
"""Kinds that only layers have in which a connection around others ends with a matrix of its own."""


def _of_its_kind(q: Quantity, shape: LayerShape) -> None:
    wanted = EXTRA.get(q.kind)
    if wanted is not None and shape.kind != wanted:
        raise AddressError(f"{q}: layer {q.layer} is {shape.kind}, only {wanted} layers have it")
    if q.kind in AROUND and (shape.skip is None or not shape.skip.projection):
        raise AddressError(f"{q}: no connection with a matrix of its own ends in layer {q.layer}")


def validate(q: Quantity, architecture: Architecture, batch_rows: int) -> None:
    """Raise AddressError unless this network, shown with this many rows in a batch, has the quantity. Where
    another layer, unit or row would do, the error names the nearest address.
    """
    layers = len(architecture.layers)
    if q.layer is not None and not 1 <= q.layer <= layers:
        have = f"the network has {_count(layers, 'layer')}" + (", counted from 1" if q.layer == 0 else "")
        raise AddressError(f"{q}: {have}{_nearest(q, architecture, batch_rows)}")
    if q.kind in SAMPLE_GRADIENTS and batch_rows == 1:
        whole = Quantity(f"d{SAMPLE_GRADIENTS[q.kind]}", q.layer, q.index)
        raise AddressError(f"{q}: the batch has one sample, whose gradient is {whole} itself")
    if q.kind in SOFTMAX_ONLY and not LOSSES[architecture.loss.name].softmax:
        raise AddressError(f"{q}: the loss {architecture.loss.name} has no softmax")
    if q.layer is not None:
        _of_its_kind(q, architecture.layers[q.layer - 1])
    for position, (index, size, noun) in enumerate(_sizes(q, architecture)):
        if not 0 <= index < size:
            which = ("to ", "from ")[position] if len(q.index) == 2 else ""
            have = f"{noun} {which}{index} does not exist: there {_are(size, noun)}, counted from 0"
            raise AddressError(f"{q}: {have}{_nearest(q, architecture, batch_rows)}")
    if q.sample is not None and not 0 <= q.sample < batch_rows:
        have = f"the batch has {_count(batch_rows, 'row')}, counted from 0"
        raise AddressError(f"{q}: {have}{_nearest(q, architecture, batch_rows)}")


def _nearest(q: Quantity, architecture: Architecture, batch_rows: int) -> str:
    """The address with layer, units and row brought into range, for an error; empty if that is none."""
    layer = None if q.layer is None else min(max(q.layer, 1), len(architecture.layers))
    row = None if q.sample is None else min(q.sample, batch_rows - 1)
    there = Quantity(q.kind, layer, q.index, row)
    counts = [count for _, count, _ in _sizes(there, architecture)]
    index = tuple(min(each, count - 1) for each, count in zip(q.index, counts, strict=True))
    near = Quantity(q.kind, layer, index, row)
    try:
        validate(near, architecture, batch_rows)
    except AddressError:
        return ""
    return f"; the nearest is {near}"


def validate_in(q: Quantity, frame: Frame) -> None:
    """Raise AddressError unless the frame has the quantity."""
    validate(q, frame.architecture, frame.samples)
    why_not = absent if q.kind in DECIDED else sizes.absent
    if reason := why_not(q.kind, frame):
        raise AddressError(f"{q}: {reason}")
    name = UPDATE_ARRAYS.get(q.kind)
    shape = frame.architecture.layers[(q.layer or 1) - 1]
    whole = (shape.one_to_one and name in ("data", "penalty")) or not all(shape.block_shape)
    if name is not None and (whole or name not in frame.update.arrays):
        raise AddressError(f"{q}: this step has no {KINDS[q.kind].meaning}")


def value(q: Quantity, frame: Frame, sample: int = 0) -> float:
    """The number at the address, from a frame. `sample` is the row used where the address names none.

    Raises AddressError when the frame has no such quantity.
    """
    row = sample if q.sample is None else q.sample
    validate_in(q, frame)
    if q.kind in UPDATE_ARRAYS:
        return _update_value(q, frame)
    if q.per_sample and not 0 <= row < len(frame.rows):
        raise AddressError(f"{q}: the batch has {_count(len(frame.rows), 'row')}, counted from 0")
    if q.kind in SAMPLE_GRADIENTS:
        return float(sample_gradients(frame, q.layer or 1, SAMPLE_GRADIENTS[q.kind], q.index)[row])
    if q.layer is not None:
        return _layer_value(q, frame.layers[q.layer - 1], row)
    if q.kind in DECIDED:
        return frame.decisions.numbers[q.kind]
    if q.kind in _OF_BATCH:
        return float(_OF_BATCH[q.kind](frame))
    match q.kind:
        case "jacobian":
            return softmax_slope(frame, row, *q.index)
        case "dL_dy_hat":
            return float(loss_slope(frame, row)[q.index[0]])
        case "loss":
            return float(frame.loss) if q.sample is None else float(frame.losses[row])
        case "exp_sum":
            return float(frame.exp_sums[row])
        case "exp":
            return float(frame.exps[row, q.index[0]])
    arrays = {"x": frame.x, "y": frame.y, "y_hat": frame.y_hat, "shifted": frame.shifted}
    return float(arrays[q.kind][row, q.index[0]])


_OF_BATCH: dict[str, Callable[[Frame], float]] = {
    "loss_after": loss_after,
    "learning_rate": attrgetter("learning_rate"),
    "data_loss": attrgetter("data_loss"),
    "penalty": attrgetter("penalty"),
    **sizes.OF_STEP,
}


def _update_value(q: Quantity, frame: Frame) -> float:
    k = q.layer or 1
    shape = frame.architecture.layers[k - 1]
    block = frame.architecture.blocks(frame.update.arrays[UPDATE_ARRAYS[q.kind]])[k - 1]
    if q.kind in AROUND:
        return float(shape.named(block)["P"][q.index])
    return float((shape.dW(block) if len(q.index) == 2 else shape.b(block))[q.index])


def _layer_value(q: Quantity, layer: LayerTrace, row: int) -> float:
    if q.kind == sizes.NORM:
        return sizes.gradient_norm(layer)
    if q.kind in EXTRA:
        array = layer.extra[q.kind]
        return float(array[(row, *q.index)] if q.per_sample else array[q.index])
    if q.kind in AROUND:
        block = {"P": layer.block, "dP": layer.block_gradient, "P_after": layer.block_after}[q.kind]
        return float(layer.own(block)["P"][q.index])
    array = getattr(layer, q.kind)
    return float(array[(row, *q.index)] if q.per_sample else array[q.index])


def _sizes(q: Quantity, architecture: Architecture) -> list[tuple[int, int, str]]:
    """Each index of `q` with how many there are and what they are called."""
    if not q.index:
        return []
    if q.layer is not None:
        units = architecture.layers[q.layer - 1].units
        source = q.layer - 1
        skip = architecture.layers[q.layer - 1].skip
        if q.kind in AROUND and skip is not None:
            source = skip.source
        before = architecture.widths[source]
        return list(zip(q.index, (units, before), ("unit", "input" if source == 0 else "unit"), strict=False))
    if q.kind == "x":
        return [(q.index[0], architecture.inputs, "input")]
    return [(index, architecture.layers[-1].units, "output") for index in q.index]


def _named(text: str, project: Project) -> Quantity | None:
    """The parameter that the project calls `text`, or its gradient for a d before the name."""
    if not text:
        return None
    for gradient, name in ((False, text), (True, text.removeprefix("d"))):
        if not name or (gradient and name == text):
            continue
        for k, layer in enumerate(project.network.layers, start=1):
            for j, row in enumerate(layer.names_W or ()):
                if name in row:
                    return Quantity("dW" if gradient else "W", k, (j, row.index(name)))
            if layer.names_b and name in layer.names_b:
                return Quantity("db" if gradient else "b", k, (layer.names_b.index(name),))
    return None


def _numbers(text: str | None) -> tuple[int, ...]:
    return () if text is None else tuple(int(part) for part in text.split(","))


_RARE = {*UPDATE_ARRAYS, *sizes.SIZES, *DECIDED, *EXTRA, *AROUND, *SAMPLE_GRADIENTS, "jacobian", "dL_dy_hat"}
_COMMON = [kind for kind in KINDS if kind not in _RARE]
"""The kinds that nearly every step has."""


def _unknown(text: str, word: str, project: Project | None = None) -> str:
    near = nearest(word, KINDS, () if project is None else naming.parameter_names(project))
    hint = f"did you mean {pattern(near) if near in KINDS else near}?"
    if word in KINDS:
        hint = f"write it as {pattern(word)}"
    elif not near:
        hint = f"the kinds are {', '.join(_COMMON)}"
    return f"{_shown(text)}: not an address; {hint}"


def _shown(text: str) -> str:
    """The text on one line, short and printable, for an error."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return (shown if len(shown) <= 40 else shown[:39] + "…") or "(empty)"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _are(n: int, noun: str) -> str:
    return f"is {_count(n, noun)}" if n == 1 else f"are {_count(n, noun)}"
