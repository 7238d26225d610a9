"""The phases of a step, as a viewer sees them, and when each number becomes known.

A place in a step is one real number, the *position*: phase number i is under way for positions in (i, i +
1], with α = position − i. Position 0 is the start: only the inputs, the targets and the parameters are
known. Everything drawn is a pure function of a frame and a position.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

from deltaglow.engine import LossSpec
from deltaglow.explain.output_words import OutputWords, output_words
from deltaglow.model.quantity import UPDATE_ARRAYS, Quantity

_PLAIN = LossSpec()

TRAVEL_END = 0.6
"""α at which what travels along the connections has arrived."""


@dataclass(frozen=True)
class Phase:
    """One phase. `kind` is forward, softmax (or output, where the loss is on no softmax), loss, delta,
    gradients or update; `layer` counts from 1, where it has one.

    `stops` are the α at which stepping rests: the last is always 1.
    """

    kind: str
    layer: int | None
    title: str
    caption: str
    stops: tuple[float, ...] = (1.0,)

    @property
    def address(self) -> str:
        """How the command line names it: `forward:1`, `loss`."""
        return self.kind if self.layer is None else f"{self.kind}:{self.layer}"


@dataclass(frozen=True)
class Moment:
    """Where a position lies: the phase under way (None at the very start) and α in [0, 1]."""

    phase: Phase | None
    index: int
    alpha: float


class PhaseError(ValueError):
    """A phase that the network does not have; the text says what there is."""


class Phases:
    """The phases of one step of a network with `depth` layers and this loss, in order."""

    def __init__(self, depth: int, loss: LossSpec = _PLAIN) -> None:
        self.depth = depth
        self.loss = loss
        self.items = tuple(_phases(depth, output_words(loss)))
        self._index = {phase.address: i for i, phase in enumerate(self.items)}
        self._index["output"] = depth

    @property
    def output(self) -> Phase:
        """The phase in which the outputs are computed."""
        return self.items[self.depth]

    def __len__(self) -> int:
        return len(self.items)

    @property
    def end(self) -> float:
        """The position at which everything is known."""
        return float(len(self.items))

    def at(self, position: float) -> Moment:
        """The phase under way at a position; a whole number belongs to the phase it completes."""
        position = min(max(position, 0.0), self.end)
        index = ceil(position) - 1
        if index < 0:
            return Moment(None, -1, 0.0)
        return Moment(self.items[index], index, position - index)

    def position(self, address: str) -> float:
        """The position of `forward:1`, `delta:2@0.5`, …; without `@` the end of the phase. Raises
        PhaseError.
        """
        name, _, fraction = address.partition("@")
        name = name.strip()
        if name == "start":
            return 0.0
        if name not in self._index:
            there_are = ", ".join(phase.address for phase in self.items)
            raise PhaseError(f"no phase {name!r} here: there are start, {there_are}")
        try:
            alpha = float(fraction) if fraction else 1.0
        except ValueError:
            raise PhaseError(f"{address!r}: after @ stands a number from 0 to 1") from None
        if not 0.0 <= alpha <= 1.0:
            raise PhaseError(f"{address!r}: after @ stands a number from 0 to 1")
        return self._index[name] + alpha

    def alpha(self, address: str, position: float) -> float:
        """How far phase `address` has come at a position: 0 before it, 1 after it."""
        return min(max(position - self._index[address], 0.0), 1.0)

    def next_stop(self, position: float) -> float:
        """The next place to rest after a position."""
        for index in range(max(floor(position), 0), len(self.items)):
            for stop in self.items[index].stops:
                if index + stop > position + 1e-9:
                    return index + stop
        return self.end

    def previous_stop(self, position: float) -> float:
        """The place to rest before a position."""
        for index in range(min(ceil(position), len(self.items)) - 1, -1, -1):
            for stop in reversed(self.items[index].stops):
                if index + stop < position - 1e-9:
                    return index + stop
        return 0.0

    def next_phase(self, position: float) -> float:
        """The end of the phase under way, or of the next one."""
        return min(floor(position + 1e-9) + 1.0, self.end)

    def previous_phase(self, position: float) -> float:
        """The end of the phase before."""
        return max(ceil(position - 1e-9) - 1.0, 0.0)

    def known_from(self, quantity: Quantity) -> float:
        """The position from which a quantity's value is known."""
        return self.kind_known_from(quantity.kind, quantity.layer)

    def kind_known_from(self, kind: str, layer: int | None = None) -> float:
        """The position from which every quantity of a kind (in a layer) is known."""
        address, alpha = self._birth(kind, layer)
        return 0.0 if address is None else self._index[address] + alpha

    def birthplace(self, quantity: Quantity) -> Phase | None:
        """The phase that computes a quantity; None for what is given."""
        address, _ = self._birth(quantity.kind, quantity.layer)
        return None if address is None else self.items[self._index[address]]

    def _birth(self, kind: str, layer: int | None) -> tuple[str | None, float]:
        if kind in _ALPHA_BY_LAYER:
            stem, alpha = _ALPHA_BY_LAYER[kind]
            if kind in ("back", "slope") and layer == self.depth:
                alpha = min(alpha, 0.5)
            return f"{stem}:{layer}", alpha
        return _ALPHA.get(kind, (None, 0.0))


