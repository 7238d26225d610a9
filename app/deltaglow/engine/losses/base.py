"""What an output function with its loss is to the engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.batch import Batch
from deltaglow.engine.ops import Array, Tape

if TYPE_CHECKING:
    from deltaglow.engine.losses.later import Later


@dataclass(frozen=True)
class LossSpec:
    """Which loss, and its options; those that a loss does not take (`Loss.options`) stay at their defaults.

    label_smoothing: ε in [0, 1), the share of every target that is spread over all classes.
    class_weights: one factor above 0 for each class, or None for all 1.
    naive: softmax as the textbooks warn, without taking the largest logit off first.
    """

    name: str = "softmax_cross_entropy"
    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None
    naive: bool = False


class Loss(ABC):
    """An output function ŷ(logits) with the loss L(ŷ, y) that is made small; the logits are the last
    layer's a.

    A subclass says which calls write ŷ and each sample's loss, and which write the slope of those losses by
    the logits. `losses` (rows,) holds each sample's loss and `y_hat` (rows, units) the outputs.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    targets: ClassVar[Literal["distribution", "unit", "real"]]
    """What a sample's targets may be: numbers that sum to 1, numbers from 0 to 1, or any numbers."""
    softmax: ClassVar[bool] = False
    """Whether ŷ is softmax(logits): then the slopes by the logits of a sample sum to zero."""
    options: ClassVar[frozenset[str]] = frozenset()
    """The fields of LossSpec that the loss takes beside its name."""
    unit: ClassVar[str] = ""
    """What the loss is counted in."""
    by_row: ClassVar[tuple[str, ...]] = ("y_hat", "shifted", "exps", "sums")
    """The attributes that have a row for each sample."""

    def __init__(self, spec: LossSpec, units: int, rows: int, backend: Backend = HOST) -> None:
        self.spec = spec
        self.backend = backend
        self.xp = backend.xp
        self.units = units
        self.y_hat: Array = backend.zeros((rows, units))
        self.shifted: Array = backend.zeros((rows, 0))
        self.exps: Array = backend.zeros((rows, 0))
        self.sums: Array = backend.zeros((rows, 1))
        self.outcome: Array = backend.zeros((2, rows))
        """What the mean loss and the accuracy are made of: each sample's loss first, or the parts of it, and
        last `right`.
        """
        self.scale: Array | None = None
        """(1,): by what the plain mean over rows is multiplied to give the mean that is made small; None for
        1."""

    @property
    def losses(self) -> Array:
        """Each sample's loss, (rows,)."""
        found: Array = self.outcome[0]
        return found

    @property
    def right(self) -> Array:
        """1.0 where the network is right about a sample, 0.0 where it is not, (rows,)."""
        found: Array = self.outcome[-1]
        return found

    def first(self, rows: int) -> Self:
        """The same arrays cut to their first `rows` rows: for a last, smaller batch."""
        cut = object.__new__(type(self))
        cut.__dict__.update(self.__dict__)
        for name in self.by_row:
            setattr(cut, name, getattr(self, name)[:rows])
        cut.outcome = self.outcome[:, :rows].copy()
        return cut

    @abstractmethod
    def forward(self, logits: Array, batch: Batch, result: Array) -> Tape:
        """Outputs and loss of logits (rows, units); the mean loss and the accuracy go to `result`, (2,)."""

    @abstractmethod
    def backward(self, y: Array, back: Array) -> Tape:
        """∂L/∂logits of each sample's own loss, into `back` (rows, units), once `forward` has run."""

    def later(self, steps: int) -> Later | None:
        """Room for the losses of so many steps, to be found out together; None where each finds its own."""
        del steps
        return None

    def computed(self) -> list[tuple[str, Array]]:
        """What `forward` writes, in the order of computation, by name."""
        return [("y_hat", self.y_hat), ("the loss", self.losses)]

    def mean(self, result: Array) -> Tape:
        """The mean loss and the accuracy, from each row's, into `result`."""
        rows = self.outcome.shape[1]
        return self.backend.product(self.outcome, self.backend.full(rows, 1.0 / rows), result)
