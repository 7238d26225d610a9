"""A training step against scikit-learn's `MLPClassifier.fit` and PyTorch eager, on equal work.

Equal work: the same shapes, batch, float64, threads, ReLU, softmax + cross-entropy, plain SGD, the loss of
every step. Each program's step is timed in turn, several rounds, and the least time of each counts: noise
only ever adds. Every size with one thread each; the largest against PyTorch once more, where both may have as
many threads as there are processors. PyTorch brings Intel's MKL along: where the extra of that name is
installed, sizes that have products large enough for it are measured with the device "mkl" too, on a line of
their own.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import itertools
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter

import numpy as np

from deltaglow.engine import Dense, Network, Trainer, backend, missing
from deltaglow.engine.blas import MKL_WORTH

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
Maker = Callable[[tuple[int, ...], int, int], Timed]
LABELS = {"cpu": "ours     ", "mkl": "ours, MKL"}


def data(widths: tuple[int, ...], batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples and labels for BATCHES batches."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch * BATCHES, widths[0]))
    labels = rng.integers(0, widths[-1], len(x))
    labels[: widths[-1]] = np.arange(widths[-1])
    return x, labels


def ours(
    widths: tuple[int, ...], batch: int, passes: int, threads: int = 1, device: str = "cpu"
) -> tuple[Timed, float]:
    """Seconds per step, and NumPy calls per step; on a machine with so many processors."""
    all_processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_processors)[:threads])
    x, labels = data(widths, batch)
    rng = np.random.default_rng(0)
    layers = [Dense(n, "relu", init="he_normal") for n in widths[1:-1]]
    made_of = backend("float64", device)
    network = Network(widths[0], [*layers, Dense(widths[-1])], "softmax_cross_entropy", rng, made_of)
    y = np.eye(widths[-1])[labels]
    trainer = Trainer(network, x, y, learning_rate=1e-3, batch_size=batch, shuffle=True, rng=rng)
    os.sched_setaffinity(0, all_processors)
    trainer.run(BATCHES)

    def timed() -> float:
        steps = passes * BATCHES
        end, run = trainer.step_count + steps, trainer.run
        with trainer.threads():
            start = perf_counter()
            while trainer.step_count < end:
                run(end - trainer.step_count)
            return (perf_counter() - start) / steps

    return timed, trainer.calls_in_run


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


def rivals() -> dict[str, Maker]:
    """The other programs that are installed here."""
    found: dict[str, Maker] = {}
    for name, module, maker in (("sklearn", "sklearn", scikit_learn), ("torch", "torch", pytorch)):
        try:
            __import__(module)
        except ImportError:
            print(f"{module} is not installed here: not compared")
        else:
            found[name] = maker
    return found


def devices(widths: tuple[int, ...], batch: int) -> list[str]:
    """What this program can compute on here that makes a difference to a network of this size."""
    largest = max(i * o for i, o in itertools.pairwise(widths)) * batch
    return ["cpu", *(["mkl"] if largest >= MKL_WORTH and not missing("mkl") else [])]


def in_turn(timed: dict[str, Timed]) -> dict[str, float]:
    """The least time of each, in µs, over ROUNDS rounds in turn."""
    rounds = [{name: run() * 1e6 for name, run in timed.items()} for _ in range(ROUNDS)]
    return {name: min(found[name] for found in rounds) for name in timed}


def ratios(least: dict[str, float], own: str, others: Iterable[str]) -> str:
    """The times of the others, and how many times that of `own` each is."""
    return "  ".join(f"{name} {least[name]:8.1f} ({least[name] / least[own]:5.2f}x)" for name in others)


def one_thread(widths: tuple[int, ...], batch: int, others: Mapping[str, Maker]) -> dict[str, bool]:
    """Print a line for each device; whether the program is ahead of all others on it."""
    size = sum(i * o for i, o in itertools.pairwise(widths)) * batch
    passes = max(1, min(25, round(2e8 / (size * BATCHES))))
    own = {device: ours(widths, batch, passes, device=device) for device in devices(widths, batch)}
    timed = {device: run for device, (run, _) in own.items()}
    timed["products"] = products_alone(widths, batch, passes)
    least = in_turn(timed | {name: make(widths, batch, passes) for name, make in others.items()})
    title = "-".join(map(str, widths)) + f"@{batch}"
    for device, (_, calls) in own.items():
        name, over = LABELS[device], least[device] / least["products"]
        print(
            f"  {title:<22} {name} {least[device]:8.1f}  {calls:4.1f} calls  {ratios(least, device, others)}"
            f"  products alone {least['products']:8.1f} (ours {over:4.2f}x)",
            flush=True,
        )
    return {device: all(least[name] > least[device] for name in others) for device in own}


def all_threads(widths: tuple[int, ...], batch: int, threads: int) -> dict[str, bool]:
    """The same beside PyTorch alone, both with so many threads."""
    timed = {device: ours(widths, batch, 1, threads, device)[0] for device in devices(widths, batch)}
    own = list(timed)
    least = in_turn(timed | {"torch": pytorch(widths, batch, 1, threads)})
    for device in own:
        what = f"{LABELS[device]} {least[device]:8.1f}  {ratios(least, device, ['torch'])}"
        print(f"  the same, {threads} threads each: {what}", flush=True)
    return {device: least["torch"] > least[device] for device in own}


def main() -> int:
    """Measure and print; 0 if the program is ahead at every size, with MKL where that is installed."""
    others = rivals()
    print(f"a training step, µs, least of {ROUNDS} rounds in turn; one thread, float64, batch after the @")
    ahead = [one_thread(widths, batch, others) for widths, batch in CASES]
    if "torch" in others and (threads := len(os.sched_getaffinity(0))) > 1:
        ahead.append(all_threads(*CASES[-1], threads))
    plain = all(found["cpu"] for found in ahead)
    best = all(found.get("mkl", found["cpu"]) for found in ahead)
    with_mkl = "MKL is not installed" if missing("mkl") else f"with MKL {'yes' if best else 'NO'}"
    print(f"  ahead of all at every size: with NumPy alone {'yes' if plain else 'NO'}, {with_mkl}")
    return 0 if best else 1


if __name__ == "__main__":
    sys.exit(main())
