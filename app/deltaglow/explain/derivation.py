"""Every number explains itself: one table from the kind of a quantity to the function that derives it."""

from collections.abc import Callable

from deltaglow.engine import Frame
from deltaglow.explain import backward, forward, given, gradient, softmax, update
from deltaglow.explain.context import Context
from deltaglow.explain.parts import Derivation, Group, Operand, Row
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity, validate

DERIVERS: dict[str, Callable[[Context, Quantity], Derivation]] = {
    "x": given.x,
    "y": given.y,
    "z": forward.z,
    "a": forward.a,
    "slope": forward.slope,
    "back": backward.back,
    "delta": backward.delta,
    "W": given.weight,
    "b": given.bias,
    "dW": gradient.weight,
    "db": gradient.bias,
    "W_after": update.weight,
    "b_after": update.bias,
    "y_hat": softmax.y_hat,
    "shifted": softmax.shifted,
    "exp": softmax.exp,
    "exp_sum": softmax.exp_sum,
    "loss": softmax.loss,
    "learning_rate": given.learning_rate,
}


def derive(project: Project, frame: Frame, q: Quantity, sample: int = 0) -> Derivation:
    """The derivation of the number at address `q` in this frame.

    sample: the row of the batch for quantities whose address names none; of such a quantity the operands name
    none either, so that they follow the reader's choice of row. `loss` without a row is the mean over the
    batch. Raises AddressError when the network or batch has no such quantity.
    """
    validate(q, frame.architecture, frame.samples)
    row = sample if q.sample is None else q.sample
    mark = None if frame.samples == 1 else q.sample
    return DERIVERS[q.kind](Context(project, frame, row, mark), q)


__all__ = ["DERIVERS", "Derivation", "Group", "Operand", "Row", "derive"]
