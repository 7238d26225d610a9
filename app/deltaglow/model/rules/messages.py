"""How errors quote what is wrong, and guess what was meant."""

from __future__ import annotations

import difflib
import math

from deltaglow.model.errors import printable


def nearest(word: object, words: tuple[str, ...]) -> str:
    """' (did you mean "tanh"?)' when one of the words is close to `word`, else an empty string."""
    if not isinstance(word, str) or len(word) > 100:
        return ""
    plain = {w.lower().replace("_", "").replace("-", ""): w for w in words}
    key = word.lower().replace("_", "").replace("-", "").replace(" ", "")
    near = difflib.get_close_matches(key, plain, n=1)
    return f' (did you mean "{plain[near[0]]}"?)' if near and len(words) > 1 else ""


def shown(value: object) -> str:
    """A value as an error quotes it: short, on one line, as JSON would write it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{printable(value, 40)}"'
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case float() if math.isnan(value):
            return "not a number (NaN)"
        case float() if math.isinf(value):
            return "beyond the range of a 64-bit float"
        case int() if abs(value) >= 10**20:
            return f"a whole number of {len(f'{abs(value):x}') * 4} bits"
        case _:
            return printable(f"{value!r}", 40)
