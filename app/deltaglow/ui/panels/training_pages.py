"""The pages of the training tab. Each says what was edited as a change of the project."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton

from deltaglow.engine import OPTIMIZERS, SCHEDULES, Clip, EarlyStopping
from deltaglow.engine.optimizers import Optimizer
from deltaglow.engine.schedules import Schedule
from deltaglow.model.project import Change, Project, Validation
from deltaglow.model.rules import RULES
from deltaglow.ui.widgets.combo import Combo
from deltaglow.ui.widgets.spins import IntSpin, NumberSpin

from . import edits
from .form import Form, SettingsForm, check_box

_NO_CLIP = "off"
_SCHEDULE_WIDTH = 150
"""Room for the longest name."""
_CLIPS = (
    (_NO_CLIP, "Off", "The gradient is used as it is"),
    ("norm", "By norm", RULES["clip_norm"].help),
    ("value", "By value", RULES["clip_value"].help),
)


class Page(Form):
    """A page. While it loads, it edits nothing."""

    edited = Signal(str, object)
    """(what was edited, how it changes a project)."""

    def __init__(self) -> None:
        super().__init__()
        self._loading = False

    def load(self, project: Project) -> None:
        """Shows the project's values."""
        self._loading = True
        self._load(project)
        self._loading = False

    @abstractmethod
    def _load(self, project: Project) -> None:
        """Shows them, whoever listens to the controls."""

    def _say(self, text: str, change: Change) -> None:
        if not self._loading:
            self.edited.emit(text, change)

    def _on_training(self, text: str, key: str, value: object) -> None:
        self._say(text, lambda project: edits.with_training(project, **{key: value}))


class BatchPage(Page):
    """How samples are fed."""

    def __init__(self) -> None:
        super().__init__()
        self.batch_size = self.whole("batch_size", "&Batch size")
        self.accumulate = self.whole("accumulate", "&Gather batches")
        self.top_k = self.number("top_k", "Top-&k share")
        self.top_k.setSingleStep(0.05)
        self.sparse_inputs = self.flag("sparse_inputs", "Sp&arse inputs")
        self.shuffle = self.flag("shuffle", "S&huffle")
        self.noise = self.number("input_noise", "&Input noise σ")
        self.seed = IntSpin(RULES["seed"])
        self.new_seed = QPushButton("&New")
        self.new_seed.setToolTip("Draws another seed: other weights and another order of the samples")
        self.new_seed.setAccessibleName("New seed")
        self.new_seed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pair("S&eed", self.seed, self.new_seed)
        self.fill()
        self.batch_size.valueChanged.connect(partial(self._on_training, "Batch size", "batch_size"))
        self.accumulate.valueChanged.connect(partial(self._on_training, "Gather", "accumulate"))
        self.top_k.valueChanged.connect(self._on_top_k)
        self.sparse_inputs.toggled.connect(partial(self._on_training, "Sparse inputs", "sparse_inputs"))
        self.shuffle.toggled.connect(partial(self._on_training, "Shuffle", "shuffle"))
        self.noise.valueChanged.connect(partial(self._on_training, "Input noise", "noise"))
        self.seed.valueChanged.connect(partial(self._on_training, "Seed", "seed"))

    def _load(self, project: Project) -> None:
        training = project.training
        self.batch_size.setValue(training.batch_size)
        self.accumulate.setValue(training.accumulate)
        self.top_k.setValue(1.0 if training.top_k is None else training.top_k)
        self.sparse_inputs.setChecked(training.sparse_inputs)
        self.shuffle.setChecked(training.shuffle)
        self.noise.setValue(training.noise)
        self.seed.setValue(training.seed)

    @Slot(float)
    def _on_top_k(self, share: float) -> None:
        self._on_training("Top-k share", "top_k", None if share == 1.0 else share)


class RulePage(Page):
    """The optimiser's settings and the schedule with its own."""

    def __init__(self) -> None:
        super().__init__()
        self.optimiser = SettingsForm(_settings_of(OPTIMIZERS.values()))
        self._column.addWidget(self.optimiser)
        self.schedule = Combo()
        self.schedule.setAccessibleName(RULES["schedule"].label)
        self.schedule.setToolTip(RULES["schedule"].tooltip)
        self.row("Sched&ule", self.schedule)
        self.schedule.setFixedWidth(_SCHEDULE_WIDTH)
        self.settings = SettingsForm(_settings_of(SCHEDULES.values()))
        self._column.addWidget(self.settings)
        self.fill()
        self.optimiser.chosen.connect(self._on_optimiser)
        self.schedule.activated.connect(self._on_schedule)
        self.settings.chosen.connect(self._on_setting)

    def _load(self, project: Project) -> None:
        optimizer, schedule = project.training.optimizer, project.training.schedule
        self.optimiser.show_settings(OPTIMIZERS[optimizer.name].defaults, optimizer.settings)
        items = [(name, rule.label, rule.formula) for name, rule in SCHEDULES.items()]
        self.schedule.offer(items, schedule.name)
        self.schedule.setToolTip(f"{RULES['schedule'].tooltip}\n{SCHEDULES[schedule.name].formula}")
        self.settings.show_settings(SCHEDULES[schedule.name].defaults, schedule.settings)

    @Slot(str, float)
    def _on_optimiser(self, key: str, value: float) -> None:
        self._say(RULES[key].label, partial(edits.with_optimizer_setting, key=key, value=value))

    @Slot(int)
    def _on_schedule(self, place: int) -> None:
        name = self.schedule.itemData(place)
        self._say("Schedule", partial(edits.with_schedule, name=name))

    @Slot(str, float)
    def _on_setting(self, key: str, value: float) -> None:
        self._say(RULES[key].label, partial(edits.with_schedule_setting, key=key, value=value))


