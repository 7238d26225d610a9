"""The quantities visited, so that one can go back, and forward again."""

from __future__ import annotations

from collections.abc import Callable

from deltaglow.model.quantity import Quantity

LONGEST = 100


class Trail:
    """The quantities looked at, in order, and which of them is on show; a new one cuts off those after it."""

    def __init__(self) -> None:
        self._visited: list[Quantity] = []
        self._place = -1

    def visit(self, quantity: Quantity) -> None:
        """`quantity` is on show now; what was on show before can be gone back to."""
        if self._visited and quantity == self._visited[self._place]:
            return
        del self._visited[self._place + 1 :]
        self._visited.append(quantity)
        del self._visited[:-LONGEST]
        self._place = len(self._visited) - 1

    def peek(self, by: int) -> Quantity | None:
        """Where going `by` steps leads, back for negative ones; None beyond either end."""
        place = self._place + by
        return self._visited[place] if 0 <= place < len(self._visited) else None

    def go(self, by: int) -> Quantity | None:
        """Goes there; returns the quantity, and stays where it is if there is none."""
        found = self.peek(by)
        if found is not None:
            self._place += by
        return found

    def forget(self) -> None:
        """Takes the quantity on show out, and goes to the one before it: it exists no longer."""
        del self._visited[self._place : self._place + 1]
        self._place = max(self._place - 1, min(0, len(self._visited) - 1))

    def keep(self, exists: Callable[[Quantity], bool]) -> None:
        """Takes out what exists no longer, before and after the quantity on show."""
        kept: list[Quantity] = []
        here = -1
        for place, quantity in enumerate(self._visited):
            if exists(quantity) and kept[-1:] != [quantity]:
                kept.append(quantity)
            if place == self._place:
                here = len(kept) - 1
        self._visited, self._place = kept, here

    def lately(self, most: int) -> list[Quantity]:
        """The last quantities up to the one on show, which comes last."""
        return self._visited[max(self._place + 1 - most, 0) : self._place + 1]
