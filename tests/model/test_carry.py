"""What an edit leaves of a run, array by array: parameters, the optimiser's memory, running averages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from deltaglow.engine import Trainer, TrainerState
from deltaglow.model import build, carry, edits, naming
from deltaglow.model.arranging import untangling
from deltaglow.model.carry import Origins, carried, handed_on, origins
from deltaglow.model.parts import BatchNorm, Dropout, Skip
from deltaglow.model.project import BuiltinData, Layer, NetworkSpec, Optimizer, Project, Training
from deltaglow.model.replacing import replacing

Change = Callable[[Project], Project]


def project(*layers: Layer, optimizer: str = "adam") -> Project:
    hidden = layers or (Layer(4, "tanh"), Layer(3, "tanh"))
    training = Training(Optimizer(optimizer, 0.02), 5, shuffle=True, seed=3)
    return Project(NetworkSpec(2, (*hidden, Layer(2))), BuiltinData("xor", 20, 0.2), training)


def trained(made: Project, steps: int = 25) -> Trainer:
    trainer = build.trainer(made)
    for _ in range(steps):
        trainer.step()
    return trainer


def after(made: Project, change: Change) -> tuple[TrainerState, Trainer, TrainerState]:
    """State before, a trainer of the edited project in the state after, and that state."""
    trainer = trained(made)
    state = trainer.state()
    fresh = build.trainer(change(made))
    new = carried(made, state, change, fresh)
    fresh.restore(new)
    return state, fresh, new


def parts(trainer: Trainer, flat: np.ndarray) -> list[dict[str, np.ndarray]]:
    shape = trainer.network.architecture
    return [layer.named(block) for layer, block in zip(shape.layers, shape.blocks(flat), strict=True)]


def arrays(trainer: Trainer, state: TrainerState) -> list[list[dict[str, np.ndarray]]]:
    """Parameters and every memory of the optimiser, by layer and name."""
    return [parts(trainer, flat) for flat in (state.theta, *state.optimizer)]


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov", "rmsprop", "adam", "adamw", "adagrad"])
def test_a_removed_unit_takes_its_memory_along_and_all_else_stays(optimizer: str) -> None:
    made = project(optimizer=optimizer)
    old, trainer, new = after(made, lambda p: edits.remove_units(p, [(1, 2)]))
    before = arrays(trained(made, 0), old)
    assert len(new.optimizer) == len(old.optimizer) > 0
    for was, now in zip(before, arrays(trainer, new), strict=True):
        np.testing.assert_array_equal(now[0]["W"], was[0]["W"][[0, 1, 3]])
        np.testing.assert_array_equal(now[0]["b"], was[0]["b"][[0, 1, 3]])
        np.testing.assert_array_equal(now[1]["W"], was[1]["W"][:, [0, 1, 3]])
        np.testing.assert_array_equal(now[1]["b"], was[1]["b"])
        np.testing.assert_array_equal(now[2]["W"], was[2]["W"])
    assert new.step == old.step == 25


def test_a_new_unit_has_no_memory_and_the_others_keep_theirs() -> None:
    made = project()
    old, trainer, new = after(made, lambda p: edits.add_unit(p, 1, at=1))
    before, now = arrays(trained(made, 0), old), arrays(trainer, new)
    for kind, (was, is_) in enumerate(zip(before, now, strict=True)):
        np.testing.assert_array_equal(is_[0]["W"][[0, 2, 3, 4]], was[0]["W"])
        np.testing.assert_array_equal(is_[1]["W"][:, [0, 2, 3, 4]], was[1]["W"])
        fresh = (is_[0]["W"][1], is_[1]["W"][:, 1])
        if kind:
            assert not any(part.any() for part in fresh)
        else:
            assert all(part.all() for part in fresh), "drawn by the layer's rule"


def test_moved_units_and_layers_bring_their_memory() -> None:
    made = project()
    old, trainer, new = after(made, lambda p: edits.move_unit(p, 1, 0, 3))
    order = [1, 2, 3, 0]
    for was, now in zip(arrays(trained(made, 0), old), arrays(trainer, new), strict=True):
        np.testing.assert_array_equal(now[0]["W"], was[0]["W"][order])
        np.testing.assert_array_equal(now[1]["W"], was[1]["W"][:, order])


def test_units_that_are_put_in_order_by_their_weights_bring_their_memory_mask_and_names() -> None:
    made = project(Layer(6, "tanh"), Layer(5, "tanh"))
    made = naming.rename_unit(edits.connect(made, [(1, 2, 0), (2, 3, 1)], False), 1, 2, "third")
    trainer = trained(made)
    memories = tuple(trainer.state().theta for _ in trainer.state().optimizer)
    state = replace(trainer.state(), optimizer=memories)
    change = untangling(build.with_parameters(made, state.theta, state.statistics))
    new = carried(made, state, change, build.trainer(change(made)))
    assert (new.theta != state.theta).any() and memories
    assert all(np.array_equal(memory, new.theta) for memory in new.optimizer)
    for layer, block in zip(change(made).network.layers, parts(trainer, new.theta), strict=True):
        assert layer.mask is None or ((block["W"] == 0) == ~layer.mask).all()
    first = change(made).network.layers[0]
    assert first.mask is not None and first.unit_names is not None
    assert not first.mask[first.unit_names.index("third"), 0], "the unit that a connection was deleted of"


def test_running_averages_follow_their_units() -> None:
    made = project(Layer(4, "tanh"), Layer(4, part=BatchNorm()))
    old, trainer, new = after(made, lambda p: edits.remove_units(p, [(1, 1)]))
    mean, var = old.statistics.reshape(2, 4)
    np.testing.assert_array_equal(new.statistics.reshape(2, 3), np.array([mean, var])[:, [0, 2, 3]])
    assert not np.array_equal(mean, np.zeros(4))
    for was, now in zip(arrays(trained(made, 0), old), arrays(trainer, new), strict=True):
        np.testing.assert_array_equal(now[1]["gamma"], was[1]["gamma"][[0, 2, 3]])


@pytest.mark.parametrize("kind", ["batch_norm", "dropout"])
def test_a_layer_wired_one_to_one_comes_and_goes_and_all_memory_stays(kind: str) -> None:
    made = project()
    old, trainer, new = after(made, lambda p: edits.add_layer(p, 2, kind))
    for was, now in zip(arrays(trained(made, 0), old), arrays(trainer, new), strict=True):
        for k, m in ((0, 0), (1, 2), (2, 3)):
            for name in was[k]:
                np.testing.assert_array_equal(now[m][name], was[k][name])
    back = carried(
        edits.add_layer(made, 2, kind), new, lambda p: edits.remove_layers(p, [2]), build.trainer(made)
    )
    np.testing.assert_array_equal(back.theta, old.theta)
    for was, now in zip(old.optimizer, back.optimizer, strict=True):
        np.testing.assert_array_equal(now, was)


def test_the_matrix_of_a_connection_around_follows_too() -> None:
    made = project(Layer(4, "tanh"), Layer(3, "tanh"), Layer(3, "tanh", skip=Skip(1, projection=True)))
    old, trainer, new = after(made, lambda p: edits.remove_units(p, [(1, 0)]))
    for was, now in zip(arrays(trained(made, 0), old), arrays(trainer, new), strict=True):
        np.testing.assert_array_equal(now[2]["P"], was[2]["P"][:, 1:])


def test_a_weight_typed_in_keeps_its_memory() -> None:
    made = project()
    old, _, new = after(made, lambda p: edits.set_weights(p, [((1, 2, 1), 0.5)]))
    differs = np.flatnonzero(old.theta != new.theta)
    assert len(differs) == 1 and new.theta[differs[0]] == 0.5
    for was, now in zip(old.optimizer, new.optimizer, strict=True):
        np.testing.assert_array_equal(now, was)


def choosing(name: str) -> Change:
    return lambda p: replace(p, training=replace(p.training, optimizer=Optimizer(name, 0.02)))


@pytest.mark.parametrize("names", [("adam", "rmsprop"), ("adagrad", "rmsprop"), ("momentum", "adam")])
def test_another_optimiser_begins_without_memory_and_counts_from_its_own_start(
    names: tuple[str, str],
) -> None:
    old, _, new = after(project(optimizer=names[0]), choosing(names[1]))
    np.testing.assert_array_equal(new.theta, old.theta)
    assert not any(array.any() for array in new.optimizer) and new.begun == old.step


def test_adam_goes_on_as_adamw_with_its_memory_and_its_count() -> None:
    old, _, new = after(project(optimizer="adam"), choosing("adamw"))
    assert all(map(np.array_equal, old.optimizer, new.optimizer)) and new.begun == 0


def test_adam_switched_to_in_mid_run_steps_like_a_fresh_adam() -> None:
    """As in PyTorch, where torch.optim.Adam made anew over trained parameters begins with t = 1."""
    made = project(optimizer="sgd")
    made = replace(made, training=replace(made.training, shuffle=False))
    steps = 3 * build.trainer(made).steps_per_epoch
    trainer = trained(made, steps)
    adam = choosing("adam")(made)
    switched, fresh = build.trainer(adam), build.trainer(adam)
    switched.restore(carried(made, trainer.state(), choosing("adam"), build.trainer(adam)))
    fresh.restore(replace(fresh.state(), theta=trainer.state().theta))
    for _ in range(7):
        switched.step()
        fresh.step()
    assert switched.state().theta.tobytes() == fresh.state().theta.tobytes()
    frame = switched.preview()
    assert (frame.update.age, frame.update.count) == (8, steps + 8)


def test_the_order_of_the_epoch_goes_on() -> None:
    made = project()
    trainer = trained(made)
    plain = build.trainer(made)
    plain.restore(trainer.state())
    edited = build.trainer(edits.add_unit(made, 1))
    edited.restore(carried(made, trainer.state(), lambda p: edits.add_unit(p, 1), edited))
    for _ in range(7):
        one, other = plain.step(capture=True), edited.step(capture=True)
        assert one is not None and other is not None
        np.testing.assert_array_equal(one.rows, other.rows)


def test_the_same_edit_of_the_same_state_goes_on_bit_for_bit() -> None:
    made = project(Layer(4, "tanh"), Layer(4, part=Dropout(0.3)), Layer(3, "relu"))

    def change(p: Project) -> Project:
        return edits.add_unit(edits.remove_units(p, [(1, 1)]), 3)

    _, one, _ = after(made, change)
    _, other, _ = after(made, change)
    for _ in range(20):
        one.step()
        other.step()
    np.testing.assert_array_equal(one.network.theta, other.network.theta)


def test_everything_drawn_anew_is_a_run_from_the_start() -> None:
    made = project()

    def drawn(p: Project) -> Project:
        for k in (1, 2, 3):
            p = edits.with_initialisation(p, k, "he_normal")
        return p

    _, _, new = after(made, drawn)
    assert new.step == 0 and np.array_equal(new.theta, build.trainer(drawn(made)).network.theta)
    _, _, new = after(made, lambda p: replace(p, training=replace(p.training, seed=9)))
    assert new.step == 0
    _, _, new = after(made, lambda p: edits.with_initialisation(p, 2, "zeros"))
    assert new.step == 25, "one layer alone is drawn in mid-run"


def test_where_parameters_come_from_is_told_by_number() -> None:
    made = build.with_parameters(project(), trained(project()).network.theta)
    found = origins(made, lambda p: edits.remove_units(p, [(2, 0)]))
    was = trained(project(), 0).network.architecture
    assert len(found.theta) == was.parameters - (4 + 1) - 2
    assert (found.theta >= 0).all() and len(set(found.theta.tolist())) == len(found.theta)


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        (lambda p: edits.with_activation(p, 1, "relu"), True),
        (lambda p: edits.connect(p, [(2, 0, 1)], there=False), True),
        (lambda p: edits.with_kind(p, 2, "dropout"), False),
        (lambda p: edits.move_unit(p, 1, 0, 2), False),
        (lambda p: edits.add_unit(p, 2), False),
        (lambda p: edits.with_initialisation(p, 1, "zeros"), False),
        (lambda p: edits.remove_layers(p, [2]), False),
    ],
)
def test_of_arrays_that_are_handed_on_nobody_need_ask_where_they_come_from(
    change: Change, stays: bool
) -> None:
    made = build.with_parameters(
        project(Layer(4, "tanh"), Layer(4, "tanh")), trained(project(Layer(4), Layer(4))).network.theta
    )
    assert handed_on(made, change(made)) == stays
    if stays:
        found = origins(made, change)
        assert (found.theta == np.arange(len(found.theta))).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda p: edits.add_unit(p, 1),
        lambda p: edits.remove_units(p, [(1, 2)]),
        lambda p: edits.with_initialisation(p, 2, "zeros"),
        lambda p: edits.remove_layers(p, [2]),
        lambda p: edits.move_unit(p, 1, 0, 2),
        lambda p: edits.with_initialisation(edits.with_initialisation(p, 1, "zeros"), 2, "zeros"),
    ],
)
def test_where_nothing_is_remembered_nobody_asks_and_all_is_the_same(
    monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    made = project(optimizer="sgd")
    asked: list[Project] = []

    def told(before: Project, *others: object) -> Origins:
        asked.append(before)
        return origins(before, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(carry, "origins", told)
    _, _, quick = after(made, change)
    assert not asked
    monkeypatch.setattr(carry, "_shares", lambda *_: False)
    _, _, slow = after(made, change)
    assert asked and quick.step == slow.step == 25 and quick.optimizer == slow.optimizer == ()
    np.testing.assert_array_equal(quick.theta, slow.theta)
    np.testing.assert_array_equal(quick.statistics, slow.statistics)
    assert quick.watch.best_loss == slow.watch.best_loss and quick.begun == slow.begun


# An edit of which only the result is known


def test_of_a_result_alone_units_are_matched_from_the_first() -> None:
    made = project()
    first, *others = made.network.layers
    wider = replace(made, network=replace(made.network, layers=(replace(first, units=6), *others)))
    old, trainer, new = after(made, replacing(made, wider))
    for was, now in zip(arrays(trained(made, 0), old), arrays(trainer, new), strict=True):
        np.testing.assert_array_equal(now[0]["W"][:4], was[0]["W"])
        np.testing.assert_array_equal(now[1]["W"][:, :4], was[1]["W"])


def test_of_a_result_alone_layers_are_matched_from_both_ends() -> None:
    made = project()
    layers = made.network.layers
    longer = replace(made, network=replace(made.network, layers=(layers[0], Layer(5), *layers[1:])))
    old, trainer, new = after(made, replacing(made, longer))
    for was, now in zip(arrays(trained(made, 0), old), arrays(trainer, new), strict=True):
        np.testing.assert_array_equal(now[0]["W"], was[0]["W"])
        np.testing.assert_array_equal(now[3]["W"], was[2]["W"])


def test_of_a_result_alone_given_numbers_that_did_not_change_stay_as_learned() -> None:
    start = build.with_parameters(project(), trained(project(), 0).network.theta)
    first = start.network.layers[0]
    assert first.W is not None
    W = first.W.copy()
    W[1, 1] = 0.25
    network = replace(
        start.network, layers=(replace(first, W=W, activation="relu"), *start.network.layers[1:])
    )
    old, _, new = after(start, replacing(start, replace(start, network=network)))
    assert new.theta[old.theta != new.theta].tolist() == [0.25]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "adagrad"])
@pytest.mark.parametrize("top_k", [None, 0.4])
def test_a_connection_deleted_in_mid_run_stays_zero_and_comes_back_without_memory(
    optimizer: str, top_k: float | None
) -> None:
    """A velocity from before would move it on."""
    made = project(optimizer=optimizer)
    made = replace(made, training=replace(made.training, top_k=top_k))
    trainer = trained(made)
    state, project_now = trainer.state(), build.with_parameters(made, trainer.state().theta)
    there = project_now.network.layers[1].W
    assert there is not None and there[2, 1] != 0.0

    def change(p: Project) -> Project:
        return edits.connect(p, [(2, 2, 1)], False)

    fresh = build.trainer(change(made))
    fresh.restore(carried(made, state, change, fresh))
    for _ in range(12):
        fresh.step()
        assert fresh.network.W(2)[2, 1] == 0.0
    for memory in parts_of_memory(fresh):
        assert memory[1]["W"][2, 1] == 0.0
        assert memory[1]["W"].any(), "all else is remembered"


def parts_of_memory(trainer: Trainer) -> list[list[dict[str, np.ndarray]]]:
    """What the optimiser remembers, by layer and name."""
    return [parts(trainer, flat) for flat in trainer.state().optimizer]
