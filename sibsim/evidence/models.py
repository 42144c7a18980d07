"""The hierarchical models in numpyro, non-centred and free of units.

    theta_i = mu + x_i' beta + tau z_i,  z_i ~ N(0, 1)

`normal_model`: y_i ~ N(theta_i, v_i). `binomial_model`: events in the comparison group
Binomial(n0_i, logit^-1(a_i)), in the treated group Binomial(n1_i, logit^-1(a_i + theta_i)), with
a_i ~ N(m, s^2) for each study by itself, so that no correction for zero cells is needed. Whatever
is sampled has a prior of unit scale and is stretched afterwards; the same studies in other units
give the same draws in those units.

Sources: Rubin 1981, Estimation in parallel randomized experiments, Journal of Educational
Statistics 6(4); Smith, Spiegelhalter and Thomas 1995, Bayesian approaches to random-effects
meta-analysis, Statistics in Medicine 14(24), for the binomial; Betancourt and Girolami 2015,
Hamiltonian Monte Carlo for hierarchical models, for non-centring.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from sibsim.core.arrays import FloatArray
from sibsim.evidence.assumptions import Assumptions, MeanAndSd
from sibsim.evidence.heterogeneity_priors import (
    HalfCauchy,
    HalfNormal,
    HeterogeneityPrior,
    LogNormalVariance,
)
from sibsim.evidence.numpyro_quiet import dist, numpyro


def normal_model(
    columns: FloatArray,
    *,
    assumptions: Assumptions,
    standard_error: FloatArray,
    estimate: ArrayLike | None = None,
) -> None:
    """State that estimates are normal around the true effects of their studies.

    Parameters
    ----------
    columns
        Columns of the terms, (k, q).
    assumptions
        Priors.
    standard_error
        Standard errors of the estimates, (k,).
    estimate
        Estimates on the additive scale, (k,); None draws them.
    """
    effects = _study_effects(columns, assumptions=assumptions)
    numpyro.sample("estimate", dist.Normal(effects, standard_error), obs=estimate)


def binomial_model(
    columns: FloatArray,
    *,
    assumptions: Assumptions,
    people: FloatArray,
    comparison_people: FloatArray,
    events: ArrayLike | None = None,
    comparison_events: ArrayLike | None = None,
) -> None:
    """State that events in both groups are binomial, effects being log odds ratios.

    Parameters
    ----------
    columns
        Columns of the terms, (k, q).
    assumptions
        Priors.
    people, comparison_people
        People in the treated and in the comparison group, whole numbers, (k,).
    events, comparison_events
        People with the outcome in each group, (k,); None draws them.
    """
    effects = _study_effects(columns, assumptions=assumptions)
    studies = columns.shape[0]
    unit = numpyro.sample("unit_baseline", dist.Normal(0.0, 1.0).expand([studies]).to_event(1))
    baseline = _stretched(unit, prior=assumptions.baseline)
    groups = (
        ("comparison_events", baseline, comparison_people, comparison_events),
        ("events", baseline + effects, people, events),
    )
    for name, log_odds, total, seen in groups:
        numpyro.sample(name, dist.BinomialLogits(log_odds, total.astype(np.int64)), obs=seen)


def _study_effects(columns: FloatArray, *, assumptions: Assumptions) -> Array:
    """Return the true effect in each study, (k,)."""
    studies, coefficients = columns.shape
    unit_mu = numpyro.sample("unit_mu", dist.Normal(0.0, 1.0))
    mu = numpyro.deterministic("mu", _stretched(unit_mu, prior=assumptions.mu))
    tau = numpyro.deterministic("tau", _tau(assumptions.tau))
    mean = mu
    if coefficients:
        means, deviations = (
            jnp.array(each) for each in zip(*assumptions.coefficients, strict=True)
        )
        unit = numpyro.sample("unit_beta", dist.Normal(0.0, 1.0).expand([coefficients]).to_event(1))
        beta = numpyro.deterministic("beta", means + deviations * unit)
        mean = mu + jnp.asarray(columns) @ beta
    z = numpyro.sample("z", dist.Normal(0.0, 1.0).expand([studies]).to_event(1))
    return jnp.asarray(numpyro.deterministic("effects", mean + tau * z))


def _stretched(unit: Array, *, prior: MeanAndSd) -> Array:
    """Return standard normal numbers as normal numbers of a prior, same shape."""
    mean, sd = prior
    return mean + sd * unit


def _tau(prior: HeterogeneityPrior) -> Array:
    """Return tau, drawn from its prior."""
    unit: Array
    if isinstance(prior, LogNormalVariance):
        unit = numpyro.sample("unit_tau", dist.Normal(0.0, 1.0))
        return jnp.exp(0.5 * _stretched(unit, prior=(prior.log_mean, prior.log_sd)))
    if isinstance(prior, HalfNormal):
        unit, stretch = numpyro.sample("unit_tau", dist.HalfNormal(1.0)), prior.scale
    elif isinstance(prior, HalfCauchy):
        unit, stretch = numpyro.sample("unit_tau", dist.HalfCauchy(1.0)), prior.scale
    else:
        unit, stretch = numpyro.sample("unit_tau", dist.Uniform(0.0, 1.0)), prior.upper
    return stretch * unit
