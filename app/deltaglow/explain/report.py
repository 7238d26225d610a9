"""Explanations for a terminal: the worked solution of whole steps, and the derivation of one number."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from deltaglow.engine import LOSSES, OPTIMIZERS, PRECISIONS, Frame
from deltaglow.explain import symbols
from deltaglow.explain.check import Check
from deltaglow.explain.derivation import derive
from deltaglow.explain.layout import WIDTH, bar, chain, column, paragraph, rule, table, vector
from deltaglow.explain.moves import gradients, moves, settings_words
from deltaglow.explain.numbers import MINUS, plain, show
from deltaglow.explain.output_words import output_words
from deltaglow.explain.parts import Derivation, Group
from deltaglow.explain.scaling import scale_words
from deltaglow.explain.step_forms import (
    FEW,
    LONG_SUMS,
    MANY_PARAMETERS,
    averaged,
    between,
    described,
    error_form,
    forward_form,
    gradient_form,
    parameters,
    shared_words,
    source_notes,
    update_form,
)
from deltaglow.explain.unit_tables import HEADS, error_kinds, forward_kinds, output_kinds, unit_columns
from deltaglow.model.project import BuiltinData, Project
from deltaglow.model.quantity import Quantity

SHOWN = 10
"""Rows and columns of a larger table that are shown."""


def solve_text(project: Project, frames: Sequence[Frame]) -> str:
    """The worked solution of these steps, as a student would write it, at most 100 columns wide.

    Layers with few units have every calculation written out, larger ones get tables that say what they leave
    out. Of a batch, the first sample's forward and backward pass are shown, and the batch's gradients.
    """
    lines = list(_network(project))
    for frame in frames:
        lines += ["", *_step(project, frame)]
    if len(frames) > 1:
        lines += ["", rule("The steps together"), "", *_summary(frames)]
    lines += _sources(project, frames)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def explain_text(derivation: Derivation, check: Check | None) -> str:
    """One derivation with its check, at most 100 columns wide."""
    lines = [
        f"{derivation.title}   {derivation.quantity}",
        *paragraph(f"{_sentence(derivation.sentence)}"),
        "",
    ]
    lines += _equation(derivation)
    told = derivation.printed == derivation.precise
    if not told and float(derivation.printed.replace(MINUS, "-")) != derivation.value:
        lines.append(f"  to nine digits: {derivation.precise}")
    if derivation.why:
        lines += ["", *paragraph(derivation.why)]
    for number, group in enumerate(derivation.groups, start=1):
        lines += ["", *_group(group, f"{number} " if len(derivation.groups) > 1 else "")]
    if derivation.operands:
        lines += ["", "Made of"]
        lines += table(
            ("address", "symbol", "value"),
            [(str(o.quantity), o.text, o.printed) for o in derivation.operands],
            left=2,
        )[1:]
    if derivation.used_in:
        more = f", and {derivation.used_in_more} more" if derivation.used_in_more else ""
        lines += ["", *paragraph(", ".join(map(str, derivation.used_in)) + more, first="Used in  ")]
    if check is not None:
        mark = "–" if check.corner else "✓" if check.ok else "✗"
        outcome = f"{check.heading}: {check.sentence}."
        outcome += f" {check.by_hand[:1].upper()}{check.by_hand[1:]}." if check.by_hand else ""
        lines += ["", *paragraph(outcome, first=f"{mark} ")]
    if derivation.note:
        lines += ["", *paragraph(derivation.note, first="Note: ")]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."


def _equation(derived: Derivation, indent: int = 2) -> list[str]:
    """The whole chain: symbol = formula = numbers = result."""
    symbolic = " ".join(derived.text_symbolic).replace(" ·", "·").split(" = ")
    numeric = " ".join(derived.text_numeric).replace(" ·", "·").removeprefix("= ").split(" = ")
    parts = [part for part, _ in groupby([*symbolic, *numeric])]
    return chain(parts, indent)


def _group(group: Group, number: str) -> Iterator[str]:
    yield f"{number}{group.heading}   {group.printed}"
    largest = max((abs(row.value) for row in group.rows), default=0.0)
    if group.rows:
        rows = [(row.label_text, row.printed) for row in group.rows]
        lined = table(("", ""), rows, indent=4)[1:]
        width = max(map(len, lined))
        for line, row in zip(lined, group.rows, strict=True):
            yield f"{line.ljust(width)}  {bar(row.value, largest)}"
    if group.formula:
        yield from chain(" ".join(line.text for line in group.formula).split(" = "), 4)
    if group.note:
        yield "    " + group.note


def _network(project: Project) -> Iterator[str]:
    network, training = project.network, project.training
    words = output_words(network.loss)
    last = len(network.layers)
    layers = " → ".join(
        f"{layer.units} {'output' if k == last else 'unit'}{'s' * (layer.units != 1)} ({described(layer)})"
        for k, layer in enumerate(network.layers, start=1)
    )
    given = project.data
    data = f"the {given.name} set" if isinstance(given, BuiltinData) else f"{len(given.x)} given"
    optimizer = training.optimizer.name
    if project.title:
        yield project.title
    yield from paragraph(
        f"{network.inputs} input{'s' * (network.inputs != 1)} → {layers} → {words.output}, "
        f"{words.measure} loss",
        first="Network  ",
    )
    yield from paragraph(f"{data}, batches of {training.batch_size}", first="Samples  ")
    rate = plain(training.optimizer.learning_rate).text
    yield f"Update   {OPTIMIZERS[optimizer].label}, η = {rate}"
    if training.precision != "float64":
        precision = PRECISIONS[training.precision]
        yield from paragraph(f"{precision.label}. {precision.help}.", first="Numbers  ")
    yield from paragraph(LONG_SUMS, first="Sums     ")


def _step(project: Project, frame: Frame) -> Iterator[str]:
    yield rule(f"Step {frame.step}")
    yield ""
    whose = (
        "Sample" if frame.samples == 1 else f"A batch of {frame.samples}; worked out for the first, sample"
    )
    yield f"{whose} {int(frame.rows[0]) + 1} of the data set"
    for name, numbers in (("x", frame.x[0]), ("y", frame.y[0])):
        yield from paragraph(vector([plain(float(v)).text for v in numbers]), indent=2, first=f"{name} = ")
    for k in range(1, len(frame.layers) + 1):
        yield from _forward(project, frame, k)
    yield from _softmax(project, frame)
    yield from _loss(project, frame)
    if said := scale_words(frame):
        yield from ("", *paragraph(f"{said[0].upper()}{said[1:]}.", first="Loss scale  "))
    if frame.left_out:
        return
    for k in range(len(frame.layers), 0, -1):
        yield from _backward(project, frame, k)
    yield from _gradients(project, frame)
    yield from _update(project, frame)


def _small(frame: Frame, k: int) -> bool:
    """Whether every calculation of layer k is written out."""
    widths = frame.architecture.widths
    return widths[k] <= FEW and widths[k - 1] <= FEW


def _first(frame: Frame, kind: str, layer: int | None = None, *index: int) -> Quantity:
    """A quantity of the batch's first sample; only its loss need name the row, to be told from the mean."""
    return Quantity(kind, layer, index, 0 if kind == "loss" and averaged(frame) else None)


