"""The terminal bullet against the Benevolent Society's bond."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.stages import Measurement
from sibsim.core.wording import MeasureWords
from sibsim.payments.reading import Reading
from sibsim.payments.terminal_bullet import TerminalBullet
from tests.reported import all_served, report, served_first, terms

COMPONENTS = (
    {"reads": "care", "of": "reduction", "at_months": 12, "weight": 0.6},
    {"reads": "reports", "of": "reduction", "at_months": 24, "weight": 0.4},
)
"""Two falls against matched families; the published index has three, its weights are not public."""

CLASS_P: dict[str, Any] = {
    "principal": 7_500_000,
    "protected": 1.0,
    "points": ({"at": 0.05, "rate": 0.05}, {"at": 0.19, "rate": 0.06}, {"at": 0.24, "rate": 0.07}),
}
"""Class P: principal protected; 6 % at 19 %, 7 % at 24 %, 5 % in the first period's band."""

CLASS_E: dict[str, Any] = {
    "principal": 2_500_000,
    "protected": 0.0,
    "points": ({"at": 0.05, "rate": 0.08}, {"at": 0.19, "rate": 0.105}, {"at": 0.24, "rate": 0.15}),
}
"""Class E: all at risk; 10.5 % at 19 %, 15 % at 24 %, 8 % in the first period's band."""

MATURITY = 20
"""Quarter that 1 January 2029 opens."""


def bullet(**fields: Any) -> TerminalBullet:  # noqa: ANN401 - fields of a spec
    """Return class P, by steps, with simple interest over five years."""
    shared = {
        "components": COMPONENTS,
        "table": "steps",
        "starts": date(2024, 1, 1),
        "matures": date(2029, 1, 1),
        "accrual": "simple",
    }
    return TerminalBullet(**(shared | CLASS_P | fields))


def fallen(care: float, reports: float) -> dict[str, Measurement]:
    """Return reports on 1,000 people of whom the comparison leads to expect 500 of each."""
    return {
        name: report([[500 - 500 * fall] * 2], months=(12, 24), treated_n=1000, rate=0.5)
        for name, fall in (("care", care), ("reports", reports))
    }


@pytest.mark.parametrize(
    ("care", "reports", "class_p", "class_e"),
    [
        (0.25, 0.10, 9_750_000, 3_812_500),  # 0.6 x 25 + 0.4 x 10 = 19 %: 6 and 10.5 % for 5 years
        (0.30, 0.15, 10_125_000, 4_375_000),  # 24 %: 7 and 15 %
        (0.05, 0.05, 9_375_000, 3_500_000),  # 5 %: 5 and 8 %
        (0.08, 0.00, 7_500_000, 0),  # 4.8 %
        (-0.5, 0.50, 7_500_000, 0),
    ],
)
def test_both_classes_by_score(care: float, reports: float, class_p: float, class_e: float) -> None:
    """One payment at maturity; below 5 % P has its principal, E loses it."""
    for fields, expected in ((CLASS_P, class_p), (CLASS_E, class_e)):
        due = bullet(**fields).due(fallen(care, reports), standing=all_served(1), terms=terms())
        assert due.amount[MATURITY].sum() == pytest.approx(expected, rel=1e-12)
        assert due.amount.sum() == due.amount[MATURITY].sum()


def test_interest_that_compounds() -> None:
    """7.5 m x 1.06^5 = 10.04 m and 2.5 m x 1.105^5 = 4.12 m."""
    for fields, expected in ((CLASS_P, 10_036_691.832), (CLASS_E, 4_118_616.914851562)):
        line = bullet(accrual="compound", **fields)
        due = line.due(fallen(0.25, 0.10), standing=all_served(1), terms=terms())
        assert due.amount.sum() == pytest.approx(expected, rel=1e-12)


