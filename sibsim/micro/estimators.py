"""Estimates from the people of one replicate: two groups, clusters, counts, times to an event.

An estimator takes columns by name, as arrays or as a data frame, and returns an `Estimate`. People
whose outcome is missing (NaN) are left out. Standard errors are robust to unequal variances (HC2),
which for a difference in means is s1^2 / n1 + s0^2 / n0.

MacKinnon and White 1985, "Some heteroskedasticity-consistent covariance matrix estimators with
improved finite sample properties", Journal of Econometrics 29(3):305-325, for HC2; Bell and
McCaffrey 2002, "Bias reduction in standard errors for linear regression with multi-stage samples",
Survey Methodology 28(2):169-181, for its extension to clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError

People = Mapping[str, FloatArray] | pd.DataFrame
"""The people of one replicate: one column per name, one row per person or measurement."""


class Estimate(NamedTuple):
    """What an estimator says of one replicate."""

    estimate: float
    """The effect, or the rate where there is no comparison."""

    standard_error: float
    """Its standard error as the evaluator states it."""

    degrees: float = np.inf
    """Degrees of freedom of the t distribution; infinite: the normal distribution."""


UNKNOWN = Estimate(np.nan, np.nan, np.nan)
"""What is said where an arm is too small for its spread to be told."""

FEWEST = 2
"""One result has no spread."""

Estimator = Callable[[People], Estimate]
"""An analysis: from the people of one replicate to an estimate."""


Stated = tuple[float, float] | tuple[float, float, float]
"""What an estimator of one's own may return: an `Estimate`, or its numbers in that order."""

LENGTHS = (2, 3)
"""Estimate and standard error, and maybe degrees of freedom."""


def estimate_of(found: object) -> Estimate:
    """Return what an estimator of one's own said, unknown where a number of it is NaN.

    Parameters
    ----------
    found
        An `Estimate`, or a tuple of two or three numbers.

    Raises
    ------
    ArgumentError
        If it is anything else, the standard error is below 0 or the degrees are not above 0.
    """
    numbers = found if isinstance(found, tuple) and len(found) in LENGTHS else ()
    if not numbers or any(isinstance(n, bool) or not isinstance(n, Real) for n in numbers):
        message = (
            f"estimator: got {type(found).__name__} {shown(found)} for the people of one "
            "replicate; an estimator returns an Estimate, or a tuple of estimate, standard error "
            "and, where the test is a t test, degrees of freedom; return such a tuple"
        )
        raise ArgumentError(message)
    said = Estimate(*(float(n) for n in numbers))
    if np.isnan(said).any():
        return UNKNOWN
    if said.standard_error < 0 or said.degrees <= 0:
        message = (
            f"estimator: got the tuple {shown(tuple(said))}; a standard error is at least 0 and "
            "degrees of freedom are above 0; return estimate, standard error and degrees of "
            "freedom in that order, or NaN where there is no estimate"
        )
        raise ArgumentError(message)
    return said


def columns_of(people: People, *names: str) -> tuple[FloatArray, ...]:
    """Return columns as arrays, of the rows in which the last one named is not missing."""
    found = [np.asarray(people[name], dtype=np.float64) for name in names]
    seen = ~np.isnan(found[-1])
    return tuple(found) if seen.all() else tuple(column[seen] for column in found)


def least_squares(
    outcome: FloatArray, *regressors: FloatArray, weights: FloatArray | None = None
) -> Estimate:
    """Return the coefficient of the first regressor, with HC2 errors; unknown of an arm below two.

    Parameters
    ----------
    outcome
        Results, (N,).
    regressors
        Regressors beside the constant, (N,) each; the first one tells arms apart by 0 and 1.
    weights
        Weights of the rows; None: all the same.
    """
    from statsmodels.regression.linear_model import OLS, WLS

    if min(np.count_nonzero(regressors[0]), np.count_nonzero(regressors[0] == 0)) < FEWEST:
        return UNKNOWN
    design = np.column_stack([np.ones(len(outcome)), *regressors])
    model = OLS(outcome, design) if weights is None else WLS(outcome, design, weights=weights)
    fit = model.fit()
    # As `fit.HC2_se`, which makes a matrix of people by people to take its diagonal.
    x, bread = fit.model.wexog, fit.normalized_cov_params
    leverage = np.einsum("ij,ij->i", x @ bread, x)
    influence = (x @ bread[1]) ** 2
    variance = float(influence @ (fit.wresid**2 / (1.0 - leverage)))
    return Estimate(float(fit.params[1]), np.sqrt(variance), float(fit.df_resid))


def difference_in_means(people: People) -> Estimate:
    """Return the mean of those treated less that of the others, by least squares."""
    treated, outcome = columns_of(people, "treated", "outcome")
    return least_squares(outcome, treated)


def adjusted_difference(people: People) -> Estimate:
    """Return the difference at the same `covariate`, by least squares."""
    treated, covariate, outcome = columns_of(people, "treated", "covariate", "outcome")
    return least_squares(outcome, treated, covariate)


