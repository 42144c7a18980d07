"""What a table says of one metric: mean, Monte Carlo error, quantiles, share undefined."""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import (
    mc_error_of_mean,
    mc_error_of_probability,
    mc_error_of_quantile,
    undefined_share,
)

QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}
"""Quantiles that tables show."""

NO_MEAN = ("irr", "payback_years", "break_even_year")
"""Ends of metrics without a mean: rates are never averaged, nor dates that may not come."""

NEVER = ("payback_years", "break_even_year")
"""Ends of metrics that may never come about: a draw in which they do not ranks last."""


def is_probability(metric: str) -> bool:
    """Return whether a metric is an indicator, whose mean is a probability."""
    return metric.startswith(("p_", "limit_bound.", "trumped."))


def figures(values: FloatArray, *, metric: str, nets: bool, chance: bool) -> dict[str, float]:
    """Return what a table says of one metric.

    Parameters
    ----------
    values
        One number per draw, NaN where undefined, (D,).
    metric
        Name of the metric, which says whether it is an indicator, has a mean, may never come.
    nets
        Whether the draws come in independently randomised nets.
    chance
        Whether there is chance, and so a Monte Carlo error.
    """
    row = {"mean": np.nan, "mc_error": np.nan} | dict.fromkeys(QUANTILES, np.nan)
    row["undefined"] = undefined_share(values)
    defined = values[~np.isnan(values)]
    if not defined.size:
        return row | dict.fromkeys(QUANTILES, np.inf if metric.endswith(NEVER) else np.nan)
    if is_probability(metric):
        row["mean"] = float(defined.mean())
        if chance:
            row["mc_error"] = mc_error_of_probability(values, nets=nets)
        return row
    levels = list(QUANTILES.values())
    if metric.endswith(NEVER):
        ranked = np.where(np.isnan(values), np.inf, values)
        found = np.quantile(ranked, levels, method="inverted_cdf")
    else:
        found = np.quantile(defined, levels)
    row |= dict(zip(QUANTILES, map(float, found), strict=True))
    if metric.endswith(NO_MEAN):
        row["mc_error"] = mc_error_of_quantile(values, probability=0.5, nets=nets)
    else:
        row["mean"] = float(defined.mean())
        row["mc_error"] = mc_error_of_mean(values, nets=nets)
    return row
