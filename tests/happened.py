"""Facts of a case, as tests state what has happened: unknown where nothing is said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibsim.core.facts import Facts, Reports

Sums = Mapping[tuple[int, int], tuple[float, float]]
"""Successes, or the sum of results, and people of a report, by position of cohort and follow-up."""


def reports(
    treated: Sums,
    *,
    shape: tuple[int, int] = (1, 1),
    comparison: Sums | None = None,
    standard_error: Mapping[tuple[int, int], float] | None = None,
) -> Reports:
    """Return what was reported of one measure, for (cohorts, follow-ups)."""
    parts = np.full((5, *shape), np.nan)
    for first, given in ((0, treated), (2, comparison or {})):
        for at, counted in given.items():
            parts[first][at], parts[first + 1][at] = counted
    for at, stated in (standard_error or {}).items():
        parts[4][at] = stated
    total, number, total_compared, number_compared, error_stated = parts
    return Reports(total, number, total_compared, number_compared, error_stated)


def facts(
    cohorts: int = 1,
    *,
    start: Mapping[int, float] | None = None,
    referred: Mapping[int, float] | None = None,
    started: Mapping[int, float] | None = None,
    completed: Mapping[int, float] | None = None,
    **of_measures: Reports,
) -> Facts:
    """Return what has happened, numbers by position of the cohort and reports by measure."""
    rows = np.full((4, cohorts), np.nan)
    for row, given in zip(rows, (start, referred, started, completed), strict=True):
        for at, number in (given or {}).items():
            row[at] = number
    begun, sent, came, stayed = rows
    return Facts(begun, sent, came, stayed, reports=of_measures)
