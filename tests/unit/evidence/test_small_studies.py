"""Egger's test, PET-PEESE and leave-one-out: against statsmodels, closed cases, refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError
from sibsim.evidence.influence import leave_one_out
from sibsim.evidence.meta import meta_analysis
from sibsim.evidence.small_studies import egger_test, pet_peese
from sibsim.evidence.studies import Studies
from tests.bcg import bcg

ERRORS = np.linspace(0.1, 0.6, 12)

NOISE = np.array([0.1, -0.2, 0.0, 0.3, -0.1, 0.2, -0.3, 0.1, 0.0, -0.1, 0.2, -0.2])


def studies_of(estimates: FloatArray, errors: FloatArray) -> Studies:
    """Return studies of a mean difference."""
    return Studies(
        scale="mean_difference",
        names=tuple(f"study {number}" for number in range(len(estimates))),
        estimate=estimates,
        variance=errors**2,
    )


def test_egger_is_the_regression_of_estimate_over_error() -> None:
    """On 1 / error by ordinary least squares, whose intercept it tests."""
    trials = bcg()
    errors = np.sqrt(trials.variance)
    theirs = sm.OLS(trials.estimate / errors, sm.add_constant(1 / errors)).fit()
    ours = egger_test(trials)
    assert (ours.slope, ours.standard_error) == pytest.approx((theirs.params[0], theirs.bse[0]))
    assert (ours.t, ours.p) == pytest.approx((theirs.tvalues[0], theirs.pvalues[0]))
    assert ours.intercept == pytest.approx(theirs.params[1])
    assert ours.degrees == 11


@pytest.mark.parametrize(("name", "power"), [("pet", 1), ("peese", 2)])
def test_pet_and_peese_are_intercepts_of_weighted_regressions(name: str, power: int) -> None:
    """On error and variance, weights 1 / v."""
    trials = bcg()
    column = sm.add_constant(np.sqrt(trials.variance) ** power)
    theirs = sm.WLS(trials.estimate, column, weights=1 / trials.variance).fit()
    ours = getattr(pet_peese(trials, level=0.9), name)
    assert (ours.estimate, ours.standard_error) == pytest.approx((theirs.params[0], theirs.bse[0]))
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.conf_int(alpha=0.1)[0]))


def test_peese_is_taken_where_pet_finds_an_effect() -> None:
    """Estimates rising with the variance from 1 are 1 in a study without error; PET is off."""
    found = pet_peese(studies_of(1.0 + 3.0 * ERRORS**2, ERRORS))
    assert found.taken == "peese"
    assert found.estimate == pytest.approx(1.0)
    assert found.pet.estimate < 0.99


def test_pet_is_taken_where_it_finds_none() -> None:
    """Estimates that are all error: nothing is left, and PEESE would leave something."""
    found = pet_peese(studies_of(ERRORS * (2.0 + NOISE), ERRORS))
    assert found.taken == "pet"
    assert found.low < 0.0 < found.high
    assert found.peese.estimate > found.estimate
    assert list(found.table()["taken"]) == [True, False]


def test_notes_say_where_they_are_weak() -> None:
    """Under 10 studies, and on the odds ratio."""
    few = studies_of(1.0 + NOISE[:5], ERRORS[:5])
    assert "5 studies, under 10" in egger_test(few).notes[0]
    assert "5 studies, under 10" in pet_peese(few).notes[0]
    assert egger_test(bcg()).notes == ()
    assert "depends on its size" in egger_test(replace(bcg(), scale="odds_ratio")).notes[0]


def test_sentences() -> None:
    """A large p-value is no proof; a small one says it."""
    assert egger_test(bcg()).sentence() == (
        "Egger's test does not find that small studies find other effects than large ones "
        "(p = 0.189), which does not show that they do not."
    )
    steep = egger_test(studies_of(3 * ERRORS + 0.1 * NOISE, ERRORS))
    assert steep.sentence("da").startswith("Eggers test tyder på, at små studier finder")
    assert pet_peese(bcg()).sentence("da") == (
        "Hvad et studie uden usikkerhed ville finde efter PET: relativ risiko 0,83 "
        "(95 %-konfidensinterval 0,51 til 1,34)."
    )
    assert egger_test(bcg()).table().loc["Egger's test", "degrees"] == 11


@pytest.mark.parametrize("asked", [egger_test, pet_peese])
def test_refusals_of_small_studies(asked: Callable[[Studies], object]) -> None:
    """A line needs three studies whose errors differ."""
    with pytest.raises(ArgumentError, match="got 2; whether small ones find more takes at least 3"):
        asked(studies_of(NOISE[:2], ERRORS[:2]))
    with pytest.raises(ArgumentError, match=r"got 0\.25 for every study"):
        asked(studies_of(NOISE, np.full(12, 0.5)))


def test_leaving_one_out_is_the_rest_put_together() -> None:
    """Every row is the meta-analysis of the other studies."""
    trials = bcg()
    found = leave_one_out(trials, method="dl", knapp_hartung=True)
    rest = replace(
        trials,
        names=trials.names[1:],
        estimate=trials.estimate[1:],
        variance=trials.variance[1:],
        counts=None,
        moderators={},
    )
    alone = meta_analysis(rest, method="dl", knapp_hartung=True)
    assert (found.without[0].low, found.without[0].tau2) == (alone.low, alone.tau2)
    assert found.table().loc["Aronson 1948", "low"] == pytest.approx(np.exp(alone.low))
    assert len(found.without) == 13
    assert found.notes == ()
    assert leave_one_out(trials).sentence("da") == (
        "Uden et enkelt af de 13 studier: relativ risiko mellem 0,45 (uden TPT Madras 1980) og "
        "0,53 (uden Hart & Sutherland 1977); med alle 0,49."
    )


def test_a_result_that_hangs_on_one_study_says_so() -> None:
    """Three studies of nothing and a large one of something."""
    studies = studies_of(np.array([0.0, 0.1, -0.1, 0.5]), np.array([0.4, 0.4, 0.4, 0.1]))
    found = leave_one_out(studies, method="fixed")
    assert found.notes == (
        "without study 3 the interval of the mean includes no effect, with it it excludes it",
    )
    with pytest.raises(ArgumentError, match="got 2; leaving one out takes at least 3"):
        leave_one_out(studies_of(NOISE[:2], ERRORS[:2]))
