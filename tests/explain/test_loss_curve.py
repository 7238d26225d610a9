"""δ is the slope of what an output costs over its own number."""

from __future__ import annotations

import numpy as np
import pytest

from deltaglow.explain.loss_curve import loss_curve
from deltaglow.model import build, examples


@pytest.mark.parametrize("name", ["regression", "gates"])
def test_the_slope_of_the_curve_is_what_goes_back(name: str) -> None:
    trainer = build.trainer(examples.load(name))
    trainer.step()
    frame = trainer.preview()
    for k in range(frame.y.shape[1]):
        found = loss_curve(frame, 1, k)
        assert np.interp(found.at, found.v, found.cost) == pytest.approx(found.here, rel=0.02, abs=1e-3)
        slopes = np.gradient(found.cost, found.v)
        assert np.interp(found.at, found.v, slopes) == pytest.approx(found.slope, rel=0.02, abs=1e-3)


def test_after_a_softmax_there_is_no_such_curve() -> None:
    trainer = build.trainer(examples.load("iris"))
    trainer.step()
    with pytest.raises(ValueError, match="softmax"):
        loss_curve(trainer.preview(), 0, 0)
