"""Every model of numpyro is calibrated: truths rank anywhere among the draws of their posterior."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.evidence.assumptions import Assumptions
from sibsim.evidence.heterogeneity_priors import (
    HalfCauchy,
    HalfNormal,
    HeterogeneityPrior,
    LogNormalVariance,
    UniformDeviation,
)
from sibsim.evidence.models import binomial_model, normal_model
from sibsim.evidence.quadrature import hierarchical_normal
from sibsim.evidence.studies import Studies
from tests.calibration import LEVEL, p_of_uniform, replicated

REPLICATIONS = 240
"""Times that studies are drawn: 24 to a bin of ranks."""

PLAIN: FloatArray = np.zeros((6, 0))
"""Six studies without terms."""

TERMS: FloatArray = np.array([(0, 0.5), (0, -1), (1, 0.2), (1, -0.4), (0, 1), (1, 0)])
"""Six studies with a word and a number."""

ERRORS: Mapping[str, FloatArray] = {"standard_error": np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.2])}

PEOPLE: Mapping[str, FloatArray] = {
    "people": np.array([30.0, 60, 120, 40, 20, 80]),
    "comparison_people": np.array([30.0, 50, 100, 40, 25, 90]),
}

PLACES, NUMBER = 2_000, 5
"""Next places asked about, and studies that each is predicted from."""

NORMAL = (normal_model, ERRORS, ("estimate",))
BINOMIAL = (binomial_model, PEOPLE, ("events", "comparison_events"))


def assumed(tau: HeterogeneityPrior, *, columns: FloatArray) -> Assumptions:
    """Return priors under which studies of this size say something and not everything."""
    return Assumptions(
        mu=(-0.2, 0.8),
        tau=tau,
        coefficients=((0.3, 0.5), (0.0, 0.4))[: columns.shape[1]],
        baseline=(-0.5, 1.0),
    )


@pytest.mark.slow
@pytest.mark.parametrize("columns", [PLAIN, TERMS], ids=["plain", "regression"])
@pytest.mark.parametrize("model", [NORMAL, BINOMIAL], ids=["normal", "binomial"])
def test_truths_rank_anywhere(
    model: tuple[Callable[..., None], Mapping[str, Any], tuple[str, ...]],
    columns: FloatArray,
    seed: int,
) -> None:
    """In 240 replications the rank of every quantity is uniform."""
    function, fixed, seen = model
    ranks = replicated(
        function,
        columns,
        fixed={"assumptions": assumed(HalfNormal(0.5), columns=columns), **fixed},
        seen=seen,
        replications=REPLICATIONS,
        seed=seed,
    )
    assert len(ranks) == 4 + columns.shape[1]
    assert {name: p for name, each in ranks.items() if (p := p_of_uniform(each)) < LEVEL} == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "tau",
    [HalfCauchy(0.3), LogNormalVariance(log_mean=-2.56, log_sd=1.74), UniformDeviation(1.0)],
    ids=["half-Cauchy", "log-normal", "uniform"],
)
def test_truths_rank_anywhere_under_every_prior_of_tau(tau: HeterogeneityPrior, seed: int) -> None:
    """The other priors of tau are drawn from as they are stated, and met again by the sampler."""
    ranks = replicated(
        normal_model,
        PLAIN,
        fixed={"assumptions": assumed(tau, columns=PLAIN), **ERRORS},
        seen=("estimate",),
        replications=REPLICATIONS,
        seed=seed,
    )
    assert {name: p for name, each in ranks.items() if (p := p_of_uniform(each)) < LEVEL} == {}


@pytest.mark.slow
def test_the_next_place_lies_where_its_interval_says(seed: int) -> None:
    """Of 2,000 next places, 87 to 93 % lie in their 90 % interval: 2,000 are known to 0.7 %."""
    mu, tau = (-0.2, 0.8), HalfNormal(0.5)
    generator = np.random.default_rng(seed)
    inside = 0
    for _ in range(PLACES):
        mean, spread = generator.normal(*mu), abs(generator.normal(0.0, tau.scale))
        effects = generator.normal(mean, spread, NUMBER + 1)
        variance = generator.uniform(0.01, 0.3, NUMBER)
        studies = Studies(
            scale="odds_ratio",
            names=tuple("abcde"),
            estimate=effects[1:] + np.sqrt(variance) * generator.normal(size=NUMBER),
            variance=variance,
        )
        found = hierarchical_normal(studies, mu=mu, tau=tau)
        inside += 0.05 < float(found.next_site.cdf(effects[0])) < 0.95
    assert 0.87 < inside / PLACES < 0.93
