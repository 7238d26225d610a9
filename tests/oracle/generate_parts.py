"""Makes PyTorch's stored answers about single parts: activation functions at many places, and initialisers.

Run by `make oracle`. It imports nothing of deltaglow. test_parts.py compares.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from generate import ACTIVATIONS
from torch.nn import init

PARTS = Path(__file__).parent / "parts.npz"
PLACES = [*np.linspace(-12.0, 12.0, 97), 0.3, -0.7, 1e-9, -1e-9, -0.0, 20.5, -40.0, 40.0, -1e4, 1e4]
"""Quarters from −12 to 12, so 0 and ±1 among them, and some that are not."""
ROWS, COLUMNS = 200, 150

GAINS = ["linear", "sigmoid", "tanh", "relu", "selu"]
RULES = {
    "zeros": init.zeros_,
    "constant": lambda W: init.constant_(W, -0.25),
    "small_normal": lambda W: init.normal_(W, std=0.01),
    "lecun_normal": lambda W: init.kaiming_normal_(W, nonlinearity="linear"),
    "lecun_uniform": lambda W: init.kaiming_uniform_(W, nonlinearity="linear"),
    "xavier_normal": init.xavier_normal_,
    "xavier_uniform": init.xavier_uniform_,
    "he_normal": lambda W: init.kaiming_normal_(W, nonlinearity="relu"),
    "he_uniform": lambda W: init.kaiming_uniform_(W, nonlinearity="relu"),
    "orthogonal": init.orthogonal_,
}


def activations() -> dict[str, np.ndarray]:
    """The value and the slope of every function at every place."""
    found = {"places": np.array(PLACES)}
    for name, function in ACTIVATIONS.items():
        z = torch.tensor(PLACES, dtype=torch.float64, requires_grad=True)
        a = function(z)
        a.sum().backward()
        assert z.grad is not None
        found |= {f"{name}/value": a.detach().numpy(), f"{name}/slope": z.grad.numpy()}
    return found


def initializers() -> dict[str, np.ndarray]:
    """Mean, standard deviation, kurtosis and largest of each rule's weights; gains; an orthogonal matrix."""
    found: dict[str, np.ndarray] = {}
    for name, rule in RULES.items():
        torch.manual_seed(0)
        W = rule(torch.empty(ROWS, COLUMNS, dtype=torch.float64)).numpy()
        spread = W.std()
        fourth = ((W - W.mean()) ** 4).mean() / spread**4 if spread else 0.0
        found[f"init/{name}"] = np.array([W.mean(), spread, fourth, np.abs(W).max()])
    found["gains"] = np.array([init.calculate_gain(name) for name in GAINS])
    found["leaky gain"] = np.array(init.calculate_gain("leaky_relu", 0.01))
    for shape in ((5, 3), (3, 5), (4, 4)):
        torch.manual_seed(1)
        drawn = torch.empty(shape, dtype=torch.float64).normal_(0, 1)
        torch.manual_seed(1)
        made = init.orthogonal_(torch.empty(shape, dtype=torch.float64), gain=1.5)
        key = f"orthogonal/{shape[0]}x{shape[1]}"
        found |= {f"{key}/drawn": drawn.numpy(), f"{key}/made": made.numpy()}
    return found


if __name__ == "__main__":
    torch.set_num_threads(1)
    np.savez_compressed(PARTS, **activations(), **initializers())
