"""One sample looked at closely: its picture, what the network says of it, its features to be typed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from deltaglow.data import Dataset
from deltaglow.engine.answers import Answer
from deltaglow.explain.numbers import borne_out, show
from deltaglow.explain.sample_answers import SampleAnswers
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import label

from .bars import OutputBars
from .features import FeatureList
from .picture import fitted, image

Floats = npt.NDArray[np.float64]
_HIGH = 140
"""Pixels of the picture."""


class PictureView(QWidget):
    """A sample as a picture that is painted on: a press or a drag darkens pixels, with the right button it
    clears them. One drag is one edit; Esc gives it up. Arrows go from pixel to pixel, + and − change one.
    """

    painted = Signal(object)
    """All features (n,) of the sample, as they were painted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._values = np.zeros(0)
        self._drawn: Floats | None = None
        """The sample as it is being painted."""
        self._shape = (1, 1)
        self._bounds = (0.0, 1.0)
        self._at = 0
        self.setFixedHeight(_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setToolTip(
            "Press or drag to paint pixels, with the right button to clear them; arrows and + − by key; "
            "Esc gives a stroke up"
        )
        theme.changed.connect(self.update)

    def show_picture(self, values: Floats, shape: tuple[int, int], bounds: tuple[float, float]) -> None:
        """Show a sample's features (n,) as pixels; bounds: the lightest and the darkest value there are."""
        if not np.array_equal(values, self._values):  # else a stroke under way goes on
            self._drawn = None
        self._values, self._shape, self._bounds = values, shape, bounds
        self._at = min(self._at, len(values) - 1)
        self.setAccessibleName(f"The sample as a picture of {shape[0]} × {shape[1]} pixels")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, and the pixel that keys change."""
        del event
        values = self._values if self._drawn is None else self._drawn
        area = fitted(self._shape, self.rect())
        with QPainter(self) as painter:
            painter.drawImage(area, image(self._theme, values, self._shape, self._bounds))
            if self.hasFocus():
                row, column = divmod(self._at, self._shape[1])
                side = area.width() / self._shape[1]
                painter.setPen(QPen(self._theme.color("focus"), 2))
                painter.drawRect(
                    round(area.left() + column * side),
                    round(area.top() + row * side),
                    round(side) - 1,
                    round(side) - 1,
                )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke; another button in the midst of it gives it up, as Esc does."""
        if self._drawn is not None:
            self._drawn = None
            self.update()
            return
        self._drawn = self._values.copy()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._stroke(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        if self._drawn is not None:
            self._stroke(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What was painted is the sample now."""
        del event
        self._take()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from pixel to pixel; + and − change it by an eighth; Esc gives a stroke up."""
        key, wide = event.key(), self._shape[1]
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -wide, Qt.Key.Key_Down: wide}
        if event.key() == Qt.Key.Key_Escape and self._drawn is not None:
            self._drawn = None
        elif Qt.Key(key) in by and not event.modifiers():
            self._at = min(max(self._at + by[Qt.Key(key)], 0), len(self._values) - 1)
        elif event.text() in ("+", "-", "−"):
            low, high = self._bounds
            self._drawn = self._values.copy()
            moved = self._drawn[self._at] + (high - low) / 8 * (1 if event.text() == "+" else -1)
            self._drawn[self._at] = min(max(moved, low), high)
            self._take()
        else:
            event.ignore()
            return
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _stroke(self, event: QMouseEvent) -> None:
        assert self._drawn is not None
        area, place = fitted(self._shape, self.rect()), event.position()
        column = int((place.x() - area.left()) / area.width() * self._shape[1])
        row = int((place.y() - area.top()) / area.height() * self._shape[0])
        if 0 <= row < self._shape[0] and 0 <= column < self._shape[1]:
            self._at = row * self._shape[1] + column
            clears = bool(event.buttons() & Qt.MouseButton.RightButton)
            self._drawn[self._at] = self._bounds[0 if clears else 1]
            self.update()

    def _take(self) -> None:
        drawn, self._drawn = self._drawn, None
        if drawn is not None and not np.array_equal(drawn, self._values):
            self.painted.emit(drawn)


class SampleCard(QWidget):
    """Follows the sample shown. `typed` carries the feature, or −1 − a target's number, and the text."""

    typed = Signal(int, str)
    painted = Signal(object)

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__()
        self._lab = lab
        self.heading = label(role="subheading")
        self.where = label(role="small", wrap=True)
        self.picture = PictureView(theme)
        self.bars = OutputBars(theme)
        self.verdict = label(role="small", wrap=True)
        self.list = FeatureList(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for widget in (self.heading, self.where, self.picture, self.bars, self.verdict):
            column.addWidget(widget)
        column.addWidget(self.list, 100)
        column.addStretch(1)
        self.list.features.edited.connect(self.typed)
        self.picture.painted.connect(self._on_painted)

    def show_sample(
        self,
        raw: Dataset,
        answers: SampleAnswers,
        row: int,
        picture: tuple[tuple[int, int], tuple[float, float]] | None,
    ) -> None:
        """Show a row of the samples; picture: its shape and bounds, where it is one."""
        found = answers.about(np.array([row]))
        self.heading.setText(f"Sample {row + 1}")
        self.where.setText(self._place(answers, row))
        self.picture.setVisible(picture is not None)
        self.list.setVisible(picture is None)  # pixels are painted
        if picture is not None:
            self.picture.show_picture(raw.x[row], *picture)
        whole = 1.0 if answers.judged else 0.0
        self.bars.show_answer(raw.class_names, found.y_hat[0], raw.y[row], whole)
        self.verdict.setText(f"{_verdict(found, answers, raw, row)}{self._when()}")
        self.list.features.show_sample(raw, row, targets=answers.kind != "distribution")

    def _place(self, answers: SampleAnswers, row: int) -> str:
        lab = self._lab
        use = "Kept out of the training" if answers.held[row] else "Trained on"
        if lab.running:
            return use
        here = "not in this step's batch" if lab.apart and lab.row == row else "in this step's batch"
        return f"{use}, {here}" if lab.row == row else use

    def _when(self) -> str:
        """With which parameters the network was asked: the diagram shows those before the step."""
        if self._lab.running:
            return ""
        return ", after this step's update" if self._lab.complete else ", before this step's update"

    @Slot(object)
    def _on_painted(self, values: Floats) -> None:
        self.painted.emit(values)


def _verdict(found: Answer, answers: SampleAnswers, raw: Dataset, row: int) -> str:
    loss = float(found.losses[0])
    if not answers.judged:
        wanted, said = ([show(float(v), 4) for v in values] for values in (raw.y[row], found.y_hat[0]))
        half = 0.5 * sum((p.value - t.value) ** 2 for p, t in zip(said, wanted, strict=True))
        told = ", ".join(each.text for each in wanted)
        return f"Should be {told}; loss {borne_out(loss, half, 4).text}"
    return f"{'✓ Right' if found.right[0] else '✗ Wrong'}, loss {show(loss, 4).text}"
