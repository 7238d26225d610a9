"""Colour tokens: one map from the meaning of a mark to its colour, read from `resources/themes/*.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from PySide6.QtGui import QColor

from deltaglow import resources


class ThemeError(LookupError):
    """A colour token, theme or icon that does not exist: a mistake in the program, never in a user's data."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme.

    `colors` maps a token ("panel", "delta", …) to "#RRGGBB". A token that ends in `_text` is the same
    meaning made dark (or light) enough to be read as small text on any of the three surfaces.
    `layer_ramp` are the stops of the sequence that tells layers apart, from δ's pink to violet, and
    `class_colors` those of classes, one after the other.
    """

    name: str
    colors: dict[str, str]
    layer_ramp: tuple[str, ...]
    class_colors: tuple[str, ...]

    def hex(self, token: str) -> str:
        """The colour of `token` as "#RRGGBB". Raises ThemeError for an unknown token."""
        try:
            return self.colors[token]
        except KeyError:
            raise ThemeError(f"no colour token {token!r} in the {self.name} theme") from None

    def text_hex(self, token: str) -> str:
        """The readable variant of `token` where it has one, else the token itself."""
        return self.colors.get(f"{token}_text") or self.hex(token)


@cache
def load(name: str) -> Tokens:
    """The theme file `name` ("dark" or "light"). Raises ThemeError when there is none."""
    try:
        raw = json.loads(resources.text(f"themes/{name}.json"))
    except resources.ResourceError as error:
        raise ThemeError(f"no theme {name!r}") from error
    return Tokens(raw["name"], raw["colors"], tuple(raw["layer_ramp"]), tuple(raw["class_colors"]))


def blend(below: QColor, above: QColor, alpha: float) -> QColor:
    """`above` laid over `below` with opacity `alpha` in [0, 1], as one opaque colour.

    The software rasteriser draws opaque marks several times faster than translucent ones.
    """
    keep = 1.0 - alpha
    return QColor(
        round(below.red() * keep + above.red() * alpha),
        round(below.green() * keep + above.green() * alpha),
        round(below.blue() * keep + above.blue() * alpha),
    )


def along(stops: tuple[str, ...], t: float) -> QColor:
    """The colour at `t` in [0, 1] along a ramp of "#RRGGBB" stops."""
    if len(stops) == 1:
        return QColor(stops[0])
    place = min(max(t, 0.0), 1.0) * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    return blend(QColor(stops[first]), QColor(stops[first + 1]), place - first)
