"""The normal-normal model by quadrature: two published data sets, closed forms, its own prior."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import Normal
from sibsim.errors import ArgumentError
from sibsim.evidence.assumptions import MeanAndSd
from sibsim.evidence.heterogeneity_priors import (
    HalfCauchy,
    HalfNormal,
    HeterogeneityPrior,
    LogNormalVariance,
    UniformDeviation,
)
from sibsim.evidence.mixed import NormalMixture
from sibsim.evidence.quadrature import (
    HierarchicalNormal,
    given_tau,
    hierarchical_normal,
    nodes_of,
)
from sibsim.evidence.studies import Studies
from tests.bcg import bcg

EIGHT_SCHOOLS = Studies(
    scale="mean_difference",
    names=tuple("ABCDEFGH"),
    estimate=np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0]),
    variance=np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0]) ** 2,
)
"""Coaching for a test in eight schools: Rubin 1981, Estimation in parallel randomized experiments,
Journal of Educational Statistics 6(4)."""

PRIORS: tuple[HeterogeneityPrior, ...] = (
    HalfNormal(0.5),
    HalfCauchy(0.3),
    LogNormalVariance(-2.56, 1.74),
    UniformDeviation(2.0),
)

ERRORS = 5
"""Monte Carlo standard errors within which a simulated share must lie."""


def _schools() -> HierarchicalNormal:
    return hierarchical_normal(EIGHT_SCHOOLS, mu=(0.0, 5.0), tau=HalfCauchy(5.0))


def _trials() -> HierarchicalNormal:
    return hierarchical_normal(bcg(), mu=(0.0, 2.0), tau=HalfNormal(0.5))


def _by_adaptive_quadrature(
    studies: Studies, *, mu: MeanAndSd, log_density: Callable[[float], float], upper: float
) -> Callable[..., float]:
    """Return E[of(tau); tau <= upto], by scipy's adaptive rule in tau itself."""
    expected, sd = mu

    def density(tau: float) -> float:
        weight = 1.0 / (studies.variance + tau**2)
        precision = 1.0 / sd**2 + weight.sum()
        mean = (expected / sd**2 + weight @ studies.estimate) / precision
        misfit = weight @ (studies.estimate - mean) ** 2 + (mean - expected) ** 2 / sd**2
        logs = float(np.log(weight).sum()) - math.log(precision) - misfit
        return math.exp(0.5 * logs + log_density(tau) - shift)

    shift = 0.0
    shift = math.log(density(math.sqrt(float(studies.variance.mean()))))

    def integral(of: Callable[[float], float], upto: float) -> float:
        ends = (0.0, *np.geomspace(0.01 * upto, upto, 8))
        return sum(
            quad(lambda tau: of(tau) * density(tau), low, high, epsabs=0, epsrel=1e-12)[0]
            for low, high in pairwise(ends)
        )

    total = integral(lambda _: 1.0, upper)
    return lambda of, upto=upper: integral(of, upto) / total


def test_eight_schools() -> None:
    """Every published digit of mean, deviation, probabilities and shrunken schools."""
    found = _schools()
    known = [4.39682, 3.31770, 3.59771, 3.21996, 0.90759, 0.82832]
    np.testing.assert_allclose(
        [
            found.mu.mean,
            found.mu.sd,
            found.tau.mean,
            found.tau.sd,
            found.mu.p_above(0.0),
            found.next_site.p_above(0.0),
        ],
        known,
        rtol=0,
        atol=5.1e-6,  # half a unit of the last published digit
    )
    shrunken = [6.2119, 4.9402, 3.9270, 4.7571, 3.6155, 4.0426, 6.2967, 4.8543]
    np.testing.assert_allclose(found.shrunken, shrunken, rtol=0, atol=5.1e-5)  # likewise


def test_the_bcg_trials() -> None:
    """Every published digit of mean, deviation and the chance that the next trial finds harm."""
    found = _trials()
    known = [-0.705624, 0.186069, 0.571351, 0.142849, 0.115580]
    np.testing.assert_allclose(
        [found.mu.mean, found.mu.sd, found.tau.mean, found.tau.sd, found.next_site.p_above(0.0)],
        known,
        rtol=0,
        atol=5.1e-7,  # half a unit of the last published digit
    )


