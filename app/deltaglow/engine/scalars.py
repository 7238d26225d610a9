"""The numbers that every step is summed up in: their names, and where in their vector each stands."""

from __future__ import annotations

from dataclasses import dataclass

from deltaglow.engine.regularisation import Penalties

GRADIENT_NORMS = 2
"""Where the norms of the layers' gradients begin: after loss and accuracy."""


@dataclass(frozen=True)
class Scalars:
    """names: of all, in order. ratio: where the size of the update beside the parameters stands, after the
    gradient norms of all layers and before the two parts of the loss, if it has a penalty. verdicts: where
    what was found out beside the steps stands, empty for none. scale: the loss scale, 0 for none.
    """

    names: tuple[str, ...]
    ratio: int
    verdicts: slice
    scale: int

    @property
    def norms(self) -> slice:
        """The gradient norms."""
        return slice(GRADIENT_NORMS, self.ratio)


def scalars_of(
    depth: int, penalties: Penalties, verdicts: tuple[str, ...], *, half: bool, scheduled: bool
) -> Scalars:
    """Those of a run. depth: layers; verdicts: names of what is found out beside the steps; half: whether
    there is a loss scale; scheduled: whether the learning rate changes along the run.
    """
    norms = [f"gradient_norm[{k}]" for k in range(1, depth + 1)]
    first = ["loss", "accuracy", *norms, "update_ratio", *(("data_loss", "penalty") if penalties else ())]
    names = [*first, *verdicts]
    scale = len(names) if half else 0
    names += (["loss_scale"] if half else []) + (["learning_rate"] if scheduled else [])
    place = len(first) if verdicts else 0
    return Scalars(tuple(names), GRADIENT_NORMS + depth, slice(place, place + len(verdicts)), scale)
