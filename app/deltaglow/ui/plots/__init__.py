"""The curves under the diagram: the loss and the gradient norms, every step of a run in them."""

from .gradient import GradientNormPlot
from .loss import LossPlot

__all__ = ["GradientNormPlot", "LossPlot"]
