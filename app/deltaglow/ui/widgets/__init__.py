"""Small widgets that more than one panel uses."""

from .bar import SignedBar
from .chip import Chip
from .flow import FlowLayout
from .labels import caption, label, restyle

__all__ = ["Chip", "FlowLayout", "SignedBar", "caption", "label", "restyle"]
