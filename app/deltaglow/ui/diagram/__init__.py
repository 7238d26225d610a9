"""The network as a picture. To draw something new: a file here, called from view.py."""

from deltaglow.ui.diagram.view import DiagramView

__all__ = ["DiagramView"]
