"""The formulas and words of a step, layer by layer, which every way of writing it out shares."""

from collections.abc import Iterator

from deltaglow.engine import ACTIVATIONS, OPTIMIZERS, Frame, LayerTrace
from deltaglow.engine.layers import BatchNormShape, Conv1dShape, DropoutShape
from deltaglow.explain import chain, printed_example, symbols
from deltaglow.explain import plain as plain_numbers
from deltaglow.explain.context import TERMS
from deltaglow.explain.derivation import derive
from deltaglow.explain.numbers import full, plain
from deltaglow.explain.output_words import output_words
from deltaglow.explain.update_terms import exactly
from deltaglow.model.project import Layer, Project
from deltaglow.model.quantity import UPDATE_ARRAYS, Quantity, value

FEW = 6
"""Units, and numbers that a unit adds up, for which every calculation is written out."""
MANY_PARAMETERS = 24
"""Parameters of a layer up to which each has a line of its own."""
LONG_SUMS = (
    f"A sum of more than {TERMS} terms shows the largest {TERMS - 1}; ⋯ are the others, and what they add "
    "up to stands in their place."
)


def described(layer: Layer) -> str:
    """A layer in a word or two: its kind, unless it is dense, its activation and where a skip comes from."""
    bends = _activation(layer.activation)
    around = "" if layer.skip is None else f", and around from {layer.skip.source or 'the input'}"
    if layer.part is None:
        return bends + around
    kind = {"batch_norm": "batch normalisation", "dropout": "dropout", "conv1d": "convolution"}[layer.type]
    return kind if layer.activation == "identity" else f"{kind}, {bends}"


def _activation(name: str) -> str:
    label = ACTIVATIONS[name].label
    return label.lower() if label == label.capitalize() else label


def forward_form(project: Project, frame: Frame, k: int) -> str:
    """What layer k computes: "z = W x + b,  a = σ(z)"."""
    trace = frame.layers[k - 1]
    said = "x" if k == 1 else "a"
    bends = "z" if trace.activation == "identity" else f"{symbols.function(project, k).text}(z)"
    if isinstance(trace.shape, DropoutShape):
        rate = trace.shape.rate
        kept = f"1 / (1 − {exactly(rate).text}) = {full(1.0 / (1.0 - rate), 5)}"
        mask = f"m = {kept} for a unit that is kept, 0 for one that is dropped" if frame.training else "m = 1"
        return f"z = m {said}⁻,  a = z;  {mask};  {said}⁻ of the layer before"
    if isinstance(trace.shape, BatchNormShape):
        eps = exactly(trace.shape.eps).text
        shape = f"x̂ = ({said}⁻ − μ) / √(σ² + ε),  z = γ x̂ + β"
        return f"{shape},  a = {bends};  ε = {eps};  {said}⁻ of the layer before"
    around = " + S a" if trace.shape.skip is not None else ""
    return f"z = W {said} + b{around},  a = {bends}"


def shared_words(project: Project, frame: Frame, k: int) -> str | None:
    """Which units of a convolution meet what with which shared weights; None of another layer."""
    shape = frame.layers[k - 1].shape
    if not isinstance(shape, Conv1dShape):
        return None

    def said(i: int) -> str:
        return symbols.text(project, Quantity("x", None, (i,)) if k == 1 else Quantity("a", k - 1, (i,)))

    stops = range(min(shape.stops, FEW))
    parts = []
    for channel in range(min(shape.out, FEW)):
        named = [symbols.text(project, Quantity("W", k, (channel, i))) for i in range(shape.span)]
        weights = ", ".join(named) if shape.span <= FEW else f"{named[0]} to {named[-1]}"
        units = ", ".join(str(stop * shape.out + channel + 1) for stop in stops)
        parts.append(f"{weights} (units {units}{' …' if shape.stops > FEW else ''})")
    places = [f"{said(stop * shape.hop)} to {said(stop * shape.hop + shape.span - 1)}" for stop in stops]
    meet = ", ".join(places) + (" …" if shape.stops > FEW else "")
    more = f", and {shape.out - FEW} more filters" if shape.out > FEW else ""
    return (
        f"The weights are shared: {'; '.join(parts)}{more}. At each stop they meet the next numbers in turn: "
        f"{meet}. What a unit does not meet has no weight, and 0 stands for it."
    )


