"""What an address that is typed may go on to: only what is there, and each leads to an address in the end."""

from __future__ import annotations

import pytest

from deltaglow.engine import Frame
from deltaglow.model import build, examples
from deltaglow.model.completion import MOST, completions
from deltaglow.model.project import Project
from deltaglow.model.quantity import parse, validate_in


def opened(name: str) -> tuple[Project, Frame]:
    project = examples.load(name)
    return project, build.trainer(project).preview()


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("del", ["delta["]),
        ("delta[", ["delta[1][", "delta[2]["]),
        ("delta[1][", ["delta[1][0]", "delta[1][1]"]),
        ("delta[1][0]", []),
        ("W[2][1", ["W[2][1,0]", "W[2][1,1]"]),
        ("W[1][1,2", ["W[1][1,2]"]),
        ("w1", ["dw1", "w10", "dw10"]),
        ("los", ["loss", "loss_after"]),
        ("velocity", []),
        ("nonsense[", []),
        ("delta[7][", []),
    ],
)
def test_the_worked_example(typed: str, proposed: list[str]) -> None:
    found = completions(typed, *opened("worked-example"))
    if typed in ("w1", "los"):
        assert set(found) <= set(proposed) and found
    else:
        assert found == proposed


def test_every_proposal_leads_to_an_address() -> None:
    project, frame = opened("residual")
    waiting, addresses, seen = [""], set(), set()
    while waiting:
        typed = waiting.pop()
        for each in completions(typed, project, frame)[: 3 if "[" in typed else None]:
            if each in seen:
                continue
            seen.add(each)
            if each.endswith("["):
                waiting.append(each)
            else:
                addresses.add(parse(each, project))
    for q in addresses:
        validate_in(q, frame)
    assert {q.kind for q in addresses} >= {"delta", "x_hat", "keep", "W", "dW", "loss", "y_hat"}


def test_a_large_layer_is_not_listed_to_its_end() -> None:
    project, frame = opened("digits")
    assert len(completions("W[1][", project, frame)) == MOST
    assert completions("W[1][3,6", project, frame)[0] == "W[1][3,6]"