def mean_of(gains: FloatArray) -> Estimate:
    """Return the mean of numbers, s / sqrt(n) its error; unknown of fewer than two."""
    if len(gains) < FEWEST:
        return UNKNOWN
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    return Estimate(float(gains.mean()), float(error), len(gains) - 1.0)


def mean_above_comparison(people: People) -> Estimate:
    """Return the mean of `outcome` less `comparison`, a number that is known."""
    comparison, outcome = columns_of(people, "comparison", "outcome")
    return mean_of(outcome - comparison)


def complier_effect(people: People) -> Estimate:
    """Return the effect on those who do as the lot says, by two-stage least squares.

    `assigned` is the instrument of `treated`: with one of each it is the ratio of the differences
    (Wald), its robust error that of outcome - estimate x treated, over the difference in treatment
    (Imbens and Angrist 1994, Econometrica 62(2):467-475).
    """
    assigned, treated, outcome = columns_of(people, "assigned", "treated", "outcome")
    taken_up = least_squares(treated, assigned).estimate
    if taken_up == 0 or np.isnan(taken_up):
        return UNKNOWN
    found = least_squares(outcome, assigned).estimate / taken_up
    rest = least_squares(outcome - found * treated, assigned)
    return Estimate(found, rest.standard_error / abs(taken_up), rest.degrees)


def assigned_difference(people: People) -> Estimate:
    """Return the difference between those assigned to treatment and the others (ITT)."""
    assigned, outcome = columns_of(people, "assigned", "outcome")
    return least_squares(outcome, assigned)


def logit_effect(people: People) -> Estimate:
    """Return the average difference in probability that a logit model gives, by delta method.

    Unknown where everybody of an arm has the same result.
    """
    from statsmodels.discrete.discrete_model import Logit

    treated, outcome = columns_of(people, "treated", "outcome")
    if any(len(np.unique(outcome[treated == arm])) < FEWEST for arm in (0, 1)):
        return UNKNOWN
    fit = Logit(outcome, np.column_stack([np.ones(len(treated)), treated])).fit(disp=0)
    margin = fit.get_margeff(dummy=True)
    return Estimate(float(margin.margeff[0]), float(margin.margeff_se[0]))


def count_effect(
    people: People, *, family: Literal["poisson", "negative_binomial"] = "poisson"
) -> Estimate:
    """Return the difference in mean events from a regression of counts, robust, by delta method.

    Parameters
    ----------
    people
        Columns `treated` and `outcome`.
    family
        `poisson` or `negative_binomial` (NB2, dispersion estimated).
    """
    from statsmodels.discrete.discrete_model import NegativeBinomial, Poisson

    treated, outcome = columns_of(people, "treated", "outcome")
    model = Poisson if family == "poisson" else NegativeBinomial
    design = np.column_stack([np.ones(len(treated)), treated])
    fit = model(outcome, design).fit(disp=0, cov_type="HC1")
    without, treated_mean = np.exp(fit.params[0]), np.exp(fit.params[0] + fit.params[1])
    gradient = np.array([treated_mean - without, treated_mean])
    covariance = fit.cov_params()[:2, :2]
    error = np.sqrt(gradient @ covariance @ gradient)
    return Estimate(float(treated_mean - without), float(error))


def log_hazard_ratio(people: People) -> Estimate:
    """Return the logarithm of the hazard ratio from Cox's regression of `time` and `event`."""
    from statsmodels.duration.hazard_regression import PHReg

    treated, event, time = columns_of(people, "treated", "event", "time")
    fit = PHReg(time, treated[:, np.newaxis], status=event).fit(disp=0)
    return Estimate(float(fit.params[0]), float(fit.bse[0]))


def cluster_means(people: People) -> Estimate:
    """Return the difference in means by least squares on clusters' means, weighted by size.

    Its HC2 errors are those that are robust to clusters (CR2) of least squares on people: exact for
    equal clusters. Degrees: clusters less two.
    """
    cluster, treated, outcome = columns_of(people, "cluster", "treated", "outcome")
    place, size = _clusters(cluster)
    mean = np.bincount(place, weights=outcome) / size
    arm = np.bincount(place, weights=treated) / size
    return least_squares(mean, arm, weights=size)


def clustered_difference(people: People) -> Estimate:
    """Return the difference in means by least squares on people, errors robust to clusters (CR1).

    Too small where clusters are few: `cluster_means` corrects that.
    """
    from statsmodels.regression.linear_model import OLS

    cluster, treated, outcome = columns_of(people, "cluster", "treated", "outcome")
    place, size = _clusters(cluster)
    design = np.column_stack([np.ones(len(outcome)), treated])
    fit = OLS(outcome, design).fit(cov_type="cluster", cov_kwds={"groups": place})
    return Estimate(float(fit.params[1]), float(fit.bse[1]), len(size) - 2.0)


def _clusters(cluster: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return each row's position among the clusters that have rows, and the clusters' sizes."""
    size = np.bincount(cluster.astype(np.int64))
    position = np.cumsum(size > 0) - 1
    place: IntArray = position[cluster.astype(np.int64)]
    return place, size[size > 0].astype(np.float64)
