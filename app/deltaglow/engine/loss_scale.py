"""Dynamic loss scaling: errors are made larger on their way, so that small ones do not vanish in float16.

Micikevicius et al. 2018 (arXiv:1710.03740), section 3.2; the rule of growing and halving is that of their
appendix and of PyTorch's GradScaler. float16 has nothing between 0 and 6e−8 and nothing above 65504. The
errors of a step are multiplied by the scale S where they leave the loss, and gradients divided by it, in
float32. If a gradient overflows, the step is left out and S halved; after so many good steps in a row S is
doubled. S is a power of two: neither changes a digit.
"""

from __future__ import annotations

from dataclasses import dataclass

from deltaglow.engine.ops import Array

LARGEST = 2.0**24
"""Above it a rise brings nothing: an error of 1e−10 is in float16's range by then."""


@dataclass(frozen=True)
class LossScale:
    """initial: S at the start, a power of two. grow_after: good steps in a row after which S is doubled."""

    initial: float = 2.0**15
    grow_after: int = 2000


@dataclass(frozen=True)
class ScaleState:
    """What loss scaling carries from step to step.

    scale: S. good: steps without an overflow since S last changed. missed: updates left out so far.
    """

    scale: float
    good: int = 0
    missed: int = 0


class Scaling:
    """The loss scale of a run. `factor` (1,) is where the calls of a step read it."""

    def __init__(self, rule: LossScale, factor: Array) -> None:
        self.rule = rule
        self._factor = factor
        self.restore(ScaleState(rule.initial))

    def restore(self, state: ScaleState) -> None:
        """Go back (or on) to a state."""
        self.state = state
        self._factor[0] = state.scale

    @property
    def lowest(self) -> bool:
        """Whether S cannot be halved any more: an overflow is then no matter of scale."""
        return self.state.scale <= 1.0

    def settle(self, left_out: bool, moves: bool) -> int:
        """What a step's gradients make of the scale; how many updates have been left out so far."""
        if left_out:
            self.overflow(moves)
        else:
            self.good_step()
        return self.state.missed

    def good_step(self) -> None:
        """A step's gradients were finite."""
        state = self.state
        good = state.good + 1
        if good < self.rule.grow_after:
            self.restore(ScaleState(state.scale, good, state.missed))
        else:
            self.restore(ScaleState(min(2.0 * state.scale, LARGEST), 0, state.missed))

    def overflow(self, moves: bool) -> None:
        """A step's gradients overflowed; `moves`: it would have moved the parameters."""
        state = self.state
        self.restore(ScaleState(max(1.0, state.scale / 2.0), 0, state.missed + moves))
