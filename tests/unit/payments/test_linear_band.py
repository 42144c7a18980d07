"""The linear band against published contracts and closed forms under normal error."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import ndtr, ndtri

from sibsim.core.arrays import FloatArray
from sibsim.core.wording import MeasureWords
from sibsim.errors import ArgumentError
from sibsim.payments.linear_band import LinearBand
from tests.reported import all_served, report, served_first, terms

DENVER = [
    {"at": 0.20, "pays": 3_200_000},
    {"at": 0.30, "pays": 4_800_000},
    {"at": 0.65, "pays": 6_130_000},
]
"""Denver jail days: USD 160,000 a point counted from zero, then 38,000 a point, to 65 %."""

GRID = 200_000
"""Equally likely values of the estimate: the midpoint rule is then good to 1e-6 of the range."""

WORDS = MeasureWords(outcome="jail days", design="a trial", payer="Denver", currency="USD")


def band(**fields: Any) -> LinearBand:  # noqa: ANN401 - fields of a spec
    """Return Denver's band on the pooled rate."""
    denver = {"reads": "jail", "of": "rate", "at_months": 12, "pooled": True, "schedule": DENVER}
    return LinearBand(**(denver | fields))


def paid(line: LinearBand, result: float | FloatArray) -> FloatArray:
    """Return what one cohort of one person with the given rate, or effect on 50 %, is paid."""
    base = 0.0 if line.of == "rate" else 0.5
    successes = np.atleast_1d(result)[np.newaxis, np.newaxis] + base
    measured = {"jail": report(successes, months=(12,), treated_n=1.0, rate=base, draws=True)}
    due = line.due(measured, standing=all_served(1), terms=terms())
    total: FloatArray = due.amount.sum(axis=0)
    return total


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        (0.1999, 0),
        (0.20, 3_200_000),
        (0.25, 4_000_000),
        (0.30, 4_800_000),
        (0.38, 5_104_000),  # what Denver paid in the end
        (0.65, 6_130_000),
        (0.90, 6_130_000),
    ],
)
def test_denvers_terms(reduction: float, expected: float) -> None:
    """Nothing below 20 %, a jump there, a kink at 30 %, a cap from 65 %."""
    assert paid(band(), reduction) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("people", [5, 15, 35, 45, 55, 65, 85])
def test_a_count_at_the_edge_reaches_it(people: int) -> None:
    """One in five is 20 % whatever the rounding of the division."""
    measured = {"jail": report([[people / 5]], months=(12,), treated_n=people)}
    due = band().due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(3_200_000, rel=1e-12)


def test_the_edge_is_wide_by_its_tolerance_only() -> None:
    """1e-10 below the edge is rounding error, 1e-8 is not."""
    assert paid(band(), 0.20 - 1e-10) == pytest.approx(3_200_000, rel=1e-8)
    assert paid(band(), 0.20 - 1e-8) == 0.0


def normal_grid(mean: float, sd: float) -> FloatArray:
    """Return equally likely values of a normal estimate."""
    values: FloatArray = mean + sd * ndtri((np.arange(GRID) + 0.5) / GRID)
    return values


def mean_above(edge: float, *, mean: float, sd: float) -> float:
    """Return E[max(0, X - edge)] of a normal X."""
    z = (mean - edge) / sd
    return float((mean - edge) * ndtr(z) + sd * np.exp(-z * z / 2) / np.sqrt(2 * np.pi))


@pytest.mark.parametrize(("mean", "sd"), [(0.25, 0.05), (0.1, 0.1), (0.6, 0.2)])
def test_mean_under_normal_error_is_its_closed_form(mean: float, sd: float) -> None:
    """Jump x P(X >= first edge) + slopes x differences of E[max(0, X - edge)]."""
    jump = DENVER[0]["pays"] * float(ndtr((mean - DENVER[0]["at"]) / sd))
    slopes = sum(
        (after["pays"] - before["pays"])
        / (after["at"] - before["at"])
        * (mean_above(before["at"], mean=mean, sd=sd) - mean_above(after["at"], mean=mean, sd=sd))
        for before, after in pairwise(DENVER)
    )
    # One grid value more or less above the jump moves the mean by 3.2 m / 200,000 = 16.
    assert paid(band(), normal_grid(mean, sd)).mean() == pytest.approx(jump + slopes, abs=20)


