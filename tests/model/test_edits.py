"""Edits of the structure: what was learned stays, what is new is drawn by its layer's rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaglow.model import build, carry, edits, examples, freezing, structure
from deltaglow.model.arranging import untangling
from deltaglow.model.project import BuiltinData, Layer, NetworkSpec, Optimizer, Project, Training
from deltaglow.model.validate import validate


def project(*units: int, seed: int = 0) -> Project:
    """2 inputs, these hidden layers, 2 outputs, and every parameter given: as if trained."""
    layers = (*(Layer(n, "tanh") for n in units), Layer(2))
    return edits.given(
        Project(NetworkSpec(2, layers), BuiltinData("xor", 8, 0.1), Training(Optimizer(), 4, seed=seed))
    )


def W(made: Project, k: int) -> np.ndarray:
    found = made.network.layers[k - 1].W
    assert found is not None
    return found


def b(made: Project, k: int) -> np.ndarray:
    found = made.network.layers[k - 1].b
    assert found is not None
    return found


def logits(made: Project) -> np.ndarray:
    frame = build.trainer(made).preview()
    return frame.layers[-1].z


def test_a_new_unit_leaves_every_other_weight_alone() -> None:
    before = project(3, 4)
    after = edits.add_unit(before, 1)
    validate(after)
    assert after.network.sizes == (2, 4, 4, 2)
    assert (W(after, 1)[:3] == W(before, 1)).all() and (W(after, 2)[:, :3] == W(before, 2)).all()
    assert W(after, 3) is W(before, 3)
    assert W(after, 1)[3].all() and W(after, 2)[:, 3].all(), "drawn, not zero"
    assert after == edits.add_unit(before, 1), "the same edit gives the same"
    assert (b(after, 1) == [*b(before, 1), 0.0]).all()


def test_a_new_unit_goes_where_it_is_wanted() -> None:
    before = project(3)
    after = edits.add_unit(before, 1, at=1)
    assert (W(after, 1)[[0, 2, 3]] == W(before, 1)).all()
    assert (W(after, 2)[:, [0, 2, 3]] == W(before, 2)).all()


def test_new_weights_follow_the_rule_of_their_layer() -> None:
    before = project(200, 3)
    first = replace(before.network.layers[0], init="constant", constant=0.25)
    second = replace(before.network.layers[1], init="small_normal")
    spec = replace(before.network, layers=(first, second, before.network.layers[2]))
    after = edits.with_units(replace(before, network=spec), 1, 400)
    assert (W(after, 1)[200:] == 0.25).all()
    assert 0.008 < W(after, 2)[:, 200:].std() < 0.012


def test_units_that_go_take_their_connections_with_them() -> None:
    before = project(4)
    after = edits.remove_units(before, [(1, 0), (1, 2)])
    assert (W(after, 1) == W(before, 1)[[1, 3]]).all() and (W(after, 2) == W(before, 2)[:, [1, 3]]).all()


def test_moving_a_unit_leaves_the_function_as_it_was() -> None:
    before = project(4, 3)
    after = edits.move_unit(before, 1, 0, 2)
    assert (W(after, 1)[2] == W(before, 1)[0]).all()
    assert np.allclose(logits(after), logits(before), atol=1e-14)
    assert edits.move_unit(after, 1, 2, 0) == before


def test_a_copied_unit_has_the_same_connections_in_and_out() -> None:
    before = project(3)
    after = edits.duplicate_units(before, [(1, 1)])
    assert (W(after, 1)[2] == W(before, 1)[1]).all() and (W(after, 2)[:, 2] == W(before, 2)[:, 1]).all()
    assert b(after, 1)[2] == b(before, 1)[1]


def test_a_layer_between_two_others_cuts_their_connections_and_no_more() -> None:
    before = project(3, 4)
    after = edits.add_layer(before, 2)
    assert after.network.sizes == (2, 3, 3, 4, 2)
    assert W(after, 1) is W(before, 1) and W(after, 4) is W(before, 3)
    assert after.network.layers[2].W is None, "nothing of it is left"
    assert b(after, 3) is not None
    back = edits.remove_layers(after, [2])
    assert W(back, 1) is W(before, 1) and W(back, 3) is W(before, 3)


@pytest.mark.parametrize("kind", ["batch_norm", "dropout"])
def test_a_layer_wired_one_to_one_cuts_nothing(kind: str) -> None:
    before = project(3, 4)
    after = edits.add_layer(before, 2, kind)
    validate(after)
    assert W(after, 3) is W(before, 2)
    assert edits.remove_layers(after, [2]) == before


def test_what_batch_normalisation_knows_of_a_unit_stays_with_it() -> None:
    before = edits.given(edits.add_layer(project(3), 2, "batch_norm"))
    part = replace(before.network.layers[1].part, gamma=np.array([1.0, 2.0, 3.0]))
    before = edits.with_part(before, 2, part)
    after = edits.add_unit(edits.remove_units(before, [(1, 1)]), 1)
    assert after.network.layers[1].part.gamma.tolist() == [1.0, 3.0, 1.0]
    assert after.network.layers[1].part.running_var.tolist() == [1.0, 1.0, 1.0]


def test_a_moved_layer_keeps_its_size_and_its_biases() -> None:
    before = project(3, 5)
    after = edits.move_layer(before, 2, 1)
    validate(after)
    assert after.network.sizes == (2, 5, 3, 2)
    assert (b(after, 1) == b(before, 2)).all()


def test_a_copied_layer_keeps_its_weights_where_they_fit() -> None:
    before = project(3, 3)
    after = edits.duplicate_layer(before, 2)
    validate(after)
    assert (W(after, 3) == W(before, 2)).all()
    assert edits.duplicate_layer(before, 1).network.layers[1].W is None


def test_a_connection_that_comes_back_has_the_weight_it_had() -> None:
    before = project(3)
    gone = edits.connect(before, [(1, 0, 1)], there=False)
    assert gone.network.layers[0].mask.tolist() == [[True, False], [True, True], [True, True]]
    assert edits.connect(gone, [(1, 0, 1)], there=True) == before
    trained = build.with_parameters(gone, build.trainer(gone).network.theta)
    back = edits.connect(trained, [(1, 0, 1)], there=True)
    assert W(back, 1)[0, 1] != 0.0 and back.network.layers[0].mask is None


def test_deleted_connections_and_names_follow_their_units() -> None:
    before = edits.connect(examples.load("worked-example"), [(1, 0, 2)], there=False)
    after = edits.move_unit(before, 1, 0, 1)
    assert after.network.layers[0].mask.tolist() == [[True, True, True], [True, True, False]]
    assert after.network.layers[0].names_W == (("w4", "w5", "w6"), ("w1", "w2", "w3"))
    assert after.network.layers[1].names_W == (("w9", "w7"), ("w10", "w8"))
    validate(edits.duplicate_units(before, [(1, 0)]))


def test_skips_follow_their_source() -> None:
    before = examples.load("residual")
    after = edits.add_layer(before, 1)
    assert after.network.layers[4].skip.source == before.network.layers[3].skip.source + 1
    validate(after)
    copied = edits.duplicate_layer(after, 5)
    validate(copied)


def test_numbers_set_by_hand_are_given_with_all_the_others_as_they_are_drawn() -> None:
    drawn = replace(project(3), network=NetworkSpec(2, (Layer(3, "tanh"), Layer(2))))
    first = build.trainer(drawn).network
    after = edits.set_bias(edits.set_weights(drawn, [((1, 2, 0), 7.0), ((2, 0, 0), -1.0)]), 1, 1, 0.5)
    expected = first.W(1).copy()
    expected[2, 0] = 7.0
    assert (W(after, 1) == expected).all() and W(after, 2)[0, 0] == -1.0
    assert b(after, 1).tolist() == [0.0, 0.5, 0.0]


def test_names_are_given_and_taken() -> None:
    before = project(2)
    named = edits.rename_bias(edits.rename_weight(before, (1, 0, 1), "v"), 2, 0, "β")
    assert named.network.layers[0].names_W == (("", "v"), ("", ""))
    assert named.network.layers[1].names_b == ("β", "")
    assert edits.rename_bias(edits.rename_weight(named, (1, 0, 1), ""), 2, 0, "") == before
    twice = "is called already"
    assert twice in edits.refusal(named, lambda p: edits.rename_weight(p, (2, 0, 0), "v"))
    assert not edits.refusal(named, lambda p: edits.rename_weight(p, (2, 0, 0), "v2"))


@pytest.mark.parametrize("kind", ["residual", "batch_norm", "dropout", "conv1d"])
def test_a_layer_becomes_another_kind_and_dense_again(kind: str) -> None:
    before = project(4, 4)
    after = edits.with_kind(before, 2, kind)
    validate(after)
    assert after.network.layers[1].type == ("dense" if kind == "residual" else kind)
    if kind == "residual":
        assert W(after, 2) is W(before, 2) and after.network.layers[1].skip.source == 1
    dense = edits.with_kind(after, 2, "dense")
    validate(dense)
    assert dense.network.layers[1].skip is None and dense.network.layers[1].part is None
    assert W(dense, 1) is W(before, 1)


def test_drawing_one_layer_anew_leaves_the_others() -> None:
    before = project(3, 4)
    after = edits.with_initialisation(before, 2, "he_normal")
    assert after.network.layers[1].W is None and after.network.layers[1].init == "he_normal"
    assert W(after, 1) is W(before, 1) and W(after, 3) is W(before, 3)


def test_what_an_optimiser_keeps_can_follow_its_parameters() -> None:
    before = edits.add_layer(project(3), 2, "batch_norm")
    count = build.trainer(before).network.theta.size
    found = carry.origins(before, lambda p: edits.add_unit(p, 1, at=1))
    momentum = np.arange(count) + 1.0
    moved = np.where(found.theta >= 0, momentum[found.theta], 0.0)
    after = build.with_parameters(edits.add_unit(before, 1, at=1), moved)
    old = build.with_parameters(before, momentum)
    assert (W(after, 1)[[0, 2, 3]] == W(old, 1)).all() and (W(after, 1)[1] == 0).all()
    assert (W(after, 3)[:, [0, 2, 3]] == W(old, 3)).all()
    assert after.network.layers[1].part.gamma[1] == 0.0
    assert found.statistics.tolist() == [0, -1, 1, 2, 3, -1, 4, 5]


def test_units_are_pasted_with_the_weights_that_fit() -> None:
    source, before = project(3, 4, seed=1), project(3, 2)
    after = edits.paste_units(before, 1, 1, source, [(1, 2)])
    validate(after)
    assert (W(after, 1)[[0, 2, 3]] == W(before, 1)).all() and (W(after, 1)[1] == W(source, 1)[2]).all()
    assert W(after, 2)[:, 1].all(), "the next column has another width: drawn"
    same = edits.paste_units(before, 1, 3, before, [(1, 0)])
    assert (W(same, 2)[:, 3] == W(before, 2)[:, 0]).all()


def test_untangling_puts_units_where_their_strongest_input_is() -> None:
    before = edits.set_weights(
        project(2), [((1, 0, 0), 0.0), ((1, 0, 1), 2.0), ((1, 1, 0), -2.0), ((1, 1, 1), 0.0)]
    )
    after = untangling(before)(before)
    assert (W(after, 1) == W(before, 1)[::-1]).all()
    assert np.allclose(logits(after), logits(before), atol=1e-14)
    assert untangling(after)(after) == after


KINDS = ["dense", "residual", "batch_norm", "dropout", "conv1d"]


@given(data=st.data())
def test_any_edits_in_any_order_give_a_network_that_runs(data: st.DataObject) -> None:
    made = project(3, 2)
    for _ in range(data.draw(st.integers(1, 8))):
        depth = len(made.network.layers)
        k = data.draw(st.integers(1, depth))
        units = made.network.layers[k - 1].units
        unit = data.draw(st.integers(0, units - 1))
        to = data.draw(st.integers(1, depth - 1)) if depth > 1 else 1
        kind = data.draw(st.sampled_from(KINDS))
        connection = (k, unit, data.draw(st.integers(0, made.network.sizes[k - 1] - 1)))
        there, low = data.draw(st.booleans()), min(k, max(depth - 1, 1))
        changes: list[edits.Change] = [
            lambda p, to=k, kind=kind: edits.add_layer(p, to, kind),
            lambda p, k=k: edits.remove_layers(p, [k]),
            lambda p, k=low, to=to: edits.move_layer(p, k, to),
            lambda p, k=k: edits.duplicate_layer(p, k),
            lambda p, k=k, kind=kind: edits.with_kind(p, k, kind),
            lambda p, k=k: edits.add_unit(p, k),
            lambda p, k=k, unit=unit: edits.remove_units(p, [(k, unit)]),
            lambda p, k=k, unit=unit: edits.move_unit(p, k, unit, 0),
            lambda p, k=k, unit=unit: edits.duplicate_units(p, [(k, unit)]),
            lambda p, c=connection, there=there: edits.connect(p, [c], there),
            lambda p, c=connection: edits.set_weights(p, [(c, 0.5)]),
        ]
        change = data.draw(st.sampled_from(changes))
        if edits.refusal(made, change):
            continue  # a layer that is not dense, the last unit, a kernel that does not fit
        made = change(made)
        trainer = build.trainer(made)
        trainer.step()
        theta = build.network(edits.given(made), np.random.default_rng(0)).theta
        assert np.array_equal(theta, build.trainer(made).network.theta), "given is what would be drawn"


def test_what_the_training_does_not_go_with_is_refused_too() -> None:
    spirals = examples.load("spirals")
    sparse = replace(spirals, training=replace(spirals.training, sparse_inputs=True))
    assert "a layer is frozen" in edits.refusal(sparse, freezing.freeze_biases([(1, 0)]))
    assert "the first layer is dropout" in edits.refusal(sparse, lambda p: edits.add_layer(p, 1, "dropout"))
    assert not edits.refusal(sparse, lambda p: edits.add_unit(p, 1))


def test_the_new_weights_of_one_edit_are_drawn_once_and_nobody_shares_them() -> None:
    layer = Layer(6, "tanh", "xavier_normal")
    structure._drawn.cache_clear()
    first = structure.drawn(3, layer, 2, 5)
    before = first.copy()
    first[:] = 0.0
    assert (structure.drawn(3, layer, 2, 5) == before).all() and structure._drawn.cache_info().misses == 1
    assert not (structure.drawn(4, layer, 2, 5) == before).any()
    assert structure.drawn(3, layer, 2, structure.REMEMBERED).shape == (6, structure.REMEMBERED)
    assert structure._drawn.cache_info().misses == 2


def test_a_residual_layer_put_before_its_source_goes_around_itself() -> None:
    made = edits.add_layer(examples.load("spirals"), 3, "residual")
    after = edits.insert_layer(made, 1, made.network.layers[2])
    skip = after.network.layers[0].skip
    assert skip is not None and skip.source == 0 and not edits.refusal(made, lambda _: after)
