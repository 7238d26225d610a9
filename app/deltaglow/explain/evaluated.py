"""How well a network does, for a terminal and as JSON."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from deltaglow.engine import Evaluation
from deltaglow.engine.ops import Array
from deltaglow.explain.layout import table
from deltaglow.explain.numbers import full

MOST_CLASSES = 10
"""Classes up to which the whole confusion matrix is printed."""
_MOST_ROWS = 20
_LONGEST_NAME = 14
_PAIRS = ((1, 1), (0, 0), (0, 1), (1, 0))
"""(was, said) of a label, in the order of the columns."""


def score(evaluation: Evaluation) -> str:
    """The one number that says how well: "accuracy     98.00%", or R² for regression."""
    return score_of(evaluation.accuracy, evaluation.r_squared)


def score_of(accuracy: float, r_squared: float) -> str:
    """The same from the two numbers, of which one is NaN."""
    if math.isfinite(accuracy):
        return f"accuracy     {accuracy:.2%}"
    return f"R²           {full(r_squared) if math.isfinite(r_squared) else '–'}"


def evaluation_text(evaluation: Evaluation, names: Sequence[str]) -> str:
    """The confusion matrix with precision and recall, a row a class or label; nothing for regression.

    names: the classes' or labels'. Of a long list, the first are shown.
    """
    return "\n".join(_lines(evaluation, [_short(name) for name in names]))


def document(evaluation: Evaluation) -> dict[str, Any]:
    """Everything as JSON takes it: null where a number does not exist."""
    matrix = evaluation.confusion
    return {
        "samples": evaluation.samples,
        "loss": _number(evaluation.loss),
        "accuracy": _number(evaluation.accuracy),
        "r_squared": _number(evaluation.r_squared),
        "confusion": None if matrix is None else matrix.tolist(),
        "precision": _numbers(evaluation.precision),
        "recall": _numbers(evaluation.recall),
    }


def _lines(evaluation: Evaluation, names: Sequence[str]) -> Iterator[str]:
    matrix, precision, recall = evaluation.confusion, evaluation.precision, evaluation.recall
    if matrix is None or precision is None or recall is None:
        return
    shown = range(min(len(names), _MOST_ROWS))
    shares = [(_percent(precision[k]), _percent(recall[k])) for k in shown]
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    if matrix.ndim == 3:
        header = ("label", "right: yes", "right: no", "wrong: yes", "wrong: no", "precision", "recall")
        rows = [(names[k], *(str(matrix[k, was, said]) for was, said in _PAIRS), *shares[k]) for k in shown]
    elif len(names) <= MOST_CLASSES:
        yield "Rows: the class it was. Columns: the class that was said."
        numbers = [str(k + 1) for k in range(len(names))]
        header = ("class", *numbers, "precision", "recall")
        rows = [(f"{k + 1} {names[k]}", *map(str, matrix[k]), *shares[k]) for k in shown]
    else:
        header = ("class", "samples", "right", "precision", "recall")
        rows = [(names[k], str(matrix[k].sum()), str(matrix[k, k]), *shares[k]) for k in shown]
    yield from table(header, rows)
    if len(names) > _MOST_ROWS:
        yield f"  … {len(names) - _MOST_ROWS} more; all of them with --json"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _percent(share: float) -> str:
    return f"{share:.1%}" if math.isfinite(share) else "–"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _numbers(values: Array | None) -> list[float | None] | None:
    return None if values is None else [_number(value) for value in values.tolist()]