@pytest.mark.parametrize(
    ("cap", "mean", "expected"), [(10.0, 0.0, 0.0199471), (0.15, 0.10, 0.0962588)]
)
def test_published_moments_of_a_band_on_an_effect(cap: float, mean: float, expected: float) -> None:
    """Paid for nothing at no effect with se .05; the band up to .15 at an effect of .10."""
    top = min(cap, 1.0)
    schedule = [{"at": 0.0, "pays": 0.0}, {"at": top, "pays": top}]
    line = band(of="effect", schedule=schedule)
    # Printed with seven decimals; the grid is good to 1e-6.
    assert paid(line, normal_grid(mean, 0.05)).mean() == pytest.approx(expected, abs=1.2e-6)


RIKERS = [
    (0.085, 4.8),
    (0.10, 9.6),
    (0.11, 10.08),
    (0.12, 10.176),
    (0.125, 10.272),
    (0.13, 10.368),
    (0.16, 10.944),
    (0.20, 11.712),
]
"""Rikers Island: what the city pays, USD m, from each reduction on."""


@pytest.mark.parametrize(
    ("mean", "published"), [(0.10, 5.7407107), (0.0, 0.3320392), (0.15, 9.3152881)]
)
def test_a_ladder_is_a_band_of_steep_steps(mean: float, published: float) -> None:
    """The mean of Rikers' ladder is the sum of its steps x P(X >= step)."""
    width = 1e-7
    steps = [{"at": 0.085, "pays": 4.8}]
    for (_, before), (edge, after) in pairwise(RIKERS):
        steps += [{"at": edge - width, "pays": before}, {"at": edge, "pays": after}]
    amounts = np.array([0.0, *(amount for _, amount in RIKERS)])
    edges = np.array([edge for edge, _ in RIKERS])
    expected = float(np.diff(amounts) @ ndtr((mean - edges) / 0.05))
    # The published mean was integrated numerically.
    assert expected == pytest.approx(published, abs=1e-6)
    simulated = paid(band(schedule=steps), normal_grid(mean, 0.05)).mean()
    # Eight edges, each off by at most one of 200,000 values x 4.8 m.
    assert simulated == pytest.approx(expected, abs=1e-4)


def test_pooled_rate_counts_served_cohorts_and_waits_for_the_last() -> None:
    """15 and 25 of 50: 40 % pooled pays 5.18 m in the second cohort's quarter."""
    measured = {"jail": report([[15], [25]], months=(12,))}
    due = band().due(measured, standing=all_served(2), terms=terms())
    np.testing.assert_allclose(due.amount[7], [5_180_000], rtol=1e-12)
    assert due.amount.sum() == due.amount[7].sum()
    alone = band().due(measured, standing=served_first(1, of=2), terms=terms())
    np.testing.assert_allclose(alone.amount[5], [4_800_000], rtol=1e-12)
    assert alone.amount.sum() == alone.amount[5].sum()


def test_pooled_effect_sets_each_cohort_against_its_own_comparison() -> None:
    """(30 - 10) + (10 - 10) over 50 + 150 people is an effect of 10 points."""
    schedule = [{"at": 0.0, "pays": 0}, {"at": 0.2, "pays": 200_000}]
    measured = {
        "jail": report(
            [[30], [10]],
            months=(12,),
            treated_n=np.array([[[50.0]], [[150.0]]]),
            rate=np.array([[[10 / 50]], [[10 / 150]]]),
        )
    }
    line = band(of="effect", schedule=schedule)
    due = line.due(measured, standing=all_served(2), terms=terms())
    assert due.amount.sum() == pytest.approx(100_000, rel=1e-12)


