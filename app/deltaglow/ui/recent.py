"""The files that were opened last."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSettings

MOST = 10


class Recent:
    """Remembers files, the newest first, in the window's settings; without settings, as long as it lives."""

    def __init__(self, settings: QSettings | None) -> None:
        self._settings = settings
        saved = settings.value("recent", [], type=list) if settings is not None else []
        self._paths = [str(path) for path in saved] if isinstance(saved, list) else []

    @property
    def paths(self) -> list[Path]:
        """The files, the newest first; some may be gone."""
        return [Path(path) for path in self._paths]

    def add(self, path: Path) -> None:
        """This one was just opened or saved."""
        name = os.path.abspath(path)  # noqa: PTH100  Path.resolve would follow links, which have names too
        self._paths = [name, *(each for each in self._paths if each != name)][:MOST]
        self._save()

    def clear(self) -> None:
        """Forget them all."""
        self._paths = []
        self._save()

    def _save(self) -> None:
        if self._settings is not None:
            self._settings.setValue("recent", self._paths)
