"""The standard case of the benchmarks, simulated a second time by a plain loop over draws.

The loop shares nothing with the package but the costs, the indices and the person-time weights:
counts, estimates, bands, limits, tranches, returns and nets are computed anew, number by number.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.plain_loop import run
from tests.benchmarks.standard_case import standard_case

ERRORS = 5
"""Monte Carlo standard errors within which two means must agree."""

LOOP_DRAWS, DRAWS = 1_000, 20_480

ROUNDING = 1e-9
"""Relative difference of a number that is the same in every draw, summed in another order."""


@pytest.mark.slow
def test_every_metric_has_the_mean_it_has_in_a_plain_loop(seed: int) -> None:
    """The same metrics, undefined as often, with the same means."""
    loop = run(standard_case(), draws=LOOP_DRAWS, seed=seed)
    results = standard_case().simulate(draws=DRAWS, rng=seed, keep="metrics", progress=False)
    assert loop.keys() == results.metrics.keys()
    for name, ours in results.metrics.items():
        theirs = np.array(loop[name])
        for one, other in ((ours, theirs), (np.isnan(ours) * 1.0, np.isnan(theirs) * 1.0)):
            error = np.sqrt(np.nanvar(one) / one.size + np.nanvar(other) / other.size)
            allowed = ERRORS * error + ROUNDING * np.abs(np.nanmean(one))
            assert abs(np.nanmean(one) - np.nanmean(other)) <= allowed, name
