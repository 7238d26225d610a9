"""Makes PyTorch's answers for training in float32: test_float32.py's, in float32.npz.

Run with a Python that has torch and numpy: `python tests/oracle/generate_float32.py`. It imports nothing of
deltaglow. Every case is 50 steps of one network with one optimiser, in float32 and in float64 from the same
float32 numbers: the gap between the two says how much rounding leaves undecided.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

STEPS, BATCH, SAMPLES = 50, 16, 48
SIZES = (8, 16, 12, 4)
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.005),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05),
}
ACTIVATIONS = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
    "softplus": torch.nn.functional.softplus,
    "selu": torch.nn.functional.selu,
}


def run(
    start: list[np.ndarray], x: np.ndarray, y: np.ndarray, optimizer: str, activation: str, dtype: torch.dtype
) -> tuple[np.ndarray, np.ndarray]:
    """Every step's loss, and all parameters at the end, each layer's W and b in turn."""
    parameters = [torch.tensor(array, dtype=dtype, requires_grad=True) for array in start]
    rule = OPTIMIZERS[optimizer](parameters)
    inputs, classes = torch.tensor(x, dtype=dtype), torch.tensor(y)
    losses = []
    for step in range(STEPS):
        rows = slice(step * BATCH % SAMPLES, step * BATCH % SAMPLES + BATCH)
        a = inputs[rows]
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            a = ACTIVATIONS[activation](torch.nn.functional.linear(a, W, b))
        logits = torch.nn.functional.linear(a, *parameters[-2:])
        loss = torch.nn.functional.cross_entropy(logits, classes[rows])
        rule.zero_grad()
        loss.backward()
        rule.step()
        losses.append(loss.item())
    return np.array(losses), np.concatenate([p.detach().numpy().ravel() for p in parameters])


def main() -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(32)
    x = rng.normal(size=(SAMPLES, SIZES[0])).astype(np.float32)
    y = rng.integers(0, SIZES[-1], SAMPLES)
    start = []
    for n_in, n_out in pairwise(SIZES):
        start.append(rng.normal(0.0, 1 / np.sqrt(n_in), (n_out, n_in)).astype(np.float32))
        start.append(rng.normal(0.0, 0.1, n_out).astype(np.float32))
    stored = {"x": x, "y": y, **{f"start/{i}": array for i, array in enumerate(start)}}
    for optimizer, activation in zip(OPTIMIZERS, ACTIVATIONS, strict=True):
        for name, dtype in (("single", torch.float32), ("double", torch.float64)):
            found = run(start, x, y, optimizer, activation, dtype)
            for part, array in zip(("losses", "theta"), found, strict=True):
                stored[f"{optimizer}-{activation}/{name}/{part}"] = array
    np.savez_compressed(Path(__file__).parent / "float32.npz", **stored)


if __name__ == "__main__":
    main()