def error_form(project: Project, frame: Frame, k: int) -> str:
    """What the error of layer k is: "δ = (Σ w δ) · σ′(z)"."""
    trace, last = frame.layers[k - 1], k == len(frame.layers)
    came = output_words(frame.architecture.loss).slope if last else "(what comes back)"
    if not last and plain_numbers.simple(frame.architecture):
        came = "(Σ w δ)"
    if last and trace.activation == "identity":
        return f"δ = {came}"
    return f"δ = {f'({came})' if last else came} · {symbols.function(project, k).text}′(z)"


def gradient_form(frame: Frame, k: int) -> str:
    """What the gradients of layer k are: "∂L/∂w = δ a,  ∂L/∂b = δ", and over how many samples the mean."""
    source = "x̂" if frame.layers[k - 1].kind == "batch_norm" else "x" if k == 1 else "a"
    batch = "" if frame.samples == 1 else f", the mean over the {frame.samples} samples"
    if frame.samples > 1 and frame.divisor != frame.samples:
        batch = f", the weighted mean over the {frame.samples} samples"
    if not chain.penalised(frame, k):
        return f"∂L/∂w = δ {source},  ∂L/∂b = δ{batch}"
    penalties = frame.update.penalties
    parts = [f"λ₂ w (λ₂ = {plain(penalties.l2).text})"] if penalties.l2 else []
    parts += [f"λ₁ sign w (λ₁ = {plain(penalties.l1).text})"] if penalties.l1 else []
    return f"∂D/∂w = δ {source},  ∂L/∂b = δ{batch};  ∂R/∂w = {' + '.join(parts)}"


def update_form(frame: Frame) -> str:
    """The update's formula, with what comes before it."""
    update = frame.update
    if not update.updates:
        return f"batch {update.turn + 1} of {update.accumulate} is gathered, and nothing moves yet"
    sparse = "sent" in update.arrays
    plain_descent = update.optimizer == "sgd" and not update.weight_decay
    if plain_descent and not update.clip and update.accumulate == 1 and not sparse:
        return "w⁺ = w − η ∂L/∂w"
    g = "∂L/∂w" if update.accumulate == 1 else f"the mean ∂L/∂w of {update.accumulate} batches"
    if update.clip:
        g = f"clipped({g}, {update.clip.kind} {plain(update.clip.limit).text})"
    if sparse:
        g = f"the {update.sent} largest of the {len(frame.theta)} of {g} and what was held back, else 0"
    decay = f",  w⁺ less η λ w besides, λ = {plain(update.weight_decay).text}" if update.weight_decay else ""
    return f"{OPTIMIZERS[update.optimizer].formula.removesuffix(' − η λ w')}{decay},  g = {g}"


def averaged(frame: Frame) -> bool:
    """Whether a batch's loss is another number than that of a row."""
    return frame.samples > 1 or frame.divisor != 1.0


def parameters(trace: LayerTrace, k: int, kind: str) -> list[Quantity]:
    """Every parameter of a layer once, as quantities of a kind: "{}" itself, "d{}" its gradient."""
    return [Quantity(kind.format(name), k, index) for name, index in trace.shape.parameters()]


def between(project: Project, frame: Frame, q: Quantity) -> list[str]:
    """The kinds of numbers between a parameter's gradient and its update, in the order of computing."""
    found: dict[str, None] = {}

    def visit(at: Quantity) -> None:
        for operand in derive(project, frame, at).operands:
            kind = operand.quantity.kind
            if kind in UPDATE_ARRAYS and "before" not in kind and kind not in found:
                visit(operand.quantity)
                found[kind] = None

    visit(Quantity(f"{q.kind}_after", q.layer, q.index))
    return list(found)


def source_notes(project: Project, frame: Frame) -> dict[str, Quantity]:
    """Where the printed source of a project differs from its numbers, each remark once, and of what it is."""
    notes: dict[str, Quantity] = {}
    made: set[str] = set()
    for q in _noted(frame) if printed_example.follows(project) else ():
        found = printed_example.slip(frame, q, value(q, frame))
        if found is not None and found.remark not in made:
            made.add(found.remark)
            notes[found.told] = q
    return notes


def _noted(frame: Frame) -> Iterator[Quantity]:
    """The quantities at which a worked example may have slips worth telling in the solution."""
    if frame.theta.size > MANY_PARAMETERS:
        return
    depth = len(frame.layers)
    yield from (Quantity("z", depth, (j,)) for j in range(len(frame.layers[-1].b)))
    for k in range(depth, 0, -1):
        yield from parameters(frame.layers[k - 1], k, "d{}")
    yield Quantity("learning_rate")
