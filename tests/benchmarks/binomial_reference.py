"""The yardstick: what NumPy's own binomial needs for the counts of the standard case.

Four cohorts x three outcomes x three follow-ups x two arms are 72 counts per draw, each with the
probability that its draw has. Only the counts are drawn: no dependence between follow-ups, no
uncertainty, no money.
"""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.streams import BLOCK_DRAWS
from tests.benchmarks.standard_case import COHORT_PEOPLE, FOLLOW_UP_MONTHS, standard_case

SEED = 1


def probabilities() -> list[tuple[int, FloatArray]]:
    """Return people and probability, (D,), of each of the 72 counts, as one block has them."""
    results = standard_case().simulate(draws=BLOCK_DRAWS, rng=SEED, keep="world", progress=False)
    assert results.worlds is not None
    (world,) = results.worlds
    return [
        (people, np.ascontiguousarray(arm[cohort, k]))
        for path in world.paths.values()
        for cohort, people in enumerate(COHORT_PEOPLE)
        for k in range(len(FOLLOW_UP_MONTHS))
        for arm in (path.expected, path.counterfactual)
    ]


def draw_counts(counts: list[tuple[int, FloatArray]], *, rng: np.random.Generator) -> float:
    """Draw every count of a block and return their total, so that nothing is left out."""
    return float(sum(rng.binomial(people, p).sum() for people, p in counts))
