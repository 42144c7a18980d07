"""The yearly coupon against the Newpin bond."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.stages import Measurement
from sibsim.core.wording import MeasureWords
from sibsim.payments.coupon import Coupon
from tests.reported import all_served, report, served_first, terms

POINTS = (
    {"at": 0.55, "rate": 0.03},
    {"at": 0.60, "rate": 0.075},
    {"at": 0.65, "rate": 0.12},
    {"at": 0.70, "rate": 0.15},
)
"""Newpin: coupon by cumulative restoration rate."""

DATES = tuple(date(year, 1, 1) for year in (2025, 2026, 2027, 2028))
"""Coupon dates: months 12, 24, 36 and 48 of the case."""

QUARTERS = [4, 8, 12, 16]
"""Quarters that the coupon dates open."""


def newpin(**fields: Any) -> Coupon:  # noqa: ANN401 - fields of a spec
    """Return Newpin's coupon on AUD 7 m, at least 5 % in the first three years."""
    terms_of_issue = {
        "reads": "home",
        "of": "rate",
        "principal": 7_000_000,
        "table": "lines",
        "points": POINTS,
        "coupon_dates": DATES,
        "minimum": {"rate": 0.05, "coupons": 3},
    }
    return Coupon(**(terms_of_issue | fields))


def yearly(*per_thousand: float) -> dict[str, Measurement]:
    """Return a report on one cohort of 1,000 after 6, 18, 30 and 42 months."""
    return {"home": report([per_thousand], months=(6, 18, 30, 42), treated_n=1000)}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("lines", [525_000, 625_800, 350_000, 0]),  # 7.5; 8.94; 5 at least; 0 %
        ("steps", [525_000, 525_000, 350_000, 0]),
    ],
)
def test_newpins_coupons(table: str, expected: list[float]) -> None:
    """60 % pays 7.5 %, 61.6 % pays 8.94 % by lines; 54 % the least rate while it lasts."""
    due = newpin(table=table).due(yearly(600, 616, 540, 540), standing=all_served(1), terms=terms())
    np.testing.assert_allclose(due.amount[QUARTERS, 0], expected, rtol=1e-12)
    assert due.amount.sum() == pytest.approx(sum(expected), rel=1e-12)


def test_a_coupon_is_by_the_result_to_date_of_all_cohorts() -> None:
    """First 600 of 1,000; a year later 640 and, of the second cohort, 660: 65 % together."""
    counts = np.array([[600.0, 640], [660, 0]])
    measured = {"home": report(counts, months=(6, 18), treated_n=1000)}
    due = newpin(coupon_dates=DATES[:2], minimum=None).due(
        measured, standing=all_served(2), terms=terms()
    )
    # By month 24 - 3 the second cohort, which starts in month 6, has its first follow-up only.
    np.testing.assert_allclose(due.amount[[4, 8], 0], [525_000, 840_000], rtol=1e-12)


@pytest.mark.parametrize(("lag", "expected"), [(6.0, 525_000), (6.5, 350_000)])
def test_a_result_counts_when_it_is_known(lag: float, expected: float) -> None:
    """Measured in month 6, it counts in month 12 when the lags are six months, not more."""
    due = newpin().due(yearly(600, 600, 600, 600), standing=all_served(1), terms=terms(lag=lag))
    assert due.amount[4].sum() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("people", range(2, 501, 7))
def test_ties_reach_a_step(people: int) -> None:
    """For every k, k of N pay the step at k / N in full and k - 1 that before."""
    counts = np.arange(people + 1.0)
    line = newpin(
        principal=1,
        table="steps",
        points=[{"at": k / people, "rate": k / people} for k in range(1, people + 1)],
        coupon_dates=DATES[:1],
        minimum=None,
    )
    measured = {
        "home": report(counts[np.newaxis, np.newaxis], months=(6,), treated_n=people, draws=True)
    }
    found = line.due(measured, standing=all_served(1), terms=terms()).amount[4]
    np.testing.assert_allclose(found, counts / people, rtol=1e-15)


REDEEMED = {
    "redemption": [{"at": 0.0, "share": 0.5}, {"at": 0.55, "share": 1.0}],
    "matures": date(2029, 1, 1),
}
"""Half of the principal back below 55 %, all of it from there on."""


