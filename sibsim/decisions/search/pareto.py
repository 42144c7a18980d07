"""Which of several choices no other one beats: the Pareto set.

One choice dominates another if it is at least as good in every respect and better in one (Pareto
1906, "Manuale di economia politica"). What none dominates is a trade-off: more of one respect costs
another.
"""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, IntArray


def dominating(costs: FloatArray, *, row: int) -> BoolArray:
    """Return which choices dominate one of them, (N,); a respect that is NaN compares with nothing.

    Parameters
    ----------
    costs
        How bad each choice is in each respect, (N, K); less is better.
    row
        Position of the choice.
    """
    found: BoolArray = (costs <= costs[row]).all(axis=1) & (costs < costs[row]).any(axis=1)
    return found


def non_dominated(costs: FloatArray) -> IntArray:
    """Return the positions of the choices that none dominates, those with NaN left out, rising.

    Every choice is compared with every other one: N^2 K comparisons.

    Parameters
    ----------
    costs
        As in `dominating`.
    """
    whole = np.flatnonzero(~np.isnan(costs).any(axis=1))
    kept = costs[whole]
    free = [not dominating(kept, row=row).any() for row in range(len(kept))]
    return whole[np.array(free, dtype=np.bool_)]
