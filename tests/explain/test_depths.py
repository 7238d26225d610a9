"""Three depths of the same number: plain words, the formula, and the chain rule from the loss."""

from __future__ import annotations

import math
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from tests.explain.arithmetic import number
from tests.explain.networks import addresses, make, worked_example
from tests.explain.test_derivation import assert_reconciles

from deltaglow.engine import LossSpec
from deltaglow.explain.depths.graph import MOST_WORK, Graph, Node
from deltaglow.explain.depths.reading import CHAIN, NUMBERS, WORDS, derive_at
from deltaglow.explain.depths.words import TELLERS
from deltaglow.model.quantity import KINDS, Quantity, parse, value


def test_there_are_words_for_every_kind() -> None:
    assert set(TELLERS) == set(KINDS)


TOLD = {
    "delta[2][0]": """
        Output 1 was given 57 % where 100 % is right, 43 points short, so its error is −0.433, and the step
        will raise its sum""",
    "delta[1][0]": """
        Raising the sum of hidden unit 1 a little lowers the loss by 0.0423 times as much, because −0.173
        comes back to it, above all −0.130 from output 1, and it lets 24 % of that through""",
    "dW[1][0,0]": """
        Raising the weight w₁ a little lowers the loss by 0.0423 times as much, because it carried 1, what
        input 1 said, to hidden unit 1, whose error is −0.0423; the step moves it up, from 0.2 to 0.204""",
    "z[1][1]": """
        Hidden unit 2 adds up what arrives and gets 0: what pushes it up and what pulls it down cancel""",
    "loss": """
        The right answer was given 57 %, so the loss is 0.567, where 0 would be certain of it and 0.693
        would be having no idea""",
}


@pytest.mark.parametrize("address", TOLD)
def test_words(address: str) -> None:
    project, frame = worked_example()
    assert derive_at(WORDS, project, frame, parse(address)).sentence == " ".join(TOLD[address].split())


def test_words_do_not_tell_what_is_not_computed_yet() -> None:
    project, frame = worked_example()

    def known(q: Quantity) -> bool:
        return q.kind in ("W", "b", "x", "y", "z")

    told = derive_at(WORDS, project, frame, parse("W[1][0,0]"), known=known).sentence
    assert told.endswith("pushes the sum of hidden unit 1 up by 0.2") and "gradient" not in told
    told = derive_at(WORDS, project, frame, parse("W[2][0,0]"), known=known).sentence
    assert told.endswith("makes of what hidden unit 1 says")
    assert "57 %" not in derive_at(WORDS, project, frame, parse("y[0]"), known=known).sentence


def test_the_chain_of_the_first_weight_is_written_out() -> None:
    project, frame = worked_example()
    derived = derive_at(CHAIN, project, frame, parse("W[1][0,0]"))
    assert derived.quantity == parse("dW[1][0,0]") and derived.title == "From the loss to w₁"
    symbolic = " ".join(derived.text_symbolic)
    assert symbolic.startswith("∂L/∂w₁ = ∂L/∂ŷ₁·∂ŷ₁/∂z⁽²⁾₁·∂z⁽²⁾₁/∂a⁽¹⁾₁·∂a⁽¹⁾₁/∂z⁽¹⁾₁·∂z⁽¹⁾₁/∂w₁ + ∂L/∂ŷ₁·")
    assert "= (−y₁ / ŷ₁)·ŷ₁ (1 − ŷ₁)·w₇·σ′(z⁽¹⁾₁)·x₁ + (−y₁ / ŷ₁)·(−ŷ₁ ŷ₂)·w₈·σ′(z⁽¹⁾₁)·x₁" in symbolic
    assert symbolic.endswith("= (ŷ₁ − y₁)·w₇·σ′(z⁽¹⁾₁)·x₁ + (ŷ₂ − y₂)·w₈·σ′(z⁽¹⁾₁)·x₁")
    assert derived.sentence.endswith("2 paths lead from the loss to w₁, by way of ŷ₁, the only output that "
                                     "the loss looks at here")  # fmt: skip
    assert derived.why is not None and "cancels" in derived.why
    first, second, both = derived.groups[:3]
    assert (first.printed, second.printed, both.printed) == ("−0.0317", "−0.0106", "−0.0423")
    assert first.note == "L → ŷ₁ → z⁽²⁾₁ → a⁽¹⁾₁ → z⁽¹⁾₁ → w₁"
    assert [str(row.quantity) for row in first.rows] == [
        "dL_dy_hat[0]", "jacobian[0,0]", "W[2][0,0]", "slope[1][0]", "x[0]",
    ]  # fmt: skip
    assert derived.note is not None and "w₈" in derived.note and "σ′(z⁽¹⁾₁) = 0.244" in derived.note


_FUSED = " = −1.763·(−0.2455) = 0.4329 − 0 = 0.433"


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ("back[2][1]", "∂L/∂a⁽²⁾₂ = ∂L/∂ŷ₁·∂ŷ₁/∂z⁽²⁾₂ = (−y₁ / ŷ₁)·(−ŷ₁ ŷ₂) = ŷ₂ − y₂" + _FUSED),
        ("delta[2][1]", "δ⁽²⁾₂ = ∂L/∂ŷ₁·∂ŷ₁/∂z⁽²⁾₂ = (−y₁ / ŷ₁)·(−ŷ₁ ŷ₂) = ŷ₂ − y₂" + _FUSED),
        ("y_hat[0]", "∂L/∂ŷ₁ = −y₁ / ŷ₁ = −1 / 0.567 = −1.76"),
        ("dL_dy_hat[0]", "∂L/∂ŷ₁ = −y₁ / ŷ₁ = −1 / 0.567 = −1.76"),
    ],
)
def test_chains_of_the_outputs_end_in_what_they_are_made_of(address: str, lines: str) -> None:
    project, frame = worked_example()
    derived = derive_at(CHAIN, project, frame, parse(address))
    assert " ".join((*derived.text_symbolic, *derived.text_numeric)) == lines