def _written(project: Project, frame: Frame, *quantities: Quantity) -> Iterator[str]:
    for q in quantities:
        yield from _equation(derive(project, frame, q))


def _forward(project: Project, frame: Frame, k: int) -> Iterator[str]:
    trace = frame.layers[k - 1]
    yield ""
    kind = described(project.network.layers[k - 1])
    form, *told = forward_form(project, frame, k).split(";  ")
    yield f"Forward, layer {k} ({kind}):  {form}"
    if told:
        yield from paragraph("; ".join(told), indent=2)
    if _small(frame, k):
        for j in range(len(trace.b)):
            if trace.kind == "batch_norm":
                yield from _written(project, frame, _first(frame, "x_hat", k, j))
            yield from _written(project, frame, _first(frame, "z", k, j))
            if trace.activation != "identity":
                yield from _written(project, frame, _first(frame, "a", k, j))
        return
    if (shared := shared_words(project, frame, k)) is not None:
        yield from paragraph(shared, indent=2)
    yield from _written(project, frame, _first(frame, "z", k, 0))
    if trace.activation != "identity":
        yield from _written(project, frame, _first(frame, "a", k, 0))
    yield from _units(frame, k, forward_kinds(frame, k), "z")


def _softmax(project: Project, frame: Frame) -> Iterator[str]:
    spec = frame.architecture.loss
    words, softmax = output_words(spec), LOSSES[spec.name].softmax
    yield ""
    yield f"{words.title}:  {words.output_formula}"
    outputs = range(frame.y.shape[1])
    if len(outputs) <= FEW:
        quantities = [_first(frame, kind, None, j) for kind in ("shifted", "exp") for j in outputs]
        quantities = [*quantities, _first(frame, "exp_sum")] if softmax else []
        quantities += [_first(frame, "y_hat", None, j) for j in outputs]
        yield from _written(project, frame, *quantities)
        return
    yield from _units(frame, None, output_kinds(frame), "y_hat")