@pytest.mark.parametrize(
    ("final", "expected"), [(549, 3_500_000), (550, 7_000_000), (0, 3_500_000)]
)
def test_the_principal_is_repaid_by_the_final_result(final: float, expected: float) -> None:
    """On the day of maturity, by steps, without lag."""
    due = newpin(**REDEEMED).due(
        yearly(600, 600, 600, final), standing=all_served(1), terms=terms()
    )
    assert due.amount[20].sum() == pytest.approx(expected, rel=1e-12)


def test_only_the_least_rate_is_paid_without_a_measurement() -> None:
    """Three times 5 % whatever happens, also when no cohort is served; no principal."""
    line = newpin(**REDEEMED)
    due = line.due(yearly(600, 600, 600, 600), standing=served_first(0, of=1), terms=terms())
    np.testing.assert_allclose(due.amount[QUARTERS, 0], [350_000, 350_000, 350_000, 0])
    assert due.amount.sum() == pytest.approx(1_050_000)
    assert "unconditional" in line.properties
    assert "unconditional" not in newpin(minimum=None).properties
    assert line.dates == (*DATES, date(2029, 1, 1))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"coupon_dates": []}, "one in a calendar year"),
        ({"coupon_dates": [date(2025, 1, 1), date(2025, 7, 1)]}, "2025-01-01, 2025-07-01"),
        ({"minimum": {"rate": 0.05, "coupons": 5}}, "got minimum.coupons = 5 and 4 coupon dates"),
        ({"redemption": REDEEMED["redemption"]}, "got one of redemption and matures"),
        ({"matures": date(2029, 1, 1)}, "got one of redemption and matures"),
        (REDEEMED | {"matures": date(2027, 7, 1)}, "got matures = 2027-07-01"),
        ({"points": [{"at": 0.5, "rate": 7.5}]}, "write 0.075"),
        ({"points": [{"at": 0.5, "rate": -0.1}]}, "greater than or equal to 0"),
        ({"points": []}, "write [{ at = ..., rate = ... }]"),
        (
            {"points": [{"at": 0.5, "rate": 0.1}, {"at": 0.6, "rate": 0.05}]},
            "got rate = 0.05 at 0.6 after 0.1 at 0.5",
        ),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, object], message: str) -> None:
    """Dates, table, least rate and repayment fit each other."""
    with pytest.raises(ValidationError) as caught:
        newpin(**fields)
    assert message in str(caught.value)


def test_describe_says_dates_rates_least_rate_and_repayment() -> None:
    """All parameters of the line, in both languages."""
    words = MeasureWords(outcome="home", design="registers", payer="NSW", currency="AUD")
    line = newpin(coupon_dates=DATES[:3], points=POINTS[:2], **REDEEMED)
    assert line.describe("da", words=words) == (
        "NSW betaler den 1. januar 2025, den 1. januar 2026 og den 1. januar 2027 en årlig rente "
        "af 7.000.000 AUD efter den målte andel for »home« ved hvert holds seneste opfølgning, "
        "målt ved registers og opgjort for alle hold under ét: intet under 55 %, 3 % ved 55 % og "
        "7,5 % ved 60 %, en ret linje derimellem og ikke mere over 60 %, dog mindst 5 % i hver "
        "af de første 3 rentebetalinger uanset resultatet; den 1. januar 2029 tilbagebetales en "
        "andel af hovedstolen efter resultatet på den dag: 50 % fra og med 0 % og 100 % "
        "fra og med 55 %."
    )
    assert line.describe("en", words=words) == (
        "NSW pays on 1 January 2025, 1 January 2026 and 1 January 2027 a yearly coupon on AUD "
        '7,000,000 by the measured rate of "home" at each cohort\'s latest follow-up, measured by '
        "registers and settled for all cohorts together: nothing below 55 %, 3 % at 55 % and 7.5 % "
        "at 60 %, a straight line in between and no more above 60 %, but at least 5 % in each "
        "of the first 3 coupons whatever the result; on 1 January 2029 a share of the "
        "principal is repaid by the result to that day: 50 % from 0 % "
        "and 100 % from 55 %."
    )
    once = newpin(minimum={"rate": 0.05, "coupons": 1})
    assert once.describe("da", words=words).endswith(
        ", dog mindst 5 % i den første rentebetaling uanset resultatet."
    )
