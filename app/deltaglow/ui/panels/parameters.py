"""The panel in which a run is set up."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QFrame, QTabWidget, QVBoxLayout, QWidget

from deltaglow.session.lab import Lab
from deltaglow.ui.later import Later
from deltaglow.ui.theme import Theme
from deltaglow.ui.widgets import caption, label
from deltaglow.ui.widgets.complaint import complaint_within
from deltaglow.ui.widgets.on_demand import OnDemand
from deltaglow.ui.widgets.tall import BAR, Tall

from .data_tab import DataTab
from .network_tab import NetworkTab
from .tab import Tab
from .training_tab import TrainingTab

T = TypeVar("T", bound=Tab)


class ParameterPanel(QFrame):
    """Data, Network, Training. Follows `lab.projectChanged`; every change is one undoable edit."""

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.setAccessibleName("Set-up")
        self._data = OnDemand(lambda: self._listen(DataTab(lab)))
        self._network = OnDemand(lambda: self._listen(NetworkTab(lab, theme)))
        self._training = OnDemand(lambda: self._listen(TrainingTab(lab, theme)))
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Set-up: data, network or training")
        self._error = label(role="error", wrap=True)
        self._error.hide()
        for tab, name in ((self._data, "Data"), (self._network, "Network"), (self._training, "Training")):
            self.tabs.addTab(Tall(tab), name)
        self.tabs.setTabToolTip(0, "What the network learns from")
        self.tabs.setTabToolTip(1, "Layers, units, activations, initialisation")
        self.tabs.setTabToolTip(2, "Learning rate, batch size, seed")
        self.tabs.setCurrentIndex(2)
        self.tabs.currentChanged.connect(self._on_tab)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14 - BAR, 12)
        layout.setSpacing(6)
        layout.addWidget(caption("Setup"))
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self._error)
        self._soon = Later(self._show_project, self)
        """Nobody waits for the controls to see an edit on the diagram."""
        lab.projectChanged.connect(self._soon.ask)

    def sizeHint(self) -> QSize:
        """A column beside the diagram."""
        return QSize(270, 560)

    def minimumSizeHint(self) -> QSize:
        """The narrowest in which a row fits."""
        return QSize(250, 300)

    @property
    def data(self) -> DataTab:
        """What the network learns from."""
        self._soon.now()
        return self._data.content

    @property
    def network(self) -> NetworkTab:
        """Its layers."""
        self._soon.now()
        return self._network.content

    @property
    def training(self) -> TrainingTab:
        """How it learns."""
        self._soon.now()
        return self._training.content

    def prepare(self) -> None:
        """Make what was not shown yet, so that nobody waits for it."""
        _ = self.data, self.network

    def _listen(self, tab: T) -> T:
        tab.refused.connect(self._on_refused)
        return tab

    @property
    def error(self) -> str:
        """What is said of what was typed or refused last, "" if nothing."""
        self._soon.now()
        return complaint_within(self) or self._error.text()

    def _show_project(self) -> None:
        self._say("")
        for tab in (self._data.made, self._network.made, self._training.made):
            if tab is not None:
                tab.show_project()

    @Slot(int)
    def _on_tab(self, place: int) -> None:
        del place
        self._say("")

    @Slot(str)
    def _on_refused(self, reason: str) -> None:
        """An edit by one of the tabs has been made, or cannot be."""
        self._soon.now()
        self._say(reason)

    def _say(self, reason: str) -> None:
        self._error.setText(reason)
        self._error.setVisible(bool(reason))
