"""Numbers as a picture of colours: the weights of a layer too large for lines, the units of a bar."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from deltaglow.ui.diagram.scene import Floats, Scene

Tones = tuple[int, int, int]
"""The colours of 0, 1 and −1."""
SHADES = 1 << 14
"""Of each sign: even near zero, where the root is steep, one is only two of a colour's 255 from the next."""
KEPT = 4
"""Pictures of weights that are kept: a drag or a zoom draws the same ones again and again."""
_kept: OrderedDict[int, tuple[weakref.ref[Floats], Tones, QImage]] = OrderedDict()


def heat_image(scene: Scene, values: Floats) -> QImage:
    """Numbers (rows, columns) as colours, negative to positive through neutral, saturated at ±1; not a
    number is drawn as zero.
    """
    return _made(values, _tones(scene))


def kept_image(scene: Scene, values: Floats) -> QImage:
    """The heat image of an array that nobody writes to, made once as long as that is in use."""
    tones = _tones(scene)
    known = _kept.pop(id(values), None)
    if known is None or known[0]() is not values or known[1] != tones:
        known = (weakref.ref(values), tones, _made(values, tones))
    if not values.flags.writeable:
        _kept[id(values)] = known
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return known[2]


def _tones(scene: Scene) -> Tones:
    zero, up, down = (scene.color(token).rgb() for token in ("raised", "positive", "negative"))
    return zero, up, down


def _made(values: Floats, tones: Tones) -> QImage:
    place = np.clip(values, -1.0, 1.0)
    place[np.isnan(place)] = 0.0
    place *= SHADES
    place += SHADES + 0.5  # rounded, as all are above zero
    pixels = np.ascontiguousarray(_table(*tones)[place.astype(np.intp)])
    rows, columns = values.shape
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


@lru_cache(maxsize=8)
def _table(zero: int, up: int, down: int) -> npt.NDArray[np.uint32]:
    """The colour, 0xffRRGGBB, of each value from −1 to 1: as much of a sign's colour as the root of it."""
    shades = np.linspace(-1.0, 1.0, 2 * SHADES + 1)[:, None]
    mixed = _rgb(zero) + np.sqrt(np.abs(shades)) * (np.where(shades > 0, _rgb(up), _rgb(down)) - _rgb(zero))
    red, green, blue = mixed.round().astype(np.uint32).T
    made: npt.NDArray[np.uint32] = 0xFF000000 | red << 16 | green << 8 | blue
    return made


def _rgb(color: int) -> Floats:
    made = QColor.fromRgb(color)
    return np.array([made.red(), made.green(), made.blue()], dtype=np.float64)
