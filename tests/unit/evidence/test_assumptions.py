"""Priors that are taken where none is stated, and the published ones of tau."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtri

from sibsim.core.distributions import Normal
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.assumptions import (
    DEFAULT_MU,
    DEFAULT_TAU,
    mean_prior,
    tau_prior,
    tau_words,
)
from sibsim.evidence.heterogeneity_priors import (
    HalfCauchy,
    HalfNormal,
    LogNormalVariance,
    UniformDeviation,
)
from sibsim.evidence.published_heterogeneity import ALL_SETTINGS, published_tau


def test_the_default_of_a_log_odds_ratio_is_the_published_one() -> None:
    """Normal(0, 2.82): odds ratios from 1/250 to 250 with 95 % probability (Günhan et al. 2020)."""
    mean, sd = mean_prior(None, scale="odds_ratio")
    assert mean == 0.0
    assert math.exp(ndtri(0.975) * sd) == pytest.approx(250.0, rel=0.01)


def test_other_defaults_follow_from_it() -> None:
    """A standardised difference is sqrt(3) / pi of log odds; a probability moves by a quarter."""
    _, sd = DEFAULT_MU["standardised_difference"]
    assert sd == pytest.approx(2.82 * math.sqrt(3) / math.pi)
    assert DEFAULT_TAU["risk_difference"] == HalfNormal(0.125)
    assert DEFAULT_TAU["risk_ratio"] == DEFAULT_TAU["odds_ratio"] == HalfNormal(0.5)


def test_a_stated_prior_is_taken() -> None:
    """Whatever is stated replaces the default, on every scale."""
    assert mean_prior((1, 2), scale="mean_difference") == (1.0, 2.0)
    assert mean_prior(Normal(mean=1.0, sd=2.0), scale="mean_difference") == (1.0, 2.0)
    assert tau_prior(HalfCauchy(5.0), scale="mean_difference") == HalfCauchy(5.0)


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        (HalfNormal(0.5), "tau half-normal with scale 0.5"),
        (HalfCauchy(5.0), "tau half-Cauchy with scale 5"),
        (LogNormalVariance(log_mean=-2.56, log_sd=1.74), "ln tau^2 normal(-2.56, 1.74)"),
        (UniformDeviation(2.0), "tau uniform up to 2"),
    ],
)
def test_priors_of_tau_in_words(
    prior: HalfNormal | HalfCauchy | LogNormalVariance | UniformDeviation, words: str
) -> None:
    """A note says which prior was used."""
    assert tau_words(prior) == words


def test_published_priors_of_tau() -> None:
    """Turner et al. 2015: all settings together, and mental health against control."""
    assert published_tau() == ALL_SETTINGS == LogNormalVariance(log_mean=-2.56, log_sd=1.74)
    assert published_tau(outcome="mental_health") == LogNormalVariance(log_mean=-2.34, log_sd=1.72)
    other = published_tau(outcome="resource_use", comparison="other_programme")
    assert other == LogNormalVariance(log_mean=-1.90, log_sd=1.68)
    # The median of tau in all settings, exp(-1.28).
    assert np.exp(ALL_SETTINGS.log_mean / 2) == pytest.approx(0.278, abs=5e-4)


def test_unknown_settings_are_refused() -> None:
    """The nearest outcome is named; the comparison is one of two."""
    with pytest.raises(UnknownNameError, match="did you mean 'mental_health'"):
        published_tau(outcome="mental health")
    with pytest.raises(ArgumentError, match="control or other_programme"):
        published_tau(outcome="mental_health", comparison="placebo")  # type: ignore[arg-type] # wrong on purpose
