"""A number at the depth that the reader chooses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deltaglow.engine import Frame
from deltaglow.explain.context import Context
from deltaglow.explain.depths.rule import chain_rule
from deltaglow.explain.depths.words import words
from deltaglow.explain.derivation import context, derive_in
from deltaglow.explain.parts import Derivation
from deltaglow.explain.pieces import LINE_WIDTH
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity

WORDS, NUMBERS, CHAIN = "words", "numbers", "chain"
Known = Callable[[Quantity], bool]


def _in_words(ctx: Context, q: Quantity, known: Known = lambda q: True) -> Derivation:
    """The derivation with its formula and bars left out, and told instead."""
    found = derive_in(ctx, q)
    told = words(ctx, q, known).removesuffix(".")
    left, right = found.label, f"= {found.precise}"
    return replace(
        found,
        sentence=told,
        symbolic=(left.latex,),
        numeric=(right,),
        text_symbolic=(left.text,),
        text_numeric=(right,),
        printed=found.precise,
        groups=(),
        why=None,
    )


def _by_chain(ctx: Context, q: Quantity) -> Derivation:
    """The chain rule from the loss. Of a network with too many paths to write any, its last link: the formula
    that the number is computed by, under which every layer on the way has its row.
    """
    found = chain_rule(ctx, q)
    if not found.addressed or found.operands or not found.groups:
        return found
    last = derive_in(ctx, found.quantity)
    return replace(
        found,
        symbolic=last.symbolic,
        numeric=last.numeric,
        text_symbolic=last.text_symbolic,
        text_numeric=last.text_numeric,
        operands=last.operands,
        printed=last.printed,
        sentence=f"{found.sentence}; the formula is the last link",
    )


DEPTHS = (WORDS, NUMBERS, CHAIN)
"""How deep an explanation goes: in plain words, the formula with numbers, the chain rule from the loss."""


def derive_at(
    depth: str,
    project: Project,
    frame: Frame,
    q: Quantity,
    sample: int = 0,
    line_width: float = LINE_WIDTH,
    known: Known = lambda q: True,
) -> Derivation:
    """The explanation of the number at address `q`, of one of the DEPTHS; else as `derive`.

    At the depth "chain" it is that of ∂L/∂q, and its `quantity` the address of that, where there is one.
    known: which numbers may be told in words already.
    """
    ctx = context(project, frame, q, sample, line_width)
    if depth == WORDS:
        return _in_words(ctx, q, known)
    return _by_chain(ctx, q) if depth == CHAIN else derive_in(ctx, q)
