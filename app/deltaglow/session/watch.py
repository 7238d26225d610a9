"""Notices when another program changes a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

SETTLE_MS = 150
"""Milliseconds that a file must be left alone before it is looked at: others may not write it in one go."""

Stamp = tuple[int, int, int]


class FileWatch(QObject):
    """Watches one file at a time. What this program itself writes is told by `settle`."""

    changed = Signal()
    """The file is not as it was when it was last told to be known."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self._known: Stamp | None = None
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._stir)
        self._watcher.directoryChanged.connect(self._stir)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._look)

    def follow(self, path: Path | None) -> None:
        """Watch this file, as it is now, in place of the one before."""
        watched = self._watcher.files() + self._watcher.directories()
        if watched:
            self._watcher.removePaths(watched)
        self._timer.stop()
        self.path = path
        self._known = stamp(path)
        if path is not None:
            # The folder too: a file that is replaced is another one, and no longer watched.
            self._watcher.addPaths([str(each) for each in (path, path.parent) if each.exists()])

    @property
    def differs(self) -> bool:
        """Whether the file is not as it is known, or gone."""
        return self.path is not None and stamp(self.path) != self._known

    @Slot()
    def _stir(self) -> None:
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        if self.path is None or not self.differs:
            return
        if self.path.exists() and str(self.path) not in self._watcher.files():
            self._watcher.addPath(str(self.path))
        self.changed.emit()


def stamp(path: Path | None) -> Stamp | None:
    """What tells one state of a file from another: time of change, size and number; None if it is gone."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)
