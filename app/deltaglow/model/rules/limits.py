"""Limits that are not of one value but of many together."""

from __future__ import annotations

MAX_PARAMETERS = 10_000_000
"""Weights and biases in one network; 80 MB in float64, and training needs a few times that."""

MAX_DATA_NUMBERS = 10_000_000
"""Features and targets of all samples together."""

MAX_WORKSPACE = 20_000_000
"""Rows of a batch times units of the whole network: what one step has to remember of each kind."""

RULES_SUM_TOLERANCE = 1e-9
"""How far from 1 the targets of one sample may sum."""
