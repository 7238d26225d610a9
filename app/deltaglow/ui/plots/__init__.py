"""The plots under the diagram: curves over the steps of a run, and pictures of where it stands."""

from .card import PlotCard
from .confusion import ConfusionPlot
from .distributions import DistributionPlot
from .gradient import GradientNormPlot
from .landscape import LandscapePlot
from .learning_rate import LearningRatePlot
from .line import LinePlot
from .loss import LossPlot
from .precision_recall import PrecisionRecallPlot
from .projector import ProjectorPlot
from .range_test import RangeTestPlot
from .regions import RegionPlot
from .slot import PlotSlot
from .update_ratio import UpdateRatioPlot
from .weights import WeightPlot

PLOTS: dict[str, type[PlotCard]] = {
    "loss": LossPlot,
    "gradient": GradientNormPlot,
    "update_ratio": UpdateRatioPlot,
    "learning_rate": LearningRatePlot,
    "regions": RegionPlot,
    "confusion": ConfusionPlot,
    "precision_recall": PrecisionRecallPlot,
    "projector": ProjectorPlot,
    "weights": WeightPlot,
    "distributions": DistributionPlot,
    "range_test": RangeTestPlot,
    "landscape": LandscapePlot,
    "line": LinePlot,
}
"""Every plot by the name that settings know it by, in the order of the menu."""

FIRST = ("loss", "gradient", "regions")
"""What the places for plots show at first, from the left."""

__all__ = ["FIRST", "PLOTS", "PlotCard", "PlotSlot"]
