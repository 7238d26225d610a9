"""Keeping an eye on one sample, wherever the run goes: in its batch, or alone where the batch lacks it."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from deltaglow.data import Dataset
from deltaglow.engine import Frame
from deltaglow.model.asking import asked
from deltaglow.model.project import Project
from deltaglow.session.viewer import Viewer


class Looking(Viewer):
    """A viewer that can hold on to a row of the data.

    While nothing runs, that sample is shown at every step. Where the step's batch has it, it is shown there.
    Else it is *apart*: the network is asked about it alone, with the parameters of the step, up to the
    gradients that it would ask for; nothing is learned from it, so there is no update. What comes after those
    is the step that is made, from its own batch, and then the sample once more.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pinned: int | None = None
        """The row that is held on to."""
        self._among = 0
        """How many rows there were when it was taken hold of."""
        self.apart = False
        """Whether what is shown is that row alone, outside the step's batch."""

    @property
    @abstractmethod
    def project(self) -> Project:
        """The project."""

    @property
    @abstractmethod
    def dataset(self) -> Dataset:
        """What is learned from."""

    @abstractmethod
    def _frame_after(self, step: int) -> Frame:
        """The frame that begins where the step before ended, of the project that is shown."""

    @property
    def end(self) -> float:
        return super().end - self.apart

    @property
    def row(self) -> int:
        """The row of the data that is shown."""
        return int(self.frame.rows[self.sample])

    def look_at(self, row: int | None) -> None:
        """Hold on to a row of the data, from 0; None lets go of it. Raises IndexError if there is none."""
        if row is not None and not 0 <= row < len(self.dataset.x):
            raise IndexError(f"row {row} of {len(self.dataset.x)}")
        self.pinned, self._among = row, len(self.dataset.x)
        if self.running or (row == self.row and not self.apart) or (row is None and not self.apart):
            self.positionChanged.emit()
            return
        place = None if row is None else _place(self.frame, row)
        if self.apart or place is None:
            self._set_frame(self._frame_of(self.frame.step))
            self.positionChanged.emit()
        else:
            self.set_sample(place)

    def set_sample(self, row: int) -> None:
        """Another of the batch is shown, and what was held on to let go."""
        if self.pinned is not None and not self.apart:
            held = _place(self.frame, self.pinned)
            self.pinned = self.pinned if held == row else None
        super().set_sample(row)

    def _set_frame(self, frame: Frame) -> None:
        self.apart = False
        if self.pinned is not None and not self.running:
            if self._among != len(self.dataset.x):
                self.pinned = None  # rows were added or deleted: by its number it may be another sample
            elif (place := _place(frame, self.pinned)) is not None:
                self.sample = place
            else:
                frame = self._alone(frame, self.pinned)
        super()._set_frame(frame)

    def _alone(self, frame: Frame, row: int) -> Frame:
        """That row in the place of a step's batch; with the parameters after the step, if it was complete."""
        if self.complete:
            frame = self._frame_after(frame.step + 1)
        self.apart = True
        self.position = min(self.position, self.end)
        return asked(self.project, self.dataset, row, frame)

    def _follow(self, frame: Frame) -> None:
        place = None if self.pinned is None else _place(frame, self.pinned)
        if place is not None:
            self.sample = place
        super()._follow(frame)

    def _pass_on(self) -> None:
        if self.apart and self.frame.step == self.head:
            self._complete_step()
            if self.broken:
                return
        super()._pass_on()


def _place(frame: Frame, row: int) -> int | None:
    """Where in the batch a row of the data is, if it is there."""
    found = np.flatnonzero(frame.rows == row)
    return int(found[0]) if len(found) else None
