"""Makes the stored answers of PyTorch that test_oracle.py compares `deltaglow solve --json` with.

Run with a Python that has torch and numpy: `make oracle`, or `python tests/oracle/generate.py`. It imports
nothing of deltaglow: the projects are written by hand, as an outsider would, and every gradient comes from
autograd.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

ANSWERS = Path(__file__).parent / "answers"

ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: torch.nn.functional.leaky_relu(z, 0.01),
    "elu": torch.nn.functional.elu,
    "selu": torch.nn.functional.selu,
    "gelu": torch.nn.functional.gelu,
    "gelu_tanh": lambda z: torch.nn.functional.gelu(z, approximate="tanh"),
    "silu": torch.nn.functional.silu,
    "softplus": torch.nn.functional.softplus,
    "hard_tanh": torch.nn.functional.hardtanh,
}
LAST = ("identity", "sigmoid", "tanh", "relu", "leaky_relu")
"""Those with a case of two layers; the others have one of three, and more steps."""


def project(
    seed: int,
    sizes: list[int],
    activations: list[str],
    samples: int,
    batch: int,
    rate: float = 0.1,
    *,
    soft: bool = False,
    masked: bool = False,
    last_scale: float = 1.0,
    loss: Any = "softmax_cross_entropy",
) -> dict[str, Any]:
    """A project document with random numbers of a few digits; every W is scaled by 1/√(units before)."""
    rng = np.random.default_rng(seed)
    layers = []
    for k, (before, after, activation) in enumerate(zip(sizes[:-1], sizes[1:], activations, strict=True), 1):
        scale = (last_scale if k == len(activations) else 1.0) * 1.5 / np.sqrt(before)
        layer: dict[str, Any] = {
            "type": "dense",
            "units": after,
            "activation": activation,
            "W": np.round(scale * rng.standard_normal((after, before)), 4).tolist(),
            "b": np.round(0.3 * rng.standard_normal(after), 4).tolist(),
        }
        if masked:
            layer["mask"] = (rng.random((after, before)) < 0.6).astype(int).tolist()
        layers.append(layer)
    x = np.round(rng.standard_normal((samples, sizes[0])), 3).tolist()
    if soft:
        parts = rng.integers(0, 9, (samples, sizes[-1])) + np.eye(sizes[-1], dtype=int)[0]
        y: Any = (parts / parts.sum(axis=1, keepdims=True)).tolist()
    else:
        y = rng.integers(0, sizes[-1], samples).tolist()
    if loss == "sigmoid_cross_entropy":
        y = np.round(rng.random((samples, sizes[-1])), 0 if not soft else 2).tolist()
    if loss == "squared_error":
        y = np.round(2 * rng.standard_normal((samples, sizes[-1])), 3).tolist()
    return {
        "deltaglow": 1,
        "network": {"inputs": sizes[0], "loss": loss, "layers": layers},
        "data": {"inline": {"x": x, "y": y}},
        "training": {
            "optimizer": {"name": "sgd", "learning_rate": rate},
            "batch_size": batch,
            "shuffle": False,
            "seed": 0,
        },
    }


def answers(document: dict[str, Any], steps: int) -> dict[str, np.ndarray]:
    """Every array that `solve` promises, keyed "step/layer/name", from float64 autograd."""
    layers = document["network"]["layers"]
    parameters = [(_leaf(layer["W"]), _leaf(layer["b"])) for layer in layers]
    masks = [
        torch.tensor(layer["mask"], dtype=torch.float64) if "mask" in layer else None for layer in layers
    ]
    with torch.no_grad():
        for (W, _), mask in zip(parameters, masks, strict=True):
            if mask is not None:
                W.mul_(mask)
    rate, batch = document["training"]["optimizer"]["learning_rate"], document["training"]["batch_size"]
    optimizer = torch.optim.SGD([p for pair in parameters for p in pair], lr=rate)
    x = torch.tensor(document["data"]["inline"]["x"], dtype=torch.float64)
    targets = document["data"]["inline"]["y"]
    y = torch.tensor(targets, dtype=torch.float64 if isinstance(targets[0], list) else torch.int64)
    found: dict[str, np.ndarray] = {}
    starts = list(range(0, len(x), batch))
    for step in range(steps):
        start = starts[step % len(starts)]
        optimizer.zero_grad()
        zs, outputs = _forward(x[start : start + batch], layers, parameters, masks)
        targets = y[start : start + batch]
        loss, y_hat, divisor = _loss(document["network"]["loss"], outputs[-1], targets)
        loss.backward()
        optimizer.step()
        found[f"{step}/loss"] = loss.detach().numpy()
        found[f"{step}/y_hat"] = y_hat.detach().numpy()
        for k, ((W, b), z, a) in enumerate(zip(parameters, zs, outputs, strict=True), 1):
            assert W.grad is not None and b.grad is not None and z.grad is not None
            arrays = {"z": z, "a": a, "delta": z.grad * divisor, "dW": W.grad, "db": b.grad, "W": W, "b": b}
            found |= {f"{step}/{k}/{name}": t.detach().numpy().copy() for name, t in arrays.items()}
    return found


def _loss(chosen: Any, logits: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, float]:
    """The loss by PyTorch's own modules, the outputs, and what the samples' losses are divided by."""
    options = chosen if isinstance(chosen, dict) else {"name": chosen}
    rows, units = logits.shape
    match options["name"]:
        case "softmax_cross_entropy":
            weights = torch.tensor(options.get("class_weights", [1.0] * units), dtype=torch.float64)
            smoothing = options.get("label_smoothing", 0.0)
            loss = torch.nn.CrossEntropyLoss(weights, label_smoothing=smoothing)(logits, y)
            divisor = float(weights[y].sum()) if y.ndim == 1 else rows
            return loss, torch.softmax(logits, dim=1), divisor
        case "softmax_squared_error":
            hot = torch.nn.functional.one_hot(y, units).double() if y.ndim == 1 else y
            y_hat = torch.softmax(logits, dim=1)
            return torch.nn.MSELoss()(y_hat, hot) * units / 2, y_hat, rows
        case "sigmoid_cross_entropy":
            loss = torch.nn.BCEWithLogitsLoss(reduction="sum")(logits, y) / rows
            return loss, torch.sigmoid(logits), rows
        case _:
            return torch.nn.MSELoss()(logits, y) * units / 2, logits, rows


def _leaf(values: list[Any]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def _forward(
    a: torch.Tensor,
    layers: list[dict[str, Any]],
    parameters: list[tuple[torch.Tensor, torch.Tensor]],
    masks: list[torch.Tensor | None],
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    zs, outputs = [], []
    for layer, (W, b), mask in zip(layers, parameters, masks, strict=True):
        z = torch.nn.functional.linear(a, W if mask is None else W * mask, b)
        z.retain_grad()
        a = ACTIVATIONS[layer["activation"]](z)
        zs.append(z)
        outputs.append(a)
    return zs, outputs


def cases() -> dict[str, tuple[dict[str, Any], int]]:
    """The projects and how many steps of each are stored."""
    made: dict[str, tuple[dict[str, Any], int]] = {
        "one-layer": (project(1, [4, 3], ["identity"], 7, 7), 4),
        "one-unit-wide": (project(2, [1, 1, 2], ["tanh", "identity"], 3, 1), 3),
        "five-layers": (
            project(3, [3, 6, 5, 4, 5, 3], ["sigmoid", "tanh", "relu", "leaky_relu", "identity"], 8, 4), 4,
        ),
        "deep-sigmoid": (project(4, [2, 4, 4, 4, 4, 2], ["sigmoid"] * 4 + ["identity"], 5, 5, 1.0), 3),
        "batch-64": (project(5, [4, 8, 3], ["tanh", "identity"], 64, 64, 0.5), 3),
        "ragged-epoch": (project(6, [3, 5, 4], ["relu", "identity"], 10, 4, 0.3), 6),
        "soft-targets": (project(7, [3, 4, 4], ["sigmoid", "identity"], 6, 3, soft=True), 4),
        "masks": (project(8, [4, 6, 5, 3], ["tanh", "relu", "identity"], 6, 6, 0.2, masked=True), 4),
        "huge-logits": (project(9, [3, 5, 4], ["tanh", "identity"], 6, 6, last_scale=1e4), 3),
        "huge-rate": (project(10, [2, 8, 8, 3], ["tanh", "tanh", "identity"], 10, 10, 20.0), 4),
    }  # fmt: skip
    made |= {f"loss-{name}": (found, 4) for name, found in losses().items()}
    for seed, name in enumerate(ACTIVATIONS, start=20):
        if name in LAST:
            made[f"last-{name.replace('_', '-')}"] = (project(seed, [3, 4, 3], [name, name], 5, 5, 0.5), 3)
        else:
            made[f"three-{name.replace('_', '-')}"] = (project(seed, [3, 4, 4, 3], [name] * 3, 5, 5, 0.5), 5)
    return made


def losses() -> dict[str, dict[str, Any]]:
    """Every pair of output and loss, with its options, targets of every kind, and logits that are large."""
    cross_entropy = {"name": "softmax_cross_entropy"}
    weights = [0.5, 2.0, 1.25, 3.0]
    options: dict[str, tuple[dict[str, Any], bool]] = {
        "smoothing": ({"label_smoothing": 0.1}, False),
        "smoothing-soft": ({"label_smoothing": 0.25}, True),
        "weights": ({"class_weights": weights}, False),
        "weights-soft": ({"class_weights": weights}, True),
        "weights-smoothing": ({"label_smoothing": 0.2, "class_weights": weights}, False),
        "weights-smoothing-soft": ({"label_smoothing": 0.2, "class_weights": weights}, True),
        "naive": ({"naive": True}, False),
        "naive-weights-smoothing": ({"naive": True, "label_smoothing": 0.2, "class_weights": weights}, False),
    }
    made = {
        name: project(seed, [3, 5, 4], ["tanh", "identity"], 10, 4, soft=soft, loss=cross_entropy | chosen)
        for seed, (name, (chosen, soft)) in enumerate(options.items(), start=40)
    }
    for seed, name in enumerate(
        ("softmax_squared_error", "sigmoid_cross_entropy", "squared_error"), start=60
    ):
        short = name.replace("_", "-")
        made[short] = project(seed, [3, 5, 4], ["sigmoid", "identity"], 10, 4, loss=name)
        made[f"{short}-tanh"] = project(seed + 10, [2, 3], ["tanh"], 5, 5, 0.5, soft=True, loss=name)
        sizes = [3, 4, 1 if name == "squared_error" else 3]
        made[f"{short}-large"] = project(
            seed + 20, sizes, ["relu", "identity"], 6, 6, 1e-3, last_scale=300.0, loss=name
        )
    return made


def main() -> None:
    """Write ANSWERS/NAME.json, the project, and ANSWERS/NAME.npz, its numbers, for every case."""
    torch.set_num_threads(1)
    ANSWERS.mkdir(exist_ok=True)
    for name, (document, steps) in cases().items():
        (ANSWERS / f"{name}.json").write_text(json.dumps(document) + "\n", encoding="utf-8")
        np.savez_compressed(ANSWERS / f"{name}.npz", **answers(document, steps))


if __name__ == "__main__":
    main()
