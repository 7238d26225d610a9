"""What numbers the training computes with, and on what; in mixed precision the loss scale."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QStandardItemModel

from deltaglow.engine import DEVICES, PRECISIONS, missing
from deltaglow.model.project import Project
from deltaglow.model.rules import RULES
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo

from . import edits
from .training_pages import Page

_MIXED = "mixed"


class PrecisionForm(Page):
    """Rows for precision and device and, in mixed precision, the loss scale of the step shown.

    A device that is not there is on offer but cannot be chosen; its tooltip says what is missing.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.precision, self.device = Combo(), Combo()
        for combo, key, text in (
            (self.precision, "precision", "&Float type"),
            (self.device, "device", "Hard&ware"),
        ):
            combo.setAccessibleName(RULES[key].label)
            combo.setToolTip(RULES[key].tooltip)
            self.row(text, combo)
        self.state = label(role="small")
        self.state.setToolTip(
            "What errors are multiplied by on their way in the step shown. If a gradient overflows, the\n"
            "step is left out and the scale halved; after many good steps it is doubled. Where it starts\n"
            "is said by loss_scale in the project file."
        )
        self._column.addWidget(self.state)
        self.precision.activated.connect(self._on_precision)
        self.device.activated.connect(self._on_device)
        lab.frameChanged.connect(self.show_scale)
        lab.runningChanged.connect(self.show_scale)

    def _load(self, project: Project) -> None:
        training = project.training
        items = [(kind.name, kind.label, f"{kind.help}.") for kind in PRECISIONS.values()]
        self.precision.offer(items, training.precision)
        self.precision.setToolTip(f"{RULES['precision'].tooltip}\n{PRECISIONS[training.precision].help}.")
        self._offer_devices(training.device)
        self.show_scale()

    def _offer_devices(self, current: str) -> None:
        reasons = {name: missing(name) for name in DEVICES}
        items = [
            (name, name, f"{said}.\n{reasons[name]}." if reasons[name] else f"{said}.")
            for name, said in DEVICES.items()
        ]
        self.device.offer(items, current)
        model = self.device.model()
        assert isinstance(model, QStandardItemModel)
        for place, (name, _, _) in enumerate(items):
            model.item(place).setEnabled(not reasons[name])
        lacking = [f"{name}: {reason}." for name, reason in reasons.items() if reason]
        self.device.setToolTip("\n".join([RULES["device"].tooltip, *lacking]))

    @Slot()
    def show_scale(self) -> None:
        """Says what the loss scale is in the step shown."""
        frame = self._lab.frame
        mixed = frame.precision == _MIXED
        self.state.setVisible(mixed)
        if not mixed:
            return
        self.state.setText(f"Loss scale {frame.scale:,.0f}" + ": step left out" * frame.left_out)

    @Slot(int)
    def _on_precision(self, place: int) -> None:
        name = str(self.precision.itemData(place))
        scale = self._lab.project.training.loss_scale if name == _MIXED else None
        self._say("Precision", lambda project: edits.with_training(project, precision=name, loss_scale=scale))

    @Slot(int)
    def _on_device(self, place: int) -> None:
        self._on_training("Device", "device", str(self.device.itemData(place)))
