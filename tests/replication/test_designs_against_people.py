"""Each design's closed form against people who are made one by one and analysed by regression.

The people, and the analysis, share nothing with the designs but their fields. A mean must lie
within five Monte Carlo standard errors of truth and bias, a standard deviation within five of the
standard error, and the coverage of the usual interval within five of 95 %. Where the formula is an
approximation the case has the size at which the theory says that it holds, and says so; where it
parts from people by more, the difference is that of the theory.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from sibsim import evaluation
from sibsim.micro.adjusted import jump_at_cutoff
from sibsim.micro.trial import Replicates, mc_error_of_sd, simulate_evaluation
from tests.replication.designs_for_people import (
    CASES,
    NO_ERROR,
    NUMBERS,
    Case,
    cutoff,
    table,
    trial,
)

ERRORS = 5
"""Monte Carlo standard errors within which a simulated figure must lie."""

REPLICATES = 1000
"""Coverage is then told to 0.7 points, and a standard deviation to 2.2 %."""


def _simulated(case: Case, *, seed: int) -> Replicates:
    return simulate_evaluation(
        case.model,
        people=case.people,
        clusters=case.clusters,
        replicates=REPLICATES,
        rng=seed,
        **case.truth,
    )


def _closed_form(case: Case) -> tuple[float, float, float]:
    """Return truth, bias and standard error as the design states them."""
    served = float(case.people)
    path = case.setting.path(served=served)
    error = case.model.standard_error(path, participation=case.setting.participation(served=served))
    return case.model.truth(path).item(), case.model.bias(path).item(), error.item()


def test_every_design_that_is_one_evaluation_has_a_case() -> None:
    """The file covers the family; a combination is two evaluations."""
    assert {case.design["design"] for case in CASES} == set(evaluation.MEMBERS) - {"combined"}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.as_id)
def test_the_closed_form_is_what_happens_to_people(seed: int, case: Case) -> None:
    """Mean, standard deviation and coverage over replicates are as stated."""
    truth, bias, stated = _closed_form(case)
    found = _simulated(case, seed=seed)
    assert found.truth == pytest.approx(truth, rel=1e-12)
    missed = found.estimate - truth - bias
    assert abs(missed.mean()) <= ERRORS * missed.std() / np.sqrt(REPLICATES)
    assert abs(missed.std(ddof=1) - stated) <= ERRORS * mc_error_of_sd(missed)
    if case.covers:
        coverage = found.table().loc["coverage"]
        assert abs(coverage["value"] - 0.95) <= ERRORS * coverage["mc_error"]


def _sd_over_closed_form(case: Case, *, seed: int) -> tuple[float, float]:
    """Return the sd of the estimate over replicates in closed forms, and its error."""
    found = _simulated(case, seed=seed).estimate
    stated = _closed_form(case)[2]
    return float(found.std(ddof=1)) / stated, mc_error_of_sd(found) / stated


@pytest.mark.slow
def test_matching_on_what_explains_results_does_better_than_two_random_groups(seed: int) -> None:
    """Pairs alike in what explains a share R of results err by sqrt(1 - R) of the closed form."""
    case = Case(
        "one each",
        table("matched_comparison", controls_per_participant=1.0, residual_bias=NO_ERROR),
        {**NUMBERS, "confounding": 0.3},
        people=80,
    )
    ratio, error = _sd_over_closed_form(case, seed=seed)
    assert abs(ratio - np.sqrt(0.7)) <= ERRORS * error


@pytest.mark.slow
def test_a_large_effect_on_compliers_is_told_better_than_stated(seed: int) -> None:
    """The ratio's own error leaves out the spread that crossovers' effect adds to an arm.

    With constant effects outcome - effect x treated has the variance of a result in both arms, so
    the variance of the ratio is sd^2 (1 / n1 + 1 / n0) / 0.4^2, n1 = 300 / 0.7 allotted.
    """
    case = Case(
        "two sd",
        trial(non_compliance={"no_shows": 0.3, "crossovers": 0.3, "estimand": "cace"}),
        {**NUMBERS, "effect": 24.0},
        people=300,
    )
    found = _simulated(case, seed=seed).estimate
    complying = 300 / 429 - 0.3
    stated = 12.0 * np.sqrt(1 / 429 + 1 / 300) / complying
    # The take-up of few varies: terms of the order of its squared error, 0.6 %, are left out.
    assert abs(found.std() - stated) <= ERRORS * mc_error_of_sd(found)
    assert _sd_over_closed_form(case, seed=seed)[0] < 0.9


@pytest.mark.slow
def test_the_effect_at_a_cutoff_needs_slopes_of_its_own(seed: int) -> None:
    """With arms of unequal size and effects that go with the score one slope for all misleads."""
    case = Case(
        "three on the other side",
        cutoff(controls_per_participant=3.0, local_difference=4.0),
        NUMBERS,
    )
    found = simulate_evaluation(
        case.model,
        people=case.people,
        replicates=200,
        rng=seed,
        estimator=partial(jump_at_cutoff, own_slopes=True),
        **case.truth,
    )
    missed = found.estimate - found.truth - _closed_form(case)[1]
    assert abs(missed.mean()) <= ERRORS * missed.std() / np.sqrt(200)
    one_slope = _simulated(case, seed=seed).table().loc["bias"]
    assert abs(one_slope["value"] - 4.0) > ERRORS * one_slope["mc_error"]