def test_the_median_of_tau_halves_an_adaptive_integral() -> None:
    """One half lies below it, by an independent rule in tau itself; 1e-7 as cubics promise."""
    found = _trials()
    below = _by_adaptive_quadrature(
        bcg(), mu=found.mu_prior, log_density=lambda t: -0.5 * (t / 0.5) ** 2, upper=8.0
    )
    assert below(lambda _: 1.0, found.tau.median) == pytest.approx(0.5, abs=1e-7)
    assert found.tau.median == pytest.approx(0.553219, abs=5.1e-7)  # by that rule, to six digits
    schools = _schools()
    below = _by_adaptive_quadrature(
        EIGHT_SCHOOLS,
        mu=schools.mu_prior,
        log_density=lambda t: -math.log1p((t / 5.0) ** 2),
        upper=5e3,
    )
    assert below(lambda _: 1.0, schools.tau.median) == pytest.approx(0.5, abs=1e-7)
    assert schools.tau.median == pytest.approx(2.748731, abs=5.1e-7)  # likewise


@pytest.mark.parametrize("prior", PRIORS)
def test_moments_are_those_of_an_adaptive_integral(prior: HeterogeneityPrior) -> None:
    """Mean and square of tau under every prior, by an independent rule in tau itself."""
    found = hierarchical_normal(bcg(), mu=(0.0, 2.0), tau=prior)
    upper = prior.upper if isinstance(prior, UniformDeviation) else 60.0
    expected = _by_adaptive_quadrature(
        bcg(),
        mu=found.mu_prior,
        log_density=lambda tau: float(prior.log_density(np.array(max(tau, 1e-12)))),
        upper=upper,
    )
    # Beyond 60 the half-Cauchy leaves less than 60^-13 of thirteen studies.
    assert found.tau.mean == pytest.approx(expected(lambda tau: tau), rel=1e-9)
    square = found.tau.mean**2 + found.tau.sd**2
    assert square == pytest.approx(expected(lambda tau: tau**2), rel=1e-9)


def test_a_tau_that_is_known_gives_the_closed_form() -> None:
    """With ln tau^2 at 0 to 1e-4, mu is the precision-weighted mean of estimates and its prior."""
    found = hierarchical_normal(EIGHT_SCHOOLS, mu=(1.0, 5.0), tau=LogNormalVariance(0.0, 1e-4))
    weight = 1.0 / (EIGHT_SCHOOLS.variance + 1.0)
    precision = 1.0 / 25.0 + weight.sum()
    mean = (1.0 / 25.0 + weight @ EIGHT_SCHOOLS.estimate) / precision
    # tau^2 varies by 1e-4 around 1, which moves mean and variance by its square and by 1e-4 v.
    assert found.mu.mean == pytest.approx(mean, rel=1e-7)
    assert found.mu.sd == pytest.approx(precision**-0.5, rel=1e-7)
    assert found.next_site.sd == pytest.approx(math.sqrt(1.0 / precision + 1.0), rel=1e-7)
    assert found.tau.median == pytest.approx(1.0, rel=1e-7)
    known = Normal(mean=mean, sd=math.sqrt(1.0 / precision + 1.0))
    levels = np.array([0.001, 0.05, 0.5, 0.99])
    np.testing.assert_allclose(found.next_site.quantiles(levels), known.ppf(levels), rtol=1e-6)


@pytest.mark.parametrize("prior", PRIORS)
def test_every_prior_is_a_density(prior: HeterogeneityPrior) -> None:
    """Each integrates to one over tau; none allows tau beyond its upper end."""
    upper = prior.upper if isinstance(prior, UniformDeviation) else np.inf
    area, _ = quad(lambda tau: float(np.exp(prior.log_density(np.array(tau)))), 0.0, upper)
    assert area == pytest.approx(1.0, rel=1e-7)
    if isinstance(prior, UniformDeviation):
        assert prior.log_density(np.array(2.1)) == -np.inf
    if isinstance(prior, LogNormalVariance):
        assert prior.log_density(np.zeros(1))[0] == -np.inf