class LimitsPage(Page):
    """What keeps weights, gradients and the run itself within bounds."""

    def __init__(self) -> None:
        super().__init__()
        self.l1, self.l2 = self.number("l1", "L&1 λ₁"), self.number("l2", "L&2 λ₂")
        self.decay = self.number("weight_decay", "Weight &decay λ")
        self.clip = Combo()
        self.clip.setAccessibleName("Clipping")
        self.clip.setToolTip("Whether a gradient that is too large is made smaller before it is used.")
        self.clip_limit = NumberSpin(RULES["clip_norm"])
        self.pair("&Clipping", self.clip, self.clip_limit)
        self.stop = check_box("Stop early", "Whether the run ends when its loss no longer falls.")
        self.row("&Stop early", self.stop)
        self.patience = self.whole("patience", "&Patience")
        self.min_delta = self.number("min_delta", "Leas&t gain")
        self.restore = self.flag("restore_best", "&Restore best")
        self.validation, self.validation_seed = NumberSpin(RULES["validation"]), IntSpin(RULES["seed"])
        self.validation.setSingleStep(0.05)
        self.validation_seed.setAccessibleName("Validation seed")
        self.validation_seed.setToolTip(f"{RULES['seed'].tooltip}\nThis one chooses the validation samples.")
        self.pair("&Validation", self.validation, self.validation_seed)
        self.fill()
        self.l1.valueChanged.connect(partial(self._on_training, "L1", "l1"))
        self.l2.valueChanged.connect(partial(self._on_training, "L2", "l2"))
        self.decay.valueChanged.connect(partial(self._on_training, "Weight decay", "weight_decay"))
        self.clip.activated.connect(self._on_clip)
        self.clip_limit.valueChanged.connect(self._on_clip)
        self.stop.toggled.connect(self._on_stop)
        self.patience.valueChanged.connect(self._on_stop)
        self.min_delta.valueChanged.connect(self._on_stop)
        self.restore.toggled.connect(self._on_stop)
        self.validation.valueChanged.connect(self._on_validation)
        self.validation_seed.valueChanged.connect(self._on_validation)

    def _load(self, project: Project) -> None:
        training = project.training
        self.l1.setValue(training.l1)
        self.l2.setValue(training.l2)
        own = OPTIMIZERS[training.optimizer.name].decay
        self.decay.setValue(own if training.weight_decay is None else training.weight_decay)
        clip, stopping, kept_out = training.clip, training.early_stopping, project.validation
        self.clip.offer(list(_CLIPS), clip.kind if clip else _NO_CLIP)
        self.clip_limit.setEnabled(clip is not None)
        self.clip_limit.setValue(clip.limit if clip else 1.0)
        self.stop.setChecked(stopping is not None)
        shown = stopping or EarlyStopping(int(RULES["patience"].default or 1))
        self.patience.setValue(shown.patience)
        self.min_delta.setValue(shown.min_delta)
        self.restore.setChecked(shown.restore_best)
        for control in (self.patience, self.min_delta, self.restore):
            control.setEnabled(stopping is not None)
        self.validation.setValue(kept_out.fraction if kept_out else 0.0)
        self.validation_seed.setValue(kept_out.seed if kept_out else 0)
        self.validation_seed.setEnabled(kept_out is not None)

    @Slot()
    def _on_clip(self) -> None:
        kind = self.clip.name()
        self._on_training(
            "Clipping", "clip", None if kind == _NO_CLIP else Clip(kind, self.clip_limit.value())
        )

    @Slot()
    def _on_stop(self) -> None:
        chosen = EarlyStopping(self.patience.value(), self.min_delta.value(), self.restore.isChecked())
        self._on_training("Early stopping", "early_stopping", chosen if self.stop.isChecked() else None)

    @Slot()
    def _on_validation(self) -> None:
        fraction, seed = self.validation.value(), self.validation_seed.value()
        chosen = Validation(fraction, seed) if fraction else None
        self._say("Validation", lambda project: replace(project, validation=chosen))


def _settings_of(rules: Iterable[type[Optimizer | Schedule]]) -> list[str]:
    """Every setting that any of the rules takes, in the order of the table of limits."""
    taken = {key for rule in rules for key in rule.defaults}
    return [key for key in RULES if key in taken]
