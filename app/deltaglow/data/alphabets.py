"""Which alphabet the bytes of a text are in that is not Unicode, by what comes of them."""

from __future__ import annotations

import re
from collections.abc import Callable

HEAD = 2**16
"""Bytes that are looked at."""
LONG = 3
"""Letters in a row that are not those of English: in Western European words, hardly ever so many."""
MOSTLY, SURE = 0.5, 0.9

_HIGH = re.compile(rb"[\x80-\xff]+")
_POLISH = re.compile(
    "[a-zA-Z\u00c0-\u00ff][\u00b3\u00b9\u00bf\u00bc\u00be][a-z]|\u0153[clmntw\u00e6]|\u00f1[cdkst]"
)
"""What letters of Windows-1250 are in Windows-1252: signs within a word, letters that no word has there."""


def alphabet(data: bytes) -> str:
    """The encoding of bytes that are not UTF-8: Windows-1252, unless there are words of other letters.

    A guess, to be shown and changed: a library that knows a hundred encodings guesses worse of a table's few
    words. Empty if it is none of those that are tried.
    """
    head = data[:HEAD]
    runs = [len(run) for run in _HIGH.findall(head)]
    western = _as(data, "cp1252")
    words = sum(run for run in runs if run >= LONG) >= MOSTLY * sum(runs)
    if words:
        scores = {name: _score(_as(head, name), good) for name, good in _OTHERS.items()}
        best = max(scores, key=lambda name: scores[name])
        if scores[best] >= SURE and _as(data, best) is not None:
            return best
    if western is not None:
        return "cp1250" if _POLISH.search(western[:HEAD]) and _as(data, "cp1250") is not None else "cp1252"
    return ""


def _as(data: bytes, encoding: str) -> str | None:
    """None if it is not; a letter that is cut off at the end is left out where only the head is looked at."""
    for stop in range(len(data), max(len(data) - (4 if len(data) == HEAD else 1), -1), -1):
        try:
            return data[:stop].decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _score(text: str | None, good: Callable[[str, str], bool]) -> float:
    """The share of letters beyond ASCII that stand where such a letter may stand."""
    if text is None:
        return 0.0
    pairs = [(before, here) for before, here in zip(" " + text, text, strict=False) if here > "\x7f"]
    return sum(good(before, here) for before, here in pairs) / max(len(pairs), 1)


def _in_words(first: str, last: str) -> Callable[[str, str], bool]:
    """Letters from one up to another, no capital behind a small one."""

    def good(before: str, here: str) -> bool:
        return first <= here <= last and here.isalpha() and not (before.islower() and here.isupper())

    return good


def _east_asian(before: str, here: str) -> bool:
    """Kana, Chinese characters, and what stands between them."""
    del before
    return "\u3000" <= here <= "\u9fff" or "\uff01" <= here <= "\uff5e"


_OTHERS: dict[str, Callable[[str, str], bool]] = {
    "cp1251": _in_words("\u0400", "\u04ff"),
    "cp1253": _in_words("\u0386", "\u03ce"),
    "shift_jis": _east_asian,
    "gb18030": _east_asian,
}
"""What is tried, the likelier first, and where a letter of it may stand behind another."""
