"""A network put together anew from the parts of an old one: what was between the same units stays.

A connection survives an edit if both of its units do, and are still neighbours; a bias, a name and what a
layer knows of a unit survive with the unit. What is new is drawn by the layer's own rule, of the seed and of
the place, so the same edit of the same project always gives the same. Layers whose weights are still to be
drawn (W is None) stay so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from deltaglow.engine import LossSpec, Start
from deltaglow.engine.initializers import draw
from deltaglow.model import kinds
from deltaglow.model.errors import ProjectError
from deltaglow.model.naming import some
from deltaglow.model.parts import BatchNorm, Conv1d, Dropout, Part, Skip
from deltaglow.model.project import Layer, Names, NetworkSpec, Project

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

NEW = -1
"""Where a unit comes from that was not there before."""
_COLUMN = 1_000_000
REMEMBERED = 2**18
"""Weights of a layer up to which the last few that were drawn are remembered."""


@dataclass(frozen=True)
class Plan:
    """A layer of the network to be.

    layer: what it is made from; its arrays are those of before. origin: its number (from 1) in the network
    before, None for one that was not there: its arrays then are for the place where it goes, and it loses
    those that do not fit. units: for each of its units the number it had, or NEW; only dense layers have a
    choice.
    """

    layer: Layer
    origin: int | None
    units: tuple[int, ...]


def plans(spec: NetworkSpec) -> list[Plan]:
    """The network as it is."""
    return [Plan(layer, k, tuple(range(layer.units))) for k, layer in enumerate(spec.layers, start=1)]


def new(layer: Layer) -> Plan:
    """A layer that was not there before."""
    return Plan(layer, None, (NEW,) * layer.units)


def rebuilt(project: Project, planned: Sequence[Plan], inputs: Sequence[int] | None = None) -> Project:
    """The project with these layers; inputs: for each input the number it had, or NEW, if they change.

    The result is not judged: `validate` does that.
    """
    spec = project.network
    old = _identities(spec)
    entering = old[0] if inputs is None else _renamed(inputs, old[0])
    made = _Made(project.training.seed, old, [entering], {0: 0}, [], spec.loss, len(entering))
    named = np.arange(spec.inputs) if inputs is None else np.asarray(inputs, dtype=np.int64)
    made.input_names = _labels(spec.input_names, named)
    for plan in planned:
        made.add(plan)
    return replace(project, network=made.spec)


def _identities(spec: NetworkSpec) -> list[Ints]:
    """A number for every unit of every column. Layers wired one to one hand on the units before them."""
    found = [np.arange(spec.inputs)]
    for k, layer in enumerate(spec.layers, start=1):
        through = isinstance(layer.part, BatchNorm | Dropout)
        found.append(found[-1] if through else k * _COLUMN + np.arange(layer.units))
    return found


def _renamed(units: Sequence[int], old: Ints) -> Ints:
    chosen = np.asarray(units, dtype=np.int64)
    return np.where(chosen >= 0, old[np.clip(chosen, 0, len(old) - 1)], NEW)


def _places(wanted: Ints, old: Ints) -> Ints:
    """Where each of the wanted units stood in an old column, or NEW."""
    if not len(old):
        return np.full(len(wanted), NEW, dtype=np.int64)
    order = np.argsort(old, kind="stable")
    found = order[np.minimum(np.searchsorted(old[order], wanted), len(old) - 1)]
    return np.where(old[found] == wanted, found, NEW).astype(np.int64)


@dataclass
class _Made:
    """The network as far as it is put together."""

    seed: int
    old: list[Ints]
    columns: list[Ints]
    moved: dict[int, int]
    """Columns that were there before → where they are now."""
    layers: list[Layer]
    loss: LossSpec
    inputs: int
    input_names: tuple[str, ...] | None = None

    @property
    def spec(self) -> NetworkSpec:
        return NetworkSpec(self.inputs, tuple(self.layers), self.loss, self.input_names)

    def add(self, plan: Plan) -> None:
        layer, k = plan.layer, len(self.layers) + 1
        match layer.part:
            case None:
                layer, column = self._dense(plan)
            case Conv1d():
                layer, column = self._conv(plan)
            case BatchNorm() | Dropout():
                layer, column = self._through(plan), self.columns[-1]
        self.layers.append(layer)
        self.columns.append(column)
        if plan.origin is not None:
            self.moved.setdefault(plan.origin, k)

    def _dense(self, plan: Plan) -> tuple[Layer, Ints]:
        layer, width = replace(plan.layer, units=len(plan.units)), len(self.columns[-1])
        if plan.origin is None:
            layer = fitted(layer, width)
            skip = layer.skip
            if skip is not None:  # pasted in front of where that came from, it comes from the layer before
                source = min(skip.source, len(self.columns) - 1)
                skip = _with_width(replace(skip, source=source), len(self.columns[source]), layer.units)
            return replace(layer, skip=skip), np.full(layer.units, NEW)
        rows = np.asarray(plan.units, dtype=np.int64)
        columns = _places(self.columns[-1], self.old[plan.origin - 1])
        fresh = self._fresh(layer, width)
        layer = replace(
            layer,
            W=_matrix(layer.W, rows, columns, fresh),
            b=_vector(layer.b, rows, 0.0),
            mask=mask_of(_matrix(layer.mask, rows, columns, lambda: np.ones((len(rows), width), np.bool_))),
            frozen_W=_matrix(layer.frozen_W, rows, columns, lambda: np.zeros((len(rows), width), np.bool_)),
            frozen_b=_flags(layer.frozen_b, rows),
            names_W=_names(layer.names_W, rows, columns),
            names_b=_names_row(layer.names_b, rows),
            unit_names=_labels(layer.unit_names, rows),
            skip=self._skip(layer, rows),
        )
        return layer, _renamed(plan.units, self.old[plan.origin])

    def _skip(self, layer: Layer, rows: Ints) -> Skip | None:
        skip = layer.skip
        if skip is None or skip.source not in self.moved:
            return None
        source = self.moved[skip.source]
        columns = _places(self.columns[source], self.old[skip.source])
        P = _matrix(skip.P, rows, columns, self._fresh(layer, len(columns)))
        return _with_width(Skip(source, skip.projection, P), len(columns), len(rows))

    def _conv(self, plan: Plan) -> tuple[Layer, Ints]:
        layer, before = plan.layer, len(self.columns[-1])
        channels = self.spec.channels[-1]
        try:
            layer = kinds.resized(layer, before, channels)
        except ProjectError:  # its kernel does not fit any more: that is refused when the whole is judged
            return layer, np.full(layer.units, NEW)
        assert isinstance(layer.part, Conv1d)
        seen = channels if layer.part.in_channels is None else layer.part.in_channels
        if layer.W is not None and layer.W.shape != (layer.part.channels, layer.part.kernel * seen):
            layer = replace(layer, W=None, b=None)
        stays = plan.origin is not None and len(self.old[plan.origin]) == layer.units
        return layer, self.old[plan.origin or 0] if stays else np.full(layer.units, NEW)

    def _through(self, plan: Plan) -> Layer:
        layer, units = replace(plan.layer, units=len(self.columns[-1])), self.columns[-1]
        if not isinstance(layer.part, BatchNorm):
            return layer
        if plan.origin is None:
            return replace(layer, part=_norm_fitted(layer.part, layer.units))
        rows = _places(units, self.old[plan.origin])
        return replace(layer, part=_norm(layer.part, rows))

    def _fresh(self, layer: Layer, width: int) -> Callable[[], Array]:
        return partial(drawn, self.seed, layer, len(self.layers) + 1, width)


def drawn(seed: int, layer: Layer, k: int, width: int) -> Array:
    """Weights (units, width) for a dense layer as number k, by its rule; always the same of the same seed."""
    start = Start(layer.init, layer.gain, layer.constant)
    known = _drawn if layer.units * width <= REMEMBERED else _drawn.__wrapped__
    return known(seed, start, layer.activation, k, layer.units, width).copy()


@lru_cache(maxsize=4)
def _drawn(seed: int, start: Start, activation: str, k: int, units: int, width: int) -> Array:
    """One edit asks for the same weights several times: see `once`."""
    rng = np.random.default_rng((seed, k, units, width))
    return draw(start, activation, rng, units, width)


def fitted(layer: Layer, width: int) -> Layer:
    """A dense layer behind `width` units, without the arrays that do not fit there."""
    shape = (layer.units, width)
    W = layer.W if layer.W is not None and layer.W.shape == shape else None
    b = layer.b if layer.b is not None and layer.b.shape == shape[:1] else None
    mask = layer.mask if layer.mask is not None and layer.mask.shape == shape else None
    units = layer.unit_names if layer.unit_names and len(layer.unit_names) == layer.units else None
    bare = replace(layer, frozen_W=None, frozen_b=None, names_W=None, names_b=None, unit_names=units)
    return replace(bare, W=W, b=b, mask=mask)


def mask_of(mask: Array | None) -> Array | None:
    """A mask of which something is deleted, else None."""
    return None if mask is None or bool(mask.all()) else mask


def _with_width(skip: Skip, around: int, units: int) -> Skip:
    """The skip with a matrix where widths differ, and without one that has the wrong shape."""
    P = skip.P if skip.P is not None and skip.P.shape == (units, around) else None
    return Skip(skip.source, skip.projection or around != units, P)


def _matrix(old: Array | None, rows: Ints, columns: Ints, fresh: Callable[[], Array]) -> Array | None:
    """Rows and columns of a matrix where they go, the rest fresh; None if nothing of it is left."""
    if old is None:
        return None
    if np.array_equal(rows, np.arange(old.shape[0])) and np.array_equal(columns, np.arange(old.shape[1])):
        return old
    to_rows, to_columns = np.flatnonzero(rows >= 0), np.flatnonzero(columns >= 0)
    if not to_rows.size or not to_columns.size:
        return None
    made = fresh()
    into = _block(to_rows, to_columns)
    made[into] = old[_block(rows[to_rows], columns[to_columns])]
    made.flags.writeable = False  # whoever keeps it need not copy it
    return made


def _block(rows: Ints, columns: Ints) -> tuple[Any, ...]:
    """What indexes these rows and columns of a matrix: slices where they can be, which take a tenth of the
    time.
    """
    across, down = _run(rows), _run(columns)
    return np.ix_(rows, columns) if across is None or down is None else (across, down)


def _run(places: Ints) -> slice | None:
    """Places that follow each other without a gap, as a slice; None for others."""
    gapless = int(places[-1]) - int(places[0]) + 1 == len(places) and bool((np.diff(places) == 1).all())
    return slice(int(places[0]), int(places[-1]) + 1) if gapless else None


def _vector(old: Array | None, rows: Ints, fresh: float) -> Array | None:
    if old is None:
        return None
    if np.array_equal(rows, np.arange(len(old))):
        return old
    return np.where(rows >= 0, old[np.clip(rows, 0, len(old) - 1)], fresh)


def _flags(old: Array | None, rows: Ints) -> Array | None:
    """Truth values of units where they go; of new ones False."""
    return None if old is None else (rows >= 0) & old[np.clip(rows, 0, len(old) - 1)]


def _norm(part: BatchNorm, rows: Ints) -> Part:
    begins = {"gamma": 1.0, "beta": 0.0, "running_mean": 0.0, "running_var": 1.0}
    if np.array_equal(rows, np.arange(len(rows))) and all(
        len(getattr(part, name)) == len(rows) for name in begins if getattr(part, name) is not None
    ):
        return part
    moved: dict[str, Any] = {
        name: _vector(getattr(part, name), rows, value) for name, value in begins.items()
    }
    return replace(part, **moved)


def _norm_fitted(part: BatchNorm, units: int) -> BatchNorm:
    named = {field.name: getattr(part, field.name) for field in fields(part)}
    wrong: dict[str, Any] = {
        n: None for n, v in named.items() if isinstance(v, np.ndarray) and len(v) != units
    }
    return replace(part, **wrong)


def _names(old: Names | None, rows: Ints, columns: Ints) -> Names | None:
    """The names where their connections go; of a connection that is there twice, the first keeps it."""
    if old is None:
        return None
    seen: set[str] = set()

    def name(j: int, i: int) -> str:
        found = old[j][i] if j >= 0 and i >= 0 else ""
        fresh = "" if found in seen else found
        seen.add(found)
        return fresh

    made = tuple(tuple(name(int(j), int(i)) for i in columns) for j in rows)
    return made if any(map(any, made)) else None


def _names_row(old: tuple[str, ...] | None, rows: Ints) -> tuple[str, ...] | None:
    made = _names(None if old is None else (old,), np.zeros(1, np.int64), rows)
    return None if made is None else made[0]


def _labels(old: tuple[str, ...] | None, rows: Ints) -> tuple[str, ...] | None:
    """Names of units where they go; copies are called the same."""
    return None if old is None else some([old[j] if j >= 0 else "" for j in rows.tolist()])
