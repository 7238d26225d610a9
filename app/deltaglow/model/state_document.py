"""The state of a run in a document: read, written, and judged against the network and training it is for."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy.typing as npt

from deltaglow.engine import ScaleState, Watch
from deltaglow.engine.loss_scale import LARGEST
from deltaglow.model import carry
from deltaglow.model.errors import ProjectError
from deltaglow.model.node import Node
from deltaglow.model.parts import BatchNorm, Dropout
from deltaglow.model.project import Array, NetworkSpec, Project
from deltaglow.model.rules import RULES, Rule, shown
from deltaglow.model.run_state import GENERATOR, MAX_STEPS, RunState, has_seen

ArrayAt = Callable[[Node, tuple[int, ...], str, str], Array]
"""The array at a node: of a shape, whose numbers obey a rule, for a reason."""

STEPS = Rule("Steps", "Steps that were completed", 0, MAX_STEPS, integer=True)
_SCALE = Rule("Loss scale", "What errors are multiplied by", 1, LARGEST)
_ANEW = 'take "state" out to begin anew with these parameters'
_WEIGHT = "value"


def read(node: Node, network: NetworkSpec, array: ArrayAt) -> RunState:
    """The state at a node, for this network. Raises ProjectError."""
    fields = node.fields(
        ("step", "optimizer", "generator", "epoch_generator"), ("streams", "begun", "loss_scale", "watch")
    )
    count, why = network.parameter_count, f"the network has {network.parameter_count:,} parameters; {_ANEW}"
    remembered = (array(item, (count,), _WEIGHT, why) for item in _few(fields["optimizer"], 8))
    streams = _few(fields["streams"], len(network.layers)) if "streams" in fields else []
    return RunState(
        fields["step"].whole("step", STEPS),
        tuple(remembered),
        _generator(fields["generator"]),
        _generator(fields["epoch_generator"]),
        tuple(map(_generator, streams)),
        fields["begun"].whole("begun", STEPS) if "begun" in fields else 0,
        _scaling(fields["loss_scale"]) if "loss_scale" in fields else None,
        _watch(fields["watch"], network, array) if "watch" in fields else Watch(),
    )


def read_bare(node: Node) -> RunState:
    """The state at a node, without any array. Raises ProjectError."""
    fields = node.fields(("step", "generator", "epoch_generator"), ("streams", "begun", "loss_scale"))
    return RunState(
        fields["step"].whole("step", STEPS),
        (),
        _generator(fields["generator"]),
        _generator(fields["epoch_generator"]),
        tuple(map(_generator, _few(fields["streams"], 64))) if "streams" in fields else (),
        fields["begun"].whole("begun", STEPS) if "begun" in fields else 0,
        _scaling(fields["loss_scale"]) if "loss_scale" in fields else None,
    )


def _few(node: Node, most: int) -> list[Node]:
    found = list(node.items())
    if len(found) > most:
        raise node.fail(f"has {len(found)} items, at most {most} are possible here")
    return found


def _generator(node: Node) -> str:
    text = node.text()
    if not GENERATOR.fullmatch(text):
        raise node.fail(f"is {shown(text)}, must be a PCG64 generator's state in hexadecimal digits")
    return text


def _scaling(node: Node) -> ScaleState:
    fields = node.fields(("scale",), ("good", "missed"))
    good, missed = (fields[key].whole(key, STEPS) if key in fields else 0 for key in ("good", "missed"))
    return ScaleState(fields["scale"].number("scale", _SCALE), good, missed)


def _watch(node: Node, network: NetworkSpec, array: ArrayAt) -> Watch:
    known = ("best_loss", "best_step", "best", "best_averages", "waited", "stopped_at")
    fields = node.fields((), known)
    best = averages = None
    if "best" in fields:
        count = network.parameter_count
        best = array(fields["best"], (count,), _WEIGHT, f"the network has {count:,} parameters")
    if "best_averages" in fields:
        count = averages_of(network)
        why = f"the network remembers {count:,} running averages"
        averages = array(fields["best_averages"], (count,), _WEIGHT, why)
    loss = fields["best_loss"].number("best_loss", RULES["value"]) if "best_loss" in fields else inf
    steps = {key: fields[key].whole(key, STEPS) for key in ("best_step", "waited") if key in fields}
    stopped = fields["stopped_at"].whole("stopped_at", STEPS) if "stopped_at" in fields else None
    return Watch(best_loss=loss, best_theta=best, best_statistics=averages, stopped_at=stopped, **steps)


def averages_of(network: NetworkSpec) -> int:
    """How many running averages the network's layers remember."""
    return sum(2 * layer.units for layer in network.layers if isinstance(layer.part, BatchNorm))


