"""Networks that mix all parts of the engine: every number derives, reconciles and agrees with its check."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from tests.explain.mixtures import mixtures
from tests.explain.networks import canonical, everything
from tests.explain.test_derivation import assert_reconciles, assert_sound

from deltaglow.engine import Frame
from deltaglow.explain.check import check
from deltaglow.explain.depths.reading import CHAIN, WORDS, derive_at
from deltaglow.explain.report import explain_text
from deltaglow.explain.symbols import spoken
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity, value

QUICK = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
DEEP = settings(LONG, max_examples=40)


def assert_everything_derives(project: Project, frame: Frame) -> None:
    forwards, backwards, cut, elided = set(), set(), set(), set()
    for q in (canonical(q, frame) for q in everything(frame)):
        derived, second = assert_sound(project, frame, q), check(frame, q)
        assert second is None or second.ok, (str(q), derived.value, second)
        assert explain_text(derived, second) and spoken(project, q)
        forwards |= {(canonical(o.quantity, frame), q) for o in derived.operands}
        rows = range(frame.samples) if not q.per_sample else (q.sample or 0,)
        backwards |= {(q, canonical(use, frame, row)) for use in derived.used_in for row in rows}
        cut |= {q} if derived.used_in_more else set()
        bars = [row.label_text for group in derived.groups for row in group.rows]
        formulas = [line.text for group in derived.groups for line in group.formula]
        shortened = any("⋯" in text for text in (*derived.text_symbolic, *formulas))
        shortened |= any(" more" in text for text in bars)
        elided |= {q} if shortened else set()
    assert {pair for pair in forwards - backwards if pair[0] not in cut} == set()
    assert {pair for pair in backwards - forwards if pair[1] not in elided} == set()


def assert_chain_holds(project: Project, frame: Frame, q: Quantity) -> None:
    """What the chain adds up to is the gradient, and its arithmetic holds as printed."""
    derived = derive_at(CHAIN, project, frame, q)
    if derived.addressed:
        assert derived.value == value(derived.quantity, frame)
    if len(derived.text_numeric) > 1 or derived.groups:
        assert_reconciles(derived)
    assert explain_text(derived, None)


def assert_words_are_good(project: Project, frame: Frame, q: Quantity) -> None:
    told = derive_at(WORDS, project, frame, q).sentence
    assert 30 < len(told) < 450, (str(q), told)
    for broken in ("nan", "inf ", "  ", "..", "None", "{", " 1 units", "−0 ", ". "):
        assert broken not in told, (str(q), told)


@QUICK
@given(mixtures())
def test_every_number_of_a_mixture_derives(case: tuple[Project, Frame]) -> None:
    assert_everything_derives(*case)


@QUICK
@given(mixtures())
def test_the_depths_of_every_number_hold(case: tuple[Project, Frame]) -> None:
    for n, q in enumerate(canonical(q, case[1]) for q in everything(case[1])):
        if n % 4 == 0:
            assert_chain_holds(*case, q)
            assert_words_are_good(*case, q)


@pytest.mark.slow
@LONG
@given(mixtures())
def test_every_number_of_many_mixtures_derives(case: tuple[Project, Frame]) -> None:
    assert_everything_derives(*case)


@pytest.mark.slow
@DEEP
@given(mixtures())
def test_the_depths_of_every_number_of_many_mixtures_hold(case: tuple[Project, Frame]) -> None:
    for q in (canonical(q, case[1]) for q in everything(case[1])):
        assert_chain_holds(*case, q)
        assert_words_are_good(*case, q)
