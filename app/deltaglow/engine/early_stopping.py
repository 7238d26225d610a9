"""Early stopping: end a run that no longer gets better, and give its best parameters back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

from deltaglow.engine.ops import Array, frozen


@dataclass(frozen=True)
class EarlyStopping:
    """After every epoch the loss is taken, over the validation samples if there are any, else over those of
    the training. A run stops when it has not fallen by more than `min_delta` below its best for `patience`
    epochs; with `restore_best` the parameters of the best are put back (Prechelt 1998; as in Keras).
    """

    patience: int
    min_delta: float = 0.0
    restore_best: bool = True


@dataclass(frozen=True, eq=False)
class Watch:
    """What early stopping has seen: part of the trainer's state. `best_step` counts completed steps."""

    best_loss: float = inf
    best_step: int = 0
    best_theta: Array | None = None
    waited: int = 0
    stopped_at: int | None = None
    best_statistics: Array | None = None
    """What layers remembered from batch to batch when the loss was best."""

    def seen(self, rule: EarlyStopping, step: int, loss: float, theta: Array, statistics: Array) -> Watch:
        """The watch after an epoch that ended with completed step `step` in this loss (not finite: worse)."""
        if loss < self.best_loss - rule.min_delta or (self.best_theta is None and loss < inf):
            return Watch(loss, step, frozen(theta), best_statistics=frozen(statistics))
        waited = self.waited + 1
        stopped = step if waited >= rule.patience else None
        return replace(self, waited=waited, stopped_at=stopped)

    def give_back(self, rule: EarlyStopping, put: Callable[[Array, Array], None], *own: Array) -> None:
        """Put the best back where the run has stopped and the rule asks for it. own: the run's parameters and
        what its layers remember; put(array, from).
        """
        if self.stopped_at is None or not rule.restore_best:
            return
        for array, best in zip(own, (self.best_theta, self.best_statistics), strict=True):
            if best is not None:
                put(array, best)
