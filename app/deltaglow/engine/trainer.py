"""The trainer: steps a network through mini-batches. It knows no screen and no threads but a step's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import Context
from dataclasses import replace
from math import inf, isfinite, nan, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.engine.burst import WORTH, Burst, Rows
from deltaglow.engine.camera import Camera
from deltaglow.engine.crew import Crew, call_count
from deltaglow.engine.decisions import decided
from deltaglow.engine.early_stopping import Watch
from deltaglow.engine.epochs import Epochs
from deltaglow.engine.evaluation import Evaluation
from deltaglow.engine.feed import Feed
from deltaglow.engine.frame import Frame
from deltaglow.engine.jitter import Jitter
from deltaglow.engine.judge import Judge
from deltaglow.engine.ledger import Books, Ledger, by_layer
from deltaglow.engine.loss_scale import ScaleState, Scaling
from deltaglow.engine.network import Network
from deltaglow.engine.norms import Norms
from deltaglow.engine.ops import Array, Tape, kept
from deltaglow.engine.rooms import room_for
from deltaglow.engine.scalars import GRADIENT_NORMS, scalars_of
from deltaglow.engine.segments import segment_count
from deltaglow.engine.step_tapes import StepTapes
from deltaglow.engine.team import TeamWorkspace
from deltaglow.engine.touched import TouchedRows
from deltaglow.engine.trainer_state import NonFinite, TrainerOptions, TrainerState
from deltaglow.engine.updater import Updater
from deltaglow.engine.workspace import Workspace


class Trainer:
    """Minimises the network's loss on (x, y) by mini-batch descent.

    x (N, inputs); y (N, classes), each row a distribution; `rng` draws the order of every epoch if `shuffle`
    is set. A batch size above N means all N. `learning_rate` may be set between steps. `step_count` counts
    completed steps. With `evaluation` every layer works in its steps as it does in evaluation: batch
    normalisation by its running averages, which then stay, and dropout not at all.
    """

    def __init__(
        self,
        network: Network,
        x: Array,
        y: Array,
        *,
        optimizer: str = "sgd",
        learning_rate: float,
        batch_size: int,
        shuffle: bool,
        rng: np.random.Generator,
        evaluation: bool = False,
        options: TrainerOptions | None = None,
    ) -> None:
        options = options or TrainerOptions()
        self.network = network
        self.step_count = 0
        self._noise = options.noise
        self._quiet = Context()
        """Where NumPy says nothing of overflow: entering it costs a tenth of `np.errstate`."""
        self._quiet.run(np.seterr, all="ignore")
        backend = network.backend
        self._feed = Feed(x, y, batch_size, shuffle, backend)
        self._epochs = Epochs(self._feed, rng)
        segments = segment_count(options.checkpoint, len(network.architecture.layers))
        self._checkpointed = segments > 1
        self._workspace, self._crew = room_for(
            network, self._feed.batch_size, options, segments, training=not evaluation
        )
        team = self._crew if isinstance(self._workspace, TeamWorkspace) else Crew()
        ledger = backend.zeros((3, len(network.theta)))
        network.move_to(ledger[0])
        self._theta, self._gradient, self._update = ledger
        self._updater = Updater(
            ledger, network.architecture, optimizer, learning_rate, options.update, backend, team
        )
        if options.update.sparse_inputs:
            self._leave_zeros_out()
        self._judge = Judge(network, self._feed.data, options.validation, options.update.penalties)
        self._jitter = _jitter(options, self._feed.batch_size, network)
        self._take_numbers(options)
        self._norms = Norms(
            ledger[:2],
            network.architecture,
            self.scalars[self._at.norms],
            backend,
            team,
            both=not self._updater.measures,
        )
        self._applies = [self._updater.commit(turn) for turn in range(self._updater.accumulate)]
        parts = (self._updater, self._feed, self._jitter)
        self._recorder = StepTapes(network, self._workspace, *parts, self.scalars, self._at.ratio + 1)
        self._tapes, self._commits = self._recorder.made, self._recorder.commits
        made = network, self._workspace, self._updater, self._feed, self._norms, ledger, self._at
        self._burst = None if options.noise else Burst.of(*made)
        self._camera = Camera(network, ledger, *parts, options.rows)
        self._kept_beside = options.validation, options.rows

    def _take_numbers(self, options: TrainerOptions) -> None:
        """Make room for the numbers of a step, and decide which are found out beside it, and when."""
        backend, updater, verdicts = self.network.backend, self._updater, self._judge.names
        self._at = scalars_of(
            len(self.network.architecture.layers),
            options.update.penalties,
            verdicts,
            half=backend.half,
            scheduled=updater.scheduled,
        )
        self.scalar_names = self._at.names
        self.scalars: npt.NDArray[np.float64] = np.zeros(len(self.scalar_names))
        """This step's numbers, named by `scalar_names`; overwritten by the next. Verdicts are of the
        parameters that the step starts from, and NaN in steps that take none.
        """
        if backend.shares_memory_with_host():
            self._workspace.result = self.scalars[:GRADIENT_NORMS]
        self._verdict_every = self._judge.spacing(self.steps_per_epoch, self._feed.batch_size)
        self._must_prepare = (
            updater.must_prepare or self._jitter is not None or bool(verdicts) or backend.half
        )
        self._stopping, self.watch = options.early_stopping, Watch()
        scale = self.network.scale
        self._scaling = None if scale is None else Scaling(options.loss_scale, scale)

    @property
    def touched(self) -> TouchedRows | None:
        """What sparse inputs save, if they are taken as such."""
        return self._updater.touched

    @property
    def learning_rate(self) -> float:
        """η as it was set, from which a schedule starts; a change applies from the next step."""
        return self._updater.base

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._updater.set_base(value)

    @property
    def watched(self) -> bool:
        """Whether there is early stopping."""
        return self._stopping is not None

    @property
    def stopped_early(self) -> bool:
        """Whether early stopping has ended the run; steps can still be made, and are no longer watched."""
        return self.watch.stopped_at is not None

    def threads(self) -> AbstractContextManager[None]:
        """While it is open, large steps and micro-batches are computed in threads; at other times one thing
        after the other, with the same numbers. No thread is left when it closes.
        """
        return self._crew.at_work()

    @property
    def scaling(self) -> ScaleState | None:
        """The loss scale as it is now; None unless the precision is mixed."""
        return None if self._scaling is None else self._scaling.state

    @property
    def steps_per_epoch(self) -> int:
        """Mini-batches in one pass over the data."""
        return self._feed.steps_per_epoch

    @property
    def calls_per_step(self) -> int:
        """NumPy calls a full-sized step makes by itself."""
        turn = self._updater.accumulate - 1
        tape = self._recorder.tape(0, self._feed.batch_size, turn)
        return call_count(tape) + self._norms.calls + self._updater.calls + call_count(self._applies[turn])

    @property
    def calls_in_run(self) -> float:
        """NumPy calls of a full-sized step where many are made by `run`, on average."""
        return self.calls_per_step if self._burst is None else self._burst.calls

    def run(self, most: int, undisturbed: Callable[[], bool] = lambda: True) -> Rows:
        """Make steps without a frame, at least one and no more than `most`: in less time than by `step`, if
        the network is small, and with the same numbers. Ends early where `undisturbed` says no.

        Gives the numbers of each step, (steps, scalars), which the next call overwrites. Raises NonFinite as
        `step` does, and then has made none.
        """
        count = self._burst_length(most)
        if count >= WORTH and self._burst is not None:
            self._epochs.lay_out(self.step_count)
            rows = self._quiet.run(self._burst.make, self.step_count, count, undisturbed)
            if len(rows):
                self.step_count += len(rows)
                self.scalars[:] = rows[-1]
                return rows
            self._epochs.leave(self.step_count)
        self.step()
        return self.scalars[np.newaxis]

    def _burst_length(self, most: int) -> int:
        """How many of the next steps can be a burst: none that has more to do than to be made."""
        if self._burst is None:
            return 0
        count = min(most, self._burst.room(self.step_count))
        if self._at.verdicts.stop:
            count = min(count, -self.step_count % self._verdict_every)
        if self._stopping:
            count = min(count, self._feed.steps_per_epoch - 1 - self.step_count % self._feed.steps_per_epoch)
        return count

    def step(self, capture: bool = False) -> Frame | None:
        """Advance one mini-batch: forward, loss, backward, gradients, update. With `capture`, give its frame.

        Raises NonFinite, and changes nothing, if the loss or the update would no longer be finite.
        """
        drawn = self._stream_states() if self.network.streams else ()
        slot = self._epochs.lay_out(self.step_count)
        size = self._feed.size(self.step_count % self._feed.steps_per_epoch)
        turn = self.step_count % self._updater.accumulate
        if self._must_prepare:
            self._prepare()
        if self._checkpointed:
            self._workspace.first(size).begin(capture)
        tape = self._tapes.get((slot, size, turn)) or self._recorder.tape(slot, size, turn)
        moves = turn == len(self._applies) - 1
        theta_squares, gradient_squares, update_squares = self._quiet.run(self._work, tape, moves)
        finite = isfinite(self.scalars[0]) and isfinite(gradient_squares) and isfinite(update_squares)
        left_out = not finite and self._may_leave_out(gradient_squares)
        if not finite and not left_out:
            if self._checkpointed and not capture:
                self._again(drawn, tape, size)
            shown = self._frame(self._camera.before(), size) if capture else None
            self._set_streams(drawn)
            self._epochs.leave(self.step_count)
            quantity = self._camera.first_non_finite(self._workspace.first(size))
            raise NonFinite(self.step_count, quantity, shown)
        before = self._camera.before() if capture else None
        if left_out:
            self.scalars[GRADIENT_NORMS : self._at.ratio + 1] = nan
        else:
            self._apply(turn, size, theta_squares, update_squares)
        frame = None if before is None else self._frame(before, size, left_out)
        if self._checkpointed and capture:
            self._workspace.first(size).begin(wanted=False)
        self.step_count += 1
        return self._decide(frame, left_out, moves) if self._scaling or self._stopping else frame

    def _decide(self, frame: Frame | None, left_out: bool, moves: bool) -> Frame | None:
        """After a step: the next loss scale, and whether to stop. The frame with what was decided."""
        scale, watch, loss = self.scaling, self.watch, None
        if self._scaling is not None:
            self._updater.missed = self._scaling.settle(left_out, moves)
        if self._stopping and self.step_count % self._feed.steps_per_epoch == 0:
            loss = self._look()
        if frame is None:
            return None
        seen = (watch, self.watch), loss, self._judge.validation is not None
        return replace(frame, decisions=decided(self._scaling, scale, self._stopping, *seen))

    def _frame(self, before: tuple[Array, ...], size: int, left_out: bool = False) -> Frame:
        return self._camera.frame(
            self.step_count,
            self._workspace.first(size),
            before,
            self.scalars,
            noise=self._noise,
            scale=1.0 if self._scaling is None else self._scaling.state.scale,
            left_out=left_out,
        )

    def _apply(self, turn: int, size: int, theta_squares: float, update_squares: float) -> None:
        """Make the update, keep what carries over, and note how large it was beside the parameters."""
        for call in self._applies[turn]:
            call()
        for call in self._commits[size]:
            call()
        if self._updater.measures:
            theta_squares = self._updater.passed()
        self.scalars[self._at.ratio] = (
            sqrt(update_squares / theta_squares) if theta_squares else inf if update_squares else 0.0
        )

    def _work(self, tape: Tape, moves: bool) -> tuple[float, float, float]:
        """Make the calls, and measure: the sums of squares of all parameters, gradients and updates."""
        for call in tape:
            call()
        theta_squares, gradient_squares = self._norms.measure()
        update_squares = self._updater.squares(gradient_squares) if moves else 0.0
        return theta_squares, gradient_squares, update_squares

    def _may_leave_out(self, gradient_squares: float) -> bool:
        """Whether a step that is not finite is one that loss scaling leaves out."""
        scaling = self._scaling
        overflow = isfinite(self.scalars[0]) and not isfinite(gradient_squares)
        return scaling is not None and not scaling.lowest and overflow

    def _again(self, drawn: tuple[Mapping[str, Any], ...], tape: Tape, size: int) -> None:
        """Make the calls of the step once more, on the same random numbers, and put aside what they find."""
        self._set_streams(drawn)
        if self._must_prepare:
            self._prepare()
        self._workspace.first(size).begin(wanted=True)
        self._quiet.run(self._work, tape, moves=False)

    def preview(self) -> Frame:
        """The frame of the next step, without taking it. Raises NonFinite as `step` does."""
        state, scalars = self.state(), self.scalars.copy()
        try:
            frame = self.step(capture=True)
        finally:
            self.restore(state)
            self.scalars[:] = scalars
        assert frame is not None
        return frame

    def state(self) -> TrainerState:
        """A copy of all that decides the next steps."""
        return TrainerState(
            self.step_count,
            kept(self._theta),
            tuple(kept(array) for array in self._updater.state()),
            self.learning_rate,
            *self._epochs.states,
            kept(self.network.statistics),
            self._stream_states(),
            self.watch,
            None if self._scaling is None else self._scaling.state,
            self._updater.begun,
        )

    def restore(self, state: TrainerState) -> None:
        """Go back (or on) to a state taken from a trainer of the same network, data and settings."""
        self.step_count = state.step
        put = self.network.backend.put
        put(self._theta, state.theta)
        for array, saved in zip(self._updater.state(), state.optimizer, strict=True):
            put(array, saved)
        self._updater.settle()
        self._updater.begun = state.begun
        self.learning_rate = state.learning_rate
        self._epochs.restore(state.generator, state.epoch_generator)
        put(self.network.statistics, state.statistics)
        self._set_streams(state.streams)
        self.watch = state.watch
        if self._scaling is not None and state.scaling is not None:
            self._scaling.restore(state.scaling)
            self._updater.missed = state.scaling.missed

    def evaluate(self) -> tuple[float, float]:
        """Mean loss and accuracy over the samples of the training with the parameters as they are, in
        evaluation mode. Like a step's loss it includes the penalty, if there is one.
        """
        return self._judge.scores()

    def validate(self) -> tuple[float, float] | None:
        """`evaluate` over the samples that are kept out of the training; None if there are none."""
        return self._judge.kept_out_scores()

    def validation(self) -> Evaluation | None:
        """`evaluation` of the samples that are kept out of the training; None if there are none."""
        return None if self._judge.validation is None else self._judge.validation.evaluate()

    def evaluation(self) -> Evaluation:
        """Everything there is to say of the whole data set with the parameters as they are."""
        return self._judge.training.evaluate()

    def ledger(self, *kept_beside: object) -> Ledger:
        """The memory that the run holds now, as it is allocated: some of it is only when it is first used.

        kept_beside: what others keep of the run, so that it can come back.
        """
        books = Books()
        lasting = books.part(self._theta) + books.whole(self.network.statistics)
        gradients = sum(map(books.part, (self._gradient, *self._updater.gradients)))
        optimizer = books.whole(self._updater, self._applies)
        data = books.whole(self._feed, self._jitter, self._kept_beside)
        gradients += books.whole(self._workspace.part_gradients)
        rooms = self._workspace.rooms
        working = books.whole([room.scratch for room in rooms])
        layers, shared = by_layer(books, [room.layers for room in rooms])
        past = books.whole(self.watch)
        evaluation = books.whole(self._judge.made)
        working += books.whole(self)
        past += books.whole(kept_beside)
        return Ledger(lasting, gradients, optimizer, layers, shared, working, data, evaluation, past)

    def _prepare(self) -> None:
        """Set what is a function of the step's number alone."""
        self._updater.prepare(self.step_count)
        if self._updater.scheduled:
            self.scalars[-1] = self._updater.rate
        if self._scaling is not None:
            self.scalars[self._at.scale] = self._scaling.state.scale
        if self._jitter is not None:
            self._jitter.prepare(self.step_count)
        if self._at.verdicts.stop:
            due = self.step_count % self._verdict_every == 0
            self.scalars[self._at.verdicts] = self._judge.verdict() if due else nan

    def _look(self) -> float | None:
        """After an epoch: does the run still get better? The loss that was looked at."""
        if self._stopping is None or self.watch.stopped_at is not None:
            return None
        loss, _ = self.validate() or self.evaluate()
        own = self._theta, self.network.statistics
        self.watch = self.watch.seen(self._stopping, self.step_count, loss, *own)
        self.watch.give_back(self._stopping, self.network.backend.put, *own)
        return loss

    def _stream_states(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(stream.bit_generator.state for stream in self.network.streams.values())

    def _set_streams(self, states: tuple[Mapping[str, Any], ...]) -> None:
        for stream, state in zip(self.network.streams.values(), states, strict=True):
            stream.bit_generator.state = state

    def _leave_zeros_out(self) -> None:
        room = self._workspace
        if not isinstance(room, Workspace) or self._noise:
            raise ValueError("sparse inputs are for whole batches and no noise")
        found = TouchedRows(self.network, self._theta, self._gradient, self._feed.batch_size)
        self._updater.touched = room.touched = found


def _jitter(options: TrainerOptions, rows: int, network: Network) -> Jitter | None:
    """The noise on inputs, if there is any."""
    if not options.noise:
        return None
    inputs, backend = network.architecture.inputs, network.backend
    return Jitter(options.noise, options.noise_seed, rows, inputs, backend)
