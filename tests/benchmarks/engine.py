"""A training step against scikit-learn's `MLPClassifier.fit` and PyTorch eager, on equal work.

Equal work: the same shapes, batch, float64, threads, ReLU, softmax + cross-entropy, plain SGD, the loss of
every step. Each program's step is timed in turn, several rounds, and the least time of each counts: noise
only ever adds. Every size with one thread each; the largest against PyTorch once more, where both may have as
many threads as there are processors.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import itertools
import sys
import warnings
from collections.abc import Callable
from time import perf_counter

import numpy as np

from deltaglow.engine import Dense, Network, Trainer

CASES: tuple[tuple[tuple[int, ...], int], ...] = (
    ((2, 4, 2, 2), 10),
    ((2, 8, 8, 3), 10),
    ((4, 16, 16, 3), 32),
    ((64, 128, 128, 10), 64),
    ((784, 512, 512, 10), 128),
)
ROUNDS = 7
BATCHES = 20
Timed = Callable[[], float]


def data(widths: tuple[int, ...], batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples and labels for BATCHES batches."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch * BATCHES, widths[0]))
    labels = rng.integers(0, widths[-1], len(x))
    labels[: widths[-1]] = np.arange(widths[-1])
    return x, labels


def ours(widths: tuple[int, ...], batch: int, passes: int, threads: int = 1) -> tuple[Timed, int]:
    """Seconds per step, and NumPy calls per step; on a machine with so many processors."""
    all_processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_processors)[:threads])
    x, labels = data(widths, batch)
    rng = np.random.default_rng(0)
    layers = [Dense(n, "relu", init="he_normal") for n in widths[1:-1]]
    network = Network(widths[0], [*layers, Dense(widths[-1])], "softmax_cross_entropy", rng)
    y = np.eye(widths[-1])[labels]
    trainer = Trainer(network, x, y, learning_rate=1e-3, batch_size=batch, shuffle=True, rng=rng)
    os.sched_setaffinity(0, all_processors)
    trainer.step()

    def timed() -> float:
        steps = passes * BATCHES
        step = trainer.step
        with trainer.threads():
            start = perf_counter()
            for _ in range(steps):
                step()
            return (perf_counter() - start) / steps

    return timed, trainer.calls_per_step


def products_alone(widths: tuple[int, ...], batch: int, passes: int) -> Timed:
    """The matrix products that a step cannot do without, on preallocated arrays, and nothing else."""
    rng = np.random.default_rng(0)
    a = [rng.normal(size=(batch, n)) for n in widths]
    W = [rng.normal(size=(i, o)) for i, o in itertools.pairwise(widths)]
    z = [np.empty((batch, n)) for n in widths[1:]]
    dW = [np.empty_like(w) for w in W]
    back = [np.empty((batch, n)) for n in widths]

    def timed() -> float:
        steps = max(passes * BATCHES, 1)
        start = perf_counter()
        for _ in range(steps):
            for k, w in enumerate(W):
                np.matmul(a[k], w, out=z[k])
            for k in range(len(W) - 1, -1, -1):
                np.matmul(a[k].T, z[k], out=dW[k])
                if k:
                    np.matmul(z[k], W[k].T, out=back[k])
        return (perf_counter() - start) / steps

    return timed


def scikit_learn(widths: tuple[int, ...], batch: int, passes: int) -> Timed:
    """`MLPClassifier.fit` with plain SGD, divided by its steps."""
    from sklearn.neural_network import MLPClassifier

    x, labels = data(widths, batch)

    def timed() -> float:
        model = MLPClassifier(
            widths[1:-1],
            solver="sgd",
            alpha=0.0,
            batch_size=batch,
            learning_rate_init=1e-3,
            max_iter=passes,
            tol=0.0,
            n_iter_no_change=10**9,
            momentum=0.0,
            nesterovs_momentum=False,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = perf_counter()
            model.fit(x, labels)
            return (perf_counter() - start) / (passes * BATCHES)

    return timed


def pytorch(widths: tuple[int, ...], batch: int, passes: int, threads: int = 1) -> Timed:
    """A plain eager training loop."""
    import torch

    torch.manual_seed(0)
    x, labels = data(widths, batch)
    parts: list[torch.nn.Module] = []
    for i, o in itertools.pairwise(widths):
        parts += [torch.nn.Linear(i, o, dtype=torch.float64), torch.nn.ReLU()]
    model = torch.nn.Sequential(*parts[:-1])
    loss = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    batches = [
        (torch.tensor(x[i : i + batch]), torch.tensor(labels[i : i + batch])) for i in range(0, len(x), batch)
    ]

    def timed() -> float:
        torch.set_num_threads(threads)
        start = perf_counter()
        for _ in range(passes):
            for inputs, targets in batches:
                optimizer.zero_grad()
                value = loss(model(inputs), targets)
                value.backward()
                optimizer.step()
                value.item()
        return (perf_counter() - start) / (passes * len(batches))

    return timed


def rivals() -> dict[str, Callable[[tuple[int, ...], int, int], Timed]]:
    """The other programs that are installed here."""
    found: dict[str, Callable[[tuple[int, ...], int, int], Timed]] = {}
    for name, module, maker in (("sklearn", "sklearn", scikit_learn), ("torch", "torch", pytorch)):
        try:
            __import__(module)
        except ImportError:
            print(f"{module} is not installed here: not compared")
        else:
            found[name] = maker
    return found


def side_by_side(widths: tuple[int, ...], batch: int, threads: int) -> bool:
    """Both with so many threads: print a line; whether this program is ahead of PyTorch."""
    mine, _ = ours(widths, batch, 1, threads)
    theirs = pytorch(widths, batch, 1, threads)
    pairs = [(mine(), theirs()) for _ in range(ROUNDS)]
    us, them = (min(times) * 1e6 for times in zip(*pairs, strict=True))
    print(
        f"  the same, {threads} threads each: ours {us:8.1f}  torch {them:8.1f} ({them / us:5.2f}x)",
        flush=True,
    )
    return them > us


def main() -> int:
    """Measure and print a line for each case."""
    others = rivals()
    ahead = True
    print(f"a training step, µs, least of {ROUNDS} rounds in turn; one thread, float64, batch after the @")
    for widths, batch in CASES:
        size = sum(i * o for i, o in itertools.pairwise(widths)) * batch
        passes = max(1, min(25, round(2e8 / (size * BATCHES))))
        mine, calls = ours(widths, batch, passes)
        timed = {"ours": mine, "products": products_alone(widths, batch, passes)}
        timed |= {name: make(widths, batch, passes) for name, make in others.items()}
        least: dict[str, float] = {}
        for _ in range(ROUNDS):
            for name, run in timed.items():
                least[name] = min(least.get(name, 1e9), run())
        ratios = "  ".join(
            f"{name} {least[name] * 1e6:8.1f} ({least[name] / least['ours']:5.2f}x)" for name in others
        )
        name = "-".join(map(str, widths)) + f"@{batch}"
        over = least["ours"] / least["products"]
        print(
            f"  {name:<22} ours {least['ours'] * 1e6:8.1f}  {calls:3d} calls  {ratios}"
            f"  products alone {least['products'] * 1e6:8.1f} (ours {over:4.2f}x)",
            flush=True,
        )
        ahead &= all(least[name] > least["ours"] for name in others)
    if "torch" in others and (threads := len(os.sched_getaffinity(0))) > 1:
        ahead &= side_by_side(*CASES[-1], threads)
    print(f"  ahead of all at every size: {'yes' if ahead else 'NO'}")
    return 0 if ahead else 1


if __name__ == "__main__":
    sys.exit(main())
