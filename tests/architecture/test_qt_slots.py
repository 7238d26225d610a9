"""What Qt calls back is told to Qt: since PySide 6.8 a method that is connected but is no slot may crash."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).parents[2] / "app" / "deltaglow"


def connected(kind: ast.ClassDef) -> Iterator[str]:
    """The names that `….connect(self.name)` in the class names."""
    for call in ast.walk(kind):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "connect"
        ):
            given = ast.unparse(call.args[0])
            if given.startswith("self."):
                yield given.removeprefix("self.")


def is_slot(method: ast.FunctionDef) -> bool:
    return any(ast.unparse(part).startswith("Slot(") for part in method.decorator_list)


def not_slots(source: str) -> list[str]:
    return [
        f"{kind.name}.{method.name}"
        for kind in ast.walk(ast.parse(source))
        if isinstance(kind, ast.ClassDef)
        for method in kind.body
        if isinstance(method, ast.FunctionDef) and method.name in set(connected(kind)) and not is_slot(method)
    ]


def test_what_is_connected_is_a_slot() -> None:
    found = {path.name: not_slots(path.read_text("utf-8")) for path in APP.rglob("*.py")}
    assert not {name: missing for name, missing in found.items() if missing}


def test_a_missing_slot_is_found() -> None:
    source = "class A:\n    def __init__(self): b.c.connect(self.d)\n    def d(self): pass\n"
    assert not_slots(source) == ["A.d"]
    assert not_slots(source.replace("    def d", "    @Slot()\n    def d")) == []
