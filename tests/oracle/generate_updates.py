"""Makes PyTorch's answers for optimisers, schedules, penalties, clipping and gathering: test_updates.py's.

Run with a Python that has torch and numpy: `python tests/oracle/generate_updates.py`. It imports nothing of
deltaglow. Every case is 50 steps of one small network.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

ANSWERS = Path(__file__).parent / "updates"
STEPS = 50
KEPT = (0, 1, 2, 9, 24, 48, 49)
SIZES = (3, 5, 4)

Case = dict[str, Any]


def cases() -> dict[str, Case]:
    """name → the project's "training", as our format writes it."""
    names = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "adagrad")
    made: dict[str, Case] = {name: {"optimizer": {"name": name, "learning_rate": 0.05}} for name in names}
    made["momentum-heavy"] = {"optimizer": {"name": "momentum", "learning_rate": 0.02, "momentum": 0.97}}
    made["adam-own"] = {
        "optimizer": {"name": "adam", "learning_rate": 0.03, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4}
    }
    made["rmsprop-own"] = {
        "optimizer": {"name": "rmsprop", "learning_rate": 0.01, "alpha": 0.9, "epsilon": 1e-3}
    }
    schedules: dict[str, Case] = {
        "step": {"every": 7, "gamma": 0.5},
        "exponential": {"gamma": 0.93},
        "cosine": {"steps": 30, "minimum": 0.01},
        "warmup_cosine": {"warmup": 8, "steps": 45, "start": 0.25, "minimum": 0.002},
        "one_cycle": {"steps": 51, "peak": 0.3, "rise": 25, "fall": 10000},
    }
    for name, settings in schedules.items():
        for rule in ("sgd", "adam"):
            made[f"{rule}-{name}"] = {
                "optimizer": {"name": rule, "learning_rate": 0.1},
                "schedule": {"name": name, **settings},
            }
    for rule in ("sgd", "momentum", "adam", "adamw", "adagrad"):
        plain = {"optimizer": {"name": rule, "learning_rate": 0.05}}
        made[f"{rule}-l1-l2"] = {**plain, "l1": 0.01, "l2": 0.1}
        made[f"{rule}-decay"] = {**plain, "weight_decay": 0.3}
        made[f"{rule}-clip-norm"] = {**plain, "clip": {"norm": 0.2}}
        made[f"{rule}-clip-value"] = {**plain, "clip": {"value": 0.05}}
        made[f"{rule}-accumulate"] = {**plain, "accumulate": 3}
    made["everything"] = {
        "optimizer": {"name": "adamw", "learning_rate": 0.05},
        "schedule": {"name": "warmup_cosine", "warmup": 4, "steps": 30},
        "l1": 0.001,
        "l2": 0.01,
        "weight_decay": 0.2,
        "clip": {"norm": 0.1},
        "accumulate": 2,
    }
    return made


def project(training: Case) -> dict[str, Any]:
    """The project document of a case: the same network and samples for all, one connection deleted."""
    rng = np.random.default_rng(11)
    layers = []
    for before, after, activation in zip(SIZES[:-1], SIZES[1:], ("tanh", "identity"), strict=True):
        layers.append(
            {
                "units": after,
                "activation": activation,
                "W": np.round(rng.standard_normal((after, before)), 4).tolist(),
                "b": np.round(0.3 * rng.standard_normal(after), 4).tolist(),
            }
        )
    layers[0]["mask"] = [[1, 1, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1], [1, 1, 1]]
    x = np.round(rng.standard_normal((11, SIZES[0])), 3).tolist()
    y = rng.integers(0, SIZES[-1], 11).tolist()
    return {
        "deltaglow": 1,
        "network": {"inputs": SIZES[0], "layers": layers},
        "data": {"inline": {"x": x, "y": y}},
        "training": {**training, "batch_size": 4},
    }


def answers(document: dict[str, Any]) -> dict[str, np.ndarray]:
    """theta after each kept step, W and b of every layer in turn, and every step's loss and learning rate."""
    training, layers = document["training"], document["network"]["layers"]
    mask = torch.tensor(layers[0]["mask"], dtype=torch.float64)
    weights = [_leaf(layer["W"]) for layer in layers]
    biases = [_leaf(layer["b"]) for layer in layers]
    with torch.no_grad():
        weights[0].mul_(mask)
    optimizer = _optimizer(training, weights, biases)
    schedule = _schedule(training, optimizer)
    x = torch.tensor(document["data"]["inline"]["x"], dtype=torch.float64)
    y = torch.tensor(document["data"]["inline"]["y"])
    gather = training.get("accumulate", 1)
    found: dict[str, np.ndarray] = {}
    losses, rates = [], []
    for step in range(STEPS):
        start = 4 * (step % 3)
        hidden = torch.tanh(torch.nn.functional.linear(x[start : start + 4], weights[0] * mask, biases[0]))
        logits = torch.nn.functional.linear(hidden, weights[1], biases[1])
        loss = torch.nn.functional.cross_entropy(logits, y[start : start + 4])
        loss = loss + sum(
            training.get("l1", 0.0) * W.abs().sum() + 0.5 * training.get("l2", 0.0) * (W * W).sum()
            for W in weights
        )
        (loss / gather).backward()
        losses.append(loss.item())
        rates.append(optimizer.param_groups[0]["lr"])
        if (step + 1) % gather == 0:
            _clip(training, [*weights, *biases])
            optimizer.step()
            optimizer.zero_grad()
            if schedule is not None:
                schedule.step()
        if step in KEPT:
            parts = [p.detach().numpy().ravel() for pair in zip(weights, biases, strict=True) for p in pair]
            found[f"theta/{step}"] = np.concatenate(parts)
    return found | {"losses": np.array(losses), "rates": np.array(rates)}


