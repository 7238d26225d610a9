"""Makes the stored answers of PyTorch for layers that are not plain dense ones; see generate.py.

It imports nothing of deltaglow. PyTorch's own BatchNorm1d, conv1d and linear do the work, in training and in
evaluation mode; dropout's draw is made as the file format documents it and autograd goes through the product.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

ANSWERS = Path(__file__).parent / "answers" / "layers"
PHI = {
    "identity": lambda z: z,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
}


def some(rng: np.random.Generator, *shape: int, scale: float = 0.7) -> list[Any]:
    """Random numbers of a few digits."""
    found: list[Any] = np.round(scale * rng.standard_normal(shape), 4).tolist()
    return found


def dense(rng: np.random.Generator, before: int, units: int, phi: str, **more: Any) -> dict[str, Any]:
    """A dense layer with its numbers."""
    made = {"type": "dense", "units": units, "activation": phi}
    return {**made, "W": some(rng, units, before), "b": some(rng, units, scale=0.3), **more}


def conv(
    rng: np.random.Generator, channels: int, kernel: int, stride: int, seen: int, phi: str, **more: Any
) -> dict[str, Any]:
    """A convolution with its numbers; `seen` channels before it."""
    made = {"type": "conv1d", "channels": channels, "kernel": kernel, "stride": stride, "activation": phi}
    weights = some(rng, channels, kernel * seen)
    return {**made, "W": weights, "b": some(rng, channels, scale=0.3), **more}


def norm(rng: np.random.Generator, units: int, phi: str = "identity", **more: Any) -> dict[str, Any]:
    """Batch normalisation with its numbers."""
    return {
        "type": "batch_norm",
        "activation": phi,
        "gamma": some(rng, units),
        "beta": some(rng, units, scale=0.3),
        "running_mean": some(rng, units),
        "running_var": np.abs(np.round(1 + 0.3 * rng.standard_normal(units), 4)).tolist(),
        **more,
    }


def project(
    rng: np.random.Generator, inputs: int, layers: list[dict[str, Any]], batch: int
) -> dict[str, Any]:
    """A project of these layers on random samples in three classes; the last batch of an epoch is smaller."""
    samples = 2 * batch + 2
    return {
        "deltaglow": 1,
        "network": {"inputs": inputs, "layers": layers},
        "data": {
            "inline": {
                "x": np.round(rng.standard_normal((samples, inputs)), 3).tolist(),
                "y": rng.integers(0, 3, samples).tolist(),
            }
        },
        "training": {"optimizer": {"name": "sgd", "learning_rate": 0.2}, "batch_size": batch, "seed": 7},
    }


def leaf(values: Any) -> torch.Tensor:
    """A parameter."""
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


class Layer:
    """One layer of a document in PyTorch: `named` holds its parameters, `kept` what it prints besides."""

    def __init__(self, document: dict[str, Any], channels: int, stream: np.random.Generator | None) -> None:
        self.document, self.kind, self.stream = document, document["type"], stream
        self.seen = document.get("in_channels", channels)
        self.channels = channels if self.kind in ("batch_norm", "dropout") else document.get("channels", 1)
        names = {"batch_norm": ("gamma", "beta"), "dropout": ()}.get(self.kind, ("W", "b"))
        self.named = {name: leaf(document[name]) for name in names}
        skip = document.get("skip")
        if skip and isinstance(skip.get("projection"), list):
            self.named["P"] = leaf(skip["projection"])
        if self.kind == "batch_norm":
            self.running = [
                torch.tensor(document[f"running_{name}"], dtype=torch.float64) for name in ("mean", "var")
            ]
        self.kept: dict[str, torch.Tensor] = {}

    def z(self, said: list[torch.Tensor], training: bool) -> torch.Tensor:
        """From the activations of every column before, the input first."""
        before = said[-1]
        if self.kind == "batch_norm":
            return self._normalised(before, training)
        if self.kind == "dropout":
            return self._dropped(before, training)
        if self.kind == "conv1d":
            return self._convolved(before)
        z = functional.linear(before, self.named["W"], self.named["b"])
        skip = self.document.get("skip")
        if skip:
            around = said[skip["from"]]
            z = z + (around @ self.named["P"].T if "P" in self.named else around)
        return z

    def _normalised(self, before: torch.Tensor, training: bool) -> torch.Tensor:
        eps, momentum = self.document.get("eps", 1e-5), self.document.get("momentum", 0.1)
        mean = before.mean(0) if training else self.running[0].clone()
        var = before.var(0, unbiased=False) if training else self.running[1].clone()
        self.kept = {"mean": mean, "var": var, "x_hat": (before - mean) / torch.sqrt(var + eps)}
        gamma, beta = self.named["gamma"], self.named["beta"]
        return functional.batch_norm(before, *self.running, gamma, beta, training, momentum, eps)

    def _dropped(self, before: torch.Tensor, training: bool) -> torch.Tensor:
        keep = torch.ones_like(before)
        if training:
            assert self.stream is not None
            rate = self.document["rate"]
            keep = torch.tensor((self.stream.random(before.shape) >= rate) / (1 - rate))
        self.kept = {"keep": keep}
        return before * keep

    def _convolved(self, before: torch.Tensor) -> torch.Tensor:
        c, kernel = self.seen, self.document["kernel"]
        W = self.named["W"].reshape(-1, kernel, c).permute(0, 2, 1)
        places = before.reshape(len(before), -1, c).permute(0, 2, 1)
        found = functional.conv1d(places, W, self.named["b"], self.document["stride"])
        return found.permute(0, 2, 1).reshape(len(before), -1)


def answers(document: dict[str, Any], steps: int, training: bool) -> dict[str, np.ndarray]:
    """Every array that `solve` promises, keyed "step/layer/name"."""
    listed, chosen = document["network"]["layers"], document["training"]
    drawing = [layer for layer in listed if layer["type"] == "dropout"]
    streams = iter(np.random.default_rng(chosen["seed"]).spawn(len(drawing)))
    layers: list[Layer] = []
    for item in listed:
        channels = layers[-1].channels if layers else 1
        layers.append(Layer(item, channels, next(streams) if item["type"] == "dropout" else None))
    parameters = [p for layer in layers for p in layer.named.values()]
    optimizer = torch.optim.SGD(parameters, lr=chosen["optimizer"]["learning_rate"])
    x = torch.tensor(document["data"]["inline"]["x"], dtype=torch.float64)
    y = torch.tensor(document["data"]["inline"]["y"])
    starts = list(range(0, len(x), chosen["batch_size"]))
    found: dict[str, np.ndarray] = {}
    for step in range(steps):
        part = slice(starts[step % len(starts)], starts[step % len(starts)] + chosen["batch_size"])
        optimizer.zero_grad()
        said, sums = [x[part]], []
        for layer in layers:
            z = layer.z(said, training)
            z.retain_grad()
            sums.append(z)
            said.append(PHI[layer.document.get("activation", "identity")](z))
        loss = functional.cross_entropy(said[-1], y[part])
        loss.backward()
        optimizer.step()
        found[f"{step}/loss"] = loss.detach().numpy()
        found[f"{step}/y_hat"] = torch.softmax(said[-1], 1).detach().numpy()
        for k, (layer, z, a) in enumerate(zip(layers, sums, said[1:], strict=True), 1):
            assert z.grad is not None
            arrays = {"z": z, "a": a, "delta": z.grad * len(z), **layer.kept, **layer.named}
            arrays |= {f"d{name}": p.grad for name, p in layer.named.items()}
            if layer.kind == "batch_norm":
                arrays |= {"running_mean": layer.running[0], "running_var": layer.running[1]}
            found |= {f"{step}/{k}/{name}": t.detach().numpy().copy() for name, t in arrays.items()}
    return found


def cases() -> dict[str, dict[str, Any]]:
    """The projects."""
    r = np.random.default_rng
    made = {
        "batch-norm": (
            1,
            4,
            lambda g: [dense(g, 4, 5, "tanh"), norm(g, 5, "relu"), dense(g, 5, 3, "identity")],
        ),
        "batch-norm-first-and-last": (
            2,
            4,
            lambda g: [norm(g, 4, "tanh", eps=0.01, momentum=0.3), dense(g, 4, 3, "relu"), norm(g, 3)],
        ),
        "dropout": (
            3,
            4,
            lambda g: [
                dense(g, 4, 6, "tanh"),
                {"type": "dropout", "rate": 0.4},
                dense(g, 6, 5, "relu"),
                {"type": "dropout", "rate": 0.25},
                dense(g, 5, 3, "identity"),
            ],
        ),
        "skip-identity": (
            4,
            4,
            lambda g: [
                dense(g, 4, 5, "tanh"),
                dense(g, 5, 5, "relu"),
                dense(g, 5, 5, "tanh", skip={"from": 1}),
                dense(g, 5, 5, "sigmoid", skip={"from": 1}),
                dense(g, 5, 3, "identity", skip=None),
            ],
        ),
        "skip-projected": (
            5,
            4,
            lambda g: [
                dense(g, 4, 5, "tanh"),
                dense(g, 5, 4, "relu", skip={"from": 0, "projection": some(g, 4, 4)}),
                dense(g, 4, 3, "identity", skip={"from": 1, "projection": some(g, 3, 5)}),
            ],
        ),
        "conv": (6, 8, lambda g: [conv(g, 3, 3, 1, 1, "tanh"), dense(g, 18, 3, "identity")]),
        "conv-strides": (
            7,
            12,
            lambda g: [
                conv(g, 3, 4, 2, 2, "relu", in_channels=2),
                conv(g, 2, 2, 3, 3, "identity"),
                dense(g, 2, 3, "identity"),
            ],
        ),
        "conv-last": (8, 6, lambda g: [dense(g, 6, 7, "tanh"), conv(g, 1, 3, 2, 1, "identity")]),
        "everything": (
            9,
            8,
            lambda g: [
                conv(g, 2, 3, 1, 1, "tanh"),
                norm(g, 12, "relu"),
                {"type": "dropout", "rate": 0.3},
                dense(g, 12, 6, "tanh"),
                dense(g, 6, 6, "relu", skip={"from": 4}),
                norm(g, 6),
                dense(g, 6, 3, "identity", skip={"from": 0, "projection": some(g, 3, 8)}),
            ],
        ),
    }
    found = {}
    for name, (seed, inputs, make) in made.items():
        rng = r(seed)
        layers = [{k: v for k, v in layer.items() if v is not None} for layer in make(rng)]
        found[name] = project(rng, inputs, layers, 5)
    return found


def main() -> None:
    """Write ANSWERS/NAME.json, and NAME.training.npz and NAME.evaluation.npz, for every case."""
    torch.set_num_threads(1)
    ANSWERS.mkdir(exist_ok=True)
    for name, document in cases().items():
        (ANSWERS / f"{name}.json").write_text(json.dumps(document) + "\n", encoding="utf-8")
        for mode, steps in (("training", 6), ("evaluation", 3)):
            np.savez_compressed(
                ANSWERS / f"{name}.{mode}.npz", **answers(document, steps, mode == "training")
            )


if __name__ == "__main__":
    main()
