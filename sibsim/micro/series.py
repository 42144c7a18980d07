"""Clusters over periods, a series of means, and a place beside its donors.

Rows are means of many people, normal about their expectation with the variance of a mean.
"""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.micro.individuals import Columns, Fields
from sibsim.micro.truth import Truth

PERIODS_TO_FIT = 200
"""Periods that the weights of a synthetic control are fitted on: so many that errors in the weights
add a few per cent at most to its error, as the model of placebos has it."""

COMMON_SD = 3.0
"""Standard deviation of what moves all places alike, in standard deviations of a place's own error:
most of what moves a place is common, which is what donors are for."""


def stepped_wedge(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return the mean of each cluster in each period, missing where it is left out.

    `weight` is the people of the mean. All clusters' levels drift alike from period to period.
    """
    starts = np.repeat(np.arange(len(fields["sequences"])) + 1, fields["sequences"])
    periods = len(fields["sequences"]) + 1 + fields["periods_after"]
    since = np.arange(periods) - starts[:, np.newaxis]
    treated = (since >= 0).astype(np.float64)
    left_out = (since >= 0) & (since < fields["transition_periods"])
    clusters = (replicates, len(starts), 1)
    level = rng.standard_normal(clusters)
    rho = fields["rho"]
    apart = rho * level + np.sqrt(1.0 - rho**2) * rng.standard_normal(clusters)
    mean = truth.counterfactual + truth.effect * treated
    of_people = np.sqrt(truth.variance(mean) / fields["people"])
    outcome = (
        mean
        + fields["tau"] * level
        + fields["eta"] * apart * treated
        + of_people * rng.standard_normal((*clusters[:2], periods))
    )
    flat = (len(starts), periods)
    return {
        "cluster": np.repeat(np.arange(float(flat[0])), periods),
        "period": np.tile(np.arange(float(periods)), flat[0]),
        "treated": treated.ravel(),
        "weight": np.full(treated.size, float(fields["people"])),
        "outcome": np.where(left_out, np.nan, outcome).reshape(replicates, -1),
    }


def interrupted_time_series(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return one point per period; `period` is 0 at the first point after.

    The whole error of a point follows an AR(1) process. A change of level and slope reaches the
    effect at the last point, in equal steps.
    """
    before, after = fields["points_before"], fields["points_after"]
    period = np.arange(-before, after, dtype=np.float64)
    treated = (period >= 0).astype(np.float64)
    reached = treated
    if fields["change"] == "level_and_slope":
        reached = treated * (period + 1.0) / after
    mean = truth.counterfactual + truth.effect * reached
    spread = np.sqrt(truth.variance(mean) / fields["people_per_point"] + fields["shock_sd"] ** 2)
    error = autoregressive(
        rng, shape=(replicates, len(period)), correlation=fields["autocorrelation"]
    )
    return {"period": period, "treated": treated, "outcome": mean + spread * error}


def synthetic_control(
    fields: Fields, truth: Truth, rng: np.random.Generator, replicates: int
) -> Columns:
    """Return the treated place, first, and its donors over periods, the last one after.

    One factor moves all places alike, so that each donor is to the others as the treated place is
    to them, equal weights are the true ones, and a gap has the stated sd: that of a place's own
    error times sqrt(1 + 1 / donors). The treated place's last point has the luck of participants.
    """
    donors, periods = fields["donors"], PERIODS_TO_FIT + 1
    own_sd = fields["placebo_sd"] / np.sqrt(1.0 + 1.0 / donors)
    common = COMMON_SD * rng.standard_normal((replicates, 1, periods))
    places = common + rng.standard_normal((replicates, donors + 1, periods))
    outcome = truth.counterfactual + own_sd * places
    unseen = fields["residual_bias"]
    outcome[:, 0, -1] += unseen["mean"] + unseen["sd"] * rng.standard_normal(replicates)
    people = truth.of_participants(rng, replicates=replicates).mean(axis=1)
    outcome[:, 0, -1] += people - truth.counterfactual
    return {
        "unit": np.repeat(np.arange(donors + 1.0), periods),
        "period": np.tile(np.arange(-PERIODS_TO_FIT, 1.0), donors + 1),
        "treated": (np.arange(outcome[0].size) == PERIODS_TO_FIT).astype(np.float64),
        "outcome": outcome.reshape(replicates, -1),
    }


def autoregressive(
    rng: np.random.Generator, *, shape: tuple[int, int], correlation: float
) -> FloatArray:
    """Return AR(1) series of variance 1, (R, T).

    Parameters
    ----------
    rng
        Source of the randomness.
    shape
        Replicates and points.
    correlation
        Correlation of neighbouring points, in [0, 1).
    """
    own = np.sqrt(1.0 - correlation**2)
    found: FloatArray = rng.standard_normal(shape)
    for point in range(1, shape[1]):
        found[:, point] = correlation * found[:, point - 1] + own * found[:, point]
    return found
