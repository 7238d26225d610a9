"""The page "Draw": points of a class put on the plane with the mouse, and rubbed out again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QToolButton, QVBoxLayout, QWidget

from deltaglow.engine import LOSSES, LossSpec
from deltaglow.engine.verdicts import is_regression
from deltaglow.model import own_samples
from deltaglow.model.project import InlineData
from deltaglow.model.samples import numbered, output_word
from deltaglow.session.lab import Lab
from deltaglow.ui.pages.following import Following
from deltaglow.ui.pages.page import HEAD
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label, restyle
from deltaglow.ui.widgets.flow import FlowLayout
from deltaglow.ui.widgets.told_apart import told_apart

from .draw_plot import DrawPlot
from .editor import SampleEditor
from .keys import keys_of, next_key
from .strokes import Erase, Place, Spray, Stroke

Array = npt.NDArray[np.float64]
MOST_CLASSES = 30
"""Classes that there are buttons for."""
MOST_NEW = 10
"""Classes up to which there can be one more: as many as there are colours, and digits to choose them."""
MOST_NAME = 84.0
"""Pixels of a class's name on its button."""
_SOFTMAX = LossSpec("softmax_cross_entropy")


class DrawPage(Following, QWidget):
    """Draws on the plane of two features of the project's samples, or on an empty one, of which the first
    point makes new samples. Other features of a point are those of the median sample.
    """

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__()
        self.lab, self.theme = lab, theme
        self.editor = SampleEditor(lab)
        self.plot = DrawPlot(lab, theme, self)
        self._stroke: Stroke | None = None
        self._own = False
        """Whether the project changes because of a stroke."""
        self.chosen = 0
        """The class that is drawn, from 0."""
        self.given: frozenset[int] = frozenset()
        """Where samples have labels: those of a point that is drawn."""
        self._chips: list[QToolButton] = []
        self._classes: object = None
        self._more = 0
        """Classes beside those of the samples, which were asked for and have no point yet."""
        self._arrange()
        self.setAccessibleName("Draw points")
        self.editor.said.connect(self._on_said)
        self.plot.ready.connect(self._on_ready)
        for signal in (lab.frameChanged, lab.runningChanged):
            signal.connect(self.follow)
        lab.projectChanged.connect(self._on_project)
        theme.changed.connect(self._on_theme)

    # Parts

    def _arrange(self) -> None:
        self.heading = label("Draw", "heading")
        self.heading.setFixedHeight(HEAD - 9)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.idClicked.connect(self.choose)
        self._bar = FlowLayout(4)
        self.more = self._tool("+", "One more class or label (the next digit)")
        self.more.clicked.connect(self.add_class)
        self.brush = self._tool("Brush", "Click for a point, drag to spray (B)")
        self.eraser = self._tool("Eraser", "Rub points out; the right button does so at any time (E)")
        tools = QButtonGroup(self)
        for button in (self.brush, self.eraser):
            button.setCheckable(True)
            tools.addButton(button)
        self.brush.setChecked(True)
        self.clear = QPushButton("Empty plane")
        self.clear.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clear.setToolTip(
            "Begin anew: the first point that is drawn takes the place of all samples there are (Ctrl+Delete)"
        )
        self.clear.clicked.connect(self.empty)
        self._bar.addWidget(self.more)
        self.plot.put_tools((self.brush, self.eraser, self.clear))
        self.said = label(role="small", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 9, 14, 10)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addLayout(self._bar)
        column.addWidget(self.plot, 1)
        column.addWidget(self.said)

    def _tool(self, text: str, tip: str) -> QToolButton:
        made = QToolButton()
        made.setText(text)
        made.setProperty("role", "choice")
        made.setToolTip(tip)
        made.setAccessibleName(text)
        made.setAccessibleDescription(tip)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return made

    @Slot()
    def _on_ready(self) -> None:
        canvas = self.plot.canvas
        canvas.begun.connect(self._on_begun)
        canvas.moved.connect(self._on_moved)
        canvas.ended.connect(self._on_ended)
        canvas.given_up.connect(self._on_given_up)
        canvas.keyed.connect(self._on_keyed)
        self.setFocusProxy(canvas)

    def _show_classes(self) -> None:
        """A button for each class, in its colour."""
        names = self._names()
        state = (names, self._labels, self.theme.name)
        if state != self._classes:
            self._classes = state
            self._group.setExclusive(not self._labels)
            keys = keys_of(names)
            while self._chips:
                chip = self._chips.pop()
                self._group.removeButton(chip)
                self._bar.removeWidget(chip)
                chip.deleteLater()
            shown = told_apart(names, self.theme.ui_font(12), MOST_NAME)
            for k, name in enumerate(names):
                key = f" ({keys[k]})" if k < len(keys) else ""
                what = f"Points that are drawn have the label {name}" if self._labels else f"Draw {name}"
                chip = self._tool(shown[k], f"{what}{key}")
                chip.setCheckable(True)
                chip.setAccessibleName(name)
                chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
                chip.setIcon(self.plot.class_icon(k))
                self._group.addButton(chip, k)
                self._bar.addWidget(chip)
                self._chips.append(chip)
            self._bar.removeWidget(self.more)
            self._bar.addWidget(self.more)
        self.chosen = min(self.chosen, max(len(names) - 1, 0))
        self.given = frozenset(k for k in self.given if k < len(names))
        for k, chip in enumerate(self._chips):
            chip.setChecked(k in self.given if self._labels else k == self.chosen)
        self.more.setVisible(0 < len(names) < MOST_NEW)

    def _names(self) -> tuple[str, ...]:
        """What can be drawn: nothing to choose where points are numbers."""
        if self._values or not self._drawable:
            return ()
        data = self.samples
        word = output_word(self.lab.project)
        known = own_samples.with_classes(data, data.y.shape[1] + self._more, word)
        names = known.classes or tuple(numbered(word, k) for k in range(known.y.shape[1]))
        return names[:MOST_CLASSES]

    # What there is

    @property
    def samples(self) -> InlineData:
        """The samples that are shown, be they the project's or not yet."""
        return self.editor.data if self.plot.blank is None else self.plot.blank

    @property
    def pixel(self) -> Place:
        """What a pixel of the plane is."""
        return self.plot.canvas.pixel()

    @property
    def _values(self) -> bool:
        """Whether points are a feature and a number to be met, as of a curve."""
        if self.plot.blank is not None:
            return False
        data = self.editor.data
        single = data.x.shape[1] == 1 and data.y.shape[1] == 1
        return single and is_regression(self.lab.project.network.loss)

    @property
    def _labels(self) -> bool:
        """Whether a sample has any of several labels, and not one class."""
        return output_word(self.lab.project) == "label"

    @property
    def _drawable(self) -> bool:
        """Whether a point of the plane makes a sample."""
        if self.plot.blank is not None or self._values:
            return True
        data, loss = self.editor.data, self.lab.project.network.loss
        outputs = 1 if self._labels else 2
        return data.x.shape[1] >= 2 and data.y.shape[1] >= outputs and not is_regression(loss)

    def places(self, data: InlineData) -> Array:
        """(N, 2): where samples lie on the plane."""
        if self._values:
            return np.column_stack([data.x[:, 0], data.y[:, 0]])
        return data.x[:, list(self.plot.pair)]

    def with_points(self, data: InlineData, places: Array, k: int) -> InlineData:
        """The samples with new ones at places (n, 2), of class k or with the labels chosen."""
        if self._values:
            return own_samples.appended(data, places[:, :1], places[:, 1:])
        chosen = self.given if self._labels else frozenset((k,))
        data = own_samples.with_classes(data, max(chosen, default=0) + 1, output_word(self.lab.project))
        middle = np.median(data.x, axis=0) if len(data.x) else np.zeros(data.x.shape[1])
        x = np.tile(middle, (len(places), 1))
        x[:, list(self.plot.pair)] = places
        y = np.zeros(data.y.shape[1])
        y[list(chosen)] = 1.0
        return own_samples.appended(data, x, np.tile(y, (len(places), 1)))

    def put(self, name: str, data: InlineData, merge: int) -> bool:
        """Make these the samples; where the rules do not allow it yet, keep them until they do."""
        blank = self.plot.blank is not None
        loss = self.lab.project.network.loss
        targets = LOSSES[loss.name].targets
        other = _SOFTMAX if blank and (targets == "real" or data.y.shape[1] < 2) else None
        self._own = True
        done = self.editor.put(name, data, merge, other)
        self._own = False
        if done:
            self._more = max(0, len(self._chips) - data.y.shape[1])
            self.plot.blank = None
            self.plot.keep_view()
            self.plot.renew()
        elif blank:
            self.plot.empty(data)
        self._show_classes()
        return done

    def withdraw(self, name: str, merge: int) -> None:
        """Take back all that a stroke did."""
        self._own = True
        self.lab.withdraw(name, merge)
        self._own = False
        self.plot.renew()

    def say(self, text: str) -> None:
        """One line for whoever draws."""
        self._on_said(text, False)

    # What is done

    @Slot(int)
    def choose(self, k: int) -> None:
        """Draw class k, from 0, from now on; of labels, points have this one from now on, or no longer."""
        self.brush.setChecked(True)
        if k >= len(self._chips):
            return
        if self._labels:
            self.given ^= {k}
            self._chips[k].setChecked(k in self.given)
            if k in self.given:
                self.plot.choose_label(k)
        else:
            self.chosen = k
            self._chips[k].setChecked(True)

    @Slot()
    def add_class(self) -> None:
        """One more class, which is the one to be drawn."""
        if 0 < len(self._chips) < MOST_NEW:
            self._more += 1
            self._show_classes()
            self.choose(len(self._chips) - 1)

    @Slot()
    def empty(self) -> None:
        """An empty plane, which the first point makes the project's samples."""
        self._more = 0
        word = "label" if self._labels else "class"
        names = numbered(word, 0), numbered(word, 1)
        self.plot.empty(InlineData(np.zeros((0, 2)), np.zeros((0, 2)), ("x₁", "x₂"), names))
        self._show_classes()
        self._on_said(
            "Empty: the network keeps its samples until the first point is drawn. Esc goes back", False
        )

    @Slot(object, bool)
    def _on_begun(self, place: Place, right: bool) -> None:
        self._on_said("", False)
        if not self._drawable:
            self._on_said(self._obstacle, True)
            return
        base = self.samples
        if right or self.eraser.isChecked():
            self._stroke = Erase(self, place) if len(base.x) else None
        elif len(base.x) >= own_samples.MOST_SAMPLES:
            self._on_said(f"There are {len(base.x):,} samples, the most there can be", True)
        else:
            self._stroke = Spray(self, place, self.chosen)

    @Slot(object)
    def _on_moved(self, place: Place) -> None:
        if self._stroke is not None:
            self._stroke.update(place)

    @Slot()
    def _on_ended(self) -> None:
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            stroke.commit()

    @Slot()
    def _on_given_up(self) -> None:
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            blank = self.plot.blank is not None
            stroke.cancel()
            if blank or not len(stroke.base.x):
                self.plot.empty(stroke.base)
                self._show_classes()

    @Slot(object, bool)
    def _on_keyed(self, place: Place, rub_out: bool) -> None:
        self._on_begun(place, rub_out)
        self._on_ended()

    @property
    def _obstacle(self) -> str:
        """Why nothing can be drawn."""
        data = self.editor.data
        if is_regression(self.lab.project.network.loss):
            return "These samples are told by a number, not by a class: Empty plane begins with classes"
        if data.x.shape[1] < 2:
            return "These samples have one feature: Empty plane begins with two"
        return "These samples have a single output: Empty plane begins with two classes"

    @property
    def _beside(self) -> str:
        """What the plane does not show."""
        others = 0 if self._values or self.plot.blank is not None else self.editor.data.x.shape[1] - 2
        if others < 1:
            return ""
        held = f"{others} features not shown are" if others > 1 else "feature not shown is"
        return (
            f"The {held} held at {'their medians' if others > 1 else 'its median'}: a sample in another's "
            "colour may still be told right"
        )

    # Following

    @Slot()
    def follow_run(self) -> None:
        """While training: a new frame may be read now."""
        if self.isVisible() and self._stroke is None:
            self.plot.refresh()

    def renew(self) -> None:
        """Show what there is now."""
        self.plot.refresh()
        self._show_classes()
        if not self.said.text():
            self._on_said(self._obstacle if not self._drawable else self._beside, False)

    @Slot()
    def _on_project(self) -> None:
        """Somebody else changed the project, or undo did: what was not the project's yet is given up."""
        if self._own:
            return
        self._stroke = None
        self._more = 0
        if self.plot.blank is not None:
            self.plot.empty(None)
        self._on_said("", False)
        if self.isVisible() and not self.lab.running:
            self.renew()

    @Slot(str, bool)
    def _on_said(self, text: str, bad: bool) -> None:
        if text != self.said.text():
            self.said.setText(text)
            self.said.setAccessibleName(text)
        restyle(self.said, tone="bad" if bad else "")

    @Slot()
    def _on_theme(self) -> None:
        if self.isVisible():
            self._show_classes()

    # As Qt asks for it

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.renew()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits choose the class, B and E the tool, Ctrl+Delete empties the plane, Esc brings it back."""
        key, text = event.key(), event.text()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        keys = keys_of(self._names())
        if plain and text in keys:
            self.choose(keys.index(text))
        elif plain and text and text == next_key(len(self._chips)):
            self.add_class()
        elif plain and key == Qt.Key.Key_B:
            self.brush.setChecked(True)
        elif plain and key == Qt.Key.Key_E:
            self.eraser.setChecked(True)
        elif key == Qt.Key.Key_Delete and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.empty()
        elif key == Qt.Key.Key_Escape and self.plot.blank is not None:
            self.plot.empty(None)
            self._more = 0
            self._on_said("", False)
            self.renew()
        else:
            event.ignore()
