"""What a command is: its name, its keys, and why it cannot be given now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from deltaglow.model.project import Change
from deltaglow.model.quantity import Quantity
from deltaglow.ui.diagram.gestures.base import Stage


class Tools(Stage, Protocol):
    """What a command works with beside the stage."""

    shows_deleted: bool

    def type_number(self, quantity: Quantity) -> None:
        """Open a field for a weight or a bias on the diagram."""

    def rename(self, quantity: Quantity) -> None:
        """Open a field for the name of a weight or a bias."""

    def rename_unit(self, layer: int, unit: int) -> None:
        """Open a field for the name of a unit, of an input where the layer is 0."""

    def rename_layer(self, layer: int) -> None:
        """Open a field for the name of a layer."""

    def open_layer(self, layer: int) -> None:
        """Open the pop-over of a layer."""

    def nudge(self, steps: float) -> None:
        """Change the weight or the bias that is selected by so many steps."""

    def zoom(self, by: float) -> None:
        """Show the network larger or smaller."""

    def fit(self) -> None:
        """Show the whole network."""

    def show_deleted(self, shown: bool) -> None:
        """Show every deleted connection, or only where it matters."""


def possible() -> str:
    """There is no reason why not."""
    return ""


@dataclass(frozen=True)
class Command:
    """keys: as QKeySequence reads them, "" for none; several are divided by spaces. why_not: asked when it is
    shown or given, "" if it can be. below: a menu of others instead of a command.
    """

    text: str
    run: Callable[[], object] | None = None
    keys: str = ""
    why_not: Callable[[], str] = possible
    below: tuple[Command | None, ...] = ()
    checked: bool | None = None


Commands = list[Command | None]
"""None where a line goes."""


def edit(tools: Tools, name: str, change: Change, keys: str = "", why: str = "") -> Command:
    """A command that is one edit; `why` is a reason known beforehand."""

    def refusal() -> str:
        return why or tools.refusal(change)

    return Command(name, partial(tools.apply, name, change), keys, refusal)
