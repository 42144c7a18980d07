"""How the uncertain parameters of a case are updated by what has really happened.

Joint draws of all parameters, as a simulation draws them, are weighed by the likelihood of the data
and resampled (importance resampling): quantities and drifts are updated jointly, so that what the
data tell apart only together stays together in the rows. Where the data contradict the case so much
that few draws are left, an ensemble of walkers in numpyro draws from the same posterior instead.

Sources: Rubin (1988), in Bayesian Statistics 3, for sampling and importance resampling; Kitagawa
(1996), Journal of Computational and Graphical Statistics 5(1), for systematic resampling; Kong
(1992), Technical report 348, University of Chicago, for the effective sample size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import ndtr, ndtri

from sibsim.case import Case
from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.facts import Facts
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.words import Words
from sibsim.delivery.plan import HALF_MONTH
from sibsim.errors import ArgumentError
from sibsim.forecast.draws import Draws, draws_of, prior_draws
from sibsim.forecast.learned import START_DELAY, Learned, Method, learned
from sibsim.forecast.likelihood import Likelihood
from sibsim.forecast.reach import Reach
from sibsim.forecast.uniforms import MIDDLE, by_stream, drawn, given_layer

ROWS = 4096
"""Joint rows of the result: a block of draws, of which each then has its own on average."""

DRAWS = 65_536
"""Draws before anything is known: 16 blocks, of which `LEAST_EFFECTIVE` need 0.6 %."""

LEAST_EFFECTIVE = 400.0
"""Effective draws below which resampling is not trusted. The share of draws below a quantile of 5 %
is then known within sqrt(0.05 x 0.95 / 400), about 1 percentage point."""

NEAREST = 1e-15
"""How near to 0 and 1 a uniform may come."""


def learn(case: Case, facts: Facts, *, rng: int, draws: int = DRAWS) -> Learned:
    """Return what the uncertain parameters of a case may be after what has happened.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    facts
        What has happened; its rows are not read.
    rng
        Seed, non-negative.
    draws
        Draws before anything is known, at least 1; in whole blocks of 4,096.

    Returns
    -------
    Learned
        Joint rows of the quantities and drifts that the data bear on, and what each has learned.
        Nothing known: no rows.

    Raises
    ------
    ArgumentError
        If `draws` is below 1, or no values of the parameters that the case holds possible can give
        the data.
    SamplingError
        If the data contradict the case so much that no sampler settles.
    """
    if draws < 1:
        message = f"got draws = {draws}; at least 1 is needed, and 65,536 is usual"
        raise ArgumentError(message)
    likelihood = Likelihood.of(case, facts, seed=rng)
    reach = Reach.of(likelihood, seed=rng)
    prior = prior_draws(likelihood, reach=reach, seed=rng, blocks=-(-draws // BLOCK_DRAWS))
    delay, notes = _known_delay(case, facts)
    likelihood = replace(likelihood, notes=(*likelihood.notes, *notes))
    if not reach.read:
        return learned(
            likelihood, reach=reach, prior=prior, posterior=None, method="nothing", known=delay
        )
    weights = _weights(likelihood, prior=prior)
    effective = float(1.0 / (weights**2).sum())
    method: Method = "resampling"
    if effective >= LEAST_EFFECTIVE:
        posterior = prior.at(_resampled(weights, seed=rng))
    else:
        method = "numpyro"
        posterior, effective = _sampled(likelihood, reach=reach, prior=prior, seed=rng)
    far = likelihood.unlikely(posterior.center)
    return learned(
        replace(likelihood, notes=(*likelihood.notes, *far)),
        reach=reach,
        prior=prior,
        posterior=posterior,
        method=method,
        effective=effective,
        known=delay,
    )


def _weights(likelihood: Likelihood, *, prior: Draws) -> FloatArray:
    """Return the weight of each draw, which sum to 1, (N,).

    Raises
    ------
    ArgumentError
        If no draw can give the data.
    """
    highest = prior.log_likelihood.max()
    if not np.isfinite(highest):
        message = (
            "got data that no values of the parameters can give, as the case states them: "
            f"{likelihood.impossible(prior.center)}; correct the data, or widen the quantities "
            "that they contradict"
        )
        raise ArgumentError(message)
    weights = np.exp(prior.log_likelihood - highest)
    found: FloatArray = weights / weights.sum()
    return found


def _resampled(weights: FloatArray, *, seed: int) -> IntArray:
    """Return the position of each row by systematic resampling: one uniform, evenly spaced."""
    layer = Layer(LayerName.PARAMETERS, seed=seed)
    offset = layer.uniforms("forecast/resampling", rows=1)[0, 0]
    at = np.searchsorted(np.cumsum(weights), (np.arange(ROWS) + offset) / ROWS, side="right")
    return np.asarray(np.minimum(at, len(weights) - 1))


def _sampled(
    likelihood: Likelihood, *, reach: Reach, prior: Draws, seed: int
) -> tuple[Draws, float]:
    """Return rows drawn by an ensemble of walkers, and the least effective sample size.

    Only coordinates that the likelihood reads are walked in; the others stay as likely as before.
    """
    from sibsim.evidence.sampler import sample_density, walkers_for

    read, blocks = list(reach.read), prior.log_likelihood.shape[0] // BLOCK_DRAWS
    most_likely = np.argsort(-prior.log_likelihood, kind="stable")[: walkers_for(len(read))]
    uniforms = np.concatenate(
        [drawn(reach.coordinates, seed=seed, block=block) for block in range(blocks)], axis=1
    )

    def log_density(points: FloatArray) -> FloatArray:
        given = np.full((len(reach.coordinates), len(points)), MIDDLE)
        given[read] = np.clip(ndtr(points.T), NEAREST, 1.0 - NEAREST)
        layer = given_layer(by_stream(given, coordinates=reach.coordinates))
        found = likelihood.log_density(likelihood.expected(layer))
        total: FloatArray = found - 0.5 * (points**2).sum(axis=1)
        return total

    sampled = sample_density(
        log_density,
        dimensions=len(read),
        draws=ROWS,
        seed=seed,
        start=ndtri(uniforms[read][:, most_likely]).T,
    )
    rows = drawn(reach.coordinates, seed=seed, block=blocks)[:, :ROWS]
    rows[read] = np.clip(ndtr(sampled.samples.T), NEAREST, 1.0 - NEAREST)
    layer = given_layer(by_stream(rows, coordinates=reach.coordinates))
    posterior = draws_of(likelihood, layer, reach=reach, number=ROWS)
    return posterior, float(sampled.effective.min())


def _known_delay(case: Case, facts: Facts) -> tuple[float | None, list[Words]]:
    """Return the delay of the latest cohort that has started, in whole months, and notes.

    None where no cohort has, or the delay is not uncertain.
    """
    assert case.delivery is not None  # noqa: S101 - a case that runs has it
    begun = np.flatnonzero(~np.isnan(facts.start))
    if not len(begun) or case.delivery.start_delay.is_fixed:
        return None, []
    last = begun[-1]
    late = np.floor(facts.start[last] - case.delivery.opens(case.timeline)[last] + HALF_MONTH)
    bound = [
        other
        for each in case.correlations
        for one, other in (each.between, each.between[::-1])
        if one == START_DELAY
    ]
    notes = [
        Words(
            da=f"{START_DELAY} er kendt og korreleret med {other}, som ikke opdateres af det",
            en=f"{START_DELAY} is known and correlated with {other}, which is not updated by it",
        )
        for other in bound
    ]
    return float(late), notes
