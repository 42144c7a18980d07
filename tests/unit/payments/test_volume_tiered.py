"""The volume-tiered price against Istanbul's terms and amounts worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.wording import MeasureWords
from sibsim.payments.volume_tiered import VolumeTiered
from tests.reported import all_served, report, served_first, terms

ISTANBUL = [{"up_to": 370, "price": 1_100}, {"up_to": 410, "price": 1_000}, {"price": 1_350}]
"""USD 1,100 for the first 370, 1,000 for the next 40 and 1,350 beyond 410."""

WORDS = MeasureWords(outcome="job", design="registers", payer="the payer", currency="USD")


def line(**fields: Any) -> VolumeTiered:  # noqa: ANN401 - fields of a spec
    """Return Istanbul's line."""
    return VolumeTiered(**({"reads": "job", "tiers": ISTANBUL} | fields))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, 0),
        (370, 407_000),
        (371, 408_000),
        (410, 447_000),  # 370 x 1,100 + 40 x 1,000
        (430, 474_000),  # + 20 x 1,350
        (370.5, 407_500),
    ],
)
def test_istanbuls_terms(number: float, expected: float) -> None:
    """One cohort at one follow-up."""
    measured = {"job": report([[number]], months=(12,))}
    due = line().due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(expected, rel=1e-12)


def test_the_number_runs_over_cohorts_and_follow_ups_by_date() -> None:
    """200 at month 12, 190 at 18 and 30 at 24, of cohorts in turn.

    200 x 1,100; 170 x 1,100 + 20 x 1,000; 20 x 1,000 + 10 x 1,350.
    """
    measured = {"job": report([[200, 190], [0, 30]], months=(12, 18))}
    due = line().due(measured, standing=all_served(2), terms=terms(lag=0.0))
    assert due.amount[[4, 6, 8], 0].tolist() == [220_000, 207_000, 33_500]


def test_the_order_may_differ_between_draws() -> None:
    """The first cohort, 370 people, is measured before or after the second, 40."""
    reported = report([[370], [40]], months=(12,))
    when = np.array([[[12.0, 24.0]], [[18.0, 18.0]]])
    measured = {"job": replace(reported, when=when)}
    due = line().due(measured, standing=all_served(2), terms=terms(lag=0.0))
    # Second cohort first: 40 x 1,100, then 330 x 1,100 + 40 x 1,000.
    assert due.amount[[4, 6, 8]].tolist() == [[407_000, 0], [40_000, 44_000], [0, 403_000]]
    assert due.amount.sum(axis=0).tolist() == [447_000, 447_000]


def test_cohorts_not_served_are_not_counted() -> None:
    """The second cohort then starts at the first tier."""
    measured = {"job": report([[370], [40]], months=(12,))}
    reversed_order = served_first(1, of=2)
    due = line().due(measured, standing=reversed_order, terms=terms())
    assert due.amount.sum() == 407_000
    last_only = replace(reversed_order, served=~reversed_order.served)
    assert line().due(measured, standing=last_only, terms=terms()).amount.sum() == 44_000


def test_only_the_follow_ups_named_are_counted() -> None:
    """Successes at others neither pay nor move the number."""
    measured = {"job": report([[300, 100]], months=(12, 18))}
    due = line(follow_up_months=[18]).due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == 110_000


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        ([{"price": 1}], "got 1 tiers"),
        ([{"up_to": 5, "price": 1}, {"up_to": 9, "price": 1}], "the last has none"),
        ([{"price": 1}, {"price": 2}], "every tier but the last has an up_to"),
        (
            [{"up_to": 5, "price": 1}, {"up_to": 5, "price": 1}, {"price": 2}],
            "write the tiers in rising order",
        ),
        ([{"up_to": 5, "price": -1}, {"price": 2}], "greater than or equal to 0"),
    ],
)
def test_faults_say_value_rule_and_way_out(tiers: list[dict[str, Any]], message: str) -> None:
    """Tiers rise, and only the last is open."""
    with pytest.raises(ValidationError) as caught:
        line(tiers=tiers)
    assert message in str(caught.value)


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """Every tier with its price and number."""
    model = line(follow_up_months=[12, 18])
    assert model.describe("da", words=WORDS) == (
        "The payer betaler for hver deltager, der har opnået »job«, uden fradrag for dem, der "
        "havde opnået det alligevel, målt ved registers ved 12 og 18 måneder efter indsatsens "
        "start, efter det samlede antal i den rækkefølge, de måles, på tværs af hold og "
        "opfølgninger: 1.100 USD for hver af de første 370, 1.000 USD for hver af de næste 40 og "
        "1.350 USD for hver ud over 410."
    )
    assert model.describe("en", words=WORDS) == (
        'The payer pays for each participant who has achieved "job", without deducting those who '
        "would have achieved it anyway, measured by registers at 12 and 18 months after the start "
        "of service, by the cumulative number in the order in which they are measured, over "
        "cohorts and follow-ups: USD 1,100 for each of the first 370, USD 1,000 for each of the "
        "next 40 and USD 1,350 for each one beyond 410."
    )
