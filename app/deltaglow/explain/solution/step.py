"""One step worked out: forward, loss, errors, gradients, update, and what it did to the loss."""

from collections.abc import Iterator, Sequence

from deltaglow.engine import LOSSES, Frame
from deltaglow.explain.derivation import derive
from deltaglow.explain.moves import gradients, moves, settings_words
from deltaglow.explain.numbers import Shown, show
from deltaglow.explain.output_words import output_words
from deltaglow.explain.pieces import Label
from deltaglow.explain.scaling import scale_words
from deltaglow.explain.solution.sheet import Block, Equation, Heading, Paragraph, Table
from deltaglow.explain.solution.tables import MOST_ROWS, as_label, given_number, matrix, units
from deltaglow.explain.solution.view import View
from deltaglow.explain.step_forms import (
    FEW,
    MANY_PARAMETERS,
    averaged,
    between,
    error_form,
    forward_form,
    gradient_form,
    parameters,
    shared_words,
    update_form,
)
from deltaglow.explain.unit_tables import error_kinds, forward_kinds, output_kinds
from deltaglow.model.quantity import Quantity


def step_blocks(view: View) -> Iterator[Block]:
    """A step, in the order in which it is computed."""
    frame = view.frame
    rows = view.rows
    if frame.samples > 1:
        yield Paragraph(_which(frame, rows))
    for row in rows:
        yield from _sample(view, row)
    if averaged(frame):
        yield Heading(2, "Loss of the batch")
        yield from _whole_loss(view)
    if said := scale_words(frame):
        yield Paragraph(f"{said[0].upper()}{said[1:]}.", "note")
    if frame.left_out:
        return
    yield from _gradients(view)
    yield from _update(view)
    yield from _after(view)


def _whole_loss(view: View) -> Iterator[Block]:
    """The mean over the batch, and what the penalty on large weights adds."""
    if view.frame.update.penalties:
        yield Paragraph("L = D + R: what the data cost, and the penalty on large weights.")
        yield from view.worked([Quantity("data_loss"), Quantity("penalty")])
    yield from view.worked([Quantity("loss")])


def _which(frame: Frame, rows: Sequence[int]) -> str:
    numbers_ = ", ".join(str(int(row) + 1) for row in frame.rows[:24])
    more = "" if frame.samples <= 24 else f" and {frame.samples - 24} more"
    shown = "each" if len(rows) == frame.samples else f"{len(rows)}" if len(rows) > 1 else "one"
    return (
        f"The batch of this step has {frame.samples} samples: {numbers_}{more} of the data set. Forward pass "
        f"and errors are worked out for {shown} of them, marked ⟨1⟩ to ⟨{frame.samples}⟩ by its place in the "
        "batch; the gradients are the mean over all."
    )


def _sample(view: View, row: int) -> Iterator[Block]:
    frame = view.frame
    whose = "" if frame.samples == 1 else f", sample ⟨{row + 1}⟩"
    if frame.samples > 1 and frame.x.shape[1] <= 2 * FEW:
        yield Heading(2, f"What goes in{whose}")
        yield _vector(view, "x", row)
        yield _vector(view, "y", row)
    for k in range(1, len(frame.layers) + 1):
        yield from _forward(view, k, row, whose)
    yield from _output(view, row, whose)
    yield Heading(2, f"Loss{whose}")
    yield Paragraph(f"{output_words(frame.architecture.loss).loss_formula}.")
    yield from view.worked([view.quantity("loss", row, None)]) if averaged(frame) else _whole_loss(view)
    if frame.left_out:
        return
    for k in range(len(frame.layers), 0, -1):
        yield from _backward(view, k, row, whose)


def _vector(view: View, kind: str, row: int) -> Equation:
    values = (view.frame.x if kind == "x" else view.frame.y)[row]
    found = [given_number(float(v)) for v in values]
    latex, text = ",\\, ".join(v.latex for v in found), ", ".join(v.text for v in found)
    return Equation(Label(kind, kind), (Label(rf"= ({latex})", f"= ({text})"),))


def _forward(view: View, k: int, row: int, whose: str) -> Iterator[Block]:
    project = view.project
    yield Heading(2, f"Forward, layer {k}{whose}")
    yield Paragraph(f"{forward_form(project, view.frame, k)}.")
    if (shared := shared_words(project, view.frame, k)) is not None:
        yield Paragraph(shared)
    beside = view.frame.architecture.widths[k - 1]
    yield from _layer(view, k, row, forward_kinds(view.frame, k), beside)


_OF_THE_BATCH = ("mean", "var")
"""Of batch normalisation: worked out for one unit, since every sample of the batch goes into each."""
_STAND = ("said", "keep", "gamma", "beta", "back")
"""Columns of a table beside what is worked out line by line."""


def _layer(view: View, k: int, row: int, kinds: Sequence[str], beside: int) -> Iterator[Block]:
    """Each unit's calculations, or those of the first and a table of all."""
    count = view.frame.architecture.widths[k]
    every = view.every_unit(k, beside)
    for j in range(count if every else 1):
        written = [kind for kind in kinds if kind not in _STAND and (j == 0 or kind not in _OF_THE_BATCH)]
        yield from view.worked(view.quantity(kind, row, k, j) for kind in written)
    if not every or "said" in kinds:
        yield from units(view, k, row, kinds)


