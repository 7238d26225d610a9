"""What the network shown says of every sample of the data: looked up at once, or gathered bit by bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from deltaglow.engine import LOSSES, Architecture, Frame
from deltaglow.engine.answers import Answer, Answers
from deltaglow.engine.ops import Array
from deltaglow.model.project import Project
from deltaglow.model.samples import Prepared, split

Rows = npt.NDArray[np.intp]
WORK = 4e6
"""Products that one bit of the gathering may take: some milliseconds."""
LEAST, MOST = 64, 8192
"""Samples of one bit."""


class SampleAnswers:
    """Of the N samples of a project, those kept out too, with the parameters of the frame it was shown last.

    sure (N,): the output for the target, of numbers the first prediction; said (N,): the class that was said,
    of numbers the same prediction. loss (N,): the sample's own. right (N,): 1 or 0, NaN where there is no
    right and wrong, and so also where nothing was found out yet. held (N,): whether it is kept out.
    """

    def __init__(self, project: Project, made: Prepared, architecture: Architecture) -> None:
        x, y = made.dataset.x, made.dataset.y
        self.count = count = len(x)
        self.y = y
        self.kind = LOSSES[architecture.loss.name].targets
        self.sure, self.said, self.loss, self.right = (np.full(count, np.nan) for _ in range(4))
        self.held = np.zeros(count, dtype=bool)
        self.held[split(project)[1]] = True
        self.wanted: Rows = y.argmax(1)
        """Of each sample the class of the largest target."""
        self._asked = Answers(architecture, x, y)
        self._bit = int(np.clip(WORK / max(architecture.parameters, 1), LEAST, MOST))
        self._theta: Array | None = None
        self._statistics: Array = np.zeros(0)
        self.gathered = 0
        """How many samples, from the first on, are found out with these parameters."""

    @property
    def complete(self) -> bool:
        """Whether all samples are found out."""
        return self.gathered >= self.count

    @property
    def quick(self) -> bool:
        """Whether one bit is all of it."""
        return self._bit >= self.count

    @property
    def judged(self) -> bool:
        """Whether there is right and wrong."""
        return self.kind != "real"

    def follow(self, frame: Frame, complete: bool) -> bool:
        """Take the parameters before the frame's step or, if it is complete, after it; whether they are
        others than before. What was found out stays until it is found out anew.
        """
        theta = frame.theta_after if complete else frame.theta
        if self._theta is not None and (theta is self._theta or np.array_equal(theta, self._theta)):
            return False
        self._theta = theta
        self._statistics = frame.statistics_after if complete else frame.statistics
        self.gathered = 0
        return True

    def about(self, rows: Rows) -> Answer:
        """What it says of these rows, now."""
        assert self._theta is not None, "no frame was shown"
        return self._asked.about(rows, self._theta, self._statistics)

    def gather(self) -> None:
        """Find out the next bit."""
        rows = np.arange(self.gathered, min(self.gathered + self._bit, self.count))
        found = self.about(rows)
        part = slice(self.gathered, self.gathered + len(rows))
        self.loss[part], self.right[part] = found.losses, found.right
        if self.judged:
            self.said[part] = found.y_hat.argmax(1)
            self.sure[part] = found.y_hat[np.arange(len(rows)), self.wanted[part]]
        else:
            self.said[part] = self.sure[part] = found.y_hat[:, 0]
        self.gathered += len(rows)

    @property
    def wrong(self) -> npt.NDArray[np.bool_]:
        """(N,): where it is known to be wrong."""
        return np.asarray(self.right == 0.0)

    def next_wrong(self, start: int, by: int, order: Rows) -> int | None:
        """The next row of `order`, after place `start` in it and around the end, that it is wrong about; by:
        1 forwards, −1 backwards. Asked bit by bit, so that it is soon found where there is one.
        """
        count = len(order)
        places = (start + by * np.arange(1, count + 1)) % max(count, 1)
        for first in range(0, count, self._bit):
            rows = order[places[first : first + self._bit]]
            wrong = np.flatnonzero(self.about(rows).right == 0.0)
            if len(wrong):
                return int(rows[wrong[0]])
        return None


def most_wrong(project: Project, made: Prepared, frame: Frame, complete: bool) -> int:
    """Of all samples the one whose target is least likely to the network; of numbers, with the largest loss.

    complete: after the frame's step, instead of before it.
    """
    answers = SampleAnswers(project, made, frame.architecture)
    answers.follow(frame, complete)
    while not answers.complete:
        answers.gather()
    if not answers.judged:
        return int(np.nan_to_num(answers.loss, nan=np.inf).argmax())
    return int(np.nan_to_num(answers.sure, nan=-1.0).argmin())
