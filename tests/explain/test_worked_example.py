"""The text's 3-2-2 network: the numbers a student must get, and the text's slips, told where they are."""

from dataclasses import replace

import pytest
from tests.explain.networks import addresses, worked_example

from deltaglow.engine import Frame
from deltaglow.explain.derivation import derive
from deltaglow.model.build import trainer
from deltaglow.model.examples import load
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity, parse

PRINTED = {
    "z[1][0]": "−0.300",
    "z[1][1]": "0",
    "a[1][0]": "0.426",
    "a[1][1]": "0.500",
    "z[2][0]": "0.428",
    "z[2][1]": "0.157",
    "y_hat[0]": "0.567",
    "y_hat[1]": "0.433",
    "loss": "0.567",
    "delta[2][0]": "−0.433",
    "delta[2][1]": "0.433",
    "back[1][0]": "−0.173",
    "slope[1][0]": "0.244",
    "delta[1][0]": "−0.0423",
    "delta[1][1]": "−0.0216",
    "dW[1][0,0]": "−0.0423",
    "dW[1][0,1]": "−0.0847",
    "dW[1][0,2]": "0.0423",
    "dW[1][1,0]": "−0.0216",
    "dW[1][1,1]": "−0.0433",
    "dW[1][1,2]": "0.0216",
    "dW[2][0,0]": "−0.184",
    "dW[2][0,1]": "−0.216",
    "dW[2][1,0]": "0.184",
    "dW[2][1,1]": "0.216",
    "db[1][0]": "−0.0423",
    "db[2][1]": "0.433",
    "W_after[2][0,0]": "0.318",
    "W_after[1][0,0]": "0.204",
    "b_after[2][1]": "0.0567",
}


@pytest.mark.parametrize(("address", "printed"), PRINTED.items())
def test_the_numbers_of_the_text(address: str, printed: str) -> None:
    project, frame = worked_example()
    assert derive(project, frame, parse(address)).printed == printed


def test_the_error_of_the_first_hidden_unit_reads_like_a_textbook() -> None:
    project, frame = worked_example()
    derived = derive(project, frame, parse("delta[1][0]"))
    assert derived.title == "The error of hidden unit 1"
    assert derived.sentence == "what comes back, times how much the unit listens"
    assert " ".join(derived.text_symbolic) == "δ⁽¹⁾₁ = (w₇ δ⁽²⁾₁ + w₈ δ⁽²⁾₂)·σ′(z⁽¹⁾₁)"
    assert " ".join(derived.text_numeric) == "= (0.300·(−0.433) + (−0.100)·0.433)·0.244 = −0.0423"
    came, listens = derived.groups
    assert (came.heading, came.printed) == ("comes back", "−0.173")
    assert [(row.label_text, row.printed) for row in came.rows] == [
        ("w₇ δ⁽²⁾₁", "−0.130"),
        ("w₈ δ⁽²⁾₂", "−0.043"),
    ]
    assert (listens.heading, listens.printed) == ("the unit listens", "0.244")
    assert (
        " ".join(line.text for line in listens.formula) == "σ′(z) = a (1 − a) = 0.4256·(1 − 0.4256) = 0.244"
    )
    assert listens.note == "98 % of the most a sigmoid can pass (0.25)."
    assert [str(q) for q in derived.used_in] == ["dW[1][0,0]", "dW[1][0,1]", "dW[1][0,2]", "db[1][0]"]
    assert derived.precise == "−0.042325742"


def test_the_output_error_says_why_it_is_so_simple() -> None:
    project, frame = worked_example()
    derived = derive(project, frame, parse("delta[2][0]"))
    assert " ".join((*derived.text_symbolic, *derived.text_numeric)) == "δ⁽²⁾₁ = ŷ₁ − y₁ = 0.567 − 1 = −0.433"
    assert derived.why is not None
    assert "Jacobian" in derived.why


