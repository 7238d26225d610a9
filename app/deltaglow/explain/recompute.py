"""A second opinion on the numbers between a gradient and its update: each formula in plain Python floats.

Written from the textbooks' formulas, one parameter at a time, and sharing nothing with the engine's calls.
"""

from __future__ import annotations

import math

import numpy as np

from deltaglow.engine import Frame
from deltaglow.explain import chain
from deltaglow.model.quantity import UPDATE_ARRAYS, Quantity, value


class Parameter:
    """One parameter of a frame, with its numbers as plain floats."""

    def __init__(self, frame: Frame, part: str, layer: int, index: tuple[int, ...]) -> None:
        self._frame = frame
        self._layer = layer
        self._index = index
        self._part = part
        self._settings = frame.update.settings
        self._frozen = chain.is_frozen(frame, Quantity(f"{part}_after", layer, index))
        self._gradient = self.given(chain.gradient_used(frame, self._part))

    def given(self, kind: str) -> float:
        """A number of this parameter as the frame has it."""
        return value(Quantity(kind, self._layer, self._index), self._frame)

    def found(self, kind: str) -> float | None:
        """The number of this kind worked out again; None for those that are only carried over."""
        name = UPDATE_ARRAYS.get(kind, "after")
        if self._frozen and name == "after":
            return self.given(self._part)
        return 0.0 if self._frozen and name in chain.STILL else self._worked(name)

    def _worked(self, name: str) -> float | None:
        update, g = self._frame.update, self._gradient
        slope = f"d{self._part}"
        match name:
            case "after":
                return self._after()
            case "penalty":
                return self._penalty()
            case "gathered":
                before = self.given(f"{slope}_gathered_before")
                return before + self.given(slope) / update.accumulate
            case "clipped":
                return self._clipped(self.given(f"{slope}_gathered" if update.accumulate > 1 else slope))
            case "sent":
                return self._total() if self._is_sent() else 0.0
            case "remembered":
                return 0.0 if self._is_sent() else self._total()
            case "velocity":
                return self._settings["momentum"] * self._slot("velocity_before") + g
            case "m":
                return _blend(self._settings["beta1"], self._slot("m_before"), g)
            case "v":
                return self._square()
            case "m_hat" | "v_hat":
                beta = self._settings["beta1" if name == "m_hat" else "beta2"]
                return self.found_slot(name[0]) / (1.0 - beta**update.age)
            case "rate":
                return self._rate()
        return None

    def found_slot(self, stem: str) -> float:
        """`found` of m or v."""
        again = self.found(f"{stem}_{self._part}")
        assert again is not None
        return again

    def _slot(self, stem: str) -> float:
        return self.given(f"{stem}_{self._part}")

    def _square(self) -> float:
        old, g = self._slot("v_before"), self._gradient
        if self._frame.update.optimizer == "adagrad":
            return old + g * g
        key = "alpha" if self._frame.update.optimizer == "rmsprop" else "beta2"
        return _blend(self._settings[key], old, g * g)

    def _rate(self) -> float:
        adam = self._frame.update.optimizer in ("adam", "adamw")
        square = self.found_slot("v")
        if adam:
            square /= 1.0 - self._settings["beta2"] ** self._frame.update.age
        return self._frame.learning_rate / (math.sqrt(square) + self._settings["epsilon"])

    def _after(self) -> float:
        frame, g = self._frame, self._gradient
        before, eta = self.given(self._part), frame.learning_rate
        if not frame.update.updates:
            return before
        decay = frame.update.weight_decay if chain.decays(frame, self._layer, self._part) else 0.0
        match frame.update.optimizer:
            case "sgd":
                step = eta * g
            case "momentum":
                step = eta * self.found_slot("velocity")
            case "nesterov":
                step = eta * (g + self._settings["momentum"] * self.found_slot("velocity"))
            case "rmsprop" | "adagrad":
                step = self._rate() * g
            case _:
                correction = 1.0 - self._settings["beta1"] ** frame.update.age
                step = self._rate() * self.found_slot("m") / correction
        return before - step - eta * decay * before

    def _penalty(self) -> float:
        if not chain.penalised(self._frame, self._layer):
            return 0.0
        w, penalties = self.given(self._part), self._frame.update.penalties
        sign = (w > 0) - (w < 0)
        return penalties.l1 * sign + penalties.l2 * w

    def _total(self) -> float:
        """The gradient and what earlier ones left."""
        before = self.given(f"d{self._part}_remembered_before")
        return before + self.given(chain.gradient_made(self._frame, self._part))

    def _is_sent(self) -> bool:
        """Whether less than k others come before this number: larger ones, and as large ones before it."""
        frame, arrays = self._frame, self._frame.update.arrays
        made = arrays.get("clipped", arrays.get("gathered", frame.gradient))
        free = 1.0 - arrays.get("frozen", np.zeros(len(made)))
        sizes = abs(arrays["remembered_before"] + made * free)
        places = frame.architecture.blocks(np.arange(len(sizes), dtype=np.float64))[self._layer - 1]
        place = int(places[frame.architecture.layers[self._layer - 1].place(self._part, self._index)])
        before = int((sizes > sizes[place]).sum() + (sizes[:place] == sizes[place]).sum())
        return before < frame.update.sent

    def _clipped(self, gradient: float) -> float:
        update = self._frame.update
        assert update.clip is not None
        limit = update.clip.limit
        if update.clip.kind == "value":
            return max(-limit, min(gradient, limit))
        return gradient * min(1.0, limit / (update.norm + 1e-6))


def penalty(frame: Frame) -> float:
    """R, added up weight by weight; each shared weight once."""
    architecture, of = frame.architecture, frame.update.penalties.of
    total = []
    for k, (shape, block) in enumerate(
        zip(architecture.layers, architecture.blocks(frame.theta), strict=True), 1
    ):
        if chain.penalised(frame, k):
            rows = [row for number, row in enumerate(block.tolist()) if number != shape.weight_rows]
            total += [of(weight) for row in rows for weight in row]
    return math.fsum(total)


def _blend(beta: float, old: float, new: float) -> float:
    return beta * old + (1.0 - beta) * new
