"""Goals of three Danish contracts, as the case files write them, settled by hand.

Every payment is worked out here from plain numbers: how many people were reported, the level of the
goal as published, and the amount that the case file assumes. Nothing is taken from sibsim.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import sibsim as sib

IKAST_COHORTS = (6, 6, 4, 4)
"""20 people: 30, 30, 20 and 20 % of them."""

DIABETES_COHORTS = (72, 72, 77, 76, 77, 76)
"""450 people: 16 % twice, then 17 % in whole people."""

COMPLETERS = (26, 26, 28, 27, 28, 27)
"""162 of the 450, cohort by cohort."""

DIABETES_FOLLOW_UPS = (12, 24, 36)


def reports(
    measure: str, *, at_months: int, achieved: Sequence[float], people: Sequence[float]
) -> list[dict[str, object]]:
    """Return one report for each cohort."""
    return [
        {
            "measure": measure,
            "cohort": cohort,
            "at_months": at_months,
            "achieved": done,
            "people": all_,
        }
        for cohort, (done, all_) in enumerate(zip(achieved, people, strict=True), start=1)
    ]


def spread(total: int, *, over: Sequence[int]) -> list[int]:
    """Return a total filled up cohort by cohort, each with at most its people."""
    left, found = total, []
    for size in over:
        found.append(min(size, left))
        left -= found[-1]
    assert left == 0
    return found


def paid(case: sib.Case, line: str, rows: list[dict[str, object]]) -> float:
    """Return what one line pays on the reports."""
    return float(case.settle(rows).metric(f"payments.{line}")[0])


@pytest.fixture(scope="module")
def ikast() -> sib.Case:
    """Return the case of Ikast-Brande."""
    return sib.load_case("ikast-brande")


@pytest.fixture(scope="module")
def diabetes() -> sib.Case:
    """Return the case of the diabetes contract."""
    return sib.load_case("aarhus-diabetes")


def ikast_rows(measure: str, *, at_months: int, achieved: int) -> list[dict[str, object]]:
    """Return reports on the 20 people of Ikast-Brande."""
    done = spread(achieved, over=IKAST_COHORTS)
    return reports(measure, at_months=at_months, achieved=done, people=IKAST_COHORTS)


@pytest.mark.parametrize(("completed", "due"), [(20, 900_000), (16, 900_000), (15, 0), (0, 0)])
def test_ikast_pays_for_completing_from_16_of_20_on(
    ikast: sib.Case, completed: int, due: float
) -> None:
    """Goal (a): at least 80 % complete nine months; 0.8 x 20 = 16 just meets it, 15 misses it."""
    rows = ikast_rows("completes", at_months=9, achieved=completed)
    assert paid(ikast, "completes", rows) == due


@pytest.mark.parametrize(
    ("first_half", "second_half", "due"),
    [(8, 8, 600_000), (10, 8, 600_000), (10, 7, 0), (7, 10, 0), (7, 7, 0)],
)
@pytest.mark.parametrize("year", [1, 2, 3])
def test_ikast_pays_for_few_shelter_days_if_8_of_10_hold_both_half_years(
    ikast: sib.Case, year: int, first_half: int, second_half: int, due: float
) -> None:
    """Goal (b): 80 % of the 10 with many days before; the 10 others count as met, 18 of 20."""
    rows = [
        *ikast_rows("few_shelter_days", at_months=12 * year - 6, achieved=first_half + 10),
        *ikast_rows("few_shelter_days", at_months=12 * year, achieved=second_half + 10),
    ]
    assert paid(ikast, f"shelter_year_{year}", rows) == due


@pytest.mark.parametrize(("met", "due"), [(10, 400_000), (6, 400_000), (5, 0)])
@pytest.mark.parametrize("year", [1, 2, 3])
def test_ikast_pays_for_little_support_from_6_of_10_on(
    ikast: sib.Case, year: int, met: int, due: float
) -> None:
    """Goal (c): 60 % of the 10 others; the 10 with shelter days count as met, 16 of 20."""
    rows = ikast_rows("little_support", at_months=12 * year, achieved=met + 10)
    assert paid(ikast, f"support_year_{year}", rows) == due


def test_ikast_pays_all_at_full_success_and_what_is_left_at_partial(ikast: sib.Case) -> None:
    """Full: 900,000 + 3 x 600,000 + 3 x 400,000 = 3.9 m; without goal (c) 1.2 m less."""
    without_support = ikast_rows("completes", at_months=9, achieved=16)
    for months in (6, 12, 18, 24, 30, 36):
        without_support += ikast_rows("few_shelter_days", at_months=months, achieved=18)
    support: list[dict[str, object]] = []
    for months in (12, 24, 36):
        support += ikast_rows("little_support", at_months=months, achieved=16)
    full = ikast.settle([*without_support, *support])
    partial = ikast.settle(without_support)
    assert full.metric("payments_total")[0] == 3_900_000
    assert partial.metric("payments_total")[0] == 2_700_000
    assert full.metric("p_investor_loss")[0] == 0
    assert partial.metric("p_investor_loss")[0] == 1


def test_holbaek_pays_its_three_goals_person_by_person() -> None:
    """First cohort of 36: 20, 18, 15 work at the three follow-ups, 19 are fit, 12 are better off.

    20 x 16,000 + (18 + 15) x 22,000 + 19 x 12,000 + 12 x 6,000 = 1,346,000.
    """
    case = sib.load_case("holbaek")
    told = {
        ("job", 12): 20,
        ("job", 18): 18,
        ("job", 24): 15,
        ("fit_for_work", 12): 19,
        ("wellbeing", 12): 12,
    }
    found = case.settle(
        [
            {"measure": name, "cohort": 1, "at_months": months, "achieved": each, "people": 36}
            for (name, months), each in told.items()
        ]
    )
    assert found.metric("payments.job")[0] == 320_000 + 726_000
    assert found.metric("payments.fit_for_work")[0] == 228_000
    assert found.metric("payments.wellbeing")[0] == 72_000
    assert found.metric("payments_total")[0] == 1_346_000


@pytest.mark.parametrize(("attend", "due"), [(450, 1_900_000), (162, 1_900_000), (161, 0)])
@pytest.mark.parametrize("months", DIABETES_FOLLOW_UPS)
def test_diabetes_pays_collectively_from_162_of_450_on(
    diabetes: sib.Case, months: int, attend: int, due: float
) -> None:
    """Collective goal: at least 36 % complete and attend; 0.36 x 450 = 162 just meets it."""
    done = spread(attend, over=DIABETES_COHORTS)
    rows = reports("attends", at_months=months, achieved=done, people=DIABETES_COHORTS)
    assert paid(diabetes, f"attends_{months}", rows) == due


@pytest.mark.parametrize(("lowered", "due"), [(80, 1_760_000), (50, 1_100_000), (49, 0)])
@pytest.mark.parametrize("months", DIABETES_FOLLOW_UPS)
def test_diabetes_pays_individually_from_50_of_162_on(
    diabetes: sib.Case, months: int, lowered: int, due: float
) -> None:
    """Individual goal: 22,000 for each who lowers HbA1c by 8.5 %, if at least 50 of 162 do."""
    done = spread(lowered, over=COMPLETERS)
    rows = reports("hba1c_goal", at_months=months, achieved=done, people=COMPLETERS)
    assert paid(diabetes, "hba1c_person", rows) == due


@pytest.mark.parametrize(("average", "due"), [(12, 2_800_000), (8.5, 2_800_000), (8.4, 0)])
def test_diabetes_pays_for_the_average_reduction(
    diabetes: sib.Case, average: float, due: float
) -> None:
    """Mean goal at 36 months, 8.5 %, in points: the sum over those who complete is 162 times it."""
    sums = [average * people for people in COMPLETERS]
    rows = reports("hba1c", at_months=36, achieved=sums, people=COMPLETERS)
    assert paid(diabetes, "hba1c_average", rows) == due


def test_diabetes_pays_collectively_when_the_last_cohort_is_measured(diabetes: sib.Case) -> None:
    """Sixth cohort of August 2024: measured in August 2025, known in October, paid in November."""
    rows = reports("attends", at_months=12, achieved=COMPLETERS, people=DIABETES_COHORTS)
    found = diabetes.settle(rows)
    assert found.postings is not None
    (line,) = (each for each in found.postings if each.line == "payments.attends_12")
    assert line.amount[:, 0].nonzero()[0].tolist() == [diabetes.timeline.labels.index("2025Q4")]
