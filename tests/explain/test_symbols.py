"""Symbols in LaTeX, text and words."""

import pytest
from tests.explain.networks import make, worked_example

from deltaglow.explain.symbols import latex, spoken, text
from deltaglow.model.quantity import parse


@pytest.mark.parametrize(
    ("address", "in_text", "in_latex", "in_words"),
    [
        ("delta[1][0]", "δ⁽¹⁾₁", r"\delta^{(1)}_{1}", "error delta of layer 1, unit 1"),
        ("W[2][1,0]", "w₈", "w_{8}", "weight w8 from unit 1 of layer 1 to unit 2 of layer 2"),
        ("dW[2][1,1]", "∂L/∂w₁₀", r"\frac{\partial L}{\partial w_{10}}", "gradient of the weight w10 from"),
        (
            "W_after[1][0,0]",
            "w₁⁺",
            "w_{1}^{+}",
            "weight w1 from input 1 to unit 1 of layer 1, after the step",
        ),
        ("b[1][1]", "b⁽¹⁾₂", "b^{(1)}_{2}", "bias of layer 1, unit 2"),
        ("b_after[1][1]", "b⁽¹⁾₂⁺", "b^{(1)+}_{2}", "bias of layer 1, unit 2 after the step"),
        (
            "back[1][0]",
            "∂L/∂a⁽¹⁾₁",
            r"\frac{\partial L}{\partial a^{(1)}_{1}}",
            "error that comes back to layer 1",
        ),
        ("slope[1][0]", "σ′(z⁽¹⁾₁)", r"\sigma'(z^{(1)}_{1})", "slope of the activation function of layer 1"),
        ("y_hat[0]", "ŷ₁", r"\hat{y}_{1}", "softmax output 1"),
        ("loss", "L", "L", "loss"),
        ("learning_rate", "η", r"\eta", "learning rate eta"),
    ],
)
def test_symbols_of_the_worked_example(address: str, in_text: str, in_latex: str, in_words: str) -> None:
    project, _ = worked_example()
    q = parse(address)
    assert (text(project, q), latex(project, q)) == (in_text, in_latex)
    assert spoken(project, q).startswith(in_words)


@pytest.mark.parametrize(
    ("address", "in_text", "in_latex"),
    [
        ("W[2][0,2]", "w⁽²⁾₁₃", "w^{(2)}_{13}"),
        ("W[1][11,2]", "w⁽¹⁾₁₂,₃", "w^{(1)}_{12,3}"),
        ("dW[1][11,9]", "∂L/∂w⁽¹⁾₁₂,₁₀", r"\frac{\partial L}{\partial w^{(1)}_{12,10}}"),
        ("delta[1][4]@2", "δ⁽¹⁾⟨3⟩₅", r"\delta^{(1)\langle 3\rangle}_{5}"),
        ("loss@1", "L⟨2⟩", r"L^{\langle 2\rangle}"),
    ],
)
def test_symbols_of_a_network_without_names(address: str, in_text: str, in_latex: str) -> None:
    project, _ = make((10, 12, 3), ("relu", "identity"), batch=4, seed=0)
    q = parse(address)
    assert (text(project, q), latex(project, q)) == (in_text, in_latex)


def test_a_row_of_the_batch_is_spoken() -> None:
    project, _ = make((2, 2), ("identity",), batch=4, seed=0)
    assert spoken(project, parse("z[1][0]@2")) == "pre-activation z of layer 1, unit 1, sample 3 of the batch"
