"""An edit that is made once of each project, however often it is asked for."""

from __future__ import annotations

from deltaglow.model.project import Change, Project

REMEMBERED = 4


class Once:
    """A change that remembers what it made of the last few projects.

    One edit is judged, made, and made again of what was learned: of a large network each time takes long.
    """

    def __init__(self, change: Change) -> None:
        self._change = change
        self._made: list[tuple[Project, Project]] = []

    def __call__(self, project: Project) -> Project:
        return self.pair(project)[1]

    def pair(self, project: Project) -> tuple[Project, Project]:
        """A project equal to this one, and what was made of that very one."""
        for pair in self._made:
            if pair[0] is project or pair[0] == project:
                return pair
        pair = project, self._change(project)
        self._made = [*self._made[1 - REMEMBERED :], pair]
        return pair


def once(change: Change) -> Once:
    """The change, remembering; one that does already is the same."""
    return change if isinstance(change, Once) else Once(change)
