"""The panels beside the diagram: what a number is made of, and how the run is set up."""

from .explanation import ExplanationPanel
from .parameters import ParameterPanel

__all__ = ["ExplanationPanel", "ParameterPanel"]