def _output(view: View, row: int, whose: str) -> Iterator[Block]:
    spec = view.frame.architecture.loss
    words, softmax = output_words(spec), LOSSES[spec.name].softmax
    yield Heading(2, f"{words.title}{whose}")
    yield Paragraph(f"{_raised(words.output_formula)}.")
    count = view.frame.y.shape[1]
    every = view.every_unit(len(view.frame.layers), 1)
    some = range(count if every else 1)
    opened = ("shifted", "exp") if softmax else ()
    for kind in opened:
        yield from view.worked(view.quantity(kind, row, None, j) for j in some)
    if softmax:
        yield from view.worked([view.quantity("exp_sum", row, None)])
    yield from view.worked(view.quantity("y_hat", row, None, j) for j in some)
    if not every:
        yield from units(view, None, row, output_kinds(view.frame))


def _raised(formula: str) -> str:
    """A formula in plain text as it is printed, with e^s raised."""
    return formula.replace("e^s", "eˢ").replace("e^−logit", "exp(−logit)")


def _backward(view: View, k: int, row: int, whose: str) -> Iterator[Block]:
    frame, last = view.frame, k == len(view.frame.layers)
    trace = frame.layers[k - 1]
    yield Heading(2, f"Error of the {'outputs' if last else f'units in layer {k}'}{whose}")
    yield Paragraph(f"{error_form(view.project, frame, k)}.")
    first = view.quantity("delta", row, k, 0)
    if last and (why := derive(view.project, frame, first).why):
        yield Paragraph(why)
    beside = 1 if last else frame.architecture.widths[k + 1]
    yield from _layer(view, k, row, error_kinds(frame, k), beside)
    if last and trace.activation == "identity" and LOSSES[frame.architecture.loss.name].softmax:
        yield Paragraph("Check: the errors of the outputs add up to 0, up to rounding.", "muted")


def _gradients(view: View) -> Iterator[Block]:
    frame = view.frame
    for k, trace in enumerate(frame.layers, start=1):
        if not len(trace.block):
            continue
        yield Heading(2, f"Gradients, layer {k}")
        yield Paragraph(f"{gradient_form(frame, k)}.")
        found = parameters(trace, k, "d{}")
        every = view.every_parameter(len(found)) and (frame.samples <= FEW or view.choices.depth == "full")
        yield from view.worked(part for q in (found if every else found[:1]) for part in _parts(view, q))
        if not every and not trace.shape.one_to_one:
            yield from matrix(view, *gradients(view.project, frame, k), k)


def _parts(view: View, q: Quantity) -> Sequence[Quantity]:
    """A gradient after what it is made of: the data's part, and the penalty's where it has one."""
    operands = [operand.quantity for operand in derive(view.project, view.frame, q).operands]
    return [*(each for each in operands if each.kind in (f"{q.kind}_data", f"{q.kind}_penalty")), q]


def _update(view: View) -> Iterator[Block]:
    frame = view.frame
    yield Heading(2, "Update")
    yield Paragraph(f"{update_form(frame)},  with {settings_words(frame)}.")
    yield from _scaled(view)
    for k, trace in enumerate(frame.layers, start=1):
        found = parameters(trace, k, "{}")
        if not found:
            continue
        yield Heading(3, f"Layer {k}")
        firsts = {q.kind: q for q in reversed(found)}
        chains = {kind: between(view.project, frame, q) for kind, q in firsts.items()}
        every = view.every_parameter(len(found)) and (
            not chains[found[0].kind] or len(found) <= FEW or view.choices.depth == "full"
        )
        for q in found if every else found[:1]:
            kinds = [*chains[q.kind], f"{q.kind}_after"]
            yield from view.worked(Quantity(kind, q.layer, q.index) for kind in kinds)
        yield from _moves(view, found)
        if len(found) > MANY_PARAMETERS and not trace.shape.one_to_one:
            yield from matrix(view, trace.W_after, trace.b_after, k)


def _scaled(view: View) -> Iterator[Block]:
    """What a gradient that is longer than its limit is scaled by."""
    clip = view.frame.update.clip
    if clip is None or clip.kind != "norm" or view.frame.update.factor == 1.0:
        return
    yield Paragraph(
        "The gradient of all parameters together is longer than the limit: all of it is scaled by κ."
    )
    yield from view.worked([Quantity("total_norm"), Quantity("clip_factor")])


def _moves(view: View, found: Sequence[Quantity]) -> Iterator[Block]:
    """Every parameter before and after the step, its gradient and what the optimiser goes by."""
    heads, columns = moves(view.project, view.frame, found[:MOST_ROWS])
    cells = [[as_label(text) for text in column] for column in columns]
    rows = [(view.label(q), *row) for q, row in zip(found, zip(*cells, strict=True), strict=False)]
    yield Table(("parameter", *heads), tuple(rows))
    if len(found) > MOST_ROWS:
        yield Paragraph(f"… and {len(found) - MOST_ROWS} more parameters.", "muted")


def _after(view: View) -> Iterator[Block]:
    """What the step did to the loss of its own batch."""
    frame = view.frame
    if not frame.update.updates:
        return
    loss = view.value(Quantity("loss_after"))
    before, now = show(frame.loss, 4), show(loss, 4)
    yield Heading(2, "After the step")
    moved = "smaller than" if loss < frame.loss else "larger than" if loss > frame.loss else "as large as"
    batch = "On the same sample" if frame.samples == 1 else "On the same batch"
    yield Paragraph(f"{batch}, with the new parameters, the loss is {moved} before:")
    yield Table(("", Label("L", "L")), (("before the step", _number(before)), ("after it", _number(now))))


def _number(found: Shown) -> Label:
    return Label(found.latex, found.text)
