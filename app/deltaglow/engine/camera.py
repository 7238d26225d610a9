"""From the arrays of a step to its frame: the copies that are shown, and what in them is not finite."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from deltaglow.engine.decisions import Decisions
from deltaglow.engine.feed import Feed
from deltaglow.engine.frame import Frame, LayerTrace
from deltaglow.engine.jitter import Jitter
from deltaglow.engine.micro_batches import MicroBatches
from deltaglow.engine.network import Network
from deltaglow.engine.ops import Array, IntArray, frozen, host
from deltaglow.engine.updater import Updater
from deltaglow.engine.workspace import TRACED, Workspace


class Camera:
    """Takes frames of the steps of a run.

    ledger (3, P): parameters, gradient and update. rows (N,): by which numbers frames call the samples; None
    for their own.
    """

    def __init__(
        self,
        network: Network,
        ledger: Array,
        updater: Updater,
        feed: Feed,
        jitter: Jitter | None,
        rows: IntArray | None,
    ) -> None:
        self._network, self._updater, self._feed, self._jitter, self._rows = (
            network,
            updater,
            feed,
            jitter,
            rows,
        )
        self._theta, self._gradient, self._update = ledger

    def before(self) -> tuple[Array, ...]:
        """Copies of what a step overwrites and its frame shows."""
        return frozen(self._theta), frozen(self._network.statistics), *self._updater.before_step()

    def frame(
        self,
        step: int,
        room: Workspace | MicroBatches,
        before: tuple[Array, ...],
        scalars: npt.NDArray[np.float64],
        *,
        noise: float,
        scale: float,
        left_out: bool,
    ) -> Frame:
        """The frame of step number `step`, just made in `room`. before: what `before` gave ahead of it.
        scalars: its loss and accuracy, first of all. scale: the loss scale.
        """
        cursor = step % self._feed.steps_per_epoch
        batch = self._feed.batch(self._feed.lay_out(cursor), self._feed.size(cursor))
        if self._jitter is not None:
            batch = self._jitter.batch(batch)
        theta, remembered = before[:2]
        theta_after, gradient = frozen(self._theta), frozen(self._gradient)
        rows = self._feed.samples(cursor)
        return Frame(
            step=step,
            epoch=step // self._feed.steps_per_epoch,
            rows=frozen(rows if self._rows is None else self._rows[rows]),
            x=frozen(batch.inputs[:, :-1]),
            y=frozen(batch.y),
            layers=self._layers(room, (theta, theta_after, gradient), scale),
            **{name: frozen(array) for name, array in room.outcome().items()},
            loss=float(scalars[0]),
            accuracy=float(scalars[1]),
            learning_rate=self._updater.rate,
            theta=theta,
            theta_after=theta_after,
            gradient=gradient,
            architecture=self._network.architecture,
            training=room.training,
            statistics=remembered,
            statistics_after=frozen(self._network.statistics),
            hard=batch.hard,
            update=self._updater.trace(step, before[2:]),
            noise=noise,
            precision=self._network.backend.precision,
            scale=scale,
            left_out=left_out,
            decisions=Decisions(),
        )

    def _layers(
        self, room: Workspace | MicroBatches, flats: tuple[Array, Array, Array], scale: float
    ) -> tuple[LayerTrace, ...]:
        """What each layer holds, errors without the loss scale; flats (P,): parameters before and after, and
        the gradient.
        """
        architecture = self._network.architecture
        columns = zip(
            architecture.layers,
            map(room.seen, range(1, len(architecture.layers) + 1)),
            *(architecture.blocks(flat) for flat in flats),
            strict=True,
        )
        half = self._network.scale is not None
        return tuple(
            LayerTrace(
                shape=shape,
                z=seen["z"],
                a=seen["a"],
                slope=seen["slope"],
                back=frozen(seen["back"] / scale) if half else seen["back"],
                delta=frozen(seen["delta"] / scale) if half else seen["delta"],
                block=old,
                block_after=new,
                block_gradient=slopes,
                extra={name: array for name, array in seen.items() if name not in TRACED},
            )
            for shape, seen, old, new, slopes in columns
        )

    def first_non_finite(self, room: Workspace | MicroBatches) -> str:
        """What is first, in the order of computation, that is not finite."""
        architecture = self._network.architecture
        seen = {k: room.seen(k) for k in range(1, len(architecture.layers) + 1)}
        computed: list[tuple[str, Array]] = []
        for k, arrays in seen.items():
            computed += [(f"z of layer {k}", arrays["z"]), (f"a of layer {k}", arrays["a"])]
        computed += room.computed().items()
        computed += [(f"delta of layer {k}", arrays["delta"]) for k, arrays in reversed(seen.items())]
        for flat in (self._updater.raw, self._gradient):
            blocks = enumerate(architecture.blocks(flat), start=1)
            computed += [(f"the gradient of layer {k}", block) for k, block in blocks]
        computed.append(("the update", self._update))
        for name, array in computed:
            if not np.isfinite(host(array)).all():
                return name
        return "the size of the update"
