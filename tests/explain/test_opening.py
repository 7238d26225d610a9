"""Phases opened into units and terms: what is under way at a position, and when each number is known."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.explain.networks import make

from deltaglow.engine import Frame, LossSpec
from deltaglow.explain import softmax_lab, terms
from deltaglow.explain.captions import LONGEST, Caption, caption
from deltaglow.explain.context import Context
from deltaglow.explain.opening import DEPTHS, MOST_EDGES, Opening
from deltaglow.explain.phases import Phases
from deltaglow.explain.worked import cost, so_far, worked
from deltaglow.model import build, examples
from deltaglow.model.project import InlineData, Project
from deltaglow.model.quantity import Quantity, value

EXAMPLES = ("worked-example", "spirals", "residual", "convolution", "gates", "regression", "digits")


@cache
def shown(name: str) -> tuple[Project, Frame]:
    project = examples.load(name)
    return project, build.trainer(project).preview()


def opened(name: str, depth: str, focus: tuple[int, int] | None = None, row: int = 0) -> Opening:
    project, frame = shown(name)
    return Opening(frame, Phases(len(frame.layers), project.network.loss), row, depth, focus)


def stops(opening: Opening) -> list[float]:
    position, found = 0.0, []
    while position < opening.phases.end:
        position = opening.next_stop(position)
        found.append(position)
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_terms_add_up_to_what_they_are_the_terms_of(name: str) -> None:
    _, frame = shown(name)
    row = frame.samples - 1
    for k, trace in enumerate(frame.layers, start=1):
        for j in range(trace.shape.units):
            forward = terms.forward(frame, row, k, j)
            assert math.fsum(t.value for t in forward) == pytest.approx(trace.z[row, j], rel=1e-9, abs=1e-12)
            assert len(forward) == terms.count(frame, "forward", k, j)
            assert len(terms.gradients(frame, row, k, j)) == terms.count(frame, "gradients", k, j)
            if k < len(frame.layers):
                back = terms.backward(frame, row, k, j)
                came = math.fsum(t.value for t in back)
                assert came == pytest.approx(trace.back[row, j], rel=1e-9, abs=1e-12)
                assert len(back) == terms.count(frame, "delta", k, j)


def test_a_batch_of_one_has_gradients_that_are_its_terms() -> None:
    _, frame = make((4, 5, 3), ("tanh", "identity"), 1, seed=3, drop=0.3)
    for k, trace in enumerate(frame.layers, start=1):
        for j in range(trace.shape.units):
            for term in terms.gradients(frame, 0, k, j):
                assert term.of is not None
                gradient = Quantity(f"d{term.of.kind}", k, term.of.index)
                assert term.value == pytest.approx(value(gradient, frame), rel=1e-12, abs=1e-15)
            for term in terms.updates(frame, 0, k, j):
                assert term.of is not None
                after = value(Quantity(f"{term.of.kind}_after", k, term.of.index), frame)
                assert term.value == after - value(term.of, frame)


def test_a_long_sum_shows_its_largest_terms_and_the_rest_together() -> None:
    _, frame = make((60, 2, 2), ("tanh", "identity"), 1, seed=0)
    found = terms.forward(frame, 0, 1, 0)
    assert len(found) == terms.MOST_TERMS + 1
    rest = next(term for term in found if term.count > 1)
    assert rest.count + terms.MOST_TERMS - 1 == 60 == len({line for t in found for line in t.lines})
    smallest = min(abs(t.value) for t in found if t.count == 1 and t.lines)
    said = frame.layers[0].W[0] * frame.x[0]
    assert all(abs(said[i]) <= smallest for _, _, i in rest.lines)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("depth", DEPTHS)
def test_stops_lead_through_the_step_and_back_and_each_is_the_end_of_its_move(name: str, depth: str) -> None:
    opening = opened(name, depth, focus=(1, 0))
    there = stops(opening)
    assert there == sorted(set(there)) and there[-1] == opening.phases.end
    position, back = opening.phases.end, []
    while position > 0.0:
        position = opening.previous_stop(position)
        back.append(position)
    assert back[::-1] == pytest.approx([0.0, *there[:-1]])
    for position in there:
        detail = opening.at(position)
        assert detail is None or detail.alpha == pytest.approx(1.0)
    whole = {i + 1.0 for i in range(len(opening.phases))}
    assert whole <= set(there)


def test_the_deeper_the_more_stops_and_the_longer() -> None:
    layer, unit, term = (opened("spirals", depth) for depth in DEPTHS)
    assert len(stops(layer)) < len(stops(unit)) < len(stops(term))
    assert layer.length(1) < unit.length(1) < term.length(1)


@pytest.mark.parametrize("name", ["worked-example", "residual", "gates"])
@pytest.mark.parametrize("depth", ["unit", "term"])
def test_numbers_become_known_one_unit_after_the_other(name: str, depth: str) -> None:
    opening = opened(name, depth)
    phases = opening.phases
    for k, trace in enumerate(opening.frame.layers, start=1):
        z, a, delta = (
            [opening.known_from(Quantity(kind, k, (j,))) for j in range(trace.shape.units)]
            for kind in ("z", "a", "delta")
        )
        assert z == sorted(set(z)) and a == sorted(set(a)) and delta == sorted(set(delta))
        assert all(before < after for before, after in zip(z, a, strict=True))
        begin, end = phases.position(f"forward:{k}@0"), phases.position(f"forward:{k}")
        assert begin < z[0] and a[-1] <= end
        for j in range(trace.shape.units):
            for i in range(trace.W.shape[1]):
                if trace.mask is None or trace.mask[j, i]:
                    known = opening.known_from(Quantity("dW", k, (j, i)))
                    assert phases.position("gradients@0") < known <= phases.position("gradients")
                    after = opening.known_from(Quantity("W_after", k, (j, i)))
                    assert phases.position("update@0") < after <= phases.end


@pytest.mark.parametrize("depth", DEPTHS)
def test_what_one_sample_asks_is_known_with_the_gradient(depth: str) -> None:
    _, frame = make((2, 3, 2), ("tanh", "identity"), 4, seed=1)
    opening = Opening(frame, Phases(2, LossSpec()), 0, depth)
    for part, index in (("W", (1, 0)), ("b", (1,))):
        alone, whole = (Quantity(f"d{part}{end}", 1, index) for end in ("_sample", ""))
        assert opening.known_from(alone) == opening.known_from(whole)


def test_at_layer_depth_all_is_as_the_phases_say() -> None:
    opening = opened("spirals", "layer")
    for address in ("z[1][0]", "a[2][7]", "delta[1][3]"):
        kind, k, j = address.split("[")[0], int(address[-5]), int(address[-2])
        q = Quantity(kind, k, (j,))
        assert opening.known_from(q) == opening.phases.known_from(q)
    assert opening.at(1.5) is None and opening.length(1) == 1.0


def test_what_is_too_large_opens_for_the_unit_in_focus_alone() -> None:
    _, frame = shown("digits")
    widths = frame.architecture.widths
    assert widths[0] * widths[1] > MOST_EDGES
    alone = opened("digits", "term", focus=(1, 5))
    moves = alone.moves(0)
    assert moves[0].kind == "all" and {(m.layer, m.unit) for m in moves[1:]} == {(1, 5)}
    assert opened("digits", "term", focus=(2, 0)).moves(0) == ()
    assert "select a unit" in words(alone, "forward:1@0.01", None)[1]
    assert alone.known_from(Quantity("a", 1, (30,))) < 0.2


def words(opening: Opening, place: str, focus: tuple[int, int] | None = (1, 0)) -> Caption:
    name = next(n for n in EXAMPLES if shown(n)[1] is opening.frame)
    if focus is None:
        opening = opened(name, opening.depth)
    return caption(shown(name)[0], opening, opening.phases.position(place))


def test_the_caption_says_the_very_term_under_way() -> None:
    opening = opened("worked-example", "term")
    title, sentence = words(opening, "delta:1@0.1")
    assert title == "δ hidden, layer 1 · unit 1 · term 1 of 2"
    assert sentence == "w₇ δ⁽²⁾₁ = 0.300·(−0.433) = −0.130 flies back to hidden unit 1: −0.130 so far."
    assert words(opening, "delta:1@0.3")[1].endswith("flies back to hidden unit 1: −0.173 in all.")
    assert "δ⁽¹⁾₁ = −0.1731·0.2445 = −0.0423" in words(opening, "delta:1@0.5")[1]
    assert words(opening, "forward:1@0.4")[1] == "b⁽¹⁾₁ = 0.500 is the bias of hidden unit 1: −0.300 in all."
    assert words(opening, "update@0.01")[1] == "w₁⁺ = w₁ − η ∂L/∂w₁ = 0.200 − 0.1·(−0.0423) = 0.204."


@pytest.mark.parametrize("name", ["spirals", "residual", "convolution", "gates"])
def test_every_stop_of_every_depth_has_words_and_printed_products_multiply_out(name: str) -> None:
    project, frame = shown(name)
    for depth in DEPTHS:
        opening = opened(name, depth)
        said = [caption(project, opening, position) for position in stops(opening)]
        assert all(title and sentence for title, sentence in said)
        if depth == "term":
            assert len({title + sentence for title, sentence in said}) > 0.9 * len(said)
    ctx = Context(project, frame, 0, None)
    for k in range(1, len(frame.layers)):
        for term in terms.backward(frame, 0, k, 0):
            printed = worked(ctx, term)
            factors = [part.strip("()") for part in printed.numbers.split("·")] if printed.numbers else []
            if len(factors) == 2:
                product = np.prod([float(part.replace("−", "-")) for part in factors])
                result = float(printed.result.replace("−", "-"))
                last = 10.0 ** -(len(printed.result.partition(".")[2])) if "e" not in printed.result else 1e-3
                assert abs(product - result) <= 0.51 * last


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("depth", ["unit", "term"])
def test_the_loss_opens_into_what_each_output_costs(name: str, depth: str) -> None:
    opening = opened(name, depth)
    _, frame = shown(name)
    outputs = frame.y.shape[1]
    index = opening.phases.items.index(next(p for p in opening.phases.items if p.kind == "loss"))
    kinds = [(move.kind, move.unit) for move in opening.moves(index)]
    assert kinds == [*(("cost", j) for j in range(outputs)), ("total", None)]
    costs = softmax_lab.costs(frame, 0).tolist()
    assert so_far(costs, outputs - 1) == pytest.approx(frame.losses[0], rel=1e-12)
    slopes = [opening.known_from(Quantity("dL_dy_hat", None, (j,))) for j in range(outputs)]
    whole = opening.known_from(Quantity("loss"))
    assert index < slopes[0] and slopes == sorted(set(slopes)) and slopes[-1] < whole <= index + 1
    assert opening.whole_known_from("loss") <= whole


def test_the_caption_says_what_each_output_costs() -> None:
    opening = opened("worked-example", "unit")
    title, sentence = words(opening, "loss@0.2")
    assert title == "Loss · output 1"
    assert sentence == "−y₁ ln ŷ₁ = −1·ln(0.567) = 0.567 flies into L: 0.567 so far."
    assert words(opening, "loss@0.5")[1].endswith("output 2 is not the target, and costs nothing.")
    assert words(opening, "loss@0.9") == ("Loss", "L = −Σⱼ yⱼ ln ŷⱼ = −y₁ ln ŷ₁ = −1·ln(0.567) = 0.567.")
    assert words(opened("spirals", "unit"), "loss")[1].endswith("; the batch's mean is 1.10.")


def test_costs_beyond_the_smallest_probability_are_told() -> None:
    project = examples.load("worked-example")
    layers = project.network.layers
    sure = replace(layers[-1], W=np.zeros((2, 2)), b=np.array([800.0, 0.0]))
    project = replace(project, network=replace(project.network, layers=(*layers[:-1], sure)))
    for target in ((1.0, 0.0), (0.0, 1.0)):
        data = InlineData(np.array([[1.0, 2.0, -1.0]]), np.array([target]))
        wanted = replace(project, data=data)
        frame = build.trainer(wanted).preview()
        opening = Opening(frame, Phases(2), 0, "term")
        said = [caption(wanted, opening, opening.phases.position(f"loss@{at}"))[1] for at in (0.2, 0.5, 0.9)]
        assert all(said)
        assert ("800" in said[1]) == (target[1] == 1.0)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_printed_of_a_cost_works_out(name: str) -> None:
    project, frame = shown(name)
    for row in range(min(frame.samples, 4)):
        ctx = Context(project, frame, row, None)
        for j, number in enumerate(softmax_lab.costs(frame, row).tolist()):
            printed = cost(ctx, j)
            result = float(printed.result.replace("−", "-"))
            assert result == pytest.approx(number, rel=6e-3, abs=1e-12)
            sum_of = printed.numbers.replace("−", "-").replace("·", "*").replace("²", "**2")
            if number and "e" not in sum_of:
                found = eval(sum_of, {"ln": math.log})  # noqa: S307 - digits, signs and ln, written above
                assert abs(found - result) <= 0.51 * 10.0 ** -len(printed.result.partition(".")[2])


@pytest.mark.parametrize("name", ["residual", "convolution", "dropout", "why-not-squared-error", "gates"])
@pytest.mark.parametrize("depth", DEPTHS)
def test_captions_say_what_a_layer_of_their_kind_does_and_find_room(name: str, depth: str) -> None:
    project, frame = shown(name)
    opening = opened(name, depth)
    said = {}
    for position in stops(opening):
        phase = opening.phases.at(position).phase
        assert phase is not None
        sentence = caption(project, opening, position)[1]
        assert len(sentence) <= LONGEST + 8, sentence
        said.setdefault(phase.address, sentence)
    for k, trace in enumerate(frame.layers, start=1):
        forward, back = said[f"forward:{k}"], said.get(f"delta:{k - 1}", "")
        assert ("ropout" in forward) == (trace.kind == "dropout")
        assert ("normalised" in forward or "x̂" in forward) == (trace.kind == "batch_norm")
        assert ("μ and σ" in back) == (trace.kind == "batch_norm")
