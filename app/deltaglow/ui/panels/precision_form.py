"""What numbers the training computes with, and on what; in mixed precision the loss scale as it is now."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtGui import QStandardItemModel

from deltaglow.engine import DEVICES, PRECISIONS, LossScale, missing
from deltaglow.model.project import Project
from deltaglow.model.rules import RULES
from deltaglow.session.lab import Lab
from deltaglow.ui.widgets import label
from deltaglow.ui.widgets.combo import Combo

from . import edits
from .training_pages import Page

_MIXED = "mixed"


class PrecisionForm(Page):
    """Rows for precision, device and, in mixed precision, loss scaling.

    A device that is not there is on offer but cannot be chosen; its tooltip says what is missing.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self.precision, self.device = Combo(), Combo()
        for combo, key, text in (
            (self.precision, "precision", "&Precision"),
            (self.device, "device", "De&vice"),
        ):
            combo.setAccessibleName(RULES[key].label)
            combo.setToolTip(RULES[key].tooltip)
            self.row(text, combo)
        self.initial = self.whole("initial", "Loss scale at first")
        self.grow_after = self.whole("grow_after", "Doubled after")
        self.state = label(role="small", wrap=True)
        self.state.setToolTip(
            "What errors are multiplied by on their way, and what came of it. If a gradient overflows, the "
            "step is left out and the scale halved."
        )
        self._column.addWidget(self.state)
        self.precision.activated.connect(self._on_precision)
        self.device.activated.connect(self._on_device)
        self.initial.valueChanged.connect(self._on_initial)
        self.grow_after.valueChanged.connect(self._on_grow_after)
        lab.frameChanged.connect(self.show_scale)
        lab.runningChanged.connect(self.show_scale)

    def _load(self, project: Project) -> None:
        training = project.training
        items = [(kind.name, kind.label, f"{kind.help}.") for kind in PRECISIONS.values()]
        self.precision.offer(items, training.precision)
        self.precision.setToolTip(f"{RULES['precision'].tooltip}\n{PRECISIONS[training.precision].help}.")
        self._offer_devices(training.device)
        scale, mixed = training.loss_scale or LossScale(), training.precision == _MIXED
        for control, number in ((self.initial, int(scale.initial)), (self.grow_after, scale.grow_after)):
            control.setValue(number)
            row = control.parentWidget()
            assert row is not None
            row.setVisible(mixed)
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
        words = f"Loss scale {frame.scale:,.0f} in step {frame.step:,}"
        if frame.left_out:
            words += ": a gradient overflowed, the step is left out"
        self.state.setText(f"{words}.")

    @Slot(int)
    def _on_precision(self, place: int) -> None:
        name = str(self.precision.itemData(place))
        scale = self._lab.project.training.loss_scale if name == _MIXED else None
        self._say("Precision", lambda project: edits.with_training(project, precision=name, loss_scale=scale))

    @Slot(int)
    def _on_device(self, place: int) -> None:
        self._on_training("Device", "device", str(self.device.itemData(place)))

    @Slot(int)
    def _on_initial(self, value: int) -> None:
        """To the power of two below, or above where a step up was meant."""
        now = int(self._scale().initial)
        lower = 1 << (value.bit_length() - 1)
        power = 2 * lower if now == lower < value else lower
        self._on_training("Loss scale", "loss_scale", replace(self._scale(), initial=float(power)))

    @Slot(int)
    def _on_grow_after(self, value: int) -> None:
        self._on_training("Loss scale", "loss_scale", replace(self._scale(), grow_after=value))

    def _scale(self) -> LossScale:
        return self._lab.project.training.loss_scale or LossScale()
