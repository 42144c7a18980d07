"""Facts of a case, as tests state what has happened, and worlds in which they stand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts, Reports
from sibsim.core.stages import World
from sibsim.simulate import base_case, simulate

ERRORS = 5
"""Monte Carlo standard errors within which a mean must lie."""

DRAWS = 4096
"""Draws of a world: one block."""

RATES = (0.40, 0.50, 0.55)
KEPT = 0.3

TWO_YEARS: Mapping[str, object] = {
    "counterfactual": 0.3,
    "success_rate": list(RATES),
    "follow_up_months": [12, 18, 24],
    "persistence": KEPT,
}
"""An outcome at three follow-ups, at which people keep a part of their luck."""

ONE_YEAR: Mapping[str, object] = {
    "counterfactual": 0.3,
    "success_rate": 0.5,
    "follow_up_months": [12],
}
"""An outcome at one follow-up."""

EACH: Mapping[str, object] = {
    "model": "rate_card",
    "reads": "job",
    "pays_for": "achieved",
    "price": 10_000,
}
"""A line that pays 10,000 for each success of one follow-up."""

RATE_CARD: Mapping[str, object] = {**EACH, "follow_up_months": [12, 18, 24]}
"""The same for three follow-ups."""

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


def world_given(case: Case, known: Facts, *, seed: int) -> World:
    """Return the world of one block in which facts stand."""
    worlds = simulate(case, draws=DRAWS, rng=seed, keep="world", facts=known).worlds
    assert worlds is not None
    return worlds[0]


def expected_given(case: Case, known: Facts) -> World:
    """Return the world of the base case in which facts stand."""
    worlds = base_case(case, facts=known).worlds
    assert worlds is not None
    return worlds[0]


def assert_mean(found: FloatArray, *, mean: float, variance: float) -> None:
    """Assert mean and variance of draws within Monte Carlo error."""
    error = np.sqrt(variance / len(found))
    assert abs(found.mean() - mean) < ERRORS * error
    assert abs(found.var() / variance - 1.0) < ERRORS * np.sqrt(2.0 / len(found))
