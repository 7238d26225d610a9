"""Where numbers go: what is counted without being listed is as much as would be listed."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from tests.explain.mixtures import mixtures
from tests.explain.networks import everything, make

from deltaglow.engine import Frame
from deltaglow.explain.uses import uses
from deltaglow.model.project import Project
from deltaglow.model.quantity import Quantity, parse


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(mixtures())
def test_what_is_not_listed_is_counted(case: tuple[Project, Frame]) -> None:
    frame = case[1]
    for q in everything(frame):
        every, none = uses(frame, q, 0)
        listed, more = uses(frame, q, 0, 3)
        assert none == 0 and listed == every[:3] and len(listed) + more == len(every), str(q)
        assert len(set(every)) == len(every), str(q)


def test_of_many_uses_only_those_that_are_listed_are_made() -> None:
    _, frame = make((90, 70, 3), ("relu", "identity"), batch=4, seed=1)
    made: list[Quantity] = []
    for address, count in (("learning_rate", 90 * 70 + 70 + 70 * 3 + 3), ("delta[1][4]", 2 * (90 + 1))):
        listed, more = uses(frame, parse(address), 0, 5)
        assert (len(listed), more) == (5, count - 5)
        made += listed
    assert [str(q) for q in made[:2]] == ["W_after[1][0,0]", "W_after[1][0,1]"]
