"""The sampler against exact posteriors: integrals over tau, and over a grid for counts."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.special import logsumexp

from sibsim.core.arrays import FloatArray
from sibsim.errors import SamplingError
from sibsim.evidence.assumptions import Assumptions, MeanAndSd
from sibsim.evidence.bayes import posterior
from sibsim.evidence.diagnostics import diagnose
from sibsim.evidence.heterogeneity_priors import (
    HalfCauchy,
    HalfNormal,
    HeterogeneityPrior,
    LogNormalVariance,
    UniformDeviation,
)
from sibsim.evidence.posteriors import Posterior
from sibsim.evidence.studies import Counts, Studies
from sibsim.evidence.terms import Term
from tests.bcg import bcg

pytestmark = pytest.mark.slow

REACH = 4.0
"""Monte Carlo standard errors that a mean of draws may lie from the exact one."""

SCHOOLS = Studies(
    scale="mean_difference",
    names=tuple("ABCDEFGH"),
    estimate=np.array([28.0, 8, -3, 7, -1, 1, 18, 12]),
    variance=np.array([15.0, 10, 16, 11, 9, 11, 10, 18]) ** 2,
)
"""Coaching for a test in eight schools: Rubin 1981, Estimation in parallel randomized experiments,
Journal of Educational Statistics 6(4)."""


def assert_mean(found: Posterior, draws: FloatArray, *, exact: float) -> None:
    """Assert that the mean of draws lies within 4 Monte Carlo standard errors of the exact one."""
    by_chain = draws.reshape(found.chains, -1)
    (known,) = diagnose({"asked": by_chain})
    assert abs(draws.mean() - exact) < REACH * known.mcse


def assert_moments(found: Posterior, draws: FloatArray, *, mean: float, sd: float) -> None:
    """Assert mean and variance within 4 Monte Carlo standard errors each."""
    assert_mean(found, draws, exact=mean)
    assert_mean(found, (draws - mean) ** 2, exact=sd**2)


def test_eight_schools(seed: int) -> None:
    """Exact by integration over tau: mean 4.39682 (3.31770), tau 3.59771 (3.21996), schools."""
    found = posterior(SCHOOLS, mu=(0.0, 5.0), tau=HalfCauchy(5.0), seed=seed)
    assert_moments(found, found.mu, mean=4.39682, sd=3.31770)
    assert_moments(found, found.tau, mean=3.59771, sd=3.21996)
    shrunken = (6.2119, 4.9402, 3.9270, 4.7571, 3.6155, 4.0426, 6.2967, 4.8543)
    for school, exact in zip(found.effects.T, shrunken, strict=True):
        assert_mean(found, school, exact=exact)
    assert_mean(found, (found.mu > 0).astype(float), exact=0.90759)
    assert_mean(found, (found.next_site() > 0).astype(float), exact=0.82832)


def test_bcg(seed: int) -> None:
    """Exact by integration over tau: mean -0.705624 (0.186069), tau 0.571351 (0.142849)."""
    found = posterior(bcg(), mu=(0.0, 2.0), tau=HalfNormal(0.5), seed=seed)
    assert_moments(found, found.mu, mean=-0.705624, sd=0.186069)
    assert_moments(found, found.tau, mean=0.571351, sd=0.142849)
    assert_mean(found, (found.next_site() > 0).astype(float), exact=0.115580)


def test_meta_regression(seed: int) -> None:
    """With latitude and a word: exact at every tau, summed over tau."""
    far = tuple("far" if each > 40 else "near" for each in bcg().moderators["latitude"])  # type: ignore[operator] # latitudes are numbers
    studies = replace(bcg(), moderators={**bcg().moderators, "place": far})
    terms = [
        Term(moderator="latitude", prior=(0.0, 0.05), reference=33.0),
        Term(moderator="place", prior={"far": (-0.2, 0.3)}, reference="near"),
    ]
    tau = LogNormalVariance(log_mean=-2.56, log_sd=1.74)
    found = posterior(studies, mu=(0.0, 2.0), tau=tau, terms=terms, seed=seed)
    latitude = np.array(studies.moderators["latitude"], dtype=np.float64)
    columns = np.column_stack([np.ones(13), latitude - 33.0, np.array(far) == "far"])
    means, sds, tau_mean = regression_by_sum(
        studies, columns, priors=[(0.0, 2.0), (0.0, 0.05), (-0.2, 0.3)], tau=tau
    )
    drawn = [found.mu, *found.coefficients.values()]
    for draws, mean, sd in zip(drawn, means, sds, strict=True):
        assert_moments(found, draws, mean=mean, sd=sd)
    assert_mean(found, found.tau, exact=tau_mean)
    there: dict[str, float | str] = {"latitude": 55.0, "place": "far"}
    assert_mean(found, found.mean(there), exact=float(means @ [1.0, 22.0, 1.0]))
    assert list(found.coefficients) == ["latitude", "place: far"]


def regression_by_sum(
    studies: Studies,
    columns: FloatArray,
    *,
    priors: list[MeanAndSd],
    tau: HeterogeneityPrior,
) -> tuple[FloatArray, FloatArray, float]:
    """Return mean and sd of the coefficients and the mean of tau, by a sum over ln tau."""
    before, spread = (np.array(each) for each in zip(*priors, strict=True))
    # e^-9 to e^3: what lies outside has a weight below 1e-6 here.
    log_tau = np.linspace(-9.0, 3.0, 1_201)
    weights, firsts, seconds = [], [], []
    for t in np.exp(log_tau):
        precision = columns.T / (studies.variance + t**2)
        covariance = np.linalg.inv(precision @ columns + np.diag(spread**-2.0))
        mean = covariance @ (precision @ studies.estimate + before / spread**2)
        total = np.diag(studies.variance + t**2) + (columns * spread**2) @ columns.T
        misfit = studies.estimate - columns @ before
        _, log_determinant = np.linalg.slogdet(total)
        fit = -0.5 * (log_determinant + misfit @ np.linalg.solve(total, misfit))
        weights.append(fit + float(tau.log_density(np.array(t))) + np.log(t))
        firsts.append(mean)
        seconds.append(np.diag(covariance) + mean**2)
    weight = np.exp(np.array(weights) - max(weights))
    weight /= weight.sum()
    means = weight @ np.array(firsts)
    sds = np.sqrt(weight @ np.array(seconds) - means**2)
    return means, sds, float(weight @ np.exp(log_tau))


FEW = Studies(
    scale="odds_ratio",
    names=("none", "some", "most"),
    estimate=np.zeros(3),
    variance=np.ones(3),
    counts=Counts(
        events=np.array([3.0, 14.0, 18.0]),
        people=np.array([10.0, 40.0, 20.0]),
        comparison_events=np.array([0.0, 8.0, 15.0]),
        comparison_people=np.array([12.0, 38.0, 22.0]),
    ),
)
"""Three small studies, in one nobody in the comparison group."""


def test_counts_with_a_zero(seed: int) -> None:
    """The binomial model, a study without events included, equals an integral over a grid."""
    mu: MeanAndSd = (0.0, 1.5)
    baseline: MeanAndSd = (-0.5, 1.5)
    found = posterior(
        FEW, model="binomial", mu=mu, tau=HalfNormal(0.5), baseline=baseline, seed=seed
    )
    exact = counts_by_grid(FEW, mu=mu, baseline=baseline, tau=HalfNormal(0.5))
    assert_mean(found, found.mu, exact=exact[0])
    assert_mean(found, (found.mu - exact[0]) ** 2, exact=exact[1])
    assert_mean(found, found.tau, exact=exact[2])
    assert found.scale == "odds_ratio"


def counts_by_grid(
    studies: Studies, *, mu: MeanAndSd, baseline: MeanAndSd, tau: HeterogeneityPrior
) -> tuple[float, float, float]:
    """Return mean and variance of mu and the mean of tau, by sums over mu, tau, z and a.

    The likelihood of theta is summed over a, kept as a cubic through its logarithm, and averaged
    over theta = mu + tau z by Gauss and Hermite. Steps are a tenth of a width or less, for which
    the sums are exact beyond the digits that draws can tell.
    """
    assert studies.counts is not None
    theta = np.linspace(-25.0, 25.0, 1_001)
    a = np.linspace(-9.0, 8.0, 341)
    prior_of_a = -0.5 * ((a - baseline[0]) / baseline[1]) ** 2
    grid_mu = np.linspace(-6.0, 6.0, 121)
    grid_tau = np.arange(0.0125, 2.5, 0.025)
    z, chance = np.polynomial.hermite_e.hermegauss(31)
    at = grid_mu[:, np.newaxis, np.newaxis] + grid_tau[:, np.newaxis] * z
    log_weight = -0.5 * ((grid_mu[:, np.newaxis] - mu[0]) / mu[1]) ** 2 + tau.log_density(grid_tau)
    for study in range(studies.number):
        events, people, compared_events, compared = (
            getattr(studies.counts, each.name)[study] for each in fields(Counts)
        )
        log_odds = a + theta[:, np.newaxis]
        log_p = events * log_odds - people * np.logaddexp(0.0, log_odds)
        log_p += compared_events * a - compared * np.logaddexp(0.0, a)
        of_theta = CubicSpline(theta, logsumexp(log_p + prior_of_a, axis=1))
        log_weight = log_weight + np.log(np.exp(of_theta(at)) @ chance)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    mean = float(weight.sum(axis=1) @ grid_mu)
    variance = float(weight.sum(axis=1) @ (grid_mu - mean) ** 2)
    return mean, variance, float(weight.sum(axis=0) @ grid_tau)


@pytest.mark.parametrize(
    "tau",
    [
        HalfNormal(0.5),
        HalfCauchy(0.3),
        LogNormalVariance(log_mean=-2.56, log_sd=1.74),
        UniformDeviation(1.5),
    ],
    ids=lambda prior: type(prior).__name__,
)
def test_tau_is_drawn_from_the_prior_that_is_stated(tau: HeterogeneityPrior, seed: int) -> None:
    """The models draw tau from the density that the integral reads: shares below three values."""
    import jax
    from numpyro.infer import Predictive

    from sibsim.evidence.models import normal_model

    draws = 20_000
    with jax.enable_x64(True):  # noqa: FBT003 - jax takes the state by position alone
        drawn = Predictive(normal_model, num_samples=draws)(
            jax.random.key(seed),
            np.zeros((1, 0)),
            assumptions=Assumptions(mu=(0.0, 1.0), tau=tau),
            standard_error=np.ones(1),
        )
    for value in (0.1, 0.3, 0.9):
        steps = np.linspace(0.0, value, 4_001)[1:] - value / 8_000
        share = float(np.exp(tau.log_density(steps)).sum() * value / 4_000)
        error = np.sqrt(share * (1 - share) / draws)
        assert abs((np.asarray(drawn["tau"]) < value).mean() - share) < 5 * error


def test_the_models_have_no_units() -> None:
    """Points times 1,000, priors with them: the same density up to the scale of the estimates."""
    import jax
    from numpyro.infer.util import log_density

    from sibsim.evidence.models import normal_model

    unit = {
        "unit_mu": 0.3,
        "unit_tau": 0.8,
        "unit_beta": np.array([-0.4]),
        "z": np.linspace(-1, 1, 8),
    }
    densities = []
    with jax.enable_x64(True):  # noqa: FBT003 - jax takes the state by position alone
        for factor in (1.0, 1e3):
            assumptions = Assumptions(
                mu=(2.0 * factor, 5.0 * factor),
                tau=HalfCauchy(5.0 * factor),
                coefficients=((1.0 * factor, 3.0 * factor),),
            )
            data = {
                "assumptions": assumptions,
                "standard_error": np.sqrt(SCHOOLS.variance) * factor,
                "estimate": SCHOOLS.estimate * factor,
            }
            density, _ = log_density(normal_model, (np.ones((8, 1)),), data, unit)
            densities.append(float(density))
    # Rounding of a sum of some twenty terms of size ten.
    assert densities[0] - densities[1] == pytest.approx(8 * np.log(1e3), abs=1e-10)


def test_the_same_seed_gives_the_same_draws(seed: int) -> None:
    """Twice the same run, bit for bit; and jax is left in single precision."""
    import jax.numpy as jnp

    first, second = (
        posterior(SCHOOLS, mu=(0.0, 5.0), tau=HalfNormal(5.0), seed=seed, draws=300, warm_up=300)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.effects, second.effects)
    np.testing.assert_array_equal(first.next_site(), second.next_site())
    assert jnp.ones(1).dtype == jnp.float32


def test_too_few_draws_are_refused() -> None:
    """Eighty draws are never enough; the error says what, how far, and the way out."""
    with pytest.raises(SamplingError, match=r"fewer than 400: .* take more draws"):
        posterior(bcg(), mu=(0.0, 2.0), tau=HalfNormal(0.5), draws=20, warm_up=100)


def test_divergences_are_refused() -> None:
    """Large steps in the funnel of a heavy-tailed tau diverge, and nothing is returned."""
    sure = Studies(
        scale="odds_ratio",
        names=("a", "b"),
        estimate=np.array([0.0, 0.1]),
        variance=np.array([1e-4, 1e-4]),
    )
    with pytest.raises(SamplingError, match=r"diverged \(none may\).*raise target_acceptance"):
        posterior(sure, mu=(0.0, 5.0), tau=HalfCauchy(5.0), target_acceptance=0.5, draws=500)
