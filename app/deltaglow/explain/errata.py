"""Where printed texts differ from what is right, told where the number in question is explained.

The worked example comes from a printed text with a slip in its arithmetic and two in its indices, and what
follows from them; a
well-known guide prints rules of initialisation, a normalisation and a learning-rate band that deserve a
remark. A project is known to follow the text by the names it gives its weights; slips in numbers are told
only while the numbers are still the text's.
"""

import math

from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity

TEXT_NAMES = (
    (("w1", "w2", "w3"), ("w4", "w5", "w6")),
    (("w7", "w9"), ("w8", "w10")),
)
"""The text's weights by layer, row and column: in its forward pass w8 leads from unit 1 to output 2."""

_SECOND_LOGIT = 0.157444251681
_Y_HAT = (0.56714764867, 0.43285235133)
_LOSS = 0.567135605855
_SAME = 1e-9
_CARRIED_TO = {
    ("delta", (0,)): (-0.43285235133, "−0.439", "−0.433"),
    ("delta", (1,)): (0.43285235133, "0.439", "0.433"),
    ("dW", (0, 0)): (-0.184203557224, "−0.187", "−0.184"),
    ("dW", (1, 1)): (0.216426175665, "0.2195", "0.216"),
}
"""What the text's ŷ leads to in the layer of the outputs: how much it is, as the text's, as it should be."""
_W7_AFTER = 0.318420355722

_LOGIT = (
    "The text prints 0.185 here. Its own numbers give −0.1·0.426 + 0.2·0.5 + 0.1 = 0.157. With 0.157 the "
    "softmax is (0.567, 0.433) and the loss 0.567, where the text goes on to (0.561, 0.439) and 0.579."
)
_SOFTMAX = (
    "The text prints {printed} here, because it carries on from a second logit of 0.185. That logit is "
    "−0.1·0.426 + 0.2·0.5 + 0.1 = 0.157, and with it this is {right}."
)
_SWAPPED = (
    "The text swaps the gradients of w₈ and w₉. In its own forward pass w₈ leads from a₁ to the second "
    "output and w₉ from a₂ to the first, so ∂L/∂w₈ = (ŷ₂ − y₂) a₁ and ∂L/∂w₉ = (ŷ₁ − y₁) a₂; it prints (ŷ₁ − "
    "y₁) a₂ for w₈ and (ŷ₂ − y₂) a₁ for w₉."
)
_CARRIED = (
    "The text's formula is this one. Its ŷ of (0.561, 0.439) would make it {printed}; with a second logit of "
    "0.157 in place of its 0.185 ŷ is (0.567, 0.433), and this is {right}."
)
_NO_STEP = (
    "The text stops at the rule: it names no η and prints no new weight. η = 0.1 is this example's choice. "
    "The text's ŷ₁ of 0.561 would lead to 0.319; with its second logit put right it is 0.318."
)
_LIKEWISE = (
    "The text says “similarly”. Its pattern would bring in w₈ and w₁₀ here; in its own forward pass hidden "
    "unit 2 leads out through w₉ and w₁₀."
)
_WRONG_WEIGHT = (
    "The text brings the second output's error back through w₉. The weight between hidden unit 1 and output "
    "2 is w₈: what comes back is (ŷ₁ − y₁) w₇ + (ŷ₂ − y₂) w₈. An error returns along the very weights the "
    "signal came by."
)
_BAND = (
    "A common guide says of η ≥ 0.1: divergence likely, avoid. Take it as advice: on small, well-scaled "
    "networks 0.1 to 1 is often the fastest, on others far less already diverges. What the loss does here is "
    "the evidence."
)
_XAVIER = (
    "A common guide calls 1/√n Xavier's rule. That is LeCun's, from the inputs alone; Glorot and Bengio "
    "(2010) use a variance of 2/(n_in + n_out)."
)
_NORMALISED = (
    "A common guide ends batch normalisation here, and writes ŷ for this number. Ioffe and Szegedy (2015) "
    "then scale and shift it, γ x̂ + β, so that the layer can undo what the normalisation takes away."
)
_HE = "A common guide prints He's rule as 2/√n. He et al. (2015) use a standard deviation of √(2/n_in)."


def follows_text(project: Project) -> bool:
    """Whether the project is the text's 3-2-2 network, by the names of its weights."""
    return tuple(layer.names_W for layer in project.network.layers) == TEXT_NAMES


def erratum(project: Project, q: Quantity, value: float) -> str | None:
    """What to say of a printed slip where this quantity, which is worth `value`, is explained; or None."""
    if q.kind == "learning_rate":
        return _BAND if value >= 0.1 else None
    if q.kind == "x_hat":
        return _NORMALISED
    if q.kind == "W":
        return _initialisation(project, q)
    if not follows_text(project):
        return None
    return _index_slip(q) or _number_slip(q, value)


def _initialisation(project: Project, q: Quantity) -> str | None:
    layer = project.network.layers[(q.layer or 1) - 1]
    if layer.W is not None or layer.type in ("batch_norm", "dropout"):
        return None
    return _XAVIER if layer.init.startswith("xavier") else _HE if layer.init.startswith("he_") else None


def _index_slip(q: Quantity) -> str | None:
    if q.kind in ("dW", "W_after") and q.layer == 2 and q.index in ((1, 0), (0, 1)):
        return _SWAPPED
    if q.layer == 1 and q.index[0] == 0 and q.kind in ("dW", "delta", "back"):
        return _WRONG_WEIGHT
    if q.layer == 1 and q.index[0] == 1 and q.kind in ("dW", "delta", "back"):
        return _LIKEWISE
    return None


def _number_slip(q: Quantity, value: float) -> str | None:
    if q.kind in ("z", "a") and q.layer == 2 and q.index == (1,) and _is(value, _SECOND_LOGIT):
        return _LOGIT
    if q.kind == "y_hat" and _is(value, _Y_HAT[q.index[0]]):
        printed, right = (("0.561", "0.567"), ("0.439", "0.433"))[q.index[0]]
        return _SOFTMAX.format(printed=printed, right=right)
    if q.kind == "loss" and _is(value, _LOSS):
        return _SOFTMAX.format(printed="0.579", right="0.567")
    if q.layer != 2:
        return None
    expected, printed, right = _CARRIED_TO.get((q.kind, q.index), (math.nan, "", ""))
    if _is(value, expected):
        return _CARRIED.format(printed=printed, right=right)
    return _NO_STEP if q.kind == "W_after" and q.index == (0, 0) and _is(value, _W7_AFTER) else None


def _is(value: float, expected: float) -> bool:
    return math.isclose(value, expected, abs_tol=_SAME)
