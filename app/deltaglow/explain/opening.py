"""Phases opened: layer → unit → term. Which unit and which of its terms is under way at a position.

A position stays one real number: phase i is under way in (i, i + 1]. The depth decides into how many *moves*
of equal length a phase falls, and so where stepping rests and from where on each number is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

from deltaglow.engine import LOSSES, Frame
from deltaglow.explain import terms
from deltaglow.explain.phases import TRAVEL_END, Phase, Phases
from deltaglow.explain.terms import Term
from deltaglow.model.beside import SAMPLE_GRADIENTS
from deltaglow.model.quantity import PART, UPDATE_ARRAYS, Quantity

DEPTHS = ("layer", "unit", "term")
MOST_UNITS, MOST_EDGES = 64, 500
"""A phase with more units or connections goes through those of the unit in focus only."""
MOST_OUTPUTS = 16
"""Outputs that are gone through one by one."""
MOVE_LENGTH, PARAMETER_LENGTH = 0.6, 0.3
"""How long a move lasts, a layer being 1; that of a parameter, of which there are many, is shorter."""
BEND_AT = 0.45
"""α of the last move of a unit at which its slope is known."""
DONE_AT = 0.9
"""α at which what a move makes stands there."""

_PARAMETRIC = ("gradients", "update")
_TERMS = {
    "forward": terms.forward,
    "delta": terms.backward,
    "gradients": terms.gradients,
    "update": terms.updates,
}


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happens in an opened phase.

    kind: "all", a whole layer (or all parameters) at once; "unit", one unit whole; "term", one of its terms;
    "bend", z → a, or what came back → δ; "exp" and "share", one output's or, without a unit, all of them;
    "sum", of the exponentials; "cost", of one output, and "total", of all of them. terms: how many the unit
    has.
    """

    kind: str
    layer: int | None = None
    unit: int | None = None
    term: int = 0
    terms: int = 0


@dataclass(frozen=True, slots=True)
class Detail:
    """The move under way: the `number` of `count` in its phase, and α in [0, 1] within it."""

    phase: Phase
    move: Move
    number: int
    count: int
    alpha: float


