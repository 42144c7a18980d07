"""The savings share against Koto's published figures and amounts worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.wording import MeasureWords
from sibsim.payments.savings_share import SavingsShare
from tests.reported import all_served, report, served_first, terms

WORDS = MeasureWords(outcome="special education", design="a test", payer="Utah", currency="USD")


def line(**fields: Any) -> SavingsShare:  # noqa: ANN401 - fields of a spec
    """Return a line of half of 100 for each unit fewer than in the comparison."""
    agreed = {
        "reads": "school",
        "counts": "fewer",
        "unit": {"da": "skoleår", "en": "school years"},
        "tariff": 100,
        "share": 0.5,
        "floor": "follow_up",
    }
    return SavingsShare(**(agreed | fields))


def test_half_of_kotos_saving() -> None:
    """2,636 people gain EUR 2,670 each in taxes and benefits: 50 % is 3,519,060."""
    reported = report([[2_636 * 5_670.0]], months=(36,), treated_n=2_636.0, rate=3_000.0)
    koto = line(counts="more", tariff=1, floor="contract")
    due = koto.due({"school": reported}, standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(3_519_060, rel=1e-12)


@pytest.mark.parametrize(("units", "expected"), [(20, 1_000), (39, 50), (40, 0), (50, 0)])
def test_fewer_units_than_the_comparison_are_the_saving(units: float, expected: float) -> None:
    """Of 50 people 40 are expected; each fewer pays half of 100, more pay nothing."""
    measured = {"school": report([[units]], months=(12,), rate=0.8)}
    due = line().due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(expected, rel=1e-12)


def test_more_units_are_the_saving_where_the_contract_says() -> None:
    """Of 50 people 20 are expected in work and 30 are."""
    measured = {"school": report([[30]], months=(12,), rate=0.4)}
    due = line(counts="more").due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(500, rel=1e-12)


def test_cohorts_are_set_against_each_other_within_the_floor() -> None:
    """10 saved and 4 lost: 6 together, 10 by cohort."""
    measured = {"school": report([[30], [44]], months=(12,), rate=0.8)}
    for floor, units in (("follow_up", 6), ("contract", 6), ("cohort", 10)):
        due = line(floor=floor).due(measured, standing=all_served(2), terms=terms())
        assert due.amount.sum() == pytest.approx(50 * units, rel=1e-12)
    due = line().due(measured, standing=served_first(1, of=2), terms=terms())
    assert due.amount.sum() == pytest.approx(500, rel=1e-12)


def test_the_share_falls_from_the_period_after_repayment() -> None:
    """10 units saved, paid in quarters 4 and 8; repaid from quarter 8, from 4, or never."""
    measured = {"school": report([[30, 30]], months=(12, 24), rate=0.8)}
    agreed = replace(terms(lag=0.0), repaid_from=np.array([8, 4, 32]))
    utah = line(share=0.95, share_after_repayment=0.4)
    due = utah.due(measured, standing=all_served(1), terms=agreed)
    np.testing.assert_allclose(due.amount[[4, 8]], [[950, 400, 950], [400, 400, 950]], rtol=1e-12)
    assert due.amount.sum() == pytest.approx(950 + 400 + 800 + 1_900, rel=1e-12)


def test_without_a_date_of_repayment_the_first_share_holds() -> None:
    """Not known yet is as if they never were."""
    measured = {"school": report([[30, 30]], months=(12, 24), rate=0.8)}
    due = line(share_after_repayment=0.0).due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(1_000, rel=1e-12)


def test_what_lapses_is_counted_at_the_share_of_its_time() -> None:
    """Both follow-ups lapse, after a repayment in period 8 and without one."""
    measured = {"school": report([[30, 30]], months=(12, 24), rate=0.8)}
    agreed = replace(terms(last=1.0), repaid_from=np.array([8, 40]))
    due = line(share_after_repayment=0.2).due(measured, standing=all_served(1), terms=agreed)
    assert due.amount.sum() == 0
    np.testing.assert_allclose(due.lapsed, [400, 1_000], rtol=1e-12)


def test_it_waits_for_repayment_only_where_the_share_changes() -> None:
    """Such a line depends on what was paid before; others do not."""
    assert line(share_after_repayment=0.4).waits_for_repayment
    assert line(share_after_repayment=0.4).properties == {"path_dependent"}
    assert not line(share_after_repayment=0.5).waits_for_repayment
    assert line().properties == {"homogeneous"}
    assert line(counts="more", floor="cohort").properties == {
        "homogeneous",
        "monotone",
        "additive",
    }


@pytest.mark.parametrize("fields", [{"share": 1.2}, {"tariff": -1}, {"floor": None}])
def test_impossible_fields_are_refused(fields: dict[str, Any]) -> None:
    """A share lies in [0, 1], a tariff is no penalty and a floor is needed."""
    with pytest.raises(ValidationError):
        line(**fields)


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """Share, unit, tariff, comparison, floor and the share after repayment."""
    model = line(share_after_repayment=0.25, follow_up_months=[12])
    assert model.describe("da", words=WORDS) == (
        "Utah betaler 50 % af besparelsen på »special education«: det antal skoleår, som "
        "deltagerne har haft færre af, end sammenligningen tilsiger, ganget med kontraktens takst "
        "på 100 USD, målt ved a test ved 12 måneder efter indsatsens start, opgjort ved hver "
        "opfølgning for alle hold under ét, når det sidste hold er målt, og aldrig under nul, og "
        "25 %, når investorerne har fået deres penge tilbage."
    )
    assert model.describe("en", words=WORDS) == (
        'Utah pays 50 % of the saving on "special education": the number of school years that '
        "participants have had fewer of than the comparison leads to expect times the tariff of "
        "USD 100 in the contract, measured by a test at 12 months after the start of service, "
        "settled at each follow-up for all cohorts together, once the last cohort is measured, and "
        "never below zero, and 25 % once the investors have been repaid."
    )
    assert "haft flere af" in line(counts="more").describe("da", words=WORDS)
