"""Which alphabet the bytes of a text are in that is not Unicode, by what comes of them."""

from __future__ import annotations

import re
from collections.abc import Callable

HEAD = 2**16
"""Bytes that are looked at."""
LONG = 3
"""Letters in a row that are not those of English: in Western European words, hardly ever so many."""
MOSTLY, SURE = 0.5, 0.9

_WORD = re.compile(r"[^\W\d_]+")
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
        scores = {name: _score(_as(head, name), share) for name, share in _OTHERS.items()}
        sure = [name for name in scores if scores[name] >= SURE and _as(data, name) is not None]
        if sure:
            return max(sure, key=lambda name: (_usual(name, head), scores[name]))
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


def _score(text: str | None, share: Callable[[str], int]) -> float:
    """The share of characters beyond ASCII that stand where such a one may stand."""
    if text is None:
        return 0.0
    return share(text) / max(sum(here > "\x7f" for here in text), 1)


def _usual(name: str, head: bytes) -> float:
    """Which share of the letters beyond ASCII are among the commonest of the language: of KOI8-R read as
    Windows-1251, or the other way round, hardly any.
    """
    if name not in _COMMONEST:
        return _ASIAN
    letters = [letter for letter in (_as(head, name) or "").lower() if letter > "\x7f"]
    return sum(letter in _COMMONEST[name] for letter in letters) / max(len(letters), 1)


def _in_words(first: str, last: str) -> Callable[[str], int]:
    """Letters from one up to another, in words that are written as words are: no capital within one."""

    def share(text: str) -> int:
        words = [word for word in _WORD.findall(text) if not word.isascii()]
        good = [word for word in words if word in (word.lower(), word.upper(), word.capitalize())]
        return sum(first <= here <= last for word in good for here in word)

    return share


def _east_asian(text: str) -> int:
    """Kana, Chinese characters, and what stands between them."""
    return sum("\u3000" <= here <= "\u9fff" or "\uff01" <= here <= "\uff5e" for here in text)


_OTHERS: dict[str, Callable[[str], int]] = {
    "cp1251": _in_words("\u0400", "\u04ff"),
    "cp1253": _in_words("\u0386", "\u03ce"),
    "koi8-r": _in_words("\u0400", "\u04ff"),
    "cp1256": _in_words("\u060c", "\u06d2"),
    "shift_jis": _east_asian,
    "gb18030": _east_asian,
}
"""What is tried, the likelier first, and how many characters of a text stand where one of it may stand."""
_RUSSIAN = "\u043e\u0435\u0430\u0438\u043d\u0442\u0441\u0440\u0432\u043b\u043a\u043c"
_COMMONEST = {
    "cp1251": _RUSSIAN,
    "koi8-r": _RUSSIAN,
    "cp1253": "\u03b1\u03bf\u03b9\u03b5\u03c4\u03c3\u03bd\u03b7\u03c5\u03c1"
    "\u03c0\u03ba\u03bb\u03ac\u03cc\u03af\u03ad\u03c2",
    "cp1256": "\u0627\u0644\u064a\u0645\u0646\u0648\u062a\u0631\u0628\u0629\u0639\u062f\u0633",
}
_ASIAN = 0.45
"""What is asked of others where East Asian signs are likely, too."""
