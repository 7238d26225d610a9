"""Every kind of layer at once, under Adam with penalties, clipping, gathering, decay and noise: gradients
against central differences, updates against the textbook's formulas, step after step.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.engine.mixtures import Run, captured, runs

from deltaglow.engine import Clip, Frame, NonFinite, Penalties, UpdateRule
from deltaglow.engine.gradcheck import check_gradients
from deltaglow.engine.ops import Array
from deltaglow.engine.penalties import on_weights

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
RULES = st.builds(
    UpdateRule,
    penalties=st.builds(Penalties, st.sampled_from((0.0, 0.003)), st.sampled_from((0.0, 0.02))),
    weight_decay=st.sampled_from((None, 0.1)),
    clip=st.sampled_from((Clip("norm", 0.2), Clip("value", 0.01), Clip("norm", 1e6))),
    accumulate=st.sampled_from((1, 2)),
)


class Adam:
    """Kingma and Ba 2015, algorithm 1, with what this project does before and after it."""

    def __init__(self, rule: UpdateRule, frame: Frame) -> None:
        self.rule, self.m, self.v, self.t = rule, 0.0, 0.0, 0
        self.gathered: list[Array] = []
        self.decay = on_weights(rule.weight_decay or 0.0, frame.architecture)

    def moved(self, frame: Frame) -> Array:
        """Where the parameters of a frame go."""
        self.gathered.append(frame.gradient)
        if len(self.gathered) < self.rule.accumulate:
            return frame.theta
        g, self.gathered = np.mean(self.gathered, axis=0), []
        clip = self.rule.clip
        assert clip is not None
        if clip.kind == "norm":
            g = g * min(1.0, clip.limit / (float(np.linalg.norm(g)) + 1e-6))
        else:
            g = np.clip(g, -clip.limit, clip.limit)
        self.t += 1
        self.m = BETA_1 * self.m + (1 - BETA_1) * g
        self.v = BETA_2 * self.v + (1 - BETA_2) * g * g
        m_hat, v_hat = self.m / (1 - BETA_1**self.t), self.v / (1 - BETA_2**self.t)
        rate = frame.learning_rate
        moved: Array = (
            frame.theta - rate * m_hat / (np.sqrt(v_hat) + EPSILON) - rate * self.decay * frame.theta
        )
        return moved


@settings(max_examples=60)
@given(run=runs(), rule=RULES, steps=st.integers(1, 5))
def test_gradients_and_updates_of_any_mixture_are_the_textbooks(
    run: Run, rule: UpdateRule, steps: int
) -> None:
    trainer = replace(run, optimizer="adam", rule=rule).trainer()
    adam = Adam(rule, trainer.preview())
    for _ in range(steps):
        try:
            frame = captured(trainer)
        except NonFinite:
            assume(False)
        np.testing.assert_allclose(frame.theta_after, adam.moved(frame), rtol=1e-9, atol=1e-12)
    stride = 1 + len(frame.theta) // 40
    wrong = [found for found in check_gradients(frame, stride) if not found.ok]
    assert not wrong
