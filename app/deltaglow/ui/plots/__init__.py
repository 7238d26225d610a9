"""The plots under the diagram: curves over the steps of a run, and pictures of where it stands."""

from .card import PlotCard
from .gradient import GradientNormPlot
from .loss import LossPlot
from .regions import RegionPlot
from .slot import PlotSlot

PLOTS: dict[str, type[PlotCard]] = {
    "loss": LossPlot,
    "gradient": GradientNormPlot,
    "regions": RegionPlot,
}
"""Every plot by the name that settings know it by, in the order of the menu."""

FIRST = ("loss", "gradient", "regions")
"""What the places for plots show at first, from the left."""

__all__ = ["FIRST", "PLOTS", "PlotCard", "PlotSlot"]
