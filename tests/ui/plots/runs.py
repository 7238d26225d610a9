"""A run that a test writes itself, and what a plot makes of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from deltaglow.model import examples
from deltaglow.session.history import History
from deltaglow.ui.plots.history_plot import HistoryPlot


class NoOverlays(QObject):
    """That there are no other runs."""

    changed = Signal()
    drawn = ()
    offered = ()


class Run(QObject):
    """What a plot knows of the laboratory: a project, and a history that somebody else fills."""

    historyReset = Signal()
    positionChanged = Signal()
    runningChanged = Signal(bool)
    branchesChanged = Signal()
    comparedChanged = Signal()
    bandChanged = Signal()
    band = None
    compared = None
    first_step = 0
    running = True
    message = Signal(str)

    def __init__(self, layers: int = 2) -> None:
        super().__init__()
        self.project = examples.load("xor")
        self.overlays = NoOverlays(self)
        self.begin(layers)

    def begin(self, layers: int, *verdicts: str) -> None:
        norms = [f"gradient_norm[{k}]" for k in range(1, layers + 1)]
        self.history = History(["loss", "accuracy", *norms, "update_ratio", *verdicts])

    def add(self, *losses: float) -> None:
        for loss in losses:
            layers = len(self.history.names) - 3
            norms = [loss * 10.0**-k for k in range(layers)]
            self.history.append(np.array([loss, 0.5, *norms, 0.01]))


def shown(qtbot: QtBot, plot: HistoryPlot) -> HistoryPlot:
    qtbot.addWidget(plot)
    plot.resize(360, 180)
    plot.show()
    qtbot.waitExposed(plot)
    return plot


def curve(plot: HistoryPlot, number: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x, y = plot._chart._curves[number].getData()
    return x, y


def pixels(plot: HistoryPlot, colour: QColor) -> int:
    image = plot._chart.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    wanted = np.array([colour.blue(), colour.green(), colour.red()])
    return int((np.abs(data[:, :, :3].astype(int) - wanted).max(axis=2) < 40).sum())
