"""Branches: the futures that a run has had, each with a name and the place that it came to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deltaglow.model.project import Project
from deltaglow.session.history import History
from deltaglow.session.stretch import Place, Stretch

MOST = 24
"""How many branches without a name of their own are kept: of more, the oldest goes."""
LONGEST_NAME = 60


@dataclass(frozen=True, eq=False)
class Branch:
    """One future of a run, as far as it came: `head` steps, the last of them on `stretch`, with `project`.

    number: counts from 1, and is never used again. name: what people call it; empty for a name by number.
    """

    number: int
    name: str
    project: Project
    stretch: Stretch
    head: int

    @property
    def title(self) -> str:
        """Its name, or which run it is."""
        return self.name or f"Run {self.number}"

    @property
    def history(self) -> History:
        """The scalars of all its steps, as they are now."""
        return self.stretch.history.branch(self.head, self.stretch.history.names)

    def lineage(self) -> list[Stretch]:
        """The stretches that led to it, the first one first."""
        return _lineage(self.stretch)

    def shared(self, other: Branch) -> int:
        """How many of their first steps are one and the same."""
        return _shared(self.stretch, self.head, other.stretch, other.head)


@dataclass(frozen=True, eq=False)
class Branches:
    """All branches there are, by number, and which of them is stood on."""

    every: tuple[Branch, ...]
    current: int
    last: int
    """The greatest number that was ever given."""

    @classmethod
    def of(cls, place: Place) -> Branches:
        """The one of a run that begins."""
        return cls((Branch(1, "", place.project, place.stretch, place.head),), 1, 1)

    @property
    def here(self) -> Branch:
        """The one that is stood on."""
        return self[self.current]

    @property
    def others(self) -> tuple[Branch, ...]:
        """All but the one that is stood on."""
        return tuple(branch for branch in self.every if branch.number != self.current)

    def __getitem__(self, number: int) -> Branch:
        """The branch of this number; KeyError if there is none."""
        for branch in self.every:
            if branch.number == number:
                return branch
        raise KeyError(number)

    def __contains__(self, number: int) -> bool:
        return any(branch.number == number for branch in self.every)

    def followed(
        self, project: Project, stretch: Stretch, head: int, compared: int | None = None
    ) -> Branches:
        """When one has come here: the branch goes on; or another one begins, if steps that the branch had
        made do not lead here. Those that were gone back over still belong to it. The one that is `compared`
        stays, however many there are.
        """
        here = self.here
        if stretch is here.stretch:
            if head <= here.head and project is here.project:
                return self
            return self._with(replace(here, project=project, head=max(head, here.head)))
        kept = max(_shared(stretch, head, here.stretch, here.head), here.lineage()[0].begins)
        if here.head <= kept:
            return self._with(replace(here, project=project, stretch=stretch, head=head))
        return self._added(project, stretch, head, compared)

    def restarted(self, place: Place) -> Branches:
        """The branch that is stood on is forgotten but for its name, and begins here."""
        return self._with(replace(self.here, project=place.project, stretch=place.stretch, head=place.head))

    def at(self, number: int) -> Branches:
        """Standing on this branch; KeyError if there is none."""
        return replace(self, current=self[number].number)

    def renamed(self, number: int, name: str) -> Branches:
        """With another name for one of them; KeyError if there is none. An empty name is one by number."""
        return self._with(replace(self[number], name=" ".join(name.split())[:LONGEST_NAME]))

    def without(self, number: int) -> Branches:
        """Without one of them; KeyError if there is none. ValueError if it is stood on."""
        if self[number].number == self.current:
            raise ValueError("the branch that is stood on cannot be deleted")
        return replace(self, every=tuple(b for b in self.every if b.number != number))

    def _added(self, project: Project, stretch: Stretch, head: int, compared: int | None) -> Branches:
        """With one more branch, which is stood on from now on."""
        every = (*self.every, Branch(self.last + 1, "", project, stretch, head))
        unnamed = [b.number for b in every[:-1] if not b.name and b.number != compared]
        gone = set(unnamed[: max(len(unnamed) - MOST, 0)])
        return Branches(tuple(b for b in every if b.number not in gone), every[-1].number, every[-1].number)

    def _with(self, branch: Branch) -> Branches:
        every = tuple(branch if b.number == branch.number else b for b in self.every)
        return replace(self, every=every)


def _lineage(stretch: Stretch) -> list[Stretch]:
    found = [stretch]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found[::-1]


def _shared(one: Stretch, one_head: int, other: Stretch, other_head: int) -> int:
    """How many steps two places have in common, of all that led to them."""
    mine, theirs = _lineage(one), _lineage(other)
    same = 0
    for a, b in zip(mine, theirs, strict=False):
        if a is not b:
            break
        same += 1
    if not same:
        return 0
    ends = [
        line[same].begins if same < len(line) else head
        for line, head in ((mine, one_head), (theirs, other_head))
    ]
    return min(ends)
