"""The single terms that motion goes through: of a unit's sum, of what comes back to it, of its gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import numpy.typing as npt

from deltaglow.engine import Frame, LayerTrace
from deltaglow.explain.expr import largest
from deltaglow.model.quantity import Quantity

MOST_TERMS = 16
"""Terms of a unit gone through one by one; of more, the largest, and the rest together."""

Flags = npt.NDArray[np.bool_]
Line = tuple[int, int, int]
"""(layer, j, i): the connection from unit i of the layer before to unit j."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a sum.

    value: what it is worth. factors: what it is the product of; for a gradient the sample's δ · a. lines: the
    connections it goes along; arc: instead, from where to where the connection around layers goes. Neither:
    the bias. of: the parameter it belongs to, if it is one's gradient or update. count: how many terms it
    stands for; more than one is the rest of a long sum.
    """

    value: float
    factors: tuple[Quantity, ...]
    lines: tuple[Line, ...] = ()
    arc: tuple[int, int] | None = None
    of: Quantity | None = None
    count: int = 1


def forward(frame: Frame, row: int, k: int, j: int) -> tuple[Term, ...]:
    """The terms of z of unit j in layer k, the bias last."""
    trace = frame.layers[k - 1]
    if trace.kind == "dropout":
        keep = Quantity("keep", k, (j,))
        value = float(trace.extra["keep"][row, j] * _said(frame, row, k - 1, j))
        return (Term(value, (keep, said(k - 1, j)), ((k, j, j),)),)
    bias = Term(float(trace.b[j]), (Quantity("b", k, (j,)),))
    if trace.kind == "batch_norm":
        value = float(trace.W[j, j] * trace.extra["x_hat"][row, j])
        return Term(value, (Quantity("W", k, (j, j)), Quantity("x_hat", k, (j,))), ((k, j, j),)), bias
    terms = [
        Term(float(w * a), (Quantity("W", k, (j, i)), said(k - 1, i)), ((k, j, i),))
        for i, w, a in _into(frame, row, k, j)
    ]
    return (*shortened([*terms, *_around(frame, row, k, j)]), bias)


def backward(frame: Frame, row: int, k: int, j: int) -> tuple[Term, ...]:
    """The terms of what comes back to unit j of the hidden layer k."""
    following = frame.layers[k]
    around = list(_back_around(frame, row, k, j))
    error = Quantity("delta", k + 1, (j,))
    if following.kind == "batch_norm":
        value = float(frame.layers[k - 1].back[row, j]) - sum(term.value for term in around)
        return (Term(value, (error,), ((k + 1, j, j),)), *shortened(around))
    if following.kind == "dropout":
        keep = float(following.extra["keep"][row, j])
        value = keep * float(following.delta[row, j])
        return Term(value, (Quantity("keep", k + 1, (j,)), error), ((k + 1, j, j),)), *shortened(around)
    weights, errors = following.W[:, j].tolist(), following.delta[row].tolist()
    mask = following.mask
    terms = [
        Term(w * d, (Quantity("W", k + 1, (m, j)), Quantity("delta", k + 1, (m,))), ((k + 1, m, j),))
        for m, (w, d) in enumerate(zip(weights, errors, strict=True))
        if mask is None or mask[m, j]
    ]
    return shortened([*terms, *around])


def gradients(frame: Frame, row: int, k: int, j: int) -> tuple[Term, ...]:
    """What the sample asks of every parameter of unit j in layer k: δ · a; for the bias δ alone."""
    trace = frame.layers[k - 1]
    if trace.kind == "dropout":
        return ()
    error, delta = Quantity("delta", k, (j,)), float(trace.delta[row, j])
    bias = Term(delta, (error,), of=Quantity("b", k, (j,)))
    if trace.kind == "batch_norm":
        said_here = Quantity("x_hat", k, (j,)), float(trace.extra["x_hat"][row, j])
        weight = Quantity("W", k, (j, j))
        return Term(delta * said_here[1], (error, said_here[0]), ((k, j, j),), of=weight), bias
    terms = [
        Term(delta * a, (error, said(k - 1, i)), ((k, j, i),), of=Quantity("W", k, (j, i)))
        for i, _, a in _into(frame, row, k, j)
    ]
    skip = trace.shape.skip
    if skip is not None and skip.projection:
        terms += [
            Term(delta * a, (error, said(skip.source, i)), (), (skip.source, k), Quantity("P", k, (j, i)))
            for i, a in enumerate(_all_said(frame, row, skip.source))
        ]
    return (*shortened(terms), bias)


def updates(frame: Frame, row: int, k: int, j: int) -> tuple[Term, ...]:
    """How far every parameter of unit j in layer k moves."""
    trace = frame.layers[k - 1]
    found = []
    for term in gradients(frame, row, k, j):
        if term.of is None:
            found.append(term)
            continue
        index, part = term.of.index, term.of.kind
        if part == "P":
            moved = trace.own(trace.block_after)["P"][index] - trace.own(trace.block)["P"][index]
        else:
            moved = getattr(trace, f"{part}_after")[index] - getattr(trace, part)[index]
        gradient = Quantity(f"d{part}", k, index)
        found.append(Term(float(moved), (gradient,), term.lines, term.arc, term.of, term.count))
    return tuple(found)


def count(frame: Frame, kind: str, k: int, j: int) -> int:
    """How many terms the function of a phase's kind gives, without making them."""
    trace = frame.layers[k - 1]
    skip = trace.shape.skip
    if kind == "delta":
        following = frame.layers[k]
        own = 1 if following.shape.one_to_one else int(_present(following)[:, j].sum())
        ways = [s for s in frame.architecture.layers[k:] if s.skip is not None and s.skip.source == k]
        around = sum(s.units if s.skip is not None and s.skip.projection else 1 for s in ways)
        return own + min(around, MOST_TERMS) if following.shape.one_to_one else min(own + around, MOST_TERMS)
    if trace.kind == "dropout":
        return 1 if kind == "forward" else 0
    if trace.kind == "batch_norm":
        return 2
    own = int(_present(trace)[j].sum())
    if skip is not None and (kind == "forward" or skip.projection):
        own += frame.architecture.widths[skip.source] if skip.projection else 1
    return min(own, MOST_TERMS) + 1


