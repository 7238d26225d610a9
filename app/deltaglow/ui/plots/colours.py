"""Arrays of colours for pictures made of numbers: opaque, in bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from deltaglow.ui.theme import Theme

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]


def rgb(colour: QColor) -> Floats:
    """Red, green and blue, (3,), 0 to 255."""
    return np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float64)


def mixed(ground: QColor, tints: Floats, share: Floats) -> Picture:
    """The ground with `share` (…) of the tints (…, 3) in it; not finite shares leave the ground."""
    base = rgb(ground)
    part = np.nan_to_num(np.clip(share, 0.0, 1.0), nan=0.0)[..., None]
    return np.asarray(np.rint(base + (tints - base) * part), dtype=np.uint8)


def signed(theme: Theme, values: Floats, scale: float) -> Picture:
    """Positive and negative numbers in their colours, as strong as they are large, up to `scale`."""
    tints = np.where((values > 0)[..., None], rgb(theme.color("positive")), rgb(theme.color("negative")))
    return mixed(theme.color("panel"), tints, np.sqrt(np.abs(values) / (scale or 1.0)))


def heat(theme: Theme, token: str, share: Floats) -> Picture:
    """One colour, as strong as the share, 0 to 1."""
    return mixed(theme.color("panel"), np.broadcast_to(rgb(theme.color(token)), (*share.shape, 3)), share)
