"""What a Bayesian meta-analysis assumes before it has seen a study.

Everything is on the additive scale of the effect (the natural logarithm of a ratio). A prior that
is not stated is weakly informative: it rules out what no social programme does and leaves the rest
to the studies.

Sources: Günhan, Röver and Friede 2020, Random-effects meta-analysis of few studies involving rare
events, Research Synthesis Methods 11(1), for the mean log odds ratio; Röver et al. 2021, On weakly
informative prior distributions for the heterogeneity parameter in Bayesian random-effects
meta-analysis, Research Synthesis Methods 12(4), for why tau needs a prior where studies are few.
Assumption: the figures for other ratios and scales are carried over from the log odds ratio, as
said beside each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sibsim.core.distributions import Normal
from sibsim.core.effects import LOG_ODDS_PER_D
from sibsim.errors import ArgumentError
from sibsim.evidence.heterogeneity_priors import (
    HalfCauchy,
    HalfNormal,
    HeterogeneityPrior,
    LogNormalVariance,
)
from sibsim.evidence.studies import StudyScale

MeanAndSd = tuple[float, float]
"""Mean and standard deviation of a normal prior, the latter above 0."""

LOG_RATIO_SD = 2.82
"""Prior standard deviation of a mean log odds ratio: ratios from 1/250 to 250 with 95 %
probability (Günhan, Röver and Friede 2020); taken for other ratios too, which lie closer to 1."""

LOG_RATIO_TAU = 0.5
"""Scale of a half-normal prior of tau for log ratios, an assumption: with 95 % probability tau is
below 0.98, where the ratio of one place in forty is nearly 7 times the typical one, or more."""

STEEPEST = 0.25
"""Largest change of a probability per unit of log odds, at one half."""

DIFFERENCE_SD = 0.5
"""Prior standard deviation of a mean risk difference: within -1 and 1 with 95 % probability."""

_PER_LOG_ODDS = 1.0 / LOG_ODDS_PER_D["standardised_difference"]
"""Standardised mean differences per unit of log odds, sqrt(3) / pi (Chinn 2000)."""

_RATIOS: tuple[StudyScale, ...] = ("odds_ratio", "risk_ratio", "hazard_ratio", "rate_ratio")

DEFAULT_MU: Mapping[StudyScale, MeanAndSd] = MappingProxyType(
    {
        **dict.fromkeys(_RATIOS, (0.0, LOG_RATIO_SD)),
        "risk_difference": (0.0, DIFFERENCE_SD),
        "standardised_difference": (0.0, LOG_RATIO_SD * _PER_LOG_ODDS),
    }
)
"""Prior of the mean effect where none is stated; a mean difference has units and needs one."""

DEFAULT_TAU: Mapping[StudyScale, HeterogeneityPrior] = MappingProxyType(
    {
        **dict.fromkeys(_RATIOS, HalfNormal(LOG_RATIO_TAU)),
        "risk_difference": HalfNormal(LOG_RATIO_TAU * STEEPEST),
        "standardised_difference": HalfNormal(LOG_RATIO_TAU * _PER_LOG_ODDS),
    }
)
"""Prior of tau where none is stated; a mean difference has units and needs one."""

DEFAULT_BASELINE: MeanAndSd = (0.0, 5.0)
"""Prior of the log odds in a comparison group, an assumption wide enough to let the people there
speak alone: rates from 1 in 20,000 to 19,999 in 20,000 with 95 % probability."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Priors of everything a hierarchical model does not know."""

    mu: MeanAndSd
    """Normal prior of the mean effect, all terms at their reference."""

    tau: HeterogeneityPrior
    """Prior of the standard deviation of true effects between places."""

    coefficients: tuple[MeanAndSd, ...] = ()
    """Normal prior of each coefficient, in the order of the columns."""

    baseline: MeanAndSd = DEFAULT_BASELINE
    """Normal prior of the log odds in the comparison group, for each study by itself; read by the
    binomial model alone."""


def checked_normal(given: object, *, name: str) -> MeanAndSd:
    """Return a normal prior as mean and standard deviation.

    Parameters
    ----------
    given
        What was given: a pair of numbers, or a normal distribution.
    name
        Name of the argument, for the error.

    Raises
    ------
    ArgumentError
        If it is no pair of finite numbers, the second above 0.
    """
    if isinstance(given, Normal):
        return given.mean, given.sd
    if isinstance(given, tuple | list) and len(given) == len(("mean", "sd")):
        mean, sd = given
        numbers = all(isinstance(each, int | float) and math.isfinite(each) for each in given)
        if numbers and sd > 0:
            return float(mean), float(sd)
    message = (
        f"{name}: got {given!r}; a normal prior is (mean, standard deviation) on the additive "
        "scale of the effect, two finite numbers, the second above 0; write for example (0.0, 1.0)"
    )
    raise ArgumentError(message)


def mean_prior(given: MeanAndSd | Normal | None, *, scale: StudyScale) -> MeanAndSd:
    """Return the prior of the mean effect, the default of the scale where none is given.

    Parameters
    ----------
    given
        What was given.
    scale
        Scale of the effect.

    Raises
    ------
    ArgumentError
        If it is not valid, or none is given for a scale with units of its own.
    """
    if given is not None:
        return checked_normal(given, name="mu")
    if scale not in DEFAULT_MU:
        message = (
            f"mu: got none; a {scale.replace('_', ' ')} has units of its own, so that no prior "
            "fits all; state (mean, standard deviation) in those units"
        )
        raise ArgumentError(message)
    return DEFAULT_MU[scale]


def tau_prior(given: object, *, scale: StudyScale) -> HeterogeneityPrior:
    """Return the prior of tau, the default of the scale where none is given.

    Parameters
    ----------
    given
        What was given.
    scale
        Scale of the effect.

    Raises
    ------
    ArgumentError
        If it is no prior of tau, or none is given for a scale with units of its own.
    """
    if given is None and scale in DEFAULT_TAU:
        return DEFAULT_TAU[scale]
    units = "" if given is not None else f"; a {scale.replace('_', ' ')} has units of its own"
    return checked_tau(given, reason=units)


def checked_tau(given: object, *, reason: str = "") -> HeterogeneityPrior:
    """Return a prior of tau.

    Parameters
    ----------
    given
        What was given.
    reason
        Why one must be given, for the error.

    Raises
    ------
    ArgumentError
        If it is no prior of tau.
    """
    if isinstance(given, HeterogeneityPrior):
        return given
    message = (
        f"tau: got {given!r}{reason}; a prior of tau is HalfNormal(scale), HalfCauchy(scale), "
        "LogNormalVariance(log_mean=..., log_sd=...) or UniformDeviation(upper); write one of them"
    )
    raise ArgumentError(message)


def tau_words(prior: HeterogeneityPrior) -> str:
    """Return a prior of tau in words, for a note."""
    if isinstance(prior, HalfNormal):
        return f"tau half-normal with scale {prior.scale:.3g}"
    if isinstance(prior, HalfCauchy):
        return f"tau half-Cauchy with scale {prior.scale:.3g}"
    if isinstance(prior, LogNormalVariance):
        return f"ln tau^2 normal({prior.log_mean:.3g}, {prior.log_sd:.3g})"
    return f"tau uniform up to {prior.upper:.3g}"
