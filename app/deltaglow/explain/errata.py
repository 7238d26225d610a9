"""Where printed texts differ from what is right, told where the number in question is explained.

A well-known guide prints rules of initialisation, a normalisation and a band of learning rates that deserve a
remark; the worked example comes from a printed one with slips of its own (`printed_example`).
"""

from deltaglow.engine import Frame
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
_HE = "A common guide prints He's rule as 2/√n. He et al. (2015) use a standard deviation of √(2/n_in)."


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
    if q.kind == "W":
        said += _initialisation(project, q)
    return " ".join(said) or None


def _initialisation(project: Project, q: Quantity) -> list[str]:
    layer = project.network.layers[(q.layer or 1) - 1]
    if layer.W is not None or layer.type in ("batch_norm", "dropout"):
        return []
    return [_XAVIER] if layer.init.startswith("xavier") else [_HE] if layer.init.startswith("he_") else []
