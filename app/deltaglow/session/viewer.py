"""What is shown of a run: one frame, a place among its phases, and the quantity that is explained."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from math import ceil, floor

from PySide6.QtCore import QObject, Signal

from deltaglow.engine import Frame
from deltaglow.explain.opening import DEPTHS, Opening
from deltaglow.explain.phases import Phase, Phases
from deltaglow.model.quantity import AddressError, Quantity, validate_in
from deltaglow.session.plane import FeaturePlane


class Viewer(QObject):
    """Walks through the frames of a run. It paces nothing and draws nothing.

    A subclass owns the run: it sets `frame` and `phases`, knows its `head`, and can make the frame of any
    step up to that and complete the step that comes next. While it is `running`, nothing here moves. (What it
    must say of that is abstract to mypy alone: Qt's classes have a metaclass of their own.)
    """

    frameChanged = Signal()
    followed = Signal()
    """In the place of frameChanged, many times a second while training: another frame of the same kind. For
    what can keep up with that; the others are asked by the window, now and then, and told at the end.
    """
    positionChanged = Signal()
    selectionChanged = Signal()
    playingChanged = Signal(bool)
    depthChanged = Signal()
    heldChanged = Signal()

    frame: Frame
    phases: Phases

    def __init__(self) -> None:
        super().__init__()
        self.selected = Quantity("loss")
        self.sample = 0
        self.position = 0.0
        self.playing = False
        self.seconds_per_layer = 1.0
        self.depth = DEPTHS[0]
        """Into what a phase opens: layers, units or terms."""
        self.onward = False
        """Whether the animation plays on after a step, or stops where it is complete."""
        self.held = False
        """While something holds it, the animation stands still."""
        self.plane = FeaturePlane()
        """The two features that pictures of the space of features are drawn over."""
        self._opening: Opening | None = None

    # What a subclass knows

    @property
    @abstractmethod
    def running(self) -> bool:
        """True while the worker trains."""

    @property
    @abstractmethod
    def head(self) -> int:
        """Completed steps."""

    @property
    @abstractmethod
    def first_step(self) -> int:
        """The earliest step that can be shown."""

    @property
    @abstractmethod
    def broken(self) -> bool:
        """Whether the next step is known to end in a number that is not finite."""

    @abstractmethod
    def pause(self) -> None:
        """Stop training after the step under way, and show it."""

    @abstractmethod
    def _frame_of(self, step: int) -> Frame:
        """The frame of a completed step, or of the one that comes next."""

    @abstractmethod
    def _complete_step(self) -> None:
        """Make the step that comes next, whose frame is shown."""

    # Choosing what to look at

    @property
    def phase(self) -> Phase | None:
        """The phase under way in what is shown."""
        return self.phases.at(self.position).phase

    @property
    def complete(self) -> bool:
        """Whether the step shown is shown to its end."""
        return self.position >= self.phases.end

    def reached(self, quantity: Quantity) -> bool:
        """Whether the phases shown so far have computed a quantity."""
        return self.position >= self.opening.known_from(quantity) - 1e-9

    @property
    def opening(self) -> Opening:
        """The phases of what is shown, opened at the chosen depth."""
        known, depth = self._opening, DEPTHS[0] if self.running else self.depth
        focus = None if depth == DEPTHS[0] else self._focus()
        asked = (self.frame, self.phases, self.sample, depth, focus)
        if known is None or asked != (known.frame, known.phases, known.row, known.depth, known.focus):
            self._opening = known = Opening(*asked)
        return known

    def _focus(self) -> tuple[int, int] | None:
        """The unit that is selected, or that what is selected belongs to."""
        q = self.selected
        return None if q.layer is None or not q.index else (q.layer, q.index[0])

    def set_depth(self, depth: str) -> None:
        """Open phases into layers, units or terms, DEPTHS. The place among the phases stays."""
        if depth != self.depth:
            self.depth = depth
            self.depthChanged.emit()
            self.positionChanged.emit()

    def next_depth(self) -> None:
        """From layer to unit to term, and to layer again."""
        self.set_depth(DEPTHS[(DEPTHS.index(self.depth) + 1) % len(DEPTHS)])

    def set_held(self, held: bool) -> None:
        """Let the animation stand still, or go on."""
        if held != self.held:
            self.held = held
            self.heldChanged.emit()

    def select(self, quantity: Quantity) -> None:
        """Make a quantity the one that is explained. Raises AddressError if it is not there."""
        validate_in(quantity, self.frame)
        if quantity.sample is not None and quantity.kind != "loss":
            self.set_sample(quantity.sample)
            quantity = replace(quantity, sample=None)
        if quantity != self.selected:
            self.selected = quantity
            self.selectionChanged.emit()

    def set_sample(self, row: int) -> None:
        """Show another sample of the mini-batch."""
        row = min(max(row, 0), self.frame.samples - 1)
        if row != self.sample:
            self.sample = row
            self.frameChanged.emit()

    # Walking

    @property
    def end(self) -> float:
        """The position at which all of what is shown is shown."""
        return self.phases.end

    def set_position(self, position: float) -> None:
        """Go to a place among the phases of the step shown. Reaching the end completes the step."""
        position = min(max(position, 0.0), self.end)
        if self.running or position == self.position:
            return
        self.position = position
        if self.complete and self.frame.step == self.head:
            self._complete_step()
        self.positionChanged.emit()

    def show_step(self, step: int, position: float = 0.0) -> None:
        """Show a completed step, or the one that comes next."""
        if self.running:
            return
        step = min(max(step, self.first_step), self.head)
        self.position = min(max(position, 0.0), self.phases.end)
        if step != self.frame.step:
            self._set_frame(self._frame_of(step))
        self.position = min(self.position, self.end)
        if step == self.head and self.complete:
            self._complete_step()
        self.positionChanged.emit()

    def step_forward(self) -> None:
        """On to the next stop: within a phase, to the next phase, to the next step."""
        self._walk(self.opening.next_stop(self.position))

    def step_back(self) -> None:
        """Back to the stop before, in the step before if need be."""
        self._walk_back(self.opening.previous_stop(self.position))

    def phase_forward(self) -> None:
        """On by a whole phase: one layer."""
        self._walk(self.phases.next_phase(self.position))

    def phase_back(self) -> None:
        """Back by a whole phase."""
        self._walk_back(self.phases.previous_phase(self.position))

    def next_step(self) -> None:
        """On by a whole training step."""
        if self.running:
            return
        if self.position >= self.end:
            self._pass_on()
        self.set_position(self.end)

    def previous_step(self) -> None:
        """Back to the end of the training step before."""
        if not self.running and self.frame.step > self.first_step:
            self.show_step(self.frame.step - 1, self.end)
        else:
            self.set_position(0.0)

    def rewind(self) -> None:
        """Show the earliest step there is to show, usually step 0, with nothing of it computed."""
        self.pause()
        self.set_playing(False)
        self.show_step(0)

    # Playing

    def set_playing(self, playing: bool) -> None:
        """Start or stop the animation through the phases."""
        if playing:
            self.pause()
            if not self.onward and self.position >= self.end:
                self._pass_on()
        if playing != self.playing:
            self.playing = playing
            self.playingChanged.emit(playing)

    def set_onward(self, onward: bool) -> None:
        """Play on after each step, or stop where one is complete."""
        self.onward = onward

    def advance(self, seconds: float) -> None:
        """Let the animation move on by the time since the last frame. On the frame clock, while playing."""
        if self.held:
            return
        position = self._after(seconds / self.seconds_per_layer)
        if position < self.end or self.position < self.end:
            self.set_position(position)
        elif position >= self.phases.end + 0.5 or not self.complete:
            self._pass_on()
        else:
            self.position = position
        if self.broken or (self.position >= self.end and not self.onward):
            self.set_playing(False)

    def _after(self, layers: float) -> float:
        """The position that much later, in the time a layer takes at layer depth."""
        position = self.position
        while layers > 0.0:
            phase = floor(position)
            length = self.opening.length(phase)
            left = (phase + 1 - position) * length
            position = phase + 1.0 if layers >= left else position + layers / length
            layers -= left
        return position

    # Inside

    def _pass_on(self) -> None:
        """From the end of a step to the next one."""
        self.show_step(self.frame.step + 1)

    def _set_frame(self, frame: Frame) -> None:
        self.frame = frame
        self.sample = min(self.sample, frame.samples - 1)
        try:
            validate_in(self.selected, frame)
        except AddressError:
            self.selected = Quantity("loss")
            self.selectionChanged.emit()
        self.frameChanged.emit()

    def _follow(self, frame: Frame) -> None:
        """Show the frame of a run that comes after the one shown, which nearly always has the same numbers
        to be selected.
        """
        if not _has_the_same(self.frame, frame):
            self._set_frame(frame)
            return
        self.frame = frame
        self.followed.emit()

    def _walk(self, position: float) -> None:
        if self.running:
            return
        self.set_playing(False)
        if self.position >= self.end:
            self._pass_on()
            return
        self.set_position(position)

    def _walk_back(self, position: float) -> None:
        if self.running:
            return
        self.set_playing(False)
        if self.position <= 0.0 and self.frame.step > self.first_step:
            self.show_step(self.frame.step - 1, self.end)
            return
        self.set_position(min(position, float(ceil(self.position))))


def _has_the_same(one: Frame, other: Frame) -> bool:
    """Whether two frames have the same quantities, so that what can be selected in one can in the other."""
    return (
        one.architecture is other.architecture
        and one.samples == other.samples
        and one.update.arrays.keys() == other.update.arrays.keys()
    )
