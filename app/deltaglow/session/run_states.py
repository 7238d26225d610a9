"""What the network of another branch was like after so many steps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deltaglow.engine import Frame
from deltaglow.session.branches import Branch

if TYPE_CHECKING:
    from deltaglow.session.standing import Standing


def frame_after(lab: Standing, branch: Branch, steps: int) -> Frame | None:
    """The frame of the step that follows so many, whose parameters before it are those after them; None while
    the run under way writes what it takes. steps: from the branch's first that can be shown to its last.
    """
    held = branch.stretch.holding(steps)
    return None if lab.running and held is lab.stretch else held.timeline.frame_at(steps)