_ALPHA_BY_LAYER = {
    "x_hat": ("forward", 0.3),
    "mean": ("forward", 0.1),
    "var": ("forward", 0.2),
    "keep": ("forward", 0.1),
    "z": ("forward", TRAVEL_END),
    "a": ("forward", 0.9),
    "back": ("delta", TRAVEL_END),
    "slope": ("delta", TRAVEL_END),
    "delta": ("delta", 0.9),
}
_ALPHA: dict[str, tuple[str | None, float]] = {
    "shifted": ("output", 0.2),
    "exp": ("output", 0.4),
    "exp_sum": ("output", 0.5),
    "y_hat": ("output", 0.9),
    "jacobian": ("output", 0.9),
    "dL_dy_hat": ("loss", 0.6),
    **dict.fromkeys(("dW_sample", "db_sample", "dP_sample"), ("gradients", 0.6)),
    "loss": ("loss", 0.6),
    "dW": ("gradients", 0.6),
    "dP": ("gradients", 0.6),
    "P_after": ("update", 0.6),
    "db": ("gradients", 0.6),
    "data_loss": ("loss", 0.6),
    "penalty": ("loss", 0.6),
    **{
        kind: ("gradients", 0.6) if name in ("data", "penalty") else ("update", 0.3)
        for kind, name in UPDATE_ARRAYS.items()
        if "before" not in name
    },
    "gradient_norm": ("gradients", 0.6),
    **dict.fromkeys(("total_norm", "clip_factor"), ("update", 0.2)),
    **dict.fromkeys(("loss_after", "update_ratio"), ("update", 0.6)),
    **dict.fromkeys(("watched_loss", "best_loss", "waited", "loss_scale_after"), ("update", 0.9)),
    "W_after": ("update", 0.6),
    "b_after": ("update", 0.6),
}


def _phases(depth: int, words: OutputWords) -> list[Phase]:
    two_steps = (TRAVEL_END, 1.0)
    forward = [
        Phase(
            "forward",
            k,
            f"Forward, layer {k}",
            "Each unit adds up its inputs times their weights, and its bias; the activation bends the sum.",
            two_steps,
        )
        for k in range(1, depth + 1)
    ]
    backward = [
        Phase(
            "delta",
            k,
            f"δ hidden, layer {k}",
            "δ travels back along the same weights: what comes back, times how much the unit listens.",
            two_steps,
        )
        for k in range(depth - 1, 0, -1)
    ]
    return [
        *forward,
        Phase(
            words.address,
            None,
            words.title,
            words.caption,
            (0.5, 1.0),
        ),
        Phase("loss", None, "Loss", words.loss),
        Phase("delta", depth, "δ output", words.delta),
        *backward,
        Phase(
            "gradients",
            None,
            "Gradients",
            "Each weight's gradient is the δ it leads to times the activation it carries.",
        ),
        Phase("update", None, "Update", "Each weight moves against its gradient: w ← w − η ∂L/∂w."),
    ]