@pytest.mark.parametrize(
    "make",
    [
        lambda: HalfNormal(0.0),
        lambda: HalfCauchy(-1.0),
        lambda: LogNormalVariance(0.0, math.inf),
        lambda: LogNormalVariance(math.nan, 1.0),
        lambda: UniformDeviation(math.nan),
    ],
    ids=["half-normal", "half-cauchy", "log-sd", "log-mean", "uniform"],
)
def test_a_prior_that_is_none_is_refused(make: Callable[[], object]) -> None:
    """A scale is above zero and finite."""
    with pytest.raises(ArgumentError, match="it is a finite number"):
        make()


def test_quantiles_undo_the_distribution_functions() -> None:
    """Of mu, of the next place and of tau, at both tails; outside (0, 1) they are refused."""
    found, levels = _trials(), np.array([1e-6, 0.025, 0.5, 0.975, 1 - 1e-6])
    for each in (found.mu, found.next_site, found.tau):
        np.testing.assert_allclose(each.cdf(each.quantiles(levels)), levels, rtol=1e-8)
        # Sums over one level and over five are taken in another order: the last digit is free.
        assert each.quantiles(levels)[2] == pytest.approx(each.median, rel=1e-12)
        with pytest.raises(ArgumentError, match="strictly between 0 and 1"):
            each.quantiles([0.5, 1.0])
    assert found.next_site.sd == pytest.approx(
        math.sqrt(found.mu.sd**2 + found.tau.mean**2 + found.tau.sd**2), rel=1e-12
    )


def test_one_study_says_nothing_of_tau() -> None:
    """Tau keeps its prior where mu is free; a half-Cauchy has no variance then."""
    one = Studies("risk_ratio", ("a",), np.array([0.3]), np.array([0.04]))
    found = hierarchical_normal(one, mu=(0.0, 1e4), tau=HalfNormal(0.5))
    assert found.tau.mean == pytest.approx(0.5 * math.sqrt(2.0 / math.pi), rel=1e-6)
    assert found.mu.mean == pytest.approx(0.3, rel=1e-6)
    assert "one study says nothing" in found.notes[0]
    with pytest.raises(ArgumentError, match="one study with a half-Cauchy prior"):
        hierarchical_normal(one, mu=(0.0, 1.0), tau=HalfCauchy(1.0))


@pytest.mark.parametrize(
    ("priors", "said"),
    [
        (
            {"mu": (0.0, 0.0)},
            r"mu: got \(0.0, 0.0\); a normal prior is \(mean, standard deviation\)",
        ),
        ({"mu": 0.0}, "mu: got 0.0"),
        ({"tau": 0.5}, r"tau: got 0.5; a prior of tau is HalfNormal\(scale\)"),
        ({"tau": None}, "tau: got None; a prior of tau is"),
    ],
)
def test_priors_that_are_none_are_refused(priors: dict[str, Any], said: str) -> None:
    """A pair with a deviation above 0, and a distribution of tau."""
    with pytest.raises(ArgumentError, match=said):
        hierarchical_normal(bcg(), **{"mu": (0.0, 1.0), "tau": HalfNormal(0.5), **priors})


def test_it_enters_a_case_as_what_the_next_place_may_see() -> None:
    """Quantiles of the ratio, wider for the next place; the table and the sentence say both."""
    found = _trials()
    further = found.prior(measured_at_months=12, better="lower")
    mean = found.prior(of="mean", measured_at_months=12, better="lower")
    assert further.table["predictive"] is True
    assert "predictive" not in mean.table
    # A thousand values: a probability is right to a thousandth.
    assert further.p_harm == pytest.approx(found.next_site.p_above(0.0), abs=1e-3)
    assert mean.p_harm == pytest.approx(found.mu.p_above(0.0), abs=1e-3)
    assert further.table["base"] == pytest.approx(math.exp(found.next_site.median), rel=1e-4)
    table = found.table()
    assert list(table.columns) == ["mean", "sd", "p2.5", "p50", "p97.5"]
    assert table.loc["next place", "sd"] == found.next_site.sd
    assert table.loc["TPT Madras 1980", "mean"] == found.shrunken[7]
    assert found.sentence().startswith("On average over places the effect (risk ratio) is 0.495 (")
    assert found.sentence("da").startswith(
        "I gennemsnit over steder er effekten (relativ risiko) 0,495 (95 %-sandsynlighedsinterval "
    )
    assert "95 % credible interval" in found.sentence()
    assert "det næste sted kan forvente" in found.sentence("da")
    with pytest.raises(ArgumentError, match="'next_site'"):
        found.prior(of="next")  # type: ignore[arg-type] # a name that is not known


