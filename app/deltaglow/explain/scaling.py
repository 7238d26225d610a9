"""The loss scale of mixed precision, in words."""

from __future__ import annotations

from deltaglow.engine import Frame


def scale_words(frame: Frame) -> str:
    """What the loss scale did in this step, one sentence without a full stop; empty unless it is mixed."""
    if frame.precision != "mixed":
        return ""
    if frame.left_out:
        return (
            f"at the loss scale {frame.scale:,.0f} a gradient overflowed float16: the step is left out, "
            f"nothing moves, and the scale is halved to {max(1.0, frame.scale / 2):,.0f}"
        )
    return (
        f"errors travelled {frame.scale:,.0f} times as large, so that small ones did not vanish in float16, "
        "and the gradients were divided by as much"
    )
