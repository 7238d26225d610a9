"""What a schedule is to the trainer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class Schedule(ABC):
    """The learning rate as a function of the update's number and nothing else, so that replaying is exact."""

    name: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    """The learning rate in plain text, η₀ being the one that was set and t the updates made before."""
    defaults: ClassVar[Mapping[str, float]] = MappingProxyType({})
    """The settings it takes and what they are when not chosen."""

    def __init__(self, settings: Mapping[str, float] | None = None) -> None:
        self.settings: dict[str, float] = {**self.defaults, **(settings or {})}
        unknown = self.settings.keys() - self.defaults.keys()
        if unknown:
            raise ValueError(f"{self.name} has no setting {', '.join(sorted(unknown))}")

    @abstractmethod
    def rate(self, base: float, t: int) -> float:
        """η for the update before which `t` were made, `base` being the learning rate that was set."""
