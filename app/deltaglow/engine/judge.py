"""How a run is judged: on the samples it learns from, and on those kept out of it."""

from __future__ import annotations

from functools import cached_property

from deltaglow.engine.evaluation import Evaluator
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array
from deltaglow.engine.penalties import penalty
from deltaglow.engine.regularisation import Penalties
from deltaglow.engine.verdicts import is_regression, verdict_names, verdict_spacing


class Judge:
    """Judges a network with its parameters as they are, every layer working as in evaluation.

    data: x (N, inputs) and y (N, K) of the training; kept_out: the same of the validation, if there is one.
    Losses include the penalty, like a step's. The room for it is made when it is first needed.
    """

    def __init__(
        self,
        network: Network,
        data: tuple[Array, Array],
        kept_out: tuple[Array, Array] | None,
        penalties: Penalties,
    ) -> None:
        self._network, self._data, self._kept_out, self._penalties = network, data, kept_out, penalties
        self.names = verdict_names(network.architecture.loss, 0 if kept_out is None else len(kept_out[0]))
        """What the numbers of a verdict are called; none where a run is not judged as it goes on."""

    @cached_property
    def training(self) -> Evaluator:
        """Of the samples of the training."""
        return Evaluator(self._network, *self._data)

    @cached_property
    def validation(self) -> Evaluator | None:
        """Of the samples that are kept out of the training; None if there are none."""
        return None if self._kept_out is None else Evaluator(self._network, *self._kept_out)

    @property
    def made(self) -> list[Evaluator]:
        """The evaluators that were needed so far."""
        return [vars(self)[name] for name in ("training", "validation") if vars(self).get(name) is not None]

    def scores(self) -> tuple[float, float]:
        """Mean loss and accuracy over the samples of the training."""
        return self._with_penalty(self.training.scores())

    def kept_out_scores(self) -> tuple[float, float] | None:
        """`scores` over the samples that are kept out of the training; None if there are none."""
        return None if self.validation is None else self._with_penalty(self.validation.scores())

    def verdict(self) -> list[float]:
        """The numbers named by `names`."""
        found: list[float] = []
        if self.validation is not None:
            found += self._with_penalty(self.validation.verdict())
        if is_regression(self._network.architecture.loss):
            found.append(self.training.verdict()[1])
        return found

    def spacing(self, steps_per_epoch: int, batch_size: int) -> int:
        """Steps from one verdict to the next."""
        samples = 0 if self._kept_out is None else len(self._kept_out[0])
        samples += ("r_squared" in self.names) * len(self._data[0])
        return verdict_spacing(steps_per_epoch, batch_size, samples)

    def _with_penalty(self, scores: tuple[float, float]) -> tuple[float, float]:
        loss, accuracy = scores
        if self._penalties:
            loss += penalty(self._penalties, self._network.theta, self._network.architecture)
        return loss, accuracy
