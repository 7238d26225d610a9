"""The one way to the files under `resources/`: in a frozen build, an installed wheel, or a checkout."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


class ResourceError(LookupError):
    """A resource that is not there, or a name that tries to leave the folder."""


@cache
def root() -> Path:
    """The folder that holds the resources. The first that exists of: frozen build, package, checkout."""
    here = Path(__file__).resolve().parent
    candidates = [here / "resources", here.parent.parent / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        candidates.insert(0, Path(frozen) / "deltaglow" / "resources")
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise ResourceError(f"no resources folder in any of: {', '.join(map(str, candidates))}")


def path(name: str) -> Path:
    """The file `name`, written with forward slashes and relative to the resources folder.

    Raises ResourceError if the name is absolute or contains `..`, or if there is no such file.
    """
    parts = name.split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\\" in name:
        raise ResourceError(f"not a resource name: {name!r}")
    found = root().joinpath(*parts)
    if not found.exists():
        raise ResourceError(f"no such resource: {name}")
    return found


def text(name: str) -> str:
    """The file `name` as UTF-8 text. Raises ResourceError as `path` does."""
    return path(name).read_text(encoding="utf-8")


def names(folder: str, suffix: str) -> list[str]:
    """The stems of the files in `folder` that end with `suffix`, sorted."""
    return sorted(p.name[: -len(suffix)] for p in path(folder).iterdir() if p.name.endswith(suffix))