def said(k: int, i: int) -> Quantity:
    """What unit i of layer k says to those after it."""
    return Quantity("x", None, (i,)) if k == 0 else Quantity("a", k, (i,))


def shortened(terms: Sequence[Term]) -> tuple[Term, ...]:
    """The largest of many terms, in order, and the rest of them as one."""
    if len(terms) <= MOST_TERMS:
        return tuple(terms)
    sizes = [term.value if isfinite(term.value) else float("inf") for term in terms]
    kept, _ = largest(sizes, MOST_TERMS)
    others = [term for n, term in enumerate(terms) if n not in set(kept)]
    lines = tuple(line for term in others for line in term.lines)
    rest = Term(sum(term.value for term in others), (), lines, count=len(others))
    return (*(terms[n] for n in kept), rest)


def _present(trace: LayerTrace) -> Flags:
    found: Flags = np.ones(trace.W.shape, dtype=bool) if trace.mask is None else trace.mask != 0
    return found


def _into(frame: Frame, row: int, k: int, j: int) -> Iterator[tuple[int, float, float]]:
    """(i, w, a) of every connection into a unit."""
    trace = frame.layers[k - 1]
    weights, sent = trace.W[j].tolist(), _all_said(frame, row, k - 1)
    for i, (w, a) in enumerate(zip(weights, sent, strict=True)):
        if trace.mask is None or trace.mask[j, i]:
            yield i, w, a


def _all_said(frame: Frame, row: int, k: int) -> list[float]:
    found: list[float] = (frame.x if k == 0 else frame.layers[k - 1].a)[row].tolist()
    return found


def _said(frame: Frame, row: int, k: int, i: int) -> float:
    return _all_said(frame, row, k)[i]


def _around(frame: Frame, row: int, k: int, j: int) -> Iterator[Term]:
    trace = frame.layers[k - 1]
    skip = trace.shape.skip
    if skip is None:
        return
    arc, sent = (skip.source, k), _all_said(frame, row, skip.source)
    if not skip.projection:
        yield Term(sent[j], (said(skip.source, j),), (), arc)
        return
    for i, (p, a) in enumerate(zip(trace.own(trace.block)["P"][j].tolist(), sent, strict=True)):
        yield Term(p * a, (Quantity("P", k, (j, i)), said(skip.source, i)), (), arc)


def _back_around(frame: Frame, row: int, k: int, j: int) -> Iterator[Term]:
    for m, trace in enumerate(frame.layers, start=1):
        skip = trace.shape.skip
        if skip is None or skip.source != k:
            continue
        errors, arc = trace.delta[row].tolist(), (k, m)
        if not skip.projection:
            yield Term(errors[j], (Quantity("delta", m, (j,)),), (), arc)
            continue
        column = trace.own(trace.block)["P"][:, j].tolist()
        for n, (p, d) in enumerate(zip(column, errors, strict=True)):
            yield Term(p * d, (Quantity("P", m, (n, j)), Quantity("delta", m, (n,))), (), arc)
