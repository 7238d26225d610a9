"""Where printed texts differ from what is right, told where the number in question is explained.

A well-known guide prints rules of initialisation, a normalisation and what it is good for, a penalty, a band
of learning rates and shares of memory (`SAVINGS`) that deserve a remark; the worked example comes from a
printed one with slips of its own (`printed_example`).
"""

from deltaglow.engine import OPTIMIZERS, Frame
from deltaglow.explain import printed_example
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity

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
_SHIFT = (
    "A common guide says that batch normalisation helps by reducing internal covariate shift. That was the "
    "idea of Ioffe and Szegedy (2015); Santurkar et al. (2018) put the shift back in on purpose, and "
    "networks trained just as well. It seems rather to make the loss smoother, which allows higher rates."
)
_DECAY = "A common guide writes “L2 regularization (weight decay)”, as if they were one. "
_DECAY_SAME = (
    "With plain gradient descent they are: a penalty of ½ λ₂ w² shrinks a weight by the factor 1 − η λ₂ in "
    "each update, as weight decay does. With momentum, or with rates of its own for each weight, as Adam "
    "has them, they are not (Loshchilov and Hutter, 2019)."
)
_DECAY_DIFFERS = (
    "With {optimizer} they are two things: the gradient of the penalty goes through the optimiser's memory "
    "with the rest, and where each weight has a rate of its own, one with large gradients is held back less; "
    "weight decay shrinks all by the same factor (Loshchilov and Hutter, 2019)."
)
_HE = "A common guide prints He's rule as 2/√n. He et al. (2015) use a standard deviation of √(2/n_in)."
SAVINGS = (
    "A common guide promises up to 50 % from segments (checkpointing) and 30 to 50 % from mixed precision. "
    "No such number holds for all: √n segments of n like layers leave about 2/√n of the activations, for one "
    "more forward pass; shorter numbers make the arrays of layers smaller, but mixed precision keeps full "
    "parameters beside them. The list above is counted from the arrays of this run."
)


def erratum(project: Project, frame: Frame, q: Quantity, value: float) -> str | None:
    """What to say of printed slips where this quantity, which is worth `value`, is explained; or None."""
    said = []
    if printed_example.follows(project):
        found = printed_example.slip(frame, q, value)
        said += [found.told] if found is not None else []
    if q.kind == "learning_rate" and value >= 0.1:
        said.append(_BAND)
    if q.kind == "x_hat":
        said.append(_NORMALISED)
    if q.kind in ("mean", "var"):
        said.append(_SHIFT)
    if q.kind in ("penalty", "dW_penalty", "dP_penalty") and project.training.l2 > 0.0:
        said.append(_DECAY + _decay(project))
    if q.kind == "W":
        said += _initialisation(project, q)
    return " ".join(said) or None


def _decay(project: Project) -> str:
    """Whether the penalty on squared weights is weight decay, with the optimiser there is."""
    optimizer = project.training.optimizer
    if optimizer.name == "sgd":
        return _DECAY_SAME
    return _DECAY_DIFFERS.format(optimizer=OPTIMIZERS[optimizer.name].label)


def _initialisation(project: Project, q: Quantity) -> list[str]:
    layer = project.network.layers[(q.layer or 1) - 1]
    deleted = layer.mask is not None and len(q.index) == 2 and not layer.mask[q.index]
    if deleted or layer.W is not None or layer.type in ("batch_norm", "dropout"):
        return []
    return [_XAVIER] if layer.init.startswith("xavier") else [_HE] if layer.init.startswith("he_") else []
