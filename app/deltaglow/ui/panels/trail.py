"""The quantities visited, so that one can go back."""

from __future__ import annotations

from deltaglow.model.quantity import Quantity

LONGEST = 100


class Trail:
    """The last quantities looked at, newest last, without the one on show."""

    def __init__(self) -> None:
        self._visited: list[Quantity] = []
        self._shown: Quantity | None = None

    def visit(self, quantity: Quantity) -> None:
        """`quantity` is on show now; what was on show before can be gone back to."""
        if quantity == self._shown:
            return
        if self._shown is not None:
            self._visited.append(self._shown)
            del self._visited[:-LONGEST]
        self._shown = quantity

    @property
    def previous(self) -> Quantity | None:
        """Where going back leads, None at the start."""
        return self._visited[-1] if self._visited else None

    def back(self) -> Quantity | None:
        """Goes back: returns the quantity visited before and forgets the one on show."""
        if not self._visited:
            return None
        self._shown = self._visited.pop()
        return self._shown
