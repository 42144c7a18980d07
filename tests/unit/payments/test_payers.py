"""Several payers, the limit of each, and other public money that is set off; by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.payments.limits import ContractLimit
from sibsim.payments.rate_card import RateCard
from sibsim.payments.settlement import Payments, settle_payments
from sibsim.sections import ContractTerms
from tests.reported import all_served, report, terms

SHARES = {"municipality": 0.75, "state": 0.25}


def card(**fields: Any) -> RateCard:  # noqa: ANN401 - any field
    """Return a rate card of 1,000 for each success at every follow-up."""
    return RateCard.model_validate(
        {"reads": "job", "pays_for": "achieved", "price": 1_000} | fields
    )


def settled(lines: Mapping[str, RateCard], **limits: Any) -> Payments:  # noqa: ANN401 - any limit
    """Settle 40 successes at 12 months and 20 at 24, paid in quarters 4 and 8."""
    return settle_payments(
        lines,
        measured={"job": report([[40, 20]], months=(12, 24))},
        standing=all_served(1),
        limits=ContractLimit.model_validate(limits),
        terms=terms(lag=0.0),
        payers=SHARES,
    )


def test_payers_share_every_line_that_names_none() -> None:
    """Three quarters of 60,000 and one."""
    found = settled({"job": card()})
    assert found.paid_by["job", "municipality"].sum() == 45_000
    assert found.paid_by["job", "state"].sum() == 15_000
    assert found.paid["job"].sum() == 60_000


def test_a_line_with_a_payer_is_paid_by_it_alone() -> None:
    """The other payer has no part in it."""
    found = settled({"job": card(payer="region")})
    assert found.paid_by["job", "region"].sum() == 60_000
    assert set(found.paid_by) == {("job", "region")}


def test_the_limit_of_a_payer_cuts_its_part_only() -> None:
    """The state owes 10,000 and 5,000; of 12,000 it has 2,000 left for the second."""
    found = settled({"job": card()}, payer={"state": 12_000})
    assert found.paid_by["job", "state"][[4, 8], 0].tolist() == [10_000, 2_000]
    assert found.paid_by["job", "municipality"].sum() == 45_000
    assert found.cut["payer.state"][8, 0] == 3_000
    assert found.paid["job"].sum() == 57_000


def test_the_limit_of_a_payer_holds_over_all_its_lines() -> None:
    """A line of 60,000 of its own and a quarter of another 60,000: 75,000 cut to 50,000."""
    found = settled({"job": card(), "own": card(payer="state")}, payer={"state": 50_000})
    paid = sum(amount.sum() for (_, payer), amount in found.paid_by.items() if payer == "state")
    assert paid == pytest.approx(50_000, rel=1e-12)  # 10,000 + 40,000 at 12 months, cut in ratio
    assert found.paid_by["job", "state"][4, 0] == pytest.approx(10_000, rel=1e-12)


def test_limits_of_years_come_before_those_of_payers_and_the_contract_last() -> None:
    """Year: 40,000 to 30,000; state: 12,500 to 9,000; contract: what is left, 46,500, to 45,000."""
    found = settled({"job": card()}, year=30_000, payer={"state": 9_000}, contract=45_000)
    assert found.cut["year"].sum() == 10_000
    assert found.cut["payer.state"].sum() == pytest.approx(12_500 - 9_000, rel=1e-12)
    assert found.cut["contract"].sum() == pytest.approx(46_500 - 45_000, rel=1e-12)
    total = found.due["job"] - found.paid["job"] - sum(found.cut.values())
    np.testing.assert_allclose(total, 0.0, atol=1e-9)


@pytest.mark.parametrize(
    ("other", "paid"), [(0, [40_000, 20_000]), (45_000, [0, 15_000]), (60_000, [0, 0])]
)
def test_other_public_money_counts_first(other: float, paid: list[float]) -> None:
    """The first 45,000 that are owed count as paid by it; of 60,000 nothing is left."""
    found = settled({"job": card()}, netting=other)
    np.testing.assert_allclose(found.paid["job"][[4, 8], 0], paid, atol=1e-9)
    assert found.cut["netting"].sum() == pytest.approx(min(other, 60_000))


def test_other_public_money_is_set_off_after_all_limits() -> None:
    """Of 60,000 cut to 50,000 there are 5,000 beyond the 45,000."""
    found = settled({"job": card()}, contract=50_000, netting=45_000)
    assert found.paid["job"].sum() == pytest.approx(5_000)


def test_shares_of_payers_sum_to_one() -> None:
    """Else the terms are refused with the sum."""
    given = {
        "payer": {"municipality": 0.8, "state": 0.1},
        "evaluation_lag_months": 0,
        "payment_lag_months": 0,
        "last_payment": "2030-12-31",
        "overrun": "provider",
    }
    with pytest.raises(ValidationError, match=r"sum to 0\.9; they sum to 1"):
        ContractTerms.model_validate(given)
