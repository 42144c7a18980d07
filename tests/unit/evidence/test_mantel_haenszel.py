"""Mantel-Haenszel: against statsmodels, one table by hand, empty cells, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from sibsim.errors import ArgumentError
from sibsim.evidence.common_effect import mantel_haenszel
from sibsim.evidence.studies import Counts, Studies, StudyScale
from tests.bcg import CASES_AND_OTHERS, bcg


def tables(*rows: tuple[float, float, float, float], scale: StudyScale) -> Studies:
    """Return studies from events and people treated, events and people not."""
    number = len(rows)
    return Studies(
        scale=scale,
        names=tuple(f"study {index}" for index in range(number)),
        estimate=np.zeros(number),
        variance=np.ones(number),
        counts=Counts(*np.array(rows, dtype=np.float64).T),
    )


def test_ratios_and_the_error_of_odds_as_statsmodels() -> None:
    """Robins, Breslow and Greenland's variance; statsmodels states no error of the risk ratio."""
    theirs = StratifiedTable(CASES_AND_OTHERS.reshape(-1, 2, 2).transpose(1, 2, 0))
    ours = mantel_haenszel(replace(bcg(), scale="odds_ratio"))
    assert ours.estimate == pytest.approx(theirs.logodds_pooled, rel=1e-12)
    assert ours.standard_error == pytest.approx(theirs.logodds_pooled_se, rel=1e-12)
    assert np.exp(mantel_haenszel(bcg()).estimate) == pytest.approx(theirs.riskratio_pooled)


@pytest.mark.parametrize(
    ("scale", "estimate", "variance"),
    [
        ("risk_difference", 0.3 - 0.2, 0.3 * 0.7 / 40 + 0.2 * 0.8 / 60),
        ("risk_ratio", np.log(0.3 / 0.2), 1 / 12 - 1 / 40 + 1 / 12 - 1 / 60),
        ("odds_ratio", np.log(12 * 48 / (28 * 12)), 1 / 12 + 1 / 28 + 1 / 12 + 1 / 48),
    ],
)
def test_one_table_is_the_textbook(scale: StudyScale, estimate: float, variance: float) -> None:
    """12 of 40 against 12 of 60: the delta method's variances, exactly."""
    found = mantel_haenszel(tables((12, 40, 12, 60), scale=scale))
    assert found.estimate == pytest.approx(estimate, rel=1e-12)
    assert found.standard_error**2 == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize("scale", ["risk_difference", "risk_ratio", "odds_ratio"])
def test_many_tables_alike_are_as_many_times_the_people(scale: StudyScale) -> None:
    """The same estimate, and the variance divided by their number."""
    one, many = (
        mantel_haenszel(tables(*[(12, 40, 12, 60)] * number, scale=scale)) for number in (1, 7)
    )
    assert many.estimate == pytest.approx(one.estimate, rel=1e-12)
    assert many.standard_error == pytest.approx(one.standard_error / np.sqrt(7), rel=1e-12)


def test_errors_hold_in_many_small_tables(seed: int) -> None:
    """30 studies of 6 and 8 people, 4,000 times: the spread of the estimates is their error."""
    rng = np.random.default_rng(seed)
    risks = np.linspace(0.2, 0.6, 30)
    found = []
    for _ in range(4_000):
        events, others = rng.binomial(6, risks + 0.15), rng.binomial(8, risks)
        people = np.broadcast_to([[6], [8]], (2, 30))
        rows = np.stack([events, people[0], others, people[1]], axis=1)
        each = mantel_haenszel(tables(*map(tuple, rows), scale="risk_difference"))
        found.append((each.estimate, each.standard_error**2))
    estimates, variances = np.array(found).T
    # The standard error of a variance over n draws is sqrt(2 / n) of it.
    assert estimates.var(ddof=1) == pytest.approx(variances.mean(), rel=5 * np.sqrt(2 / 4_000))
    assert estimates.mean() == pytest.approx(0.15, abs=5 * np.sqrt(variances.mean() / 4_000))


def test_studies_without_events_say_nothing_of_a_ratio_and_something_of_a_difference() -> None:
    """They are counted and named; an empty cell needs no correction."""
    rows = ((3.0, 50.0, 0.0, 50.0), (5.0, 40.0, 9.0, 45.0), (0.0, 30.0, 0.0, 20.0))
    ratio, without = (
        mantel_haenszel(tables(*each, scale="risk_ratio")) for each in (rows, rows[:2])
    )
    assert (ratio.studies, ratio.estimate) == (2, without.estimate)
    assert ratio.notes == ("1 of 3 studies has no contrast and counts for nothing: study 2",)
    assert np.isfinite(ratio.standard_error)
    difference, smaller = (
        mantel_haenszel(tables(*each, scale="risk_difference")) for each in (rows, rows[:2])
    )
    assert difference.studies == 3
    assert abs(difference.estimate) < abs(smaller.estimate)


def test_studies_with_events_only_say_nothing_of_odds_and_something_of_risks() -> None:
    """All have the outcome in one study: no odds, but a risk ratio of 1."""
    rows = ((3.0, 50.0, 1.0, 50.0), (30.0, 30.0, 20.0, 20.0))
    odds = mantel_haenszel(tables(*rows, scale="odds_ratio"))
    risks = mantel_haenszel(tables(*rows, scale="risk_ratio"))
    assert (odds.studies, risks.studies) == (1, 2)
    assert odds.notes != risks.notes == ()


def test_sentence_and_table() -> None:
    """In both languages."""
    found = mantel_haenszel(bcg())
    assert found.sentence("da") == (
        "13 studier samlet efter Mantel-Haenszel, samme effekt overalt antaget: relativ risiko "
        "0,64 (95 %-konfidensinterval 0,59 til 0,69)."
    )
    assert found.sentence().endswith("risk ratio 0.64 (95 % confidence interval 0.59 to 0.69).")
    assert found.table().loc["common effect", "estimate"] == pytest.approx(0.635267, abs=5e-7)


@pytest.mark.parametrize(
    ("studies", "said"),
    [
        (replace(bcg(), counts=None), "needs people and events of both groups"),
        (replace(bcg(), scale="hazard_ratio"), "got 'hazard_ratio'.*use meta_analysis"),
        (tables((3, 50, 0, 50), scale="risk_ratio"), "got no risk_ratio.*risk_difference"),
        (tables((0, 50, 0, 50), scale="odds_ratio"), "got no odds_ratio"),
    ],
)
def test_refusals(studies: Studies, said: str) -> None:
    """What was given, the rule and the way out."""
    with pytest.raises(ArgumentError, match=said):
        mantel_haenszel(studies)