def _loss(project: Project, frame: Frame) -> Iterator[str]:
    yield ""
    yield f"Loss:  {output_words(frame.architecture.loss).loss_formula}"
    yield from _written(project, frame, _first(frame, "loss"))
    if averaged(frame):
        yield from _written(project, frame, Quantity("loss"))


def _backward(project: Project, frame: Frame, k: int) -> Iterator[str]:
    trace = frame.layers[k - 1]
    last = k == len(frame.layers)
    form = error_form(project, frame, k)
    slope = trace.activation != "identity"
    yield ""
    yield f"Error, layer {k}:  {form}"
    fans_out = len(frame.layers[k].b) if not last else 0
    if len(trace.b) <= FEW and fans_out <= FEW:
        for j in range(len(trace.b)):
            if slope:
                yield from _written(project, frame, _first(frame, "slope", k, j))
            yield from _written(project, frame, _first(frame, "delta", k, j))
    else:
        yield from _written(project, frame, _first(frame, "delta", k, 0))
        yield from _units(frame, k, error_kinds(frame, k), "delta")
    if last and not slope and LOSSES[frame.architecture.loss.name].softmax:
        yield f"  the errors of the outputs add up to {_total(trace.delta[0])}"


def _total(delta: np.ndarray) -> str:
    total = math.fsum(map(float, delta))
    return "0" if abs(total) < 1e-12 else show(total).text


def _gradients(project: Project, frame: Frame) -> Iterator[str]:
    for k, trace in enumerate(frame.layers, start=1):
        if not len(trace.block):
            continue
        yield ""
        yield f"Gradients, layer {k}:  {gradient_form(frame, k)}"
        found = parameters(trace, k, "d{}")
        if trace.block.size <= MANY_PARAMETERS and frame.samples <= FEW:
            yield from _written(project, frame, *found)
            continue
        yield from _written(project, frame, found[0])
        if not trace.shape.one_to_one:
            yield from _matrix(*gradients(project, frame, k), "dW", k)
    norms = [
        (f"layer {k}", show(float(np.linalg.norm(t.weight_gradient))).text)
        for k, t in enumerate(frame.layers, start=1)
    ]
    yield ""
    sizes = ", ".join(f"{name} {norm}" for name, norm in norms)
    yield from paragraph(sizes, first="Size of the weights' gradient, ‖∂L/∂W‖:  ")