def written(state: RunState, put: Callable[[str, npt.NDArray[Any]], Any]) -> dict[str, Any]:
    """The state's object in a document; `put` writes an array under a name."""
    arrays = [put(f"state.optimizer{k}", array) for k, array in enumerate(state.optimizer, start=1)]
    made: dict[str, Any] = {"step": int(state.step), "optimizer": arrays}
    made |= {"generator": state.generator, "epoch_generator": state.epoch_generator}
    if state.streams:
        made["streams"] = list(state.streams)
    if state.begun:
        made["begun"] = int(state.begun)
    if state.scaling is not None:
        own = state.scaling
        made["loss_scale"] = {"scale": float(own.scale), "good": int(own.good), "missed": int(own.missed)}
    if has_seen(state.watch):
        made["watch"] = _watch_written(state.watch, put)
    return made


def _watch_written(watch: Watch, put: Callable[[str, npt.NDArray[Any]], Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"best_step": int(watch.best_step), "waited": int(watch.waited)}
    if watch.best_loss < inf:
        made["best_loss"] = float(watch.best_loss)
    if watch.stopped_at is not None:
        made["stopped_at"] = int(watch.stopped_at)
    if watch.best_theta is not None:
        made["best"] = put("state.best", watch.best_theta)
    if watch.best_statistics is not None and watch.best_statistics.size:
        made["best_averages"] = put("state.best_averages", watch.best_statistics)
    return made


def check(project: Project) -> None:
    """Raise ProjectError unless the project's state, if it has one, fits its network and training."""
    state, network = project.state, project.network
    if state is None:
        return
    slots = carry.slots(project.training)
    if len(state.optimizer) != len(slots):
        named = f" ({', '.join(slots)})" if slots else ""
        found, name = _count(len(state.optimizer), "array"), project.training.optimizer.name
        known = f"{name} as it is set here remembers {len(slots) or 'nothing'}{named}"
        raise ProjectError("state.optimizer", f"has {found}, {known}; {_ANEW}")
    places = {f"state.optimizer[{k}]": array for k, array in enumerate(state.optimizer)}
    if state.watch.best_theta is not None:
        places["state.watch.best"] = state.watch.best_theta
    for where, array in places.items():
        _sized(array, network.parameter_count, where, "parameters of the network")
    if state.watch.best_statistics is not None:
        averages = state.watch.best_statistics
        _sized(averages, averages_of(network), "state.watch.best_averages", "running averages of the network")
    if problem := stray_streams(state, network):
        raise ProjectError("state.streams", f"{problem}; {_ANEW}")
    for k, (name, array) in enumerate(zip(slots, state.optimizer, strict=True)):
        check_memory(name, array, f"state.optimizer[{k}]")


def _sized(array: Array, count: int, where: str, what: str) -> None:
    if array.shape != (count,):
        raise ProjectError(where, f"has {array.size:,} numbers, must have {count:,}: the {what}; {_ANEW}")


def stray_streams(state: RunState, network: NetworkSpec) -> str:
    """What is wrong with the number of random streams of a state; empty if nothing is."""
    drawing = sum(isinstance(layer.part, Dropout) for layer in network.layers)
    if len(state.streams) == drawing:
        return ""
    return f"has {_count(len(state.streams), 'stream')}, must have {drawing}: one for each dropout layer"


def check_memory(name: str, array: Array, where: str) -> None:
    """Raise ProjectError unless an array can be what an optimiser remembers under this name: means of squares
    are never negative, and their root is divided by.
    """
    if name == "v" and bool((array < 0).any()):
        raise ProjectError(where, "holds a negative number, must be means of squares")


def _count(n: int, noun: str) -> str:
    return f"{n or 'no'} {noun}{'s' * (n != 1)}"
