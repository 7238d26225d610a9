"""The loss after a step: of the same batch, with the parameters that the step leads to."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from deltaglow.engine.frame import Frame
from deltaglow.engine.gradcheck import Probe
from deltaglow.engine.penalties import penalty

_KNOWN: WeakKeyDictionary[Frame, float] = WeakKeyDictionary()


def loss_after(frame: Frame) -> float:
    """L of the frame's batch at θ⁺, penalty included, in float64; dropout silences the same units.

    A forward pass of its own, made when it is first asked for and then remembered with the frame.
    """
    found = _KNOWN.get(frame)
    if found is None:
        found = Probe(frame, frame.theta_after).loss()
        if frame.update.penalties:
            found += penalty(frame.update.penalties, frame.theta_after, frame.architecture)
        _KNOWN[frame] = found
    return found
