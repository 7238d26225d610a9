"""JSON as a project file needs it: bounded, without doubled keys, and with every fault on one line.

NaN, Infinity and numbers beyond the range of a float come back as such, so that the reader of the document
can say where they stand; nothing it accepts may be one.
"""

from __future__ import annotations

import json
import re
from typing import Any

from deltaglow.model.errors import ProjectError
from deltaglow.model.rules import shown

MAX_BYTES = 32 * 2**20
"""The largest document that is read, and written. Larger projects belong into a `.dglow`."""

MAX_NESTS = 1_000_000
"""Lists and objects in a document, counted before any is made."""

MAX_OBJECTS = 10_000
"""Of these, objects: no project has more than some for each layer."""

_LONG = 25
_HAS_LONG = re.compile(r"\d{26}")


class _Doubled(Exception):
    """A key that an object has twice."""


def loads(data: bytes) -> Any:
    """The value that `data`, UTF-8 with or without a byte order mark, holds. Raises ProjectError."""
    if len(data) > MAX_BYTES:
        raise ProjectError(
            "", f"is larger than {MAX_BYTES // 2**20} MiB; a large project belongs into a .dglow file"
        )
    if data.count(b"[") > MAX_NESTS or data.count(b"{") > MAX_OBJECTS:
        raise ProjectError("", "has more lists or objects than any project")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProjectError(f"byte {error.start}", "is not UTF-8 text, as JSON must be") from None
    if not text.strip():
        raise ProjectError("", 'is empty, must be a JSON object that begins with "deltaglow": 1')
    try:
        whole = _integer if _HAS_LONG.search(text) else None  # None is several times as fast
        return json.loads(text, object_pairs_hook=_object, parse_int=whole, parse_constant=float)
    except json.JSONDecodeError as error:
        early = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        what = (
            "ends in the middle"
            if early
            else "is not valid JSON, so the file is damaged or no Deltaglow project"
        )
        raise ProjectError(
            f"line {error.lineno}, column {error.colno}", f"{what}: {_reason(error.msg)}"
        ) from None
    except _Doubled as error:
        raise ProjectError("", f"has the key {error} twice in one object") from None
    except RecursionError:
        raise ProjectError("", "is nested too deeply for a project") from None


def dumps(document: dict[str, Any]) -> str:
    """The document as people like to read it: objects over several lines, a list of numbers on one.

    Raises ProjectError when it is too large to be read again.
    """
    text = _written(document, 0) + "\n"
    if len(text.encode()) > MAX_BYTES:
        raise ProjectError("", f"is more than {MAX_BYTES // 2**20} MiB of JSON, which is too much")
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Doubled(shown(key))
            seen.add(key)
    return made


def _integer(digits: str) -> int | float:
    """Whole numbers of more digits than any rule allows become floats: exact ones take too long."""
    return int(digits) if len(digits) <= _LONG else float(digits)


def _reason(message: str) -> str:
    return message[0].lower() + message[1:]


def _written(value: Any, depth: int) -> str:
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        if all(not isinstance(item, (dict, list)) for item in value.values()):
            return "{" + ", ".join(f"{_scalar(key)}: {_scalar(item)}" for key, item in value.items()) + "}"
        lines = [f"{pad}{_scalar(key)}: {_written(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + pad[2:] + "}"
    if isinstance(value, list):
        if all(not isinstance(item, (dict, list)) for item in value):
            return "[" + ", ".join(map(_scalar, value)) + "]"
        return "[\n" + ",\n".join(pad + _written(item, depth + 1) for item in value) + "\n" + pad[2:] + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