SLIPS = {
    "z[2][1]": "0.185",
    "a[2][1]": "0.185",
    "y_hat[0]": "0.561",
    "y_hat[1]": "0.439",
    "loss": "0.579",
    "delta[2][0]": "would make this −0.439; it is −0.433",
    "delta[2][1]": "would make this 0.439; it is 0.433",
    "back[2][0]": "would make this −0.439; it is −0.433",
    "back[2][1]": "would make this 0.439; it is 0.433",
    "db[2][0]": "would make this −0.439; it is −0.433",
    "db[2][1]": "would make this 0.439; it is 0.433",
    "db[1][0]": "would make this 0.0107; it is −0.0423",
    "db[1][1]": "would make this 0.0329; it is −0.0216",
    "dW[2][0,0]": "would make this −0.1870; it is −0.1842",
    "dW[2][1,1]": "would make this 0.2195; it is 0.2164",
    "dW[2][1,0]": "swaps",
    "dW[2][0,1]": "swaps",
    "delta[1][0]": "through w₉, in its part on input weights. The weight between the two is w₈",
    "back[1][0]": "through w₉, in its part on input weights. The weight between the two is w₈",
    "dW[1][0,0]": "through w₉, in its part on input weights. The weight between the two is w₈",
    "dW[1][0,1]": "through w₉, in its part on input weights. The weight between the two is w₈",
    "dW[1][0,2]": "through w₉, in its part on input weights. The weight between the two is w₈",
    "delta[1][1]": "through w₉ and w₁₀",
    "back[1][1]": "through w₉ and w₁₀",
    "dW[1][1,0]": "through w₉ and w₁₀",
    "dW[1][1,1]": "through w₉ and w₁₀",
    "dW[1][1,2]": "through w₉ and w₁₀",
    "W_after[1][0,0]": "would lead to 0.1989; the right one leads to 0.2042",
    "W_after[1][0,1]": "would lead to −0.3021; the right one leads to −0.2915",
    "W_after[1][0,2]": "would lead to 0.4011; the right one leads to 0.3958",
    "W_after[1][1,0]": "would lead to −0.5033; the right one leads to −0.4978",
    "W_after[1][1,1]": "would lead to 0.09342; the right one leads to 0.1043",
    "W_after[1][1,2]": "would lead to 0.2033; the right one leads to 0.1978",
    "W_after[2][0,0]": "would lead to 0.3187; the right one leads to 0.3184",
    "W_after[2][1,0]": "would lead to −0.07805; the right one leads to −0.1184",
    "W_after[2][0,1]": "would lead to 0.3813; the right one leads to 0.4216",
    "W_after[2][1,1]": "would lead to 0.1781; the right one leads to 0.1784",
    "b_after[1][0]": "would lead to 0.4989; the right one leads to 0.5042",
    "b_after[1][1]": "would lead to 0.4967; the right one leads to 0.5022",
    "b_after[2][0]": "would lead to 0.1439; the right one leads to 0.1433",
    "b_after[2][1]": "would lead to 0.05610; the right one leads to 0.05671",
    "loss_after": "would end at 0.531",
    "learning_rate": "names no η",
}
"""Worked out by hand from the printed example's own formulas and rounded numbers."""
IN_WORDS = {
    *("delta[1][0]", "back[1][0]", "dW[1][0,0]", "dW[1][0,1]", "dW[1][0,2]"),
    *("delta[1][1]", "back[1][1]", "dW[1][1,0]", "dW[1][1,1]", "dW[1][1,2]"),
    *("dW[2][1,0]", "dW[2][0,1]", "W_after[2][1,0]", "W_after[2][0,1]", "learning_rate"),
}
"""Slips in indices, and the guide's band of learning rates, whatever the numbers are."""


def _mentions_a_source(note: str | None) -> bool:
    return note is not None and ("The printed example" in note or "A common guide" in note)


def _everywhere(frame: Frame) -> list[Quantity]:
    return [*addresses(frame), parse("loss_after")]


def test_slips_are_told_exactly_where_they_are() -> None:
    project, frame = worked_example()
    for q in _everywhere(frame):
        note = derive(project, frame, q).note
        assert _mentions_a_source(note) == (str(q) in SLIPS), (str(q), note)
        if str(q) in SLIPS:
            assert SLIPS[str(q)] in (note or "")


def _renamed(project: Project) -> Project:
    first, second = project.network.layers
    layers = (first, replace(second, names_W=(("w7", "w8"), ("w9", "w10"))))
    return replace(project, network=replace(project.network, layers=layers))


def test_another_numbering_of_the_weights_has_no_slip() -> None:
    project, frame = worked_example()
    renamed = _renamed(project)
    noted = [str(q) for q in _everywhere(frame) if _mentions_a_source(derive(renamed, frame, q).note)]
    assert noted == ["learning_rate"]


def test_slips_in_numbers_are_not_told_once_the_numbers_have_moved_on() -> None:
    project, _ = worked_example()
    running = trainer(project)
    running.step()
    frame = running.preview()
    noted = {str(q) for q in _everywhere(frame) if _mentions_a_source(derive(project, frame, q).note)}
    assert noted == IN_WORDS
    assert "left by the update of step 0" in derive(project, frame, parse("W[1][0,0]")).sentence


@pytest.mark.parametrize(
    ("init", "words"), [("he_normal", "He et al."), ("xavier_uniform", "Glorot"), ("zeros", "")]
)
def test_initialisation_rules_carry_the_guides_slip(init: str, words: str) -> None:
    project, _ = worked_example()
    layers = tuple(replace(layer, W=None, names_W=None, init=init) for layer in project.network.layers)
    drawn = replace(project, network=replace(project.network, layers=layers))
    note = derive(drawn, trainer(drawn).preview(), parse("W[1][0,0]")).note
    assert (note is not None and words in note) if words else note is None


def test_batch_normalisation_carries_the_guides_omission() -> None:
    project = load("batch-norm")
    k = next(k for k, layer in enumerate(project.network.layers, start=1) if layer.type == "batch_norm")
    note = derive(project, trainer(project).preview(), Quantity("x_hat", k, (0,))).note
    assert note is not None and "γ x̂ + β" in note
