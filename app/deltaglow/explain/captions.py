"""What is under way, in plain words with its numbers: the line over the diagram, pure text."""

from __future__ import annotations

from math import isfinite

from deltaglow.engine import Frame
from deltaglow.explain import softmax_lab, symbols
from deltaglow.explain.context import Context
from deltaglow.explain.derivation import derive
from deltaglow.explain.expr import Product
from deltaglow.explain.layer_words import phase_words
from deltaglow.explain.numbers import apart, reconcile, reconcile_sum, show
from deltaglow.explain.opening import Detail, Opening
from deltaglow.explain.phases import Phase
from deltaglow.explain.pieces import join_text, with_numbers
from deltaglow.explain.terms import Term
from deltaglow.explain.worked import cost, so_far, worked
from deltaglow.model.naming import quoted, unit_name
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity, value

Caption = tuple[str, str]
"""A title and a sentence."""
COMPLETE = (
    "Step complete",
    "Every weight has moved against its gradient: the next step begins with these.",
)
"""What is said of a complete step where the loss after it is not asked for."""
LONGEST = 98
"""Characters of a derivation that the narrowest diagram has room for in a line."""
MOST_COSTS = 6
"""Outputs whose costs the sum shows one by one."""
MOST_PARAMETERS = 100_000
"""Parameters up to which the caption asks for the loss after the step, which takes another pass."""


def caption(project: Project, opening: Opening, position: float) -> Caption:
    """A title and a sentence for what is shown at a position."""
    frame, phases = opening.frame, opening.phases
    phase = phases.at(position).phase
    if phase is None:
        return (
            "Start",
            "The inputs, the target and the weights are given. Press → or Space to send them forward.",
        )
    if frame.left_out and phase.kind in ("delta", "gradients", "update"):
        scale = f"{frame.scale:,.0f}"
        return (
            "Step left out",
            f"A gradient overflowed at the loss scale {scale}: nothing moves, and it is halved.",
        )
    if position >= phases.end:
        return "Step complete", _complete(frame)
    ctx = Context(project, frame, opening.row, None)
    detail = opening.at(position)
    if detail is None:
        return phase.title, _closed(ctx, opening, phase)
    return _title(project, detail), _OF_KIND.get(detail.move.kind, _whole)(ctx, opening, detail)


def _complete(frame: Frame) -> str:
    """What the step did to the loss of its batch."""
    if frame.left_out or len(frame.theta) > MOST_PARAMETERS:
        return COMPLETE[1]
    before, after = apart(frame.loss, value(Quantity("loss_after"), frame))
    if before.text == after.text:
        return f"The weights have moved too little to tell: the loss of this batch stays at {before.text}."
    return f"Every weight has moved: the loss of this batch goes from {before.text} to {after.text}."


def _title(project: Project, detail: Detail) -> str:
    move, title = detail.move, detail.phase.title
    if move.kind == "all" or move.unit is None:
        return title
    where = f", layer {move.layer}" if detail.phase.layer is None and move.layer is not None else ""
    name = quoted(unit_name(project, move.layer or len(project.network.layers), move.unit))
    unit = f"{title}{where} · {'output' if move.layer is None else 'unit'} {move.unit + 1}{name}"
    return f"{unit} · term {move.term + 1} of {move.terms}" if move.kind == "term" else unit


def _closed(ctx: Context, opening: Opening, phase: Phase) -> str:
    """A phase that is not opened."""
    if opening.depth == "layer":
        return phase_words(ctx, phase)
    if phase.kind == "loss":
        return _loss(ctx)
    if opening.limited(phase):
        place = f" in layer {phase.layer}" if phase.layer is not None else ""
        return f"Too many to go through one by one: select a unit{place}, and its terms are shown."
    return phase_words(ctx, phase)


def _whole(ctx: Context, opening: Opening, detail: Detail) -> str:
    if opening.focus is None:
        return phase_words(ctx, detail.phase)
    return f"All units at once, as they are too many; then {ctx.unit(*opening.focus)}, which is selected."


def _unit(ctx: Context, opening: Opening, detail: Detail) -> str:
    k, j = _place(detail)
    name = _capital(ctx.unit(k, j))
    match detail.phase.kind:
        case "forward":
            return f"{name}: {_arrives(ctx, k, j)}{_number(ctx, 'a', k, j)}."
        case "delta" if k == ctx.depth:
            return _line(ctx, Quantity("delta", k, (j,)))
        case "delta":
            slope, delta = _number(ctx, "slope", k, j), _number(ctx, "delta", k, j)
            return f"{name}: {_comes_back(ctx, k, j)}, and it listens with slope {slope}: δ = {delta}."
        case "gradients":
            heard = "its x̂, and δ alone" if ctx.layer(k).kind == "batch_norm" else "everything that it hears"
            return f"{name}: its δ = {_number(ctx, 'delta', k, j)} times {heard}{_of_samples(ctx)}."
        case _:
            return f"{name}: each of its parameters moves against its gradient."


