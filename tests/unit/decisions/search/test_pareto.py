"""What no other choice beats, against a plain double loop."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.decisions.search.pareto import dominating, non_dominated


def by_double_loop(costs: FloatArray) -> list[int]:
    """Return what no other row dominates, one pair and one respect after the other."""
    found = []
    for i, one in enumerate(costs):
        beaten = False
        for other in costs:
            no_worse = better = True
            better = False
            for a, b in zip(other, one, strict=True):
                no_worse = no_worse and bool(a <= b)
                better = better or bool(a < b)
            beaten = beaten or (no_worse and better)
        if not beaten and not np.isnan(one).any():
            found.append(i)
    return found


@pytest.mark.parametrize("respects", [1, 2, 3, 4])
def test_non_dominated_is_that_of_a_double_loop(respects: int, seed: int) -> None:
    """On coarse random costs, which tie often, the same rows are left."""
    costs = np.random.default_rng(seed).integers(0, 12, size=(150, respects)).astype(np.float64)
    costs[::17, 0] = np.nan
    assert non_dominated(costs).tolist() == by_double_loop(costs)


def test_by_hand() -> None:
    """Two trade-offs, one beaten by both, one equal to the first, one undefined."""
    costs = np.array([[1.0, 4.0], [3.0, 2.0], [3.0, 4.0], [1.0, 4.0], [np.nan, 0.0]])
    assert non_dominated(costs).tolist() == [0, 1, 3]
    assert dominating(costs, row=2).tolist() == [True, True, False, True, False]
    assert not dominating(costs, row=4).any()


def test_nothing_defined_leaves_nothing() -> None:
    """Where no choice can be compared there is no trade-off."""
    assert non_dominated(np.full((3, 2), np.nan)).tolist() == []
