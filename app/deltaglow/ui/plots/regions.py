"""Decision regions: what the network says all over the plane of two features, with the samples on it."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QWidget

from deltaglow.data.dataset import brief
from deltaglow.engine.verdicts import is_regression
from deltaglow.explain.numbers import full
from deltaglow.explain.regions import Regions
from deltaglow.model.samples import output_word, prepared
from deltaglow.session.lab import Lab
from deltaglow.ui.theme import Theme
from deltaglow.ui.theme.classes import class_color, class_mark
from deltaglow.ui.widgets.combo import Combo

from . import labelled
from .colours import Picture, mixed, rgb
from .export import Table
from .state_plot import StatePlot

if TYPE_CHECKING:
    from .plane import Plane
    from .spots import Marks

Floats = npt.NDArray[np.float64]
WORK, FINEST, COARSEST = 2e7, 64, 16
"""Products a picture may take, and the points along its sides at most and at least."""
FAINTEST, STRONGEST = 0.10, 0.62
"""How much of a class's colour a point has where the network cannot tell, and where it is certain."""
MOST_SAMPLES = 1000


class RegionPlot(StatePlot):
    """Each point in the colour of the class that has the largest output there, the stronger the surer.

    Predicted numbers have the colours of their sign. Of a single feature the outputs are curves over it.
    Where a sample may have several labels, none or all, one of them is shown at a time.
    """

    heading = "Decision regions"
    about = (
        "What the network says at every point of the plane of two features, in their own units; others are "
        "held at their median. The surer it is, the stronger the colour."
    )

    most = MOST_SAMPLES
    """Samples that are drawn."""

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(lab, theme, parent)
        self._plane: Plane | None = None
        self._regions: Regions | None = None
        self._outputs: Floats | None = None
        self._pair = (0, 0)
        self.label = 0
        """The label that is shown, where samples have labels."""
        self._read = False
        """Whether the words beside the heading are of what is under the pointer."""
        self.discrete = False
        """Whether a point has its class's colour alone, however sure the network is."""
        self.hidden: frozenset[bool] = frozenset()
        """Of those kept out of the training (True) and the others (False), which samples are not drawn."""
        self._fitted: tuple[object, tuple[int, int]] = (None, (0, 0))
        """The data and the features whose plane was put into view as a whole."""
        self._choosers = [Combo(self), Combo(self)]
        for combo, way in zip(self._choosers, ("across", "up"), strict=True):
            combo.setToolTip(f"The feature that goes {way}")
            combo.setAccessibleName(f"Feature of the decision regions that goes {way}")
            combo.setMaximumWidth(170)
            combo.activated.connect(self._choose)
            self._header.addWidget(combo)
        self._label_chooser = Combo(self)
        self._label_chooser.setToolTip("The label that is shown: where the network says yes to it, where no")
        self._label_chooser.setAccessibleName("Label of the decision regions")
        self._label_chooser.setMaximumWidth(120)
        self._label_chooser.activated.connect(self.choose_label)
        self._header.addWidget(self._label_chooser)
        lab.plane.changed.connect(self._on_plane)

    def prepare(self) -> None:
        """Builds the plane, which imports pyqtgraph."""
        if self._plane is None:
            from .plane import Plane  # late on purpose: pyqtgraph costs more time than the first frame has

            self._plane = Plane(self._theme, self)
            self._plane.setAccessibleName(f"{self.heading}, a picture")
            self._plane.pointed.connect(self._on_pointed)
            self._layout.addWidget(self._plane, 1)
            self._empty.hide()

    def draw(self) -> None:
        """Ask the network all over the plane."""
        assert self._regions is not None
        self._outputs = self._regions.outputs(self._lab.frame, self._lab.complete)
        self._draw()
        self._on_room()

    def mark(self) -> None:
        """Ring the sample shown."""
        self._ring()

    def choose(self, across: int, up: int) -> None:
        """Shows the plane of these two features, by their numbers from 0, here and in the diagram's units."""
        self._lab.plane.choose(across, up)

    @Slot(int)
    def choose_label(self, k: int) -> None:
        """Shows where the network says yes to label k, from 0, and which samples have it."""
        self.label = k
        self._label_chooser.setCurrentIndex(k)
        if self._regions is not None and self._outputs is not None:
            self._dress()
            self._draw()
            self._on_room()

    @Slot()
    def _on_plane(self) -> None:
        if self.isVisible():
            self.renew()
        else:
            self._project = None

    def begin(self) -> None:
        """Another plane: the features or the network may be others."""
        lab = self._lab
        shape = lab.frame.architecture
        resolution = int(np.clip((WORK / max(shape.parameters, 1)) ** 0.5, COARSEST, FINEST))
        made = prepared(lab.project)
        names = made.raw.feature_names
        count = len(names)
        self._pair = lab.plane.of(lab.project, made)
        self._regions = Regions(lab.project, made, shape, self._pair, resolution, self._bounds())
        for combo, feature in zip(self._choosers, self._pair, strict=True):
            combo.setVisible(count > 2)
            combo.offer([(str(k), self._in_list(name), name) for k, name in enumerate(names)], str(feature))
        self._offer_labels(made.raw.class_names)
        self.prepare()
        assert self._plane is not None
        if self._fitted[0] is not lab.project.data or self._fitted[1] != self._pair:
            self._plane.fit(*self._frame())
            self._fitted = (lab.project.data, self._pair)
        self._dress()

    # inside

    def _in_list(self, name: str) -> str:
        """What a feature is called in the lists over the plane."""
        return brief(name)

    def _bounds(self) -> tuple[float, float, float, float] | None:
        """The part of the plane that is asked about; None for what the samples need."""
        return None

    def _frame(self) -> tuple[float, float, float, float]:
        """The part of the plane to show: of one feature, the range of the targets goes up."""
        assert self._regions is not None
        left, right, bottom, top = self._regions.bounds
        if not self._single:
            return left, right, bottom, top
        low, high = float(self._regions.targets.min()), float(self._regions.targets.max())
        room = 0.15 * (high - low) or 1.0
        return left, right, low - room, high + room

    @property
    def _single(self) -> bool:
        """Whether there is but one feature, so that outputs are curves over it."""
        return self._pair[0] == self._pair[1]

    @property
    def _labels(self) -> bool:
        """Whether an output is a label, which a sample has or has not beside any others."""
        return output_word(self._lab.project) == "label" and not self._single

    def _offer_labels(self, names: tuple[str, ...]) -> None:
        self.label = min(self.label, len(names) - 1)
        self._label_chooser.setVisible(self._labels and len(names) > 1)
        self._label_chooser.offer([(str(k), name, name) for k, name in enumerate(names)], str(self.label))

    @property
    def _numbers(self) -> bool:
        """Whether the outputs are predicted numbers."""
        return is_regression(self._lab.project.network.loss)

    def _dress(self) -> None:
        if self._plane is None or self._regions is None:
            return
        across, up = (self._regions.names[feature] for feature in self._pair)
        self._plane.dress(across, self._told if self._single else up)
        self._plane.show_marks(self._marks())

    @property
    def _told(self) -> str:
        """What curves over a single feature are of."""
        names = self._lab.dataset.class_names
        return names[0] if len(names) == 1 else "output"

    def _marks(self) -> list[Marks]:
        from .spots import Marks  # as above

        assert self._regions is not None
        samples = self._regions.samples
        few = np.unique(np.linspace(0, len(samples.classes) - 1, self.most).astype(int))
        made = []
        for held in sorted({False, True} - self.hidden):
            if self._labels:
                kept, has = samples.held_out[few] == held, self._regions.targets[few, self.label] > 0.5
                for yes in (False, True):
                    rows, look = few[kept & (has == yes)], labelled.dress(self._theme, self.label, yes)
                    made.append(Marks(samples.places[rows], *look, held))
                continue
            for k in range(self._regions.targets.shape[1]):
                if self._single or self._numbers:
                    rows = few[samples.held_out[few] == held]
                else:
                    rows = few[(samples.classes[few] == k) & (samples.held_out[few] == held)]
                places = samples.places[rows]
                if self._single:
                    places = np.column_stack([places[:, 0], self._regions.targets[rows, k]])
                if len(rows):
                    colour = self._theme.color("text") if self._numbers else class_color(self._theme, k)
                    made.append(Marks(places, class_mark(k), colour, held))
                if self._numbers and not self._single:
                    break
        return made

    def _draw(self) -> None:
        assert self._plane is not None and self._regions is not None and self._outputs is not None
        if self._single:
            left, right, _, _ = self._regions.bounds
            count = self._regions.resolution
            x = left + (np.arange(count) + 0.5) * (right - left) / count
            colours = [class_color(self._theme, k) for k in range(self._outputs.shape[2])]
            if self._numbers:
                colours = [self._theme.color("y_hat")] * len(colours)
            self._plane.show_curves(x, self._outputs[0], colours)
        else:
            self._plane.clear_curves()
            self._plane.show_picture(self._colours(self._outputs), self._regions.bounds)

    def _colours(self, outputs: Floats) -> Picture:
        """(rows, columns, 3) for outputs (rows, columns, K)."""
        if self._labels:
            picked, strength = labelled.tints(self._theme, self.label, outputs[..., self.label])
        elif self._numbers or outputs.shape[2] == 1:
            value = outputs[..., 0] if self._numbers else 2.0 * outputs[..., 0] - 1.0
            assert self._regions is not None
            scale = float(np.abs(self._regions.targets[:, 0]).max()) if self._numbers else 1.0
            strength = np.clip(np.abs(value) / (scale or 1.0), 0.0, 1.0)
            tints = np.array([rgb(self._theme.color(token)) for token in ("negative", "positive")])
            picked = tints[(value > 0).astype(int)]
        else:
            even = 1.0 / outputs.shape[2]
            strength = np.clip((outputs.max(axis=2) - even) / (1.0 - even), 0.0, 1.0)
            tints = np.array([rgb(class_color(self._theme, k)) for k in range(outputs.shape[2])])
            picked = tints[outputs.argmax(axis=2)]
        if self.discrete:
            strength = np.ones_like(strength)
        share = FAINTEST + (STRONGEST - FAINTEST) * strength
        return mixed(self._theme.color("panel"), picked, share)

    def _ring(self) -> None:
        assert self._plane is not None and self._regions is not None
        lab = self._lab
        row = int(lab.frame.rows[lab.sample])
        place = self._regions.samples.places[row]
        if self._single:
            place = np.array([place[0], self._regions.targets[row, 0]])
        self._plane.ring(None if lab.running else place)

    def _key(self) -> str:
        """Which colour is which class, as far as there is room to say so."""
        names = self._lab.dataset.class_names
        if self._labels:
            return labelled.key(self._theme, self.label, names[self.label])
        if (
            self._numbers
            or self._legend.fontMetrics().horizontalAdvance("  ".join(names)) > self._legend.width()
        ):
            return ""
        colours = [class_color(self._theme, k).name() for k in range(len(names))]
        return "&nbsp; ".join(
            f'<span style="color:{colour}">{escape(name)}</span>'
            for name, colour in zip(names, colours, strict=True)
        )

    @Slot()
    def _on_room(self) -> None:
        if not self._read:
            self._write_rich(self._key())

    @Slot(object)
    def _on_pointed(self, place: tuple[float, float] | None) -> None:
        self._read = place is not None
        if place is None or self._regions is None or self._outputs is None:
            self._write_rich(self._key())
            return
        left, right, bottom, top = self._regions.bounds
        count = self._regions.resolution
        column = min(max(int((place[0] - left) / (right - left) * count), 0), count - 1)
        row = 0 if self._single else min(max(int((place[1] - bottom) / (top - bottom) * count), 0), count - 1)
        said = self._outputs[row, column]
        names = self._lab.dataset.class_names
        if self._numbers:
            self._write(
                "  ".join(f"{name} {full(value, 3)}" for name, value in zip(names, said, strict=True))
            )
        elif self._labels:
            told = zip(names, said, strict=True)
            self._write("  ".join(f"{name} {100 * share:.0f} %" for name, share in told))
        else:
            best = int(said.argmax())
            self._write(f"{names[best]} {100 * said[best]:.0f} %")

    @Slot()
    def _choose(self) -> None:
        self.choose(self._choosers[0].currentIndex(), self._choosers[1].currentIndex())

    @property
    def body(self) -> QWidget | None:
        """The plane."""
        return self._plane

    def table(self) -> Table | None:
        """What the network says at each point of the picture."""
        if self._regions is None or self._outputs is None:
            return None
        regions = self._regions
        names = [regions.names[feature] for feature in dict.fromkeys(self._pair)]
        said = self._outputs[0] if self._single else self._outputs.reshape(-1, self._outputs.shape[2])
        rows = np.concatenate([regions.points(), said], axis=1)
        return Table([*names, *self._lab.dataset.class_names], rows.tolist())

    def _fill(self, menu: QMenu) -> None:
        whole = menu.addAction("View all")
        whole.triggered.connect(self._view_all)
        menu.addSeparator()
        discrete = menu.addAction("Discretise")
        discrete.setCheckable(True)
        discrete.setChecked(self.discrete)
        discrete.setEnabled(not self._single)
        discrete.setToolTip("Each point in its class's full colour, however sure the network is there")
        discrete.toggled.connect(self.set_discrete)
        for held, words in ((False, "Training samples"), (True, "Samples kept out (hollow)")):
            shown = menu.addAction(words)
            shown.setCheckable(True)
            shown.setChecked(held not in self.hidden)
            shown.setEnabled(not held or self._lab.project.validation is not None)
            shown.setToolTip(
                "Draw them on the plane" if shown.isEnabled() else "No samples are kept out of the training"
            )
            shown.toggled.connect(partial(self.show_samples, held))

    @Slot(bool)
    def set_discrete(self, on: bool) -> None:
        """Show for which class the network decides alone, or how sure it is as well."""
        self.discrete = on
        if self._outputs is not None:
            self._draw()

    def show_samples(self, held_out: bool, on: bool) -> None:
        """Draw the samples that are kept out of the training, or those that are not, or leave them out."""
        self.hidden = self.hidden - {held_out} if on else self.hidden | {held_out}
        self._dress()

    @Slot()
    def _view_all(self) -> None:
        if self._plane is not None and self._regions is not None:
            self._plane.fit(*self._frame())
