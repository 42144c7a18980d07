"""What the evaluator of a study reports, draw by draw."""

from __future__ import annotations

import numpy as np
import pytest

import sibsim as sib
from sibsim.decisions.information.studies import reported
from sibsim.decisions.worlds import Luck
from tests.unit.decisions.information.linear_case import RATE, linear_case

DRAWS = 2_000

ERRORS = 5
"""Monte Carlo standard errors within which a figure must lie."""


def test_the_report_is_drawn_from_the_rate_of_the_draw(seed: int) -> None:
    """Of 100 people the share who achieve is binomial about that draw's own rate."""
    case = linear_case({"dist": "uniform", "min": 0.2, "max": 0.8})
    found = reported(case, cohorts=None, draws=DRAWS, luck=Luck.of(seed)).summary
    assert set(found) == {"job.people", "job.12"}
    values = case.quantities[RATE].ppf(
        Luck.of(seed).layers(0).parameters.uniforms(RATE, rows=1)[0, :DRAWS]
    )
    assert np.all(found["job.people"] == 100)
    standardised = (found["job.12"] - values) / np.sqrt(values * (1 - values) / 100)
    assert abs(standardised.mean()) < ERRORS / np.sqrt(DRAWS)
    # The variance of a square of a standard normal is 2.
    assert abs(np.square(standardised).mean() - 1) < ERRORS * np.sqrt(2 / DRAWS)


def test_a_first_cohort_reports_its_own_people(seed: int) -> None:
    """The first cohort of Holbæk is a fifth of all people, and its rates vary more."""
    case, luck = sib.load_case("holbaek"), Luck.of(seed)
    whole = reported(case, cohorts=None, draws=DRAWS, luck=luck).summary
    first = reported(case, cohorts=1, draws=DRAWS, luck=luck).summary
    share = first["job.people"].mean() / whole["job.people"].mean()
    # People are whole numbers in each cohort, so that the share is near a fifth and not one.
    assert share == pytest.approx(0.2, abs=0.01)
    assert first["job.24"].std() > 1.2 * whole["job.24"].std()


def test_a_comparison_adds_its_difference(seed: int) -> None:
    """A randomised study reports the rate and its difference from the controls, which are many."""
    case = sib.load_case("holbaek").with_(
        {
            "measures.job": {
                "outcome": "job",
                "design": "randomised",
                "controls_per_participant": 1,
            },
            "target_group.size": 2000,
        }
    )
    found = reported(case, cohorts=None, draws=DRAWS, luck=Luck.of(seed)).summary
    assert {"job.24", "job.24.difference", "wellbeing.12"} <= set(found)
    assert "wellbeing.12.difference" not in found
    assert 0 < found["job.24.difference"].mean() < found["job.24"].mean()


def test_where_nobody_is_reported_the_mean_stands(seed: int) -> None:
    """A study of two people who mostly stay away is counted, and no rate is missing."""
    case = sib.load_case("holbaek").with_({"target_group.size": 2, "delivery.take_up": 0.5})
    found = reported(case, cohorts=1, draws=DRAWS, luck=Luck.of(seed))
    nobody = found.summary["job.people"] == 0
    assert found.nobody >= nobody.sum() > 0
    assert np.isfinite(list(found.summary.values())).all()
    rates = found.summary["job.24"]
    np.testing.assert_allclose(rates[nobody], rates[~nobody].mean())
