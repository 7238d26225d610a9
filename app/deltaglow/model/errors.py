"""What a project, or a file that should hold one, can have wrong with it."""

from __future__ import annotations

_LONGEST = 200
"""Characters of a file's name that a line has room for."""


def printable(text: str, limit: int = 60) -> str:
    """The text on one line, without control characters or lone surrogates, cut to `limit` characters."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


class ProjectError(ValueError):
    """Something wrong in a project. str() is one line, "file: where: what", without the parts that are empty.

    where: the place in the document, as in "network.layers[1].W[0]". what: what is wrong, and what would be
    right. file: the file it was read from or was to be written to.
    """

    def __init__(self, where: str, what: str, file: str = "") -> None:
        self.where = where
        self.what = what
        self.file = file
        shown = file if len(file) <= _LONGEST else f"…{file[1 - _LONGEST :]}"  # the end of a path tells most
        super().__init__(": ".join(part for part in (printable(shown, _LONGEST), where, what) if part))

    def in_file(self, file: str) -> ProjectError:
        """The same error, said of a file."""
        return ProjectError(self.where, self.what, file)