def _leaf(values: list[Any]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def _optimizer(
    training: Case, weights: list[torch.Tensor], biases: list[torch.Tensor]
) -> torch.optim.Optimizer:
    """PyTorch's own; decoupled decay, which it has in AdamW alone, is added to the others by a hook."""
    chosen = dict(training["optimizer"])
    name, rate = chosen.pop("name"), chosen.pop("learning_rate")
    decay = training.get("weight_decay", 0.01 if name == "adamw" else 0.0)
    own = decay if name == "adamw" else 0.0
    groups: Any = [{"params": weights, "weight_decay": own}, {"params": biases, "weight_decay": 0.0}]
    epsilon = {"eps": chosen["epsilon"]} if "epsilon" in chosen else {}
    betas = {"betas": (chosen.get("beta1", 0.9), chosen.get("beta2", 0.999))}
    momentum = chosen.get("momentum", 0.9)
    made: torch.optim.Optimizer = {
        "sgd": lambda: torch.optim.SGD(groups, lr=rate),
        "momentum": lambda: torch.optim.SGD(groups, lr=rate, momentum=momentum),
        "nesterov": lambda: torch.optim.SGD(groups, lr=rate, momentum=momentum, nesterov=True),
        "rmsprop": lambda: torch.optim.RMSprop(groups, lr=rate, alpha=chosen.get("alpha", 0.99), **epsilon),
        "adam": lambda: torch.optim.Adam(groups, lr=rate, **betas, **epsilon),
        "adamw": lambda: torch.optim.AdamW(groups, lr=rate, **betas, **epsilon),
        "adagrad": lambda: torch.optim.Adagrad(groups, lr=rate, **epsilon),
    }[name]()
    if decay and name != "adamw":

        def shrink(optimizer: torch.optim.Optimizer, *_: object) -> None:
            with torch.no_grad():
                for W in weights:
                    W.mul_(1.0 - optimizer.param_groups[0]["lr"] * decay)

        made.register_step_pre_hook(shrink)
    return made


def _schedule(training: Case, optimizer: torch.optim.Optimizer) -> Any:
    chosen = dict(training.get("schedule", {"name": "constant"}))
    rules = torch.optim.lr_scheduler
    match chosen["name"]:
        case "step":
            return rules.StepLR(optimizer, chosen["every"], chosen["gamma"])
        case "exponential":
            return rules.ExponentialLR(optimizer, chosen["gamma"])
        case "cosine":
            return rules.CosineAnnealingLR(optimizer, chosen["steps"], chosen["minimum"])
        case "warmup_cosine":
            warmup = chosen["warmup"]
            first = rules.LinearLR(optimizer, chosen.get("start", 1 / 3), total_iters=warmup)
            second = rules.CosineAnnealingLR(optimizer, chosen["steps"] - warmup, chosen.get("minimum", 0.0))
            return rules.SequentialLR(optimizer, [first, second], [warmup])
        case "one_cycle":
            return rules.OneCycleLR(
                optimizer,
                training["optimizer"]["learning_rate"],
                total_steps=chosen["steps"],
                pct_start=chosen["peak"],
                div_factor=chosen["rise"],
                final_div_factor=chosen["fall"],
                cycle_momentum=False,
            )
    return None


def _clip(training: Case, parameters: list[torch.Tensor]) -> None:
    clip = training.get("clip", {})
    if "norm" in clip:
        torch.nn.utils.clip_grad_norm_(parameters, clip["norm"])
    if "value" in clip:
        torch.nn.utils.clip_grad_value_(parameters, clip["value"])


def main() -> None:
    """Write ANSWERS/NAME.json, the project, and ANSWERS/NAME.npz, its numbers, for every case."""
    torch.set_num_threads(1)
    ANSWERS.mkdir(exist_ok=True)
    for name, training in cases().items():
        document = project(training)
        (ANSWERS / f"{name}.json").write_text(json.dumps(document) + "\n", encoding="utf-8")
        np.savez_compressed(ANSWERS / f"{name}.npz", **answers(document))


if __name__ == "__main__":
    main()
