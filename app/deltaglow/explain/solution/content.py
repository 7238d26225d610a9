"""What a worked solution says: network and data as given, then each step, then where sources differ."""

from collections.abc import Iterator, Sequence

import numpy as np

from deltaglow.engine import OPTIMIZERS, Frame
from deltaglow.explain import symbols
from deltaglow.explain.layout import column
from deltaglow.explain.numbers import MINUS, plain
from deltaglow.explain.output_words import output_words
from deltaglow.explain.pieces import Label, width_of
from deltaglow.explain.solution.choices import Choices, SolutionError
from deltaglow.explain.solution.notation import Notation, has_names, in_index
from deltaglow.explain.solution.sheet import Block, Cell, Equation, Heading, Paragraph, Sheet, Table
from deltaglow.explain.solution.step import step_blocks
from deltaglow.explain.solution.tables import given_number, listed, matrix
from deltaglow.explain.solution.view import LINE, View
from deltaglow.explain.step_forms import LONG_SUMS, MANY_PARAMETERS, described, parameters, source_notes
from deltaglow.model.project import BuiltinData, Project
from deltaglow.model.quantity import Quantity

_MOST_GIVEN = 12
"""Numbers of a sample that stand in a line."""


def worked_solution(project: Project, frames: Sequence[Frame], choices: Choices) -> Sheet:
    """The worked solution of these steps, which follow each other, as a teacher would hand it out.

    Small layers have every calculation written out, larger ones an example of each kind and tables, which say
    what they leave out; `choices.depth` asks for more or for less. Raises SolutionError for a sample that a
    batch does not have, and for numbers that are not finite.
    """
    for frame in frames:
        if not (np.isfinite(frame.theta_after).all() and np.isfinite(frame.losses).all()):
            raise SolutionError(f"step {frame.step} ends in a number that is not finite")
    notation = Notation(project, choices.notation)
    blocks = [*_given(notation, frames[0])]
    for frame in frames:
        if len(frames) > 1:
            blocks.append(Heading(1, f"Step {frame.step}"))
        blocks += step_blocks(View(notation, frame, choices))
    if len(frames) > 1:
        blocks += _together(frames)
    blocks += _sources(project, notation, frames[0])
    first, last = frames[0].step, frames[-1].step
    which = f"step {first}" if first == last else f"steps {first} to {last}"
    title = project.title or "A neural network"
    return Sheet(title, f"Worked solution: {which} of gradient descent", tuple(blocks))


def _given(notation: Notation, frame: Frame) -> Iterator[Block]:
    project = notation.project
    yield Heading(2, "What is given")
    yield Paragraph(_network(project))
    yield Paragraph(_training(project))
    yield Paragraph(notation.words(), "muted")
    yield Paragraph(
        "Numbers are rounded for printing. Every line carries as many digits as it takes for its arithmetic, "
        "worked out with the numbers as they stand there, to give the result as it stands there. "
        f"{LONG_SUMS}",
        "muted",
    )
    view = View(notation, frame, Choices())
    for k, trace in enumerate(frame.layers, start=1):
        if not len(trace.block):
            continue
        yield Heading(3, f"Parameters of layer {k}")
        if trace.block.size <= MANY_PARAMETERS:
            yield from _each(view, parameters(trace, k, "{}"))
        else:
            yield from matrix(view, trace.W, trace.b, k)
    yield Heading(3, "Samples")
    yield from samples(view)


def _each(view: View, found: Sequence[Quantity]) -> Iterator[Block]:
    """Parameters and their values, each unit's on lines of its own."""
    for j in dict.fromkeys(q.index[0] for q in found):
        parts = [
            Label(f"{name.latex} = {number.latex}", f"{name.text} = {number.text}")
            for q in found
            if q.index[0] == j
            for name, number in [(view.label(q), plain(view.value(q), 6))]
        ]
        yield Equation(Label("", ""), tuple(map(_in_a_row, _packed(parts))))


def _packed(parts: Sequence[Label]) -> list[list[Label]]:
    """The parts in as many lines as they need."""
    lines: list[list[Label]] = [[]]
    used = 0.0
    for part in parts:
        width = width_of(part.text) + 1.5
        if lines[-1] and used + width > LINE:
            lines.append([])
            used = 0.0
        lines[-1].append(part)
        used += width
    return lines


def _in_a_row(parts: Sequence[Label]) -> Label:
    return Label(r",\quad ".join(part.latex for part in parts), ",  ".join(part.text for part in parts))


def samples(view: View) -> Iterator[Block]:
    """The batch as given: what goes in and what should come out."""
    frame = view.frame
    shown = frame.x.shape[1] + frame.y.shape[1] <= _MOST_GIVEN
    if not shown:
        first = ", ".join(str(int(row) + 1) for row in frame.rows[:_MOST_GIVEN])
        more = "" if frame.samples <= _MOST_GIVEN else f" and {frame.samples - _MOST_GIVEN} more"
        yield Paragraph(
            f"The batch has the samples {first}{more} of the data set; each has {frame.x.shape[1]} inputs."
        )
        return
    names = [
        view.notation(symbols.label(view.project, Quantity(kind, None, (i,))))
        for kind, array in (("x", frame.x), ("y", frame.y))
        for i in range(array.shape[1])
    ]
    rows: list[tuple[Cell, ...]] = [
        (str(int(number) + 1), *(given_number(float(v)) for v in (*x, *y)))
        for number, x, y in zip(frame.rows, frame.x, frame.y, strict=True)
    ]
    yield from listed(("sample", *names), rows, "samples")


def _network(project: Project) -> str:
    network, words = project.network, output_words(project.network.loss)
    last = len(network.layers)
    layers = ", then ".join(
        f"{layer.units} {'output' if k == last else 'unit'}{'s' * (layer.units != 1)} ({described(layer)})"
        for k, layer in enumerate(network.layers, start=1)
    )
    return (
        f"A network of {network.inputs} input{'s' * (network.inputs != 1)}, {layers}; its outputs go through "
        f"{words.output} and are judged by {words.measure}: {words.loss_formula}."
        if words.output != "as they are"
        else f"A network of {network.inputs} input{'s' * (network.inputs != 1)}, {layers}; its outputs are "
        f"judged by {words.measure}: {words.loss_formula}."
    )


def _training(project: Project) -> str:
    training, data = project.training, project.data
    rate = plain(training.optimizer.learning_rate).text
    source = f"the {data.name} set" if isinstance(data, BuiltinData) else "the samples given"
    batch = "one at a time" if training.batch_size == 1 else f"in batches of {training.batch_size}"
    return f"{OPTIMIZERS[training.optimizer.name].label} with η = {rate} learns from {source}, {batch}."


def _together(frames: Sequence[Frame]) -> Iterator[Block]:
    yield Heading(1, "The steps together")
    losses = column([frame.loss for frame in frames])
    rows = [
        (str(frame.step), Label(loss.replace(MINUS, "-"), loss))
        for frame, loss in zip(frames, losses, strict=True)
    ]
    yield Table(("step", Label("L", "L")), tuple(rows))


def _sources(project: Project, notation: Notation, frame: Frame) -> Iterator[Block]:
    """Remarks speak in the source's own names, which the other notation has to be told."""
    notes = source_notes(project, frame)
    if not notes:
        return
    yield Heading(1, "Where the printed example differs")
    if not notation.named and has_names(project):
        names = ", ".join(f"{name} is {written}" for name, written in in_index(project))
        yield Paragraph(f"In the printed example's names {names}.", "muted")
    for note, q in notes.items():
        written = notation(symbols.label(notation.project, q)).text
        yield Paragraph(f"{written}. {note}", "note")
