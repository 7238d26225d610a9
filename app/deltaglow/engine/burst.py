"""Bursts: steps made one after the other that nobody looks into, and whose numbers are told together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from deltaglow.engine.feed import Feed
from deltaglow.engine.losses.later import Later
from deltaglow.engine.masks import mask_tape
from deltaglow.engine.network import Network
from deltaglow.engine.norms import Norms
from deltaglow.engine.ops import Array, IntArray, Tape, op
from deltaglow.engine.scalars import Scalars
from deltaglow.engine.updater import Updater
from deltaglow.engine.workspace import Workspace

LONGEST = 32
"""Steps of a burst at most."""
WORTH = 4
"""Steps from which on it takes less time than single ones."""
TOLD_IN = 28
"""NumPy calls of a burst beside its steps', however long it is: those that keep what it may be taken back to,
tell its numbers and see whether they are finite.
"""

Rows = npt.NDArray[np.float64]


class Burst:
    """Makes the steps of small and plain runs in fewer calls than they take one by one.

    In a small network a step costs its number of calls, and a fourth of them only tell how it went: the loss,
    the accuracy, the norms. Nothing in the next step depends on these. So each step writes what they are made
    of (the shifted logits, the gradient, the update) to a place of its own, and for all places together they
    take as many calls as for one. Parameters and numbers are those of single steps to the last bit.

    What is not finite is noticed afterwards: then the parameters go back to where the burst began, and on to
    the step before. ledger (3, P): parameters, gradient and update, of the last step in the end.
    """

    def __init__(
        self,
        network: Network,
        workspace: Workspace,
        updater: Updater,
        feed: Feed,
        norms: Norms,
        ledger: Array,
        at: Scalars,
        later: Later,
    ) -> None:
        self._network, self._workspace, self._updater = network, workspace, updater
        self._feed, self._norms, self._at, self._later = feed, norms, at, later
        self._ledger = ledger
        self._turns = _turns(feed)
        places, size = _places(feed), len(network.theta)
        self._flats: Array = np.zeros((places, 2, size))
        """Parameters and gradient of the step in each place."""
        self._updates: Array = np.zeros((places, size))
        self._rates: Array = np.zeros(places)
        self._rows: Rows = np.full((places, len(at.names)), np.nan)
        self._classes: IntArray = np.tile(feed.classes, self._turns) if self._turns > 1 else feed.classes
        self._tapes: dict[int, Tape] = {}
        self.calls = len(self._tape(0)) + TOLD_IN / places
        """NumPy calls of a step, with its share of those that tell its numbers."""

    @classmethod
    def of(
        cls,
        network: Network,
        workspace: object,
        updater: Updater,
        feed: Feed,
        norms: Norms,
        ledger: Array,
        at: Scalars,
    ) -> Burst | None:
        """That of a run without noise; None where steps draw random numbers or remember their batch, where
        the loss has to be known at once, and where single steps are large enough to take the longer way.
        """
        plain = network.backend.shares_memory_with_host() and updater.plain and feed.hard and norms.at_once
        if not plain or type(workspace) is not Workspace or workspace.segments.count > 1:
            return None
        if workspace.draw() or workspace.commit() or _places(feed) < WORTH:
            return None
        later = workspace.loss.later(_places(feed))
        return None if later is None else cls(network, workspace, updater, feed, norms, ledger, at, later)

    def room(self, step: int) -> int:
        """How many steps can be made in one go from step number `step` on."""
        feed, index, places = self._feed, self._index(step), len(self._flats)
        free = places - index % places
        if self._turns > 1:
            return free
        return max(0, min(free, feed.full - step % feed.steps_per_epoch, feed.slots - index))

    def make(self, step: int, count: int, undisturbed: Callable[[], bool]) -> Rows:
        """Make up to `count` steps from step number `step` on, for which there must be `room` and the batches
        laid out; after the first one it ends as soon as `undisturbed` says no. Gives the numbers of each
        step, (steps, scalars), up to the first one that is not finite, and has made those that it gives.
        """
        theta, kept = self._network.theta.copy(), self._updater.before_step()
        made = self._steps(step, count, undisturbed)
        rows, fine = self._tell(theta, self._index(step), made)
        good = made if fine.all() else int(fine.argmin())
        if good < made:
            self._network.theta[:] = theta
            self._updater.put_back(kept)
            self._steps(step, good, lambda: True)
        if good:
            last = (self._index(step) + good - 1) % len(self._flats)
            self._ledger[1], self._ledger[2] = self._flats[last, 1], self._updates[last]
        return rows[:good]

    def _steps(self, step: int, count: int, undisturbed: Callable[[], bool]) -> int:
        """Make the calls of so many steps, or fewer: how many."""
        index, updater, rates = self._index(step), self._updater, self._rates
        tapes = [self._tape(i) for i in range(index, index + count)]
        first, prepares = index % len(rates), updater.must_prepare
        rates[first : first + count] = updater.rate
        for made, tape in enumerate(tapes):
            if prepares:
                updater.prepare(step + made)
                rates[first + made] = updater.rate
            for call in tape:
                call()
            if not undisturbed():
                return made + 1
        return count

    def _tell(self, theta: Array, index: int, count: int) -> tuple[Rows, npt.NDArray[np.bool_]]:
        """The numbers of so many steps, the first of which began with these parameters, and which of them
        are finite.
        """
        first, size = index % len(self._flats), self._feed.batch_size
        places = slice(first, first + count)
        rows, updates, flats, rates = (
            every[places] for every in (self._rows, self._updates, self._flats, self._rates)
        )
        thetas = flats[:, 0]
        thetas[0], thetas[1:] = theta, updates[:-1]
        np.subtract.accumulate(thetas, axis=0, out=thetas)
        self._later.tell(places, self._classes[index * size : (index + count) * size], rows[:, :2])
        squares = self._norms.of_steps(flats, rows[:, self._at.norms])
        lengths, slopes = squares.T
        moves = self._updater.squares_of(updates, rates, slopes)
        np.sqrt(moves / lengths, out=rows[:, self._at.ratio])
        if not lengths.all():
            rows[(lengths == 0.0) & (moves == 0.0), self._at.ratio] = 0.0
        if self._updater.scheduled:
            rows[:, -1] = rates
        return rows, np.isfinite(rows[:, 0] + squares.sum(axis=1) + moves)

    def _index(self, step: int) -> int:
        """Where a step stands among those that have tapes of their own."""
        if self._turns > 1:
            return step % len(self._flats)
        return step % self._feed.steps_per_epoch % self._feed.slots

    def _tape(self, index: int) -> Tape:
        """From the batch to new parameters."""
        known = self._tapes.get(index)
        if known is not None:
            return known
        place, size, backend = index % len(self._flats), self._feed.batch_size, self._network.backend
        batch = self._feed.batch(index % self._feed.slots, size)
        gradient = self._flats[place, 1]
        blocks = self._network.architecture.blocks(gradient)
        room = self._workspace.with_loss(self._later.loss(place))
        tape = room.say(batch) + self._later.outputs(place, room.layers[-1].a) + room.backward(batch, blocks)
        if size > 1:
            share = backend.spread(backend.array([1.0 / size]), len(gradient))
            tape.append(op(backend.xp.multiply, gradient, share, gradient))
        tape += mask_tape(self._network, blocks)
        tape += self._updater.in_one_go(gradient, self._updates[place])
        self._tapes[index] = tape
        return tape


def _turns(feed: Feed) -> int:
    """How often the whole data set is gone through in a burst: more than once only where every epoch is the
    same, and lies whole in the feed's arrays.
    """
    same = not feed.shuffle and feed.full == feed.steps_per_epoch == feed.slots
    return max(1, LONGEST // feed.slots) if same else 1


def _places(feed: Feed) -> int:
    """Steps of a burst."""
    return min(feed.slots * _turns(feed), LONGEST)