def _update(project: Project, frame: Frame) -> Iterator[str]:
    rule = f"{update_form(frame)}  with {settings_words(frame)}"
    for k, trace in enumerate(frame.layers, start=1):
        if not len(trace.block):
            continue
        yield ""
        yield from paragraph(rule, first=f"Update, layer {k}:  ")
        found = parameters(trace, k, "{}")
        if kinds := between(project, frame, found[0]):
            asked = [Quantity(kind, k, found[0].index) for kind in (*kinds, f"{found[0].kind}_after")]
            yield from _written(project, frame, *asked)
        listed = found if len(found) <= MANY_PARAMETERS else found[:SHOWN]
        heads, columns = moves(project, frame, listed)
        names = [symbols.text(project, q) for q in listed]
        header = ("", *(head.text for head in heads))
        yield from table(header, list(zip(names, *columns, strict=True)))
        if len(listed) < len(found):
            rest = found[len(listed)]
            address = Quantity(f"{rest.kind}_after", k, rest.index)
            yield f"  … {len(found) - len(listed)} more; see one with `deltaglow explain FILE '{address}'`"


def _units(frame: Frame, k: int | None, kinds: Sequence[str], address: str) -> Iterator[str]:
    """A table with a row for each unit, or output, cut after the first ten; and softmax's sum under it."""
    columns, total = unit_columns(frame, k, 0, kinds, SHOWN)
    count = frame.architecture.widths[-1 if k is None else k]
    labels = [str(j + 1) for j in range(min(count, SHOWN))]
    header = ("output" if k is None else "unit", *(HEADS[kind].text for kind in kinds))
    yield from table(header, list(zip(labels, *columns.values(), strict=True)))
    if count > SHOWN:
        of = f"{address}[{SHOWN}]" if k is None else f"{address}[{k}][{SHOWN}]"
        yield f"  … {count - SHOWN} more; see one with `deltaglow explain FILE '{of}'`"
    if total:
        yield f"  S = {total}"


def _matrix(W: np.ndarray, b: np.ndarray, kind: str, k: int) -> Iterator[str]:
    """A layer's weights or gradients: a row for each unit, a column for each source and one for the bias."""
    rows, columns = min(W.shape[0], SHOWN), min(W.shape[1], SHOWN)
    lines = _grid(W[:rows, :columns], b[:rows])
    while columns > 1 and max(map(len, lines)) > WIDTH:
        columns -= 1
        lines = _grid(W[:rows, :columns], b[:rows])
    yield from lines
    if (rows, columns) != W.shape:
        address = f"{kind}[{k}][{min(rows, W.shape[0] - 1)},{min(columns, W.shape[1] - 1)}]"
        yield f"  … of {W.shape[0]} × {W.shape[1]} weights; see one with `deltaglow explain FILE '{address}'`"


def _grid(W: np.ndarray, b: np.ndarray) -> list[str]:
    header = ("to \\ from", *(str(i + 1) for i in range(W.shape[1])), "bias")
    cells = column([float(v) for v in np.column_stack((W, b)).ravel()])
    width = len(header) - 1
    return table(header, [(str(j + 1), *cells[j * width : (j + 1) * width]) for j in range(len(b))])


def _summary(frames: Sequence[Frame]) -> list[str]:
    losses = column([frame.loss for frame in frames])
    rows = [
        (str(frame.step), loss, *(() if math.isnan(frame.accuracy) else (f"{100 * frame.accuracy:.0f} %",)))
        for frame, loss in zip(frames, losses, strict=True)
    ]
    return table(("step", "loss", "accuracy")[: len(rows[0])], rows)


def _sources(project: Project, frames: Sequence[Frame]) -> list[str]:
    """Where printed sources differ from these numbers, each remark once."""
    notes = source_notes(project, frames[0]) if frames else {}
    if not notes:
        return []
    lines = ["", rule("Where the printed example differs"), ""]
    for note, q in notes.items():
        lines += paragraph(note, first=f"{symbols.text(project, q)}: ")
    return lines
