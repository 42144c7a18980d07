"""How long a meta-analysis of 60 studies takes, beside statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from statsmodels.stats.meta_analysis import combine_effects

from sibsim.evidence.meta import meta_analysis
from sibsim.evidence.studies import Studies

NUMBER = 60


def studies() -> Studies:
    """Return studies of a risk ratio whose places differ."""
    rng = np.random.default_rng(NUMBER)
    variance = rng.uniform(0.01, 0.2, NUMBER)
    return Studies(
        scale="risk_ratio",
        names=tuple(f"study {number}" for number in range(NUMBER)),
        estimate=rng.normal(0.0, np.sqrt(variance + 0.1)),
        variance=variance,
    )


@pytest.mark.benchmark(group="meta-analysis of 60 studies")
def test_meta_analysis(benchmark: BenchmarkFixture) -> None:
    """Restricted likelihood, Knapp-Hartung, profile of Q, next place; under 5 ms."""
    found = benchmark(meta_analysis, studies(), knapp_hartung=True)
    assert found.tau2_low < found.tau2 < found.tau2_high


@pytest.mark.benchmark(group="meta-analysis of 60 studies")
def test_statsmodels(benchmark: BenchmarkFixture) -> None:
    """Paule-Mandel and Knapp-Hartung, no interval of tau^2 and no next place; the same mean."""
    given = studies()
    theirs = benchmark(
        lambda: combine_effects(given.estimate, given.variance, method_re="iterated", use_t=True)
    )
    ours = meta_analysis(given, method="pm", knapp_hartung=True)
    assert ours.estimate == pytest.approx(theirs.mean_effect_re, abs=1e-8)