def test_by_cohort_pays_each_its_share_of_those_planned() -> None:
    """Planned 25 and 75: a quarter of 4.8 m, then three quarters of 5.18 m."""
    measured = {"jail": report([[15], [20]], months=(12,))}
    line = band(pooled=False)
    due = line.due(measured, standing=all_served(2), terms=terms(planned=(25, 75)))
    np.testing.assert_allclose(due.amount[[5, 7], 0], [1_200_000, 3_885_000], rtol=1e-12)


def test_a_cohort_never_served_leaves_the_others_share_alone() -> None:
    """The early end of a contract does not raise what the first cohort is paid."""
    measured = {"jail": report([[15], [20]], months=(12,))}
    line = band(pooled=False)
    due = line.due(measured, standing=served_first(1, of=2), terms=terms(planned=(25, 75)))
    assert due.amount.sum() == pytest.approx(1_200_000, rel=1e-12)


def test_by_cohort_needs_the_participants_planned() -> None:
    """Shares that nobody has agreed are not made up."""
    measured = {"jail": report([[15]], months=(12,))}
    with pytest.raises(ArgumentError, match="planned"):
        band(pooled=False).due(measured, standing=all_served(1), terms=terms())


def test_nobody_measured_is_not_paid() -> None:
    """Without participants in the report there is no rate, even where a rate of zero pays."""
    line = band(schedule=[{"at": 0.0, "pays": 1_000}])
    measured = {"jail": report([[0]], months=(12,), treated_n=0)}
    assert line.due(measured, standing=all_served(1), terms=terms()).amount.sum() == 0.0
    assert paid(line, 0.0) == 1_000


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ([], "got no points"),
        ([{"at": 0.3, "pays": 1}, {"at": 0.3, "pays": 2}], "got at = 0.3 after 0.3"),
        ([{"at": 0.3, "pays": 2}, {"at": 0.4, "pays": 1}], "got pays = 1.0 at 0.4 after 2.0"),
        ([{"at": 0.2, "pays": -2}], "greater than or equal to 0"),
    ],
)
def test_schedules_that_fall_are_refused(schedule: list[dict[str, float]], message: str) -> None:
    """Points rise, amounts never fall, and the fault says which."""
    with pytest.raises(ValidationError) as caught:
        band(schedule=schedule)
    assert message in str(caught.value)


def test_the_follow_up_is_checked_against_the_measure() -> None:
    """What is read names its follow-up, which a case must have."""
    assert band().readings[0].at_months == (12,)


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """The sentence has edges, amounts, the line between them and the pooling."""
    assert band().describe("da", words=WORDS) == (
        "Denver betaler efter den målte andel for »jail days« 12 måneder efter indsatsens start, "
        "målt ved a trial for alle hold under ét, når det sidste hold er målt: intet under 20 %, "
        "3.200.000 USD ved 20 %, 4.800.000 USD ved 30 % og 6.130.000 USD ved 65 %, en ret linje "
        "derimellem og ikke mere over 65 %."
    )
    assert band().describe("en", words=WORDS) == (
        'Denver pays by the measured rate of "jail days" 12 months after the start of service, '
        "measured by a trial for all cohorts together, once the last cohort is measured: nothing "
        "below 20 %, USD 3,200,000 at 20 %, USD 4,800,000 at 30 % and USD 6,130,000 at 65 %, a "
        "straight line in between and no more above 65 %."
    )


def test_band_on_an_effect_speaks_of_percentage_points() -> None:
    """A difference of shares is in points, in the floor and in the schedule."""
    line = band(of="effect", schedule=[{"at": 0.03, "pays": 100}, {"at": 0.1, "pays": 300}])
    assert (
        "nothing below 3 percentage points, USD 100 at 3 percentage points and USD 300 at 10 "
        "percentage points, a straight line in between and no more above 10 percentage points"
    ) in line.describe("en", words=WORDS)
    assert "intet under 3 procentpoint" in line.describe("da", words=WORDS)
    assert "%" not in line.describe("da", words=WORDS)
