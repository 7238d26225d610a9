"""Axes on which many runs are put by a setting or result each: where a value lies, and what stands beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from .settings import Entry

LOG_FROM = 50.0
"""Positive numbers whose greatest is so many times the least are put by their powers of ten."""
MOST_TICKS = 9
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Axis:
    """One axis from 0, at the bottom, to 1. low, high: the numbers at the ends. log: whether equal ratios are
    equally long. whole: whether its numbers count something. words: in place of numbers, evenly spaced.
    """

    name: str
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False
    words: tuple[str, ...] = ()

    def place(self, entry: Entry | None) -> float | None:
        """Where a value lies; None for one that is missing or not finite."""
        if entry is None:
            return None
        if self.words:
            return self._of_word(self.words.index(entry.text)) if entry.text in self.words else None
        if isinstance(entry.value, str) or not isfinite(entry.value) or (self.log and entry.value <= 0.0):
            return None
        low, high, value = self._scaled(self.low), self._scaled(self.high), self._scaled(entry.value)
        return 0.5 if high == low else (value - low) / (high - low)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Places that are named, `most` of them or fewer, from the bottom up."""
        most = min(max(most, 2), MOST_TICKS)
        if self.words:
            every = -(-len(self.words) // most)
            return [(self._of_word(k), word) for k, word in enumerate(self.words) if k % every == 0]
        if self.low == self.high:
            return [(0.5, _text(self.low))]
        numbers = self._decades(most) if self.log else self._round(most)
        if len(numbers) < 2:
            numbers = [self.low, self.high]
        return [(float(self.place(Entry(number, "")) or 0.0), _text(number)) for number in numbers]

    def _scaled(self, value: float) -> float:
        return log10(value) if self.log else value

    def _of_word(self, k: int) -> float:
        return 0.5 if len(self.words) == 1 else k / (len(self.words) - 1)

    def _decades(self, most: int) -> list[float]:
        first, last = ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9)
        every = max(-(-(last - first + 1) // most), 1)
        return [10.0**power for power in range(first, last + 1, every)]

    def _round(self, most: int) -> list[float]:
        """Multiples of 1, 2 or 5 times a power of ten that lie on the axis."""
        rough = (self.high - self.low) / most
        power = 10.0 ** floor(log10(rough))
        step = next((n * power for n in _STEPS if n * power >= rough * (1 - 1e-9)), 10 * power)
        step = max(step, 1.0) if self.whole else step
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]


def axis(name: str, entries: Sequence[Entry | None]) -> Axis:
    """The axis on which all of these have room: words where any is one, put as they first come."""
    there = [entry for entry in entries if entry is not None]
    if any(isinstance(entry.value, str) for entry in there):
        by_size = sorted(there, key=lambda entry: (isinstance(entry.value, str), entry.value))
        return Axis(name, words=tuple(dict.fromkeys(entry.text for entry in by_size)))
    numbers = [float(entry.value) for entry in there if isfinite(float(entry.value))]
    if not numbers:
        return Axis(name, words=("—",))
    low, high = min(numbers), max(numbers)
    whole = all(number.is_integer() for number in numbers)
    return Axis(name, low, high, low > 0.0 and high / low >= LOG_FROM, whole)


def _text(number: float) -> str:
    return f"{number:.4g}".replace("e-0", "e-").replace("e+0", "e").replace("-", "\u2212")
