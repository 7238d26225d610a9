"""The digits that choose a class."""

from __future__ import annotations


def keys_of(names: tuple[str, ...]) -> list[str]:
    """The digit that chooses each of the first classes: its own where classes are digits, else 1 to 9, 0."""
    if all(len(name) == 1 and name in "0123456789" for name in names):
        return list(names)
    return [next_key(k) for k in range(min(len(names), 10))]


def next_key(k: int) -> str:
    """The digit of class k, from 0, where the classes are no digits; "" where there is none left."""
    return str((k + 1) % 10) if k < 10 else ""
