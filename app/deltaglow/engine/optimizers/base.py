"""What an optimiser is to the trainer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.ops import Array, Tape, op


class Optimizer(ABC):
    """Writes the update: the step that is subtracted from the flat parameter vector, shape (P,).

    `learning_rate` is a one-element array that the calls on the tape read, so that a change applies to the
    next step without a new tape. What carries over from step to step are the `slots`: the tape reads them in
    `before` and writes them in `after`, both (slots, P); only when the update is found finite and applied
    does `after` become `before`. So a step that fails changes nothing, and a frame can show both.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]
    """The update in plain text, g being the gradient that the optimiser is given."""
    defaults: ClassVar[Mapping[str, float]] = MappingProxyType({})
    """The settings it takes, with PyTorch's defaults."""
    slots: ClassVar[tuple[str, ...]] = ()
    counts: ClassVar[bool] = False
    """Whether it must know the number of the update: the trainer then calls `prepare` before each."""
    decay: ClassVar[float] = 0.0
    """The decoupled weight decay it has when none is chosen."""

    def __init__(
        self,
        learning_rate: float,
        size: int = 0,
        settings: Mapping[str, float] | None = None,
        backend: Backend = HOST,
    ) -> None:
        self.backend = backend
        self.xp = backend.xp
        self.learning_rate: Array = backend.array([learning_rate])
        self.settings: dict[str, float] = {**self.defaults, **(settings or {})}
        unknown = self.settings.keys() - self.defaults.keys()
        if unknown:
            raise ValueError(f"{self.name} has no setting {', '.join(sorted(unknown))}")
        self.before: Array = backend.zeros((len(self.slots), size))
        self.after: Array = backend.zeros((len(self.slots), size))

    @abstractmethod
    def tape(self, gradient: Array, update: Array) -> Tape:
        """The calls that write what is to be subtracted from theta into `update`; all shapes (P,)."""

    def prepare(self, count: int) -> None:  # noqa: B027  most have nothing to prepare
        """Get ready for update number `count`, from 1. Only called if `counts`."""

    def state(self) -> tuple[Array, ...]:
        """Live references to the arrays that carry over from step to step, each of shape (P,)."""
        return tuple(self.before)

    def trace(self, updated: bool) -> dict[str, Array]:
        """What an explanation of the update needs, by name: every slot, as `velocity`, and as it was before,
        as `velocity_before`, and what was worked out from them, each (P,). Of steps that only gather
        (`updated` is False) there is just what was before.
        """
        found = {f"{name}_before": array for name, array in zip(self.slots, self.before, strict=True)}
        if updated:
            found |= dict(zip(self.slots, self.after, strict=True)) | self.derived()
        return found

    def derived(self) -> dict[str, Array]:
        """What the update works out from the slots, by name, each (P,)."""
        return {}


class RootOptimizer(Optimizer):
    """An optimiser that divides by √v + ε, v being a slot, or made of one: every parameter has its own rate
    η / (√v + ε).
    """

    def __init__(
        self,
        learning_rate: float,
        size: int = 0,
        settings: Mapping[str, float] | None = None,
        backend: Backend = HOST,
    ) -> None:
        super().__init__(learning_rate, size, settings, backend)
        self._root: Array = backend.zeros(size)

    def divided(self, numerator: Array, square: Array, update: Array) -> Tape:
        """η numerator / (√square + ε) into `update`; all shapes (P,)."""
        return [
            op(self.xp.sqrt, square, self._root),
            op(self.xp.add, self._root, self.settings["epsilon"], self._root),
            op(self.xp.divide, numerator, self._root, update),
            op(self.xp.multiply, update, self.learning_rate, update),
        ]

    def derived(self) -> dict[str, Array]:
        return {"rate": self.learning_rate / self._root}
