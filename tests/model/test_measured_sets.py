"""The examples on measured data learn what is in them; how well beside others, `make bench` measures."""

import pytest
from tests.benchmarks.accuracy import NAMES, TABLE

from deltaglow.engine import evaluate
from deltaglow.model import build, examples
from deltaglow.model.samples import prepared, split


@pytest.mark.parametrize(
    ("name", "least"), [("iris", 0.9), ("wine", 0.95), ("penguins", 0.97), ("digits", 0.95)]
)
def test_it_is_right_about_samples_it_has_not_seen(name: str, least: float) -> None:
    project = examples.load(name)
    trainer = build.trainer(project)
    training, held_out = split(project)
    for _ in range(30 * -(-len(training) // project.training.batch_size)):
        trainer.step()
    data = prepared(project).dataset
    assert evaluate(trainer.network, data.x[held_out], data.y[held_out]).accuracy >= least


def test_the_table_for_readers_has_each_of_them() -> None:
    text = TABLE.read_text("utf-8")
    assert all(f"| {examples.load(name).title} |" in text for name in NAMES)
