"""What to do when a step ends in a number that is not finite."""

from __future__ import annotations

from deltaglow.model.project import Project


def remedy(project: Project, reason: str) -> str:
    """One or two sentences on a NonFinite, which says `reason`: which control mends it, and from where on."""
    if project.network.loss.naive and ("softmax" in reason or "loss" in reason):
        return "Untick Naive (Network tab): the stable softmax gets by with any logits."
    if "update" in reason:
        return "Lower the learning rate: the numbers before the update are still sound."
    if reason.startswith("step 0:"):
        return "Nothing is learnt yet: scale the inputs (Data tab), or draw smaller weights (Network tab)."
    return (
        "The weights have run away, so a lower learning rate comes too late here: press Home, lower it or "
        "clip the gradient (Training tab, Limits), and train again."
    )
