"""CBLAS called directly: the numbers of NumPy, the same bits every time, and nothing where it cannot help."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deltaglow.engine import (
    Conv1d,
    Dense,
    Dropout,
    Network,
    NoDevice,
    Skip,
    Trainer,
    TrainerOptions,
    backend,
    missing,
)
from deltaglow.engine import blas as blas_module
from deltaglow.engine import team as team_module
from deltaglow.engine.backend import HOST, Backend
from deltaglow.engine.blas import Blas, mkl, numpys_own
from deltaglow.engine.ops import Tape, run

LIBRARIES = [pytest.param(found, id=found.name) for found in (numpys_own(), mkl()) if found is not None]
"""The one that NumPy brings along, and MKL where it is installed."""


def eager(library: Blas) -> Blas:
    """The same, for products of every size."""
    return replace(library, worth=0)


def laid_out(rng: np.random.Generator, shape: tuple[int, int], kind: str, dtype: type) -> np.ndarray:
    """Numbers in an array that lies row by row, column by column, or is part of a wider one."""
    rows, columns = shape
    wide = rng.normal(size=(rows + 3, columns + 5)).astype(dtype)
    part = wide[2 : rows + 2, 1 : columns + 1]
    return {"rows": part.copy(), "columns": np.asfortranarray(part), "part": part}[kind]


@pytest.mark.skipif(numpys_own() is None, reason="this NumPy brings no OpenBLAS along")
def test_numpys_own_is_found() -> None:
    assert HOST.blas is numpys_own()
    assert numpys_own() is numpys_own()


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("share", [1.0, 0.25])
def test_products_are_numpys(library: Blas, dtype: type, share: float) -> None:
    rng = np.random.default_rng(0)
    kinds = ("rows", "columns", "part")
    for sizes in ((7, 5, 9), (1, 4, 3), (6, 1, 2), (5, 3, 1), (1, 1, 1), (40, 33, 65)):
        for one, other, to in ((a, b, c) for a in kinds for b in kinds for c in kinds):
            a = laid_out(rng, (sizes[0], sizes[1]), one, dtype)
            b = laid_out(rng, (sizes[1], sizes[2]), other, dtype)
            out = laid_out(rng, (sizes[0], sizes[2]), to, dtype)
            out[:] = np.nan
            call = eager(library).product(a, b, out, share)
            assert call is not None
            call()
            np.testing.assert_allclose(out, share * (a @ b), rtol=np.sqrt(np.finfo(dtype).eps), atol=1e-5)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_same_bits_wherever_the_numbers_lie(library: Blas) -> None:
    rng = np.random.default_rng(1)
    a, b, x = rng.normal(size=(45, 131)), rng.normal(size=(131, 67)), rng.normal(size=1001)
    products, sums = set(), set()
    for offset in range(9):
        moved = []
        for array in (a, b, np.zeros((45, 67)), x, np.ones(1001)):
            room = np.empty(array.size + 64)
            start = -room.ctypes.data // 8 % 8 + offset
            room[start : start + array.size] = array.ravel()
            moved.append(room[start : start + array.size].reshape(array.shape))
        call, add = (
            eager(library).product(*moved[:3], share=0.3),
            library.added(np.array([-0.7]), *moved[3:]),
        )
        assert call is not None and add is not None
        call()
        add()
        products.add(moved[2].tobytes())
        sums.add(moved[4].tobytes())
    assert len(products) == len(sums) == 1


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_vector_is_added_times_a_factor_that_changes(library: Blas, dtype: type) -> None:
    rng = np.random.default_rng(2)
    factor, x, y = np.zeros(1, dtype), rng.normal(size=77).astype(dtype), rng.normal(size=77).astype(dtype)
    call = library.added(factor, x, y)
    assert call is not None
    for value in (-0.5, 0.125):
        factor[0] = value
        wanted = y + dtype(value) * x
        call()
        np.testing.assert_allclose(y, wanted, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_is_left_to_numpy(library: Blas) -> None:
    a, b, out = np.ones((4, 4)), np.ones((4, 4)), np.zeros((4, 4))
    gaps = np.ones((8, 8))[::2, ::2]
    one = np.ones(1)
    refused = [
        (library.product(a, b, out), "too small to be worth it"),
        (eager(library).product(a.astype(np.float16), b, out), "three types"),
        (eager(library).product(a.astype(int), b.astype(int), out.astype(int)), "whole numbers"),
        (eager(library).product(gaps, b, out), "gaps both ways"),
        (eager(library).product(a, b, gaps), "gaps both ways in what is written"),
        (eager(library).product(np.broadcast_to(1.0, (4, 4)), b, out), "one number seen as many"),
        (eager(library).product(a[::-1], b, out), "upside down"),
        (eager(library).product(a, b[:, 0], out[:, 0]), "a vector"),
        (eager(library).product(a[:0], b, out[:0]), "nothing"),
        (library.added(one, a[:, 0], out[:, 0]), "vectors with gaps"),
        (library.added(one, a[0], out[0].astype(np.float32)), "two types"),
    ]
    assert [why for call, why in refused if call is not None] == []
    for blas in (library, None):
        tape: Tape = Backend(blas=blas).product(gaps, b, out, 0.5)
        run([*tape, *Backend(blas=blas).added(one, a[0], out[0], np.zeros(4))])
        assert (out[0] == 3.0).all() and (out[1:] == 2.0).all()


def trained(blas: Blas | None, checkpoint: int = 1, precision: str = "float64", **more: object) -> Trainer:
    """A large network on a BLAS that makes all of its products."""
    made = backend(precision)
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(70, 40)), np.eye(5)[rng.integers(0, 5, 70)]
    plain = (Dense(256, "relu"), Dense(256, "tanh"), Dropout(0.2), Dense(5))
    mixed = (Conv1d(8, 5, 1, "relu"), Dense(64, "gelu"), Dense(64, skip=Skip(2)), Dense(5))
    layers = mixed if more.pop("mixed", False) else plain
    network = Network(40, layers, "softmax_cross_entropy", rng, replace(made, blas=blas))
    settings = {"learning_rate": 0.05, "batch_size": 32, "shuffle": True, "rng": rng} | more
    return Trainer(network, x, y, options=TrainerOptions(checkpoint=checkpoint), **settings)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize(("precision", "exact"), [("float64", 1e-9), ("float32", 1e-3)])
def test_a_run_on_it_is_numpys_and_repeats(library: Blas, mixed: bool, precision: str, exact: float) -> None:
    plain, found, again = (
        trained(blas, mixed=mixed, precision=precision) for blas in (None, eager(library), eager(library))
    )
    start = found.state()
    for _ in range(7):
        one, other = plain.step(capture=True), found.step(capture=True)
        again.step()
        assert one is not None and other is not None
        np.testing.assert_allclose(other.theta_after, one.theta_after, rtol=exact, atol=exact / 1000)
        np.testing.assert_allclose(other.gradient, one.gradient, rtol=exact, atol=exact / 100)
        np.testing.assert_allclose(found.scalars, plain.scalars, rtol=exact)
    assert np.array_equal(again.network.theta, found.network.theta)
    learned = found.network.theta.copy()
    found.restore(start)
    for _ in range(7):
        found.step()
    assert np.array_equal(found.network.theta, learned)


@pytest.mark.parametrize("library", LIBRARIES)
def test_checkpointing_and_threads_find_the_same_bits_with_it(
    library: Blas, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, segments = (trained(eager(library), checkpoint=count) for count in (1, 2))
    for _ in range(5):
        whole.step()
        segments.step()
    assert np.array_equal(whole.network.theta, segments.network.theta)
    monkeypatch.setattr(team_module, "LARGE", 2**20)
    monkeypatch.setattr(team_module, "processors", lambda: 3)
    threaded, alone = (trained(eager(library)) for _ in range(2))
    assert team_module.team_size(threaded.network, 32) == 3
    with threaded.threads():
        for _ in range(5):
            threaded.step()
            alone.step()
    assert np.array_equal(threaded.network.theta, alone.network.theta)
    np.testing.assert_allclose(threaded.network.theta, whole.network.theta, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_ledger_finds_arrays_that_are_bound_by_their_address(library: Blas) -> None:
    with_it, without = trained(eager(library)), trained(None)
    with_it.step()
    without.step()
    bound, plain = with_it.ledger(), without.ledger()
    assert bound.layers == plain.layers and bound.gradients == plain.gradients
    assert bound.parameters == plain.parameters


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A place in which MKL is looked for, and nothing is."""
    monkeypatch.setattr(blas_module.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(blas_module.site, "getuserbase", lambda: str(tmp_path / "user"))
    mkl.cache_clear()
    yield tmp_path
    mkl.cache_clear()


def test_asking_for_mkl_where_it_is_not_is_one_line(elsewhere: Path) -> None:
    assert mkl() is None
    assert missing("mkl") == 'MKL is not installed: pip install "deltaglow[mkl]"'
    with pytest.raises(NoDevice):
        backend("float64", "mkl")
    library = elsewhere / "lib" / "libmkl_rt.so.3"
    library.parent.mkdir()
    library.write_text("no library")
    mkl.cache_clear()
    reason = missing("mkl")
    assert reason.startswith("MKL cannot be used: ") and "\n" not in reason


class FakeMKL:
    """What is asked of MKL's own functions, and an answer."""

    def __init__(self, answer: int) -> None:
        self.asked: list[tuple[str, int]] = []
        self.MKL_Set_Threading_Layer = lambda layer: self.asked.append(("layer", layer))
        self.MKL_CBWR_Set = lambda branch: self.asked.append(("branch", branch)) or answer


@pytest.mark.parametrize("answer", [0, -2])
def test_mkl_is_set_to_one_thread_and_to_repeat_itself(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    library = elsewhere / "user" / "lib" / "libmkl_rt.so.2"
    library.parent.mkdir(parents=True)
    library.touch()
    fake = FakeMKL(answer)
    opened: list[str] = []
    monkeypatch.setattr(blas_module.ctypes, "CDLL", lambda path: opened.append(path) or fake)
    if answer:
        assert (
            missing("mkl") == "MKL cannot be used: MKL was used before it could be set to repeat its results"
        )
    else:
        found = backend("float32", "mkl")
        assert found.blas is not None and found.blas.name == "MKL" and found.dtype == np.float32
        assert found.blas.integer is ctypes.c_int
    assert opened == [str(library)]
    assert fake.asked == [("layer", 1), ("branch", 2)]
