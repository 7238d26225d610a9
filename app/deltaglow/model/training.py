"""How a run is trained: what the file format writes of it, and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from typing import Any

from deltaglow.engine import OPTIMIZERS, SCHEDULES, Clip, EarlyStopping, LossScale, missing
from deltaglow.model.errors import ProjectError
from deltaglow.model.node import Node
from deltaglow.model.project import BuiltinData, Optimizer, Project, Schedule, Settings, Training, Validation
from deltaglow.model.rules import RULES

_KEYS = (
    "optimizer",
    "schedule",
    "l1",
    "l2",
    "weight_decay",
    "clip",
    "accumulate",
    "top_k",
    "sparse_inputs",
    "checkpoint",
    "micro_batches",
    "noise",
    "precision",
    "loss_scale",
    "device",
    "early_stopping",
    "batch_size",
    "shuffle",
    "seed",
)
_RULE_OF = {"noise": "input_noise"}
"""Where the rule of a key of the training has another name than the key."""


def read(node: Node) -> Training:
    """The training that a node describes. Raises ProjectError at the first thing wrong."""
    fields = node.fields((), _KEYS)
    default = Training()

    def number(key: str) -> float:
        found = fields.get(key)
        return float(getattr(default, key)) if found is None else found.number(_RULE_OF.get(key, key))

    def whole(key: str) -> int:
        return fields[key].whole(key) if key in fields else int(getattr(default, key))

    return Training(
        optimizer=_optimizer(fields["optimizer"]) if "optimizer" in fields else default.optimizer,
        batch_size=whole("batch_size"),
        shuffle=fields["shuffle"].flag("shuffle") if "shuffle" in fields else default.shuffle,
        seed=whole("seed"),
        schedule=_schedule(fields["schedule"]) if "schedule" in fields else default.schedule,
        l1=number("l1"),
        l2=number("l2"),
        weight_decay=number("weight_decay") if "weight_decay" in fields else None,
        clip=_clip(fields["clip"]) if "clip" in fields else None,
        accumulate=whole("accumulate"),
        top_k=number("top_k") if "top_k" in fields else None,
        sparse_inputs=fields["sparse_inputs"].flag("sparse_inputs") if "sparse_inputs" in fields else False,
        checkpoint=_segments(fields["checkpoint"]) if "checkpoint" in fields else default.checkpoint,
        micro_batches=whole("micro_batches"),
        noise=number("noise"),
        precision=fields["precision"].word("precision") if "precision" in fields else default.precision,
        loss_scale=_loss_scale(fields["loss_scale"]) if "loss_scale" in fields else None,
        device=fields["device"].word("device") if "device" in fields else default.device,
        early_stopping=_early_stopping(fields["early_stopping"]) if "early_stopping" in fields else None,
    )


def written(training: Training) -> dict[str, Any]:
    """The document of a training; what is as it is by default, beside the essentials, is left out."""
    optimizer, schedule = training.optimizer, training.schedule
    made: dict[str, Any] = {
        "optimizer": {
            "name": optimizer.name,
            "learning_rate": float(optimizer.learning_rate),
            **_settings_written(optimizer.settings),
        }
    }
    if schedule != Schedule():
        made["schedule"] = {"name": schedule.name, **_settings_written(schedule.settings)}
    for key in ("l1", "l2", "noise"):
        if getattr(training, key):
            made[key] = float(getattr(training, key))
    if training.weight_decay is not None:
        made["weight_decay"] = float(training.weight_decay)
    if training.clip is not None:
        made["clip"] = {training.clip.kind: float(training.clip.limit)}
    for key in ("accumulate", "checkpoint", "micro_batches", "precision", "device"):
        chosen = getattr(training, key)
        if chosen != getattr(Training(), key):
            made[key] = chosen if isinstance(chosen, str) else int(chosen)
    if training.top_k is not None:
        made["top_k"] = float(training.top_k)
    if training.sparse_inputs:
        made["sparse_inputs"] = True
    if training.loss_scale is not None:
        made["loss_scale"] = {
            "initial": int(training.loss_scale.initial),
            "grow_after": int(training.loss_scale.grow_after),
        }
    stopping = training.early_stopping
    if stopping is not None:
        made["early_stopping"] = {
            "patience": int(stopping.patience),
            "min_delta": float(stopping.min_delta),
            "restore_best": stopping.restore_best,
        }
    return made | {
        "batch_size": int(training.batch_size),
        "shuffle": training.shuffle,
        "seed": int(training.seed),
    }


def read_validation(node: Node) -> Validation:
    """Which samples are kept out of the training. Raises ProjectError."""
    fields = node.fields(("fraction",), ("seed",))
    return Validation(
        fields["fraction"].number("validation"), fields["seed"].whole("seed") if "seed" in fields else 0
    )


def validation_written(chosen: Validation) -> dict[str, Any]:
    """The document of a validation split."""
    return {"fraction": float(chosen.fraction), "seed": int(chosen.seed)}


def check(chosen: Training) -> None:
    """Check the training settings alone. Raises ProjectError."""
    optimizer, schedule = chosen.optimizer, chosen.schedule
    _obey("optimizer", optimizer.name, "optimizer.name")
    _obey("learning_rate", optimizer.learning_rate, "optimizer.learning_rate")
    _check_settings(optimizer.name, optimizer.settings, OPTIMIZERS[optimizer.name].defaults, "optimizer")
    _obey("schedule", schedule.name, "schedule.name")
    _check_settings(schedule.name, schedule.settings, SCHEDULES[schedule.name].defaults, "schedule")
    _check_warmup(schedule)
    counts = ("accumulate", "checkpoint", "micro_batches")
    for key in ("l1", "l2", *counts, "noise", "batch_size", "shuffle", "seed"):
        _obey(_RULE_OF.get(key, key), getattr(chosen, key), key)
    if chosen.weight_decay is not None:
        _obey("weight_decay", chosen.weight_decay, "weight_decay")
    if chosen.top_k is not None:
        _obey("top_k", chosen.top_k, "top_k")
    _obey("sparse_inputs", chosen.sparse_inputs, "sparse_inputs")
    if chosen.clip is not None:
        if chosen.clip.kind not in ("norm", "value"):
            raise ProjectError("training.clip", 'must have either "norm" or "value"')
        _obey(f"clip_{chosen.clip.kind}", chosen.clip.limit, f"clip.{chosen.clip.kind}")
    for key in ("precision", "device"):
        _obey(key, getattr(chosen, key), key)
    _check_mixed(chosen)
    if reason := missing(chosen.device):
        raise ProjectError("training.device", f'is "{chosen.device}", but {reason}')
    if chosen.early_stopping is not None:
        for key in ("patience", "min_delta", "restore_best"):
            _obey(key, getattr(chosen.early_stopping, key), f"early_stopping.{key}")


def check_micro_batches(project: Project, norm: int | None) -> None:
    """Check that a batch may be computed in parts. norm: the number of a layer that normalises over batches,
    if there is one. Raises ProjectError.
    """
    training = project.training
    if training.micro_batches == 1:
        return
    says = f"is {training.micro_batches}, but "
    if norm is not None:
        raise ProjectError(
            "training.micro_batches",
            f"{says}layer {norm} is batch normalisation, whose every number depends on the whole batch",
        )
    if training.device == "cuda":
        raise ProjectError(
            "training.micro_batches",
            f'{says}they are for processors, and training.device is "{training.device}"',
        )


def check_validation(project: Project) -> None:
    """Check that samples are kept out of the training, and some left. Raises ProjectError."""
    chosen = project.validation
    if chosen is None:
        return
    for key, rule in (("fraction", "validation"), ("seed", "seed")):
        problem = RULES[rule].problem(getattr(chosen, key))
        if problem is not None:
            raise ProjectError(f"data.validation.{key}", problem)
    samples = project.data.samples if isinstance(project.data, BuiltinData) else len(project.data.x)
    if not 0 < held_out(samples, chosen.fraction) < samples:
        counted = f"{samples} sample{'s' * (samples != 1)}"
        raise ProjectError(
            "data.validation.fraction",
            f"is {chosen.fraction:g} of {counted}: one at least must be kept out of the training, one left",
        )


def held_out(samples: int, fraction: float) -> int:
    """How many of the samples are kept out of the training."""
    return round(samples * fraction)


def _obey(key: str, value: object, where: str) -> None:
    problem = RULES[key].problem(value)
    if problem is not None:
        raise ProjectError(f"training.{where}", problem)


def _check_settings(name: str, settings: Settings, taken: Mapping[str, float], where: str) -> None:
    for key, number in settings:
        if key not in taken:
            known = ", ".join(taken) or "no settings"
            raise ProjectError(f"training.{where}.{key}", f"is not for {name}, which takes {known}")
        _obey(key, number, f"{where}.{key}")


def _check_mixed(chosen: Training) -> None:
    """What goes with mixed precision alone."""
    scale = chosen.loss_scale
    if scale is None:
        return
    if chosen.precision != "mixed":
        raise ProjectError(
            "training.loss_scale", f'is for mixed precision, and training.precision is "{chosen.precision}"'
        )
    for key in ("initial", "grow_after"):
        _obey(key, getattr(scale, key), f"loss_scale.{key}")
    if scale.initial != 2.0 ** round(log2(scale.initial)):
        raise ProjectError(
            "training.loss_scale.initial", f"is {scale.initial:.0f}, must be a power of two: 1, 2, 4, 8, …"
        )


def _check_warmup(schedule: Schedule) -> None:
    settings = {**SCHEDULES[schedule.name].defaults, **dict(schedule.settings)}
    if "warmup" in settings and settings["warmup"] >= settings["steps"]:
        raise ProjectError(
            "training.schedule.warmup",
            f"is {settings['warmup']:.0f}, must be less than the {settings['steps']:.0f} steps in all",
        )


def _segments(node: Node) -> int | str:
    found = node.number_or_word("checkpoint")
    return found if isinstance(found, str) else int(found)


def _optimizer(node: Node) -> Optimizer:
    name = _name(node, "optimizer")
    taken = OPTIMIZERS[name].defaults
    fields = node.fields(("name",), ("learning_rate", *taken))
    rate = (
        fields["learning_rate"].number("learning_rate")
        if "learning_rate" in fields
        else Optimizer().learning_rate
    )
    return Optimizer(name, rate, _settings(fields, taken))


def _schedule(node: Node) -> Schedule:
    name = _name(node, "schedule")
    taken = SCHEDULES[name].defaults
    return Schedule(name, _settings(node.fields(("name",), tuple(taken)), taken))


def _name(node: Node, key: str) -> str:
    """The name, which decides what else there may be."""
    if not isinstance(node.value, dict) or "name" not in node.value:
        every = {setting for rule in OPTIMIZERS.values() for setting in rule.defaults}
        every |= {setting for rule in SCHEDULES.values() for setting in rule.defaults}
        node.fields(("name",), ("learning_rate", *sorted(every)))
    return Node(node.value["name"], f"{node.where}.name").word(key)


def _settings(fields: Mapping[str, Node], taken: Mapping[str, float]) -> Settings:
    return tuple(
        (key, fields[key].whole(key) if RULES[key].integer else fields[key].number(key))
        for key in taken
        if key in fields
    )


def _settings_written(settings: Settings) -> dict[str, float]:
    return {key: int(number) if RULES[key].integer else float(number) for key, number in settings}


def _clip(node: Node) -> Clip:
    fields = node.fields((), ("norm", "value"))
    if len(fields) != 1:
        raise node.fail('must have either "norm" or "value"')
    ((kind, limit),) = fields.items()
    return Clip(kind, limit.number(f"clip_{kind}"))


def _loss_scale(node: Node) -> LossScale:
    fields = node.fields((), ("initial", "grow_after"))
    default = LossScale()
    return LossScale(
        float(fields["initial"].whole("initial")) if "initial" in fields else default.initial,
        fields["grow_after"].whole("grow_after") if "grow_after" in fields else default.grow_after,
    )


def _early_stopping(node: Node) -> EarlyStopping:
    fields = node.fields((), ("patience", "min_delta", "restore_best"))
    return EarlyStopping(
        fields["patience"].whole("patience") if "patience" in fields else int(RULES["patience"].default or 1),
        fields["min_delta"].number("min_delta") if "min_delta" in fields else 0.0,
        fields["restore_best"].flag("restore_best") if "restore_best" in fields else True,
    )
