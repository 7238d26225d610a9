"""From the gradient of a mini-batch to new parameters: penalties, gathering, clipping, optimiser, decay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.clipping import Clip, Clipping
from deltaglow.engine.crew import Crew, Together, pieces
from deltaglow.engine.frame import Architecture
from deltaglow.engine.freezing import Freezing
from deltaglow.engine.masks import connected
from deltaglow.engine.ops import CHUNK, SMALL, Array, Op, Tape, frozen, op
from deltaglow.engine.optimizers import OPTIMIZERS
from deltaglow.engine.penalties import PenaltyTerm, on_weights
from deltaglow.engine.regularisation import Penalties
from deltaglow.engine.schedules import SCHEDULES
from deltaglow.engine.top_k import TopK
from deltaglow.engine.touched import TouchedRows
from deltaglow.engine.update_trace import UpdateTrace


@dataclass(frozen=True)
class UpdateRule:
    """How gradients become steps. `settings` are the optimiser's, `schedule_settings` the schedule's.

    weight_decay: λ of the decoupled decay θ ← θ − η λ θ on weights; None is the optimiser's own (AdamW:
    0.01, others 0). accumulate: mini-batches whose gradients are averaged for one update. top_k: which share
    of the gradient's numbers an update uses, see `TopK`; None for all of them. sparse_inputs: weights of
    inputs that are zero in a whole batch cost no work, see `TouchedRows`; for plain descent only. frozen
    (P,): True for parameters that stay as they are, see `Freezing`.
    """

    settings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    schedule: str = "constant"
    schedule_settings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    penalties: Penalties = field(default_factory=Penalties)
    weight_decay: float | None = None
    clip: Clip | None = None
    accumulate: int = 1
    top_k: float | None = None
    sparse_inputs: bool = False
    frozen: npt.NDArray[np.bool_] | None = None


class Updater:
    """Turns `raw`, the gradient of the mini-batch's data loss, into the update.

    `ledger` (3, P) holds the parameters, the gradient of the whole loss and the update. Plain descent costs
    one call, and one to apply it; whatever is not asked for costs nothing.
    """

    def __init__(
        self,
        ledger: Array,
        architecture: Architecture,
        optimizer: str,
        learning_rate: float,
        rule: UpdateRule,
        backend: Backend = HOST,
        crew: Crew | None = None,
    ) -> None:
        self.rule = rule
        self._crew = crew or Crew()
        self._backend = backend
        self._xp = backend.xp
        self.base = self.rate = learning_rate
        """η₀ as set, and η as the next update, or the one just prepared, uses it."""
        self._theta, self._gradient, self._update = ledger
        size = len(self._theta)
        self._optimizer = OPTIMIZERS[optimizer](learning_rate, size, rule.settings, backend)
        self._downhill = backend.array([-learning_rate])
        """−η."""
        self._schedule = SCHEDULES[rule.schedule](rule.schedule_settings)
        self._penalty = PenaltyTerm(rule.penalties, architecture, backend) if rule.penalties else None
        self.raw: Array = backend.zeros(size) if self._penalty else self._gradient
        """Where the backward pass writes the gradient of the data loss."""
        self.accumulate = rule.accumulate
        self._gathered = backend.zeros((2, size)) if rule.accumulate > 1 else None
        self._clipping = Clipping(rule.clip, size, backend) if rule.clip else None
        self._freezing = Freezing(rule.frozen, backend) if rule.frozen is not None else None
        self._top_k = TopK(rule.top_k, size, backend) if rule.top_k is not None else None
        there = connected(architecture)
        self._connected = None if there is None else backend.array(there)
        self.decay = self._optimizer.decay if rule.weight_decay is None else rule.weight_decay
        self._decays = backend.array(self._decay_of(architecture)) if self.decay else None
        self._scratch = backend.zeros(size) if self.decay or self._gathered is not None else backend.zeros(0)
        self.missed = 0
        """Updates that were left out: they count neither for the schedule nor for Adam."""
        self.begun = 0
        """Updates that were made before this optimiser began: it does not count them."""
        self.scheduled = rule.schedule != "constant"
        """Whether the learning rate changes along the run."""
        extras = (self._freezing, self._penalty, rule.accumulate > 1, self._clipping, self._top_k, self.decay)
        self.plain = not any(extras) and not rule.sparse_inputs
        """Whether an update is the optimiser's and nothing else: see `in_one_go`."""
        self._descends = not any(extras) and optimizer == "sgd"
        """Plain descent: how large the update is follows from the gradient."""
        if rule.sparse_inputs and not self._descends:
            raise ValueError("sparse inputs are for plain descent only: all else moves other weights too")
        self.touched: TouchedRows | None = None
        """What moves the parameters, where inputs are sparse."""
        self._in_pieces = self._descends and (size > SMALL or rule.sparse_inputs)
        """Large and plain: the update is never written out, but taken off in pieces that stay near."""
        self.measures = self._in_pieces and not rule.sparse_inputs
        """Whether applying the update measures the parameters on the way: see `passed`."""
        self._passed: Array = backend.zeros(-(-size // CHUNK) if self.measures else 0)
        self.must_prepare = self.scheduled or self._optimizer.counts
        """Whether `prepare` must be called before each step."""

    @property
    def penalty(self) -> Array | None:
        """R, (1,), after the tape has run; None without penalties."""
        return self._penalty.value if self._penalty else None

    @property
    def gradients(self) -> tuple[Array, ...]:
        """The gradients on the way to the one that the optimiser is given."""
        found = [self.raw]
        found += [] if self._penalty is None else [self._penalty.gradient]
        found += [] if self._freezing is None else [self._freezing.given]
        found += [] if self._gathered is None else [self._gathered]
        found += [] if self._clipping is None else [self._clipping.clipped]
        return (*found, *([] if self._top_k is None else [self._top_k.sent]))

    def set_base(self, value: float) -> None:
        """Set η₀."""
        self.base = value
        self._set_rate(value)

    def _set_rate(self, value: float) -> None:
        self.rate = value
        self._optimizer.learning_rate[0], self._downhill[0] = value, -value

    def turn(self, step: int) -> int:
        """Which of the gathered mini-batches step number `step` is."""
        return step % self.accumulate

    def prepare(self, step: int) -> None:
        """Set what depends on the number of the update: the learning rate and Adam's corrections."""
        made = step // self.accumulate - self.missed
        if self.scheduled:
            self._set_rate(self._schedule.rate(self.base, made))
        if self._optimizer.counts:
            self._optimizer.prepare(made + 1 - self.begun)

    def tape(self, turn: int) -> Tape:
        """From `raw` to the update; turns before the last gather, and their update is zero."""
        tape: Tape = []
        gradient = self._gradient
        if self._penalty:
            tape += self._penalty.tape(self._theta, self.raw, gradient)
        if self._freezing is not None:
            tape += self._freezing.tape(gradient)
            gradient = self._freezing.given
        if self._gathered is not None:
            tape += self._gather(turn, gradient)
            gradient = self._gathered[1]
            if turn < self.accumulate - 1:
                return [*tape, op(self._update.fill, 0.0)]
        if self._clipping:
            tape += self._clipping.tape(gradient)
            gradient = self._clipping.clipped
        if self._top_k:
            tape += self._top_k.tape(gradient)
            gradient = self._top_k.sent
        if self._in_pieces:
            return tape
        tape += self._optimizer.tape(gradient, self._update)
        if self._decays is not None:
            tape += [
                op(self._xp.multiply, self._theta, self._decays, self._scratch),
                op(self._xp.multiply, self._scratch, self._optimizer.learning_rate, self._scratch),
                op(self._xp.add, self._update, self._scratch, self._update),
            ]
        return tape

    def commit(self, turn: int) -> Tape:
        """The calls that apply the update and keep what carries over, once it is known to be finite."""
        if self._in_pieces:
            return self._descend()
        tape: Tape = [self._move(self._update)] if turn == self.accumulate - 1 else []
        if self._gathered is not None:
            tape.append(op(self._xp.copyto, self._gathered[0], self._gathered[1]))
        if self._optimizer.slots and turn == self.accumulate - 1:
            tape.append(op(self._xp.copyto, self._optimizer.before, self._optimizer.after))
        if self._top_k and turn == self.accumulate - 1:
            tape += self._top_k.commit()
        return tape

    def in_one_go(self, gradient: Array, update: Array) -> Tape:
        """If `plain`: from this gradient to the update and new parameters, before anybody knows whether they
        are finite. `before_step` has to be put back if they are not.
        """
        tape = [*self._optimizer.tape(gradient, update), self._move(update)]
        if self._optimizer.slots:
            tape.append(op(self._xp.copyto, self._optimizer.before, self._optimizer.after))
        return tape

    def state(self) -> tuple[Array, ...]:
        """Live references to the arrays that carry over, each (P,)."""
        remembered = () if self._top_k is None else (self._top_k.before,)
        gathered = () if self._gathered is None else (self._gathered[0],)
        return self._optimizer.state() + remembered + gathered

    def _decay_of(self, architecture: Architecture) -> Array:
        """λ for every parameter that is to shrink, (P,)."""
        each = on_weights(self.decay, architecture)
        return each if self.rule.frozen is None else each * ~self.rule.frozen

    def settle(self) -> None:
        """After other numbers were put into `state`: nothing is remembered of frozen parameters, nor of
        connections that were deleted since: a velocity would move them away from zero.
        """
        if self._freezing is not None:
            self._freezing.forget(self.state())
        if self._connected is not None:
            for memory in self.state():
                self._xp.multiply(memory, self._connected, out=memory)

    def before_step(self) -> tuple[Array, ...]:
        """Copies of what `trace` needs to be told once the update is applied."""
        return tuple(array.copy() for array in self.state())

    def put_back(self, before: tuple[Array, ...]) -> None:
        """Undo what steps made of `state`. before: what `before_step` gave."""
        for array, old in zip(self.state(), before, strict=True):
            array[:] = old

    def trace(self, step: int, before: tuple[Array, ...]) -> UpdateTrace:
        """The update of step number `step`, copied. before: what `before_step` gave."""
        turn = self.turn(step)
        updated = turn == self.accumulate - 1
        slots = self._optimizer.slots
        arrays = self._optimizer.trace(updated)
        arrays |= {f"{name}_before": old for name, old in zip(slots, before, strict=False)}
        if self._penalty:
            arrays |= {"data": self.raw, "penalty": self._penalty.gradient}
        if self._gathered is not None:
            old = before[-1] if turn else self._xp.zeros_like(before[-1])
            arrays |= {"gathered": self._gathered[1], "gathered_before": old}
        if self._clipping and turn == self.accumulate - 1:
            arrays["clipped"] = self._clipping.clipped
        if self._freezing is not None:
            arrays["frozen"] = self._freezing.frozen.astype(np.float64)
        if self._top_k:
            arrays["remembered_before"] = before[len(slots)]
            if turn == self.accumulate - 1:
                arrays |= {"sent": self._top_k.sent, "remembered": self._top_k.after}
        return UpdateTrace(
            optimizer=self._optimizer.name,
            settings=MappingProxyType(dict(self._optimizer.settings)),
            schedule=self._schedule.name,
            schedule_settings=MappingProxyType(dict(self._schedule.settings)),
            base=self.base,
            count=step // self.accumulate + 1 - self.missed,
            begun=self.begun,
            turn=turn,
            accumulate=self.accumulate,
            penalties=self.rule.penalties,
            penalty=float(self._penalty.value[0]) if self._penalty else 0.0,
            weight_decay=self.decay,
            clip=self.rule.clip,
            norm=float(self._clipping.norm[0]) if self._clipping else 0.0,
            factor=float(self._clipping.factor[0]) if self._clipping else 1.0,
            sent=self._top_k.count if self._top_k else len(self._theta),
            arrays=MappingProxyType({name: frozen(array) for name, array in arrays.items()}),
        )

    def _gather(self, turn: int, gradient: Array) -> Tape:
        assert self._gathered is not None
        before, after = self._gathered
        share = 1.0 / self.accumulate
        if turn == 0:
            return [op(self._xp.multiply, gradient, share, after)]
        return [
            op(self._xp.multiply, gradient, share, self._scratch),
            op(self._xp.add, before, self._scratch, after),
        ]

    @property
    def calls(self) -> int:
        """NumPy calls of `squares`."""
        return 0 if self._descends else 1

    def squares(self, gradient_squares: float) -> float:
        """The sum of squares of the update that is due; `gradient_squares` is the gradient's."""
        if self._descends:
            return self.rate * self.rate * gradient_squares
        return float(self._update.dot(self._update))

    def squares_of(self, updates: Array, rates: Array, gradient_squares: Array) -> Array:
        """The same of several steps, if `plain`: (steps,) of updates (steps, P)."""
        if self._descends:
            return rates * rates * gradient_squares
        found: Array = np.vecdot(updates, updates)
        return found

    def passed(self) -> float:
        """The sum of squares of the parameters as they were before the update just applied, if `measures`."""
        return float(self._passed.sum())

    def _descend(self) -> Tape:
        """θ ← θ − η g, piece by piece, and each piece measured while it is near."""
        if self.touched is not None:
            return self.touched.descend(self._optimizer.learning_rate)
        chunks = range(0, len(self._theta), CHUNK)
        shares = pieces(len(chunks), self._crew.hands, line=1)
        return [Together(self._crew, [self._descend_on(chunks[share]) for share in shares])]

    def _descend_on(self, chunks: range) -> Tape:
        scratch = self._backend.zeros(CHUNK)
        tape: Tape = []
        for number, start in enumerate(chunks, start=chunks.start // CHUNK):
            part = slice(start, start + CHUNK)
            theta, gradient = self._theta[part], self._gradient[part]
            tape += [
                op(theta.dot, theta, self._passed[number, ...]),
                *self._backend.added(self._downhill, gradient, theta, scratch),
            ]
        return tape

    def _move(self, update: Array) -> Op:
        return op(self._xp.subtract, self._theta, update, self._theta)