def test_a_chain_of_which_every_path_is_worth_nothing_says_so() -> None:
    project, frame = make((2, 1), ("identity",), batch=1, seed=1, loss=LossSpec("softmax_squared_error"))
    derived = derive_at(CHAIN, project, frame, parse("dW[1][0,0]"))
    assert "every path has a factor of 0" in derived.sentence


def test_all_paths_of_a_network_are_its_gradients() -> None:
    _, frame = make((3, 4, 3, 3), ("tanh", "relu", "identity"), batch=3, seed=5)
    graph = Graph(frame, range(3), 200)
    for k, layer in enumerate(frame.layers, start=1):
        for (row, j), error in np.ndenumerate(layer.delta):
            node = Node(("z", k), j, row)
            paths = [graph.path(node, n) for n in range(int(graph.ways(node)))]
            assert math.fsum(path.value for path in paths) == pytest.approx(error, rel=1e-9, abs=1e-15)
            products = [math.prod(step.value for step in path.steps) for path in paths]
            assert products == pytest.approx([path.value for path in paths], rel=1e-12)
            assert all(abs(a) >= abs(b) for a, b in pairwise(products))


@pytest.mark.parametrize("address", ["dW[1][3,7]", "delta[1][0]", "db[2][5]", "x[3]"])
def test_the_paths_of_a_large_network_are_listed_and_summed(address: str) -> None:
    project, frame = make((24, 16, 12, 5), ("tanh", "sigmoid", "identity"), batch=4, seed=2, scale=0.4)
    derived = derive_at(CHAIN, project, frame, parse(address))
    assert_reconciles(derived)
    together = next(group for group in derived.groups if group.adds_up)
    *largest, rest = together.rows
    assert len(largest) == 5 and rest.label_text.endswith(" more")
    assert sum(row.value for row in together.rows) == pytest.approx(together.value)
    assert "∂L/∂ŷ·∂ŷ/∂z⁽³⁾·" in " ".join(derived.text_symbolic) or frame.samples > 1


def test_too_many_paths_to_search_are_taken_layer_by_layer() -> None:
    project, frame = make((8, 300, 300, 5), ("tanh", "tanh", "identity"), batch=12, seed=2, scale=0.1)
    derived = derive_at(CHAIN, project, frame, parse("dW[1][3,7]"))
    assert "layer by layer" in derived.sentence
    assert derived.text_symbolic == derive_at(NUMBERS, project, frame, parse("dW[1][3,7]")).text_symbolic
    assert_reconciles(derived)
    assert [group.heading for group in derived.groups][-3:] == [
        "errors of the output layer", "errors of layer 2", "errors of layer 1",
    ]  # fmt: skip


def test_slopes_too_many_to_search_are_not_even_made() -> None:
    _, frame = make((4, 300), ("identity",), batch=200, seed=2)
    graph = Graph(frame, range(200), 5)
    tracemalloc.start()
    try:
        assert graph.work(("z", 1)) > MOST_WORK
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 8 * 200 * 300 * 300 / 10  # bytes of a Jacobian for each sample


@pytest.mark.parametrize("scale", [1e-12, 30.0, 300.0])
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "sigmoid_cross_entropy", "softmax_squared_error"])
def test_chains_of_extreme_numbers_hold(loss: str, scale: float) -> None:
    project, frame = make((2, 3, 2), ("tanh", "identity"), batch=1, seed=3, scale=scale, loss=LossSpec(loss))
    for q in addresses(frame):
        derived = derive_at(CHAIN, project, frame, q)
        if derived.text_numeric and derived.groups:
            assert_reconciles(derived, nothing=1e-9)
        if derived.addressed:
            assert derived.value == value(derived.quantity, frame)
            assert math.isfinite(number(derived.printed))


def test_the_loss_and_what_is_given_have_no_chain() -> None:
    project, frame = worked_example()
    for address, words in (("loss", "∂L/∂L = 1"), ("y[0]", "given"), ("learning_rate", "does not depend")):
        derived = derive_at(CHAIN, project, frame, parse(address))
        assert words in derived.sentence and not derived.groups


def test_the_best_and_the_idle_loss_are_those_of_smoothed_and_weighed_targets() -> None:
    loss = LossSpec("softmax_cross_entropy", 0.1, (2.0, 1.0, 1.0))
    project, frame = make((2, 3), ("identity",), batch=1, seed=1, loss=loss)
    weighed = [c * (0.9 * y + 0.1 / 3) for c, y in zip((2.0, 1.0, 1.0), frame.y[0], strict=True)]
    least = -sum(each * math.log(each / sum(weighed)) for each in weighed)
    told = derive_at(WORDS, project, frame, parse("loss")).sentence
    assert f"{least:.3f} is the least that smoothing leaves" in told
    assert f"{sum(weighed) * math.log(3):.3g} would be having no idea" in told
    assert "not even certainty" in derive_at(NUMBERS, project, frame, parse("loss")).sentence