def _of_samples(ctx: Context) -> str:
    """What the numbers on the connections are the mean of, in a batch of several samples."""
    return f"; the mean of {ctx.frame.samples} samples stays" if ctx.frame.samples > 1 else ""


def _arrives(ctx: Context, k: int, j: int) -> str:
    """What a unit's activation is made of, up to its value."""
    kind = ctx.layer(k).kind
    if kind == "dropout":
        keep = ctx.at("keep", k, j)
        passes = f"dropout lets it pass, times {keep.shown(3).text}" if keep.value else "dropout silences it"
        return f"{passes}: a = "
    z, makes = _number(ctx, "z", k, j), _bends(ctx, k)
    if kind == "batch_norm":
        return f"normalised to {_number(ctx, 'x_hat', k, j)}; γ and β make z = {z}; {makes} a = "
    return f"what arrives adds up to z = {z}; {makes} a = "


def _comes_back(ctx: Context, k: int, j: int) -> str:
    following, back = ctx.layer(k + 1), _number(ctx, "back", k, j)
    if following.kind == "dropout" and not following.extra["keep"][ctx.row, j]:
        nothing = ctx.at("back", k, j).value == 0.0
        return "dropout lets nothing back" if nothing else f"{back} comes back around dropout"
    through = " through μ and σ" if following.kind == "batch_norm" else ""
    return f"{back} comes back{through}"


def _term(ctx: Context, opening: Opening, detail: Detail) -> str:
    term = opening.term(detail)
    assert term is not None
    match detail.phase.kind:
        case "gradients":
            return _gradient(ctx, term)
        case "update":
            return _update(ctx, term)
    k, j = _place(detail)
    all_terms = opening.terms(detail.phase.kind, k, j)
    total = show(so_far([each.value for each in all_terms], detail.move.term)).text
    done = "in all" if detail.move.term + 1 == len(all_terms) else "so far"
    said = worked(ctx, term)
    if term.count > 1:
        return f"{term.count} smaller products together make {said.result}: {total} {done}."
    return f"{said.text} {_flies(ctx, detail, term)}: {total} {done}."


def _flies(ctx: Context, detail: Detail, term: Term) -> str:
    """What happens to a term, in words."""
    k, j = _place(detail)
    unit = ctx.unit(k, j)
    if detail.phase.kind == "forward":
        if term.arc is not None:
            return f"comes around to {unit}"
        if not term.lines:
            return f"is the {'shift β' if ctx.layer(k).kind == 'batch_norm' else 'bias'} of {unit}"
        if ctx.layer(k).kind == "dropout":
            return "passes dropout" if term.value else "is silenced by dropout"
        return f"flies into {unit}"
    if term.arc is not None:
        return f"comes back around to {unit}"
    following = ctx.layer(k + 1).kind
    if following == "batch_norm":
        return f"comes back through the batch's μ and σ to {unit}"
    return f"flies back to {unit}"


def _bend(ctx: Context, opening: Opening, detail: Detail) -> str:
    k, j = _place(detail)
    if detail.phase.kind == "forward":
        z, a = ctx.at("z", k, j), ctx.at("a", k, j)
        if ctx.activation(k) == "identity":
            return f"The sum {z.label.text} = {z.shown(3).text} stays as it is: {a.label.text} = z."
        name = symbols.function(ctx.project, k).text
        inside, result = z.shown(3).text, a.shown(3).text
        return f"{_capital(_bends(ctx, k))} {a.label.text} = {name}({inside}) = {result}."
    back, slope = ctx.at("back", k, j), ctx.at("slope", k, j)
    delta = ctx.at("delta", k, j)
    if slope.value == 0.0:
        return (
            f"{slope.label.text} = 0: the unit does not listen, and nothing of {back.shown(3).text} passes."
        )
    product = Product((back, slope))
    found = reconcile(delta.value, [product.evaluate], coarseness=ctx.coarseness)
    numbers = join_text(product.pieces(with_numbers(found.digits), leading=True))
    listens = f"what came back, times how much it listens, {slope.label.text}"
    return f"{delta.label.text} = {numbers} = {found.result.text}: {listens}."


