"""Estimates from clusters or series over time: stepped wedges, interrupted series, donors.

Sources: Hussey and Hughes 2007, Contemporary Clinical Trials 28(2):182-191; Wagner, Soumerai, Zhang
and Ross-Degnan 2002, "Segmented regression analysis of interrupted time series studies in
medication use research", Journal of Clinical Pharmacy and Therapeutics 27(4):299-309; Abadie,
Diamond and Hainmueller 2010, "Synthetic control methods for comparative case studies", JASA
105(490):493-505.
"""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError
from sibsim.micro.estimators import Estimate, People, columns_of

WEIGHT_OF_SUM = 1e3
"""How much more the rule that weights sum to 1 counts than the fit of all periods together."""

LEAST_DONORS = 2
"""A placebo needs another donor to be compared with."""


def hussey_hughes(
    people: People, *, sigma2: float, tau: float, eta: float = 0.0, rho: float = 0.0
) -> Estimate:
    """Return the effect by generalised least squares on clusters' means, variances known.

    The mean of a cluster is mu + period + x (theta + b) + a + e, sd(a) = tau, sd(b) = eta,
    corr(a, b) = rho, var(e) = sigma2 / people.

    Parameters
    ----------
    people
        Rows are clusters by periods, sorted by cluster: `cluster`, `period`, `treated`, `weight`
        (people) and `outcome` (their mean, missing where it is left out).
    sigma2
        Variance of a person's result within a cluster and period.
    tau, eta
        Standard deviation of clusters' levels and of their effects.
    rho
        Correlation of the two.
    """
    from statsmodels.regression.linear_model import OLS

    cluster, period, treated, weight, outcome = columns_of(
        people, "cluster", "period", "treated", "weight", "outcome"
    )
    design = np.column_stack([_dummies(period), treated])
    y, x = outcome.copy(), design.copy()
    for each in np.unique(cluster):
        rows = cluster == each
        common = np.column_stack([np.ones(rows.sum()), treated[rows]])
        between = np.array([[tau**2, rho * tau * eta], [rho * tau * eta, eta**2]])
        covariance = np.diag(sigma2 / weight[rows]) + common @ between @ common.T
        root = np.linalg.cholesky(covariance)
        y[rows] = np.linalg.solve(root, outcome[rows])
        x[rows] = np.linalg.solve(root, design[rows])
    fit = OLS(y, x).fit(cov_type="fixed scale")
    return Estimate(float(fit.params[-1]), float(fit.bse[-1]))


def mixed_model(people: People) -> Estimate:
    """Return the effect from a mixed model with a random level of clusters, variances estimated.

    Rows as for `hussey_hughes`; clusters' means count as equally precise. Slow.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM

    cluster, period, treated, outcome = columns_of(
        people, "cluster", "period", "treated", "outcome"
    )
    design = np.column_stack([_dummies(period), treated])
    fit = MixedLM(outcome, design, groups=cluster.astype(np.int64)).fit(reml=True)
    place = design.shape[1] - 1
    return Estimate(float(fit.params[place]), float(fit.bse[place]))


def segmented(people: People, *, autocorrelation: float, slope: bool = False) -> Estimate:
    """Return how far a series ends above its trend before, by generalised least squares.

    Parameters
    ----------
    people
        One row per point: `period` (0 at the first point after), `treated` and `outcome`.
    autocorrelation
        Known correlation of the error with that of the point before, in [0, 1).
    slope
        Whether the slope may change too, beside the level.
    """
    from statsmodels.regression.linear_model import GLS

    period, treated, outcome = columns_of(people, "period", "treated", "outcome")
    design = _segments(period, treated, slope=slope)
    lag = np.abs(np.subtract.outer(period, period))
    fit = GLS(outcome, design, sigma=autocorrelation**lag).fit()
    return Estimate(float(fit.params[1]), float(fit.bse[1]), float(fit.df_resid))


def segmented_estimated(people: People, *, slope: bool = False, rounds: int = 5) -> Estimate:
    """Return the same with the autocorrelation estimated from the residuals (GLSAR).

    With short series the autocorrelation comes out too low, and the error too small.

    Parameters
    ----------
    people
        As for `segmented`.
    slope
        Whether the slope may change too.
    rounds
        Rounds of fitting and estimating.
    """
    from statsmodels.regression.linear_model import GLSAR

    period, treated, outcome = columns_of(people, "period", "treated", "outcome")
    model = GLSAR(outcome, _segments(period, treated, slope=slope), rho=1)
    fit = model.iterative_fit(maxiter=rounds)
    return Estimate(float(fit.params[1]), float(fit.bse[1]), float(fit.df_resid))


def synthetic_control(people: People, *, sampling_variance: float = 0.0) -> Estimate:
    """Return the last period's gap between the treated unit and its weighted donors.

    Weights, at least 0 and summing to 1, fit the periods before best. Its variance is the mean
    square of the gaps of the donors, each compared with the other donors in the same way, and the
    sampling variance.

    Parameters
    ----------
    people
        Rows are units by periods, sorted by unit and then period, the treated unit first: `unit`
        and `outcome`; the last period is the one after.
    sampling_variance
        Variance of the treated unit's last point that the luck of its people gives it; no placebo
        shows it.
    """
    unit, outcome = columns_of(people, "unit", "outcome")
    number = len(np.unique(unit))
    series = outcome.reshape(number, len(outcome) // number)
    donors = series[1:]
    if len(donors) < LEAST_DONORS:
        message = (
            f"got {len(donors)} donors; a placebo is compared with other donors; give "
            f"{LEAST_DONORS} or more"
        )
        raise ArgumentError(message)
    placebo = [_gap(donors[j], others=np.delete(donors, j, axis=0)) for j in range(len(donors))]
    error = np.sqrt(np.mean(np.square(placebo)) + sampling_variance)
    return Estimate(_gap(series[0], others=donors), float(error), len(donors) - 1.0)


def _gap(own: FloatArray, *, others: FloatArray) -> float:
    """Return own last value less that of the weighted others."""
    from scipy.optimize import nnls

    before, target = others[:, :-1].T, own[:-1]
    # The triangle of a QR decomposition has the same least squares, in few rows.
    heavy = WEIGHT_OF_SUM * np.sqrt(np.mean(before**2) * len(target))
    stacked = np.vstack([before, np.full(len(others), heavy)])
    root = np.asarray(np.linalg.qr(np.column_stack([stacked, np.append(target, heavy)]), mode="r"))
    weights = nnls(root[:, :-1], root[:, -1])[0]
    return float(own[-1] - weights @ others[:, -1] / weights.sum())


def _dummies(period: FloatArray) -> FloatArray:
    """Return one indicator for each period that has rows, (N, periods)."""
    found: FloatArray = (period[:, np.newaxis] == np.unique(period)).astype(np.float64)
    return found


def _segments(period: FloatArray, treated: FloatArray, *, slope: bool) -> FloatArray:
    """Return constant, change by the last point, trend and maybe change of slope, (N, 3 or 4)."""
    columns = [np.ones(len(period)), treated, period]
    if slope:
        columns.append((period - period.max()) * treated)
    return np.column_stack(columns)