def test_rates_on_straight_lines() -> None:
    """At 21.5 %, half-way from 19 to 24 %, class P has 6.5 % a year."""
    due = bullet(table="lines").due(fallen(0.215, 0.215), standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(7_500_000 * 1.325, rel=1e-12)


def test_years_are_whole_months_over_twelve() -> None:
    """From 1 January 2024 to 1 July 2028 are 4.5 years, leap days or not."""
    line = bullet(starts=date(2024, 1, 1), matures=date(2028, 7, 1))
    due = line.due(fallen(0.25, 0.10), standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(7_500_000 * 1.27, rel=1e-12)


def test_a_result_known_late_is_paid_when_it_is_known() -> None:
    """Month 24 and three months of lag after maturity in month 12: interest of one year only."""
    line = bullet(matures=date(2025, 1, 1), protected=0.5)
    due = line.due(fallen(0.25, 0.10), standing=all_served(1), terms=terms())
    np.testing.assert_allclose(due.amount[[4, 9], 0], [3_750_000, 4_200_000], rtol=1e-12)
    assert due.amount.sum() == pytest.approx(7_950_000, rel=1e-12)


def test_without_every_result_only_the_protected_share_is_paid() -> None:
    """A score of one result in two is no score; nobody served is none either."""
    half = fallen(0.5, 0.5)
    half["reports"] = report([[0, 0]], months=(12, 24), treated_n=0, rate=0.5)
    line = bullet(protected=0.75)
    for measured, standing in ((half, all_served(1)), (fallen(0.5, 0.5), served_first(0, of=1))):
        due = line.due(measured, standing=standing, terms=terms())
        assert due.amount.sum() == pytest.approx(5_625_000, rel=1e-12)
    assert "unconditional" in line.properties
    assert "unconditional" not in bullet(protected=0.0).properties


@pytest.mark.parametrize("people", range(2, 501, 7))
def test_ties_reach_a_step(people: int) -> None:
    """Two results of k of N weigh k / N together, and reach the step there."""
    counts = np.arange(people + 1.0)
    thirds = (
        {"reads": "a", "of": "rate", "at_months": 12, "weight": 1 / 3},
        {"reads": "b", "of": "rate", "at_months": 12, "weight": 2 / 3},
    )
    line = bullet(
        components=thirds,
        points=[{"at": k / people, "rate": k / people} for k in range(1, people + 1)],
        matures=date(2025, 1, 1),
        principal=1,
        protected=0.0,
    )
    each = report(counts[np.newaxis, np.newaxis], months=(12,), treated_n=people, draws=True)
    found = line.due({"a": each, "b": each}, standing=all_served(1), terms=terms()).amount[5]
    np.testing.assert_allclose(found[1:], 1 + counts[1:] / people, rtol=1e-12)
    assert found[0] == 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"components": COMPONENTS[:1]}, "got weights that sum to 0.6"),
        ({"components": []}, "got weights that sum to 0"),
        ({"matures": date(2024, 1, 1)}, "got matures = 2024-01-01 and starts = 2024-01-01"),
        ({"protected": 1.5}, "less than or equal to 1"),
        ({"components": [COMPONENTS[0] | {"weight": 0}, COMPONENTS[1]]}, "greater than 0"),
        ({"points": [{"at": 0.2, "rate": 6}]}, "write 0.06"),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, object], message: str) -> None:
    """Weights sum to 1, interest runs forward, rates are shares."""
    with pytest.raises(ValidationError) as caught:
        bullet(**fields)
    assert message in str(caught.value)


def test_every_component_is_read_and_named_by_its_field() -> None:
    """What is refused is said of the components."""
    assert bullet().readings == (
        Reading("care", "reduction", (12,), field="components.reads"),
        Reading("reports", "reduction", (24,), field="components.reads"),
    )
    assert "monotone" not in bullet().properties
    assert bullet().dates == (date(2029, 1, 1),)


def test_describe_says_score_rates_accrual_and_protection() -> None:
    """All parameters of the line, in both languages."""
    words = MeasureWords(
        outcome="care",
        design="matched families",
        payer="NSW",
        currency="AUD",
        titles={"care": "anbringelse", "reports": "underretning"},
    )
    line = bullet(points=CLASS_P["points"][1:])
    assert line.describe("da", words=words) == (
        "NSW betaler den 1. januar 2029, dog tidligst når det sidste resultat foreligger, "
        "hovedstol og rente af 7.500.000 AUD efter den vægtede score af det målte fald i forhold "
        "til sammenligningen for »anbringelse« 12 måneder efter indsatsens start (vægt 60 %) og "
        "det målte fald i forhold til sammenligningen for »underretning« 24 måneder efter "
        "indsatsens start (vægt 40 %), målt ved matched families og opgjort for alle hold under "
        "ét: 100 % af hovedstolen under 19 %, hovedstolen med 6 % om året fra og med 19 % og "
        "hovedstolen med 7 % om året fra og med 24 %; renten løber fra den 1. januar 2024 uden "
        "rentes rente; 100 % af hovedstolen betales den 1. januar 2029 uanset resultatet."
    )
    at_risk = bullet(**CLASS_E, accrual="compound")
    assert at_risk.describe("en", words=words).endswith(
        "nothing below 5 %, the principal with 8 % a year from 5 %, the principal with 10.5 % a "
        "year from 19 % and the principal with 15 % a year from 24 %; interest runs from 1 January "
        "2024 and compounds yearly."
    )