def _gradient(ctx: Context, term: Term) -> str:
    if term.of is None:
        return f"And the gradients of {term.count} more."
    gradient = ctx.ref(Quantity(f"d{term.of.kind}", term.of.layer, term.of.index))
    said = worked(ctx, term)
    if abs(gradient.value - term.value) <= 1e-9 * abs(term.value):
        return f"{said.text} is the gradient {gradient.label.text}."
    whole = f"{gradient.label.text} = {gradient.shown(3).text}"
    many = f"the mean of {ctx.samples}" if ctx.samples > 1 else "with what adds to it"
    if ctx.layer(term.of.layer or 1).kind == "conv1d":
        return f"{said.text} here; of all places, {many}: {whole}."
    return f"{said.text} of this sample; {many}: {whole}."


def _update(ctx: Context, term: Term) -> str:
    if term.of is None:
        return f"And {term.count} more move."
    return _line(ctx, Quantity(f"{term.of.kind}_after", term.of.layer, term.of.index))


def _output(ctx: Context, opening: Opening, detail: Detail) -> str:
    kind = {"exp": "exp", "share": "y_hat"}.get(detail.move.kind, "exp_sum")
    if detail.move.unit is None and kind != "exp_sum":
        return (
            "The exponential of every logit."
            if kind == "exp"
            else "Each exponential divided by their sum: the probabilities."
        )
    return _line(ctx, Quantity(kind, None, () if detail.move.unit is None else (detail.move.unit,)))


def _cost(ctx: Context, opening: Opening, detail: Detail) -> str:
    """What an output adds to the loss."""
    j, said = detail.move.unit or 0, cost(ctx, detail.move.unit or 0)
    costs = softmax_lab.costs(ctx.frame, ctx.row).tolist()
    crossed = ctx.frame.architecture.loss.name == "softmax_cross_entropy"
    if crossed and costs[j] == 0.0 and ctx.frame.y[ctx.row, j] == 0.0:
        return f"{said.text}: {ctx.unit(ctx.depth, j)} is not the target, and costs nothing."
    done = "in all" if j + 1 == len(costs) else "so far"
    return f"{said.text} flies into L: {show(so_far(costs, j)).text} {done}."


def _total(ctx: Context, opening: Opening, detail: Detail) -> str:
    """What the outputs cost, added up."""
    costs = softmax_lab.costs(ctx.frame, ctx.row).tolist()
    counted = [number for number in costs if number != 0.0]
    if len(counted) < 2 or not all(map(isfinite, costs)):
        return _loss(ctx)
    total, parts = reconcile_sum(float(ctx.frame.losses[ctx.row]), counted)
    if len(parts) > MOST_COSTS:
        return _of_batch(ctx, f"L = {total.text}, the sum of what {len(parts)} outputs cost")
    return _of_batch(ctx, f"L = {' + '.join(part.text for part in parts)} = {total.text}")


def _loss(ctx: Context) -> str:
    """The loss of the row in one line, and of the batch where that is another."""
    return _of_batch(ctx, _line(ctx, Quantity("loss", None, (), ctx.row if _averaged(ctx) else None))[:-1])


def _of_batch(ctx: Context, said: str) -> str:
    """What is said of a row's loss, and what else there is to the loss that is made small."""
    whole = show(ctx.frame.loss).text
    if not _averaged(ctx):
        return f"{said}; with the penalty, {whole}." if ctx.frame.penalty else f"{said}."
    return f"{said}; the batch's mean{', with the penalty,' if ctx.frame.penalty else ''} is {whole}."


def _averaged(ctx: Context) -> bool:
    return ctx.samples > 1 or ctx.frame.divisor != 1.0


_OF_KIND = {
    "unit": _unit,
    "term": _term,
    "bend": _bend,
    "exp": _output,
    "sum": _output,
    "share": _output,
    "cost": _cost,
    "total": _total,
}


def _line(ctx: Context, q: Quantity) -> str:
    """A derivation in one line: symbols, numbers, result; of a long one without symbols or numbers."""
    found = derive(ctx.project, ctx.frame, q, ctx.row)
    short = *found.text_symbolic[:1], f"= {found.printed}"
    ways = (*found.text_symbolic[:1], *found.text_numeric), (found.label.text, *found.text_numeric), short
    return next((line for line in map(" ".join, ways) if len(line) < LONGEST), " ".join(short)) + "."


def _bends(ctx: Context, k: int) -> str:
    if ctx.activation(k) == "identity":
        return "and so"
    return f"{symbols.function(ctx.project, k).text} bends it to"


def _number(ctx: Context, kind: str, k: int, j: int) -> str:
    return ctx.at(kind, k, j).shown(3).text


def _place(detail: Detail) -> tuple[int, int]:
    return detail.move.layer or 1, detail.move.unit or 0


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:1].isascii() else text