class Opening:
    """The phases of a frame at a depth, for one row of its batch.

    focus: the layer (0 for the inputs) and the unit that is opened where there are too many to open all.
    """

    def __init__(
        self,
        frame: Frame,
        phases: Phases,
        row: int,
        depth: str = "layer",
        focus: tuple[int, int] | None = None,
    ) -> None:
        self.frame, self.phases, self.row, self.depth, self.focus = frame, phases, row, depth, focus
        self._moves: dict[int, tuple[Move, ...]] = {}
        self._known: dict[tuple[str, int | None, tuple[int, ...]], float] = {}
        self._terms: dict[tuple[str, int, int], tuple[Term, ...]] = {}
        self._first: dict[int, dict[tuple[int | None, int | None], int]] = {}

    def moves(self, index: int) -> tuple[Move, ...]:
        """The moves of phase number `index`; none where it is not opened."""
        if index not in self._moves:
            found = () if self.depth == "layer" else self._open(self.phases.items[index])
            self._moves[index] = found
            first: dict[tuple[int | None, int | None], int] = {}
            for number, move in enumerate(found):
                first.setdefault((move.layer, move.unit), number)
            self._first[index] = first
        return self._moves[index]

    def at(self, position: float) -> Detail | None:
        """The move under way; None where the phase is not opened. The end of a move belongs to it."""
        moment = self.phases.at(position)
        if moment.phase is None:
            return None
        moves = self.moves(moment.index)
        if not moves:
            return None
        place = moment.alpha * len(moves)
        number = min(max(ceil(place - 1e-9) - 1, 0), len(moves) - 1)
        alpha = min(max(place - number, 0.0), 1.0)
        return Detail(moment.phase, moves[number], number, len(moves), alpha)

    def terms(self, kind: str, layer: int, unit: int) -> tuple[Term, ...]:
        """The terms of a unit in a phase of this kind."""
        key = (kind, layer, unit)
        if key not in self._terms:
            self._terms[key] = _TERMS[kind](self.frame, self.row, layer, unit)
        return self._terms[key]

    def term(self, detail: Detail) -> Term | None:
        """The term under way, in a move that is one."""
        move = detail.move
        if move.kind != "term" or move.layer is None or move.unit is None:
            return None
        return self.terms(detail.phase.kind, move.layer, move.unit)[move.term]

    def limited(self, phase: Phase) -> bool:
        """Whether a phase is too large to go through all of it."""
        units, edges = self._size(phase)
        return units > MOST_UNITS or edges > MOST_EDGES

    # Walking

    def stops(self, index: int) -> tuple[float, ...]:
        """The α at which stepping rests in phase number `index`; the last is 1."""
        count = len(self.moves(index))
        return tuple((n + 1) / count for n in range(count)) if count else self.phases.items[index].stops

    def length(self, index: int) -> float:
        """How long a phase lasts, a layer at layer depth being 1."""
        if not 0 <= index < len(self.phases):
            return 1.0
        short = self.phases.items[index].kind in _PARAMETRIC
        return max(1.0, len(self.moves(index)) * (PARAMETER_LENGTH if short else MOVE_LENGTH))

    def next_stop(self, position: float) -> float:
        """The next place to rest after a position."""
        for index in range(max(floor(position), 0), len(self.phases)):
            for stop in self.stops(index):
                if index + stop > position + 1e-9:
                    return index + stop
        return self.phases.end

    def previous_stop(self, position: float) -> float:
        """The place to rest before a position."""
        for index in range(min(ceil(position), len(self.phases)) - 1, -1, -1):
            for stop in reversed(self.stops(index)):
                if index + stop < position - 1e-9:
                    return index + stop
        return 0.0

    # When a number is known

    def known_from(self, q: Quantity) -> float:
        """The position from which a quantity's value is known."""
        return self.unit_known_from(q.kind, q.layer, q.index)

    def whole_known_from(self, kind: str, layer: int | None = None) -> float:
        """The position from which every number of a kind (in a layer) is known."""
        whole = self.phases.kind_known_from(kind, layer)
        index = ceil(whole) - 1
        moves = () if index < 0 else self.moves(index)
        if not moves:
            return whole
        if moves[0].kind == "all":
            return index + (whole - index) / len(moves)
        place = 0.1 if kind in _DRAWN_FIRST else len(moves) - 1 + DONE_AT
        if kind == "exp_sum":
            place = self._place_of_output(index, kind, ()) or place
        return index + place / len(moves)

    def unit_known_from(self, kind: str, layer: int | None, index: tuple[int, ...]) -> float:
        """The position from which one number of a kind is known."""
        key = (kind, layer, index)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._work_out(kind, layer, index)
        return found

    def _work_out(self, kind: str, layer: int | None, index: tuple[int, ...]) -> float:
        whole = self.phases.kind_known_from(kind, layer)
        phase_index = ceil(whole) - 1
        if self.depth == "layer" or phase_index < 0:
            return whole
        moves = self.moves(phase_index)
        if not moves:
            return whole
        if moves[0].kind == "all":
            return phase_index + (whole - phase_index) / len(moves)
        place = self._place(phase_index, kind, layer, index)
        return whole if place is None else phase_index + place / len(moves)

    def _place(self, phase_index: int, kind: str, layer: int | None, index: tuple[int, ...]) -> float | None:
        """Where among the moves of its phase a number comes to be known."""
        phase = self.phases.items[phase_index]
        if phase.kind in ("softmax", "output"):
            return self._place_of_output(phase_index, kind, index)
        if phase.kind == "loss":
            return (index[0] if index else len(self.moves(phase_index)) - 1) + DONE_AT
        if not index:
            return None
        first = self._first[phase_index].get((layer, index[0]))
        if first is None:
            return None
        move = self.moves(phase_index)[first]
        if move.kind == "unit":
            return first + _WITHIN_UNIT.get(kind, TRAVEL_END)
        if phase.kind in _PARAMETRIC:
            return first + self._parameter(phase.kind, kind, move, index) + DONE_AT
        bend = first + move.terms
        return {"z": bend, "back": bend, "slope": bend + BEND_AT, "a": bend + DONE_AT}.get(
            kind, bend + DONE_AT if kind == "delta" else first
        )

    def _parameter(self, phase_kind: str, kind: str, move: Move, index: tuple[int, ...]) -> int:
        """Which of a unit's terms a number of a parameter belongs to."""
        if move.layer is None or move.unit is None:
            return 0
        wanted = Quantity((PART | SAMPLE_GRADIENTS)[kind], move.layer, index)
        found = self.terms(phase_kind, move.layer, move.unit)
        for n, term in enumerate(found):
            if term.of == wanted or (move.layer, *index) in term.lines:
                return n
        return max(len(found) - 1, 0)

    def _place_of_output(self, phase_index: int, kind: str, index: tuple[int, ...]) -> float | None:
        moves = self.moves(phase_index)
        step = {"shifted": "exp", "exp": "exp", "exp_sum": "sum", "y_hat": "share"}.get(kind)
        for number, move in enumerate(moves):
            if move.kind == step and move.unit in (None, *index):
                return number + (0.4 if kind == "shifted" else DONE_AT)
        return None

    # Opening a phase

    def _open(self, phase: Phase) -> tuple[Move, ...]:
        if phase.kind in ("softmax", "output"):
            return self._open_output()
        if phase.kind == "loss":
            return self._open_loss()
        if phase.kind == "delta" and phase.layer == self.phases.depth:
            outputs = self.frame.architecture.layers[-1].units
            some = range(outputs) if outputs <= MOST_OUTPUTS else range(0)
            return tuple(Move("unit", phase.layer, j) for j in some)
        units = self._units(phase)
        if not self.limited(phase):
            return tuple(move for k, j in units for move in self._open_unit(phase.kind, k, j))
        if self.focus is None or self.focus not in units:
            return ()
        return (Move("all", phase.layer), *self._open_unit(phase.kind, *self.focus))

    def _open_unit(self, kind: str, k: int, j: int) -> tuple[Move, ...]:
        if self.depth == "unit":
            has = kind not in _PARAMETRIC or terms.count(self.frame, kind, k, j) > 0
            return (Move("unit", k, j),) if has else ()
        count = terms.count(self.frame, kind, k, j)
        found = tuple(Move("term", k, j, n, count) for n in range(count))
        return found if kind in _PARAMETRIC else (*found, Move("bend", k, j, count, count))

    def _open_output(self) -> tuple[Move, ...]:
        outputs = self.frame.architecture.layers[-1].units
        each: tuple[int | None, ...] = (None,)
        softmax = LOSSES[self.frame.architecture.loss.name].softmax
        if outputs <= MOST_OUTPUTS and (self.depth == "term" or not softmax):
            each = tuple(range(outputs))
        shares = tuple(Move("share", None, j) for j in each)
        return (*(Move("exp", None, j) for j in each), Move("sum"), *shares) if softmax else shares

    def _open_loss(self) -> tuple[Move, ...]:
        outputs = self.frame.architecture.layers[-1].units
        if outputs > MOST_OUTPUTS:
            return ()
        return (*(Move("cost", None, j) for j in range(outputs)), Move("total"))

    def _units(self, phase: Phase) -> list[tuple[int, int]]:
        widths = self.frame.architecture.widths
        if phase.kind == "gradients" or phase.kind == "update":
            return [(k, j) for k in range(1, len(widths)) for j in range(widths[k])]
        return [(phase.layer or 1, j) for j in range(widths[phase.layer or 1])]

    def _size(self, phase: Phase) -> tuple[int, int]:
        """Units, and connections, that a phase goes through."""
        layers = self.frame.architecture.layers
        edges = [shape.units * (1 if shape.one_to_one else shape.n_in) for shape in layers]
        if phase.kind in _PARAMETRIC:
            return max(shape.units for shape in layers), sum(edges)
        if phase.layer is None:
            return 0, 0
        here = layers[phase.layer - 1].units
        if phase.kind == "forward":
            return here, edges[phase.layer - 1]
        return here, 0 if phase.layer == self.phases.depth else edges[phase.layer]


_DRAWN_FIRST = ("x_hat", "mean", "var", "keep")
_WITHIN_UNIT = {
    **dict.fromkeys(_DRAWN_FIRST, 0.1),
    **dict.fromkeys(("z", "back", "slope"), TRAVEL_END),
    **dict.fromkeys(("a", "delta"), DONE_AT),
    **{kind: 0.3 for kind, name in UPDATE_ARRAYS.items() if "before" not in name},
}
"""α of a unit's move at which a number of it is known."""