def test_its_prior_says_where_it_is_from() -> None:
    """A note, the notes of the studies, the source that is named; what is stated instead stays."""
    sources: dict[str, Mapping[str, str | int]] = {
        "trials": {"title": "A", "url": "https://example.org/a", "year": 1994}
    }
    studies = replace(bcg(), sources={**sources, "other": sources["trials"]}, notes=("corrected",))
    found = hierarchical_normal(studies, mu=(0.0, 1.0), tau=HalfNormal(0.5))
    prior = found.prior(measured_at_months=12, source="trials")
    assert prior.note == (
        "13 studies, hierarchical normal model, mu normal(0, 1), tau half-normal with scale 0.5"
    )
    assert prior.notes == ("corrected",)
    assert prior.sources == sources
    assert found.prior(measured_at_months=12, note="ours").note == "ours"


def test_the_mean_and_its_omega_are_the_next_place() -> None:
    """Where all carries over, harm is as likely as in the next place.

    Tau is kept by three quantiles and taken to be independent of the mean: that is no more than a
    hundredth here.
    """
    found = _trials()
    assert [*found.between_places] == ["p10", "p50", "p90"]
    assert found.between_places["p50"] == pytest.approx(found.tau.median, rel=1e-9)
    mean = found.prior(of="mean", measured_at_months=12, better="lower")
    here = mean.transported(1.0, omega=found.between_places)
    assert here.p_harm == pytest.approx(found.next_site.p_above(0.0), abs=0.01)
    half = mean.transported(0.5, omega=found.between_places).p_harm
    assert half is not None
    assert half > found.next_site.p_above(0.0) + 0.01


@pytest.mark.slow
@pytest.mark.parametrize("k", [5, 30])
def test_the_predictive_interval_covers_under_its_own_prior(k: int, seed: int) -> None:
    """Of 4,000 sets drawn from the model the 90 % interval holds the next effect in 90 %."""
    sets, mu, tau = 4_000, (0.0, 1.0), HalfNormal(0.5)
    rng = np.random.default_rng(seed)
    spread = np.abs(rng.normal(0.0, tau.scale, sets))
    centre = rng.normal(*mu, sets)
    variance = rng.uniform(0.01, 0.2, k)
    effects = centre[:, np.newaxis] + spread[:, np.newaxis] * rng.normal(size=(sets, k + 1))
    estimate = effects[:, :k] + np.sqrt(variance) * rng.normal(size=(sets, k))
    _, nodes = nodes_of(variance, tau=tau)
    below: FloatArray = np.concatenate(
        [
            _below(estimate[at], next_effect=effects[at, k], variance=variance, mu=mu, nodes=nodes)
            for at in np.array_split(np.arange(sets), 100)
        ]
    )
    covered = ((below > 0.05) & (below < 0.95)).mean()
    assert abs(covered - 0.9) < ERRORS * math.sqrt(0.9 * 0.1 / sets)
    assert 0.87 < covered < 0.93
    # Ranks of the truth are uniform: their mean is one half, their variance one twelfth.
    assert abs(below.mean() - 0.5) < ERRORS / math.sqrt(12.0 * sets)


def _below(
    estimate: FloatArray,
    *,
    next_effect: FloatArray,
    variance: FloatArray,
    mu: MeanAndSd,
    nodes: FloatArray,
) -> FloatArray:
    """Return P(next effect <= the true one) in each set, (sets,)."""
    weights, mean, spread = given_tau(
        estimate, variance=variance, mu=mu, tau=HalfNormal(0.5), nodes=nodes
    )
    whole = np.broadcast_to(spread + nodes**2, mean.shape)
    return np.array(
        [
            float(NormalMixture(w, m, v).cdf(truth))
            for w, m, v, truth in zip(weights, mean, whole, next_effect, strict=True)
        ]
    )
