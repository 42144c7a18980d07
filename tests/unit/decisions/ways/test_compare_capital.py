"""Why the contract costs more or less than own money, and what it takes of the service ceiling."""

from __future__ import annotations

from typing import Any

import pytest

from sibsim.casefile import build
from sibsim.decisions.ways.figures import PREMIUM_CAUSES, Run
from tests.own_money import document

CENT = 0.005
BACK = (200_000 * 1.05 + 50_000) * 1.05**0.5
"""What the investor gets back: 5 % a year on what it puts in on 1 January 2024 and 2025."""


def base_of(read: dict[str, Any]) -> Run:
    """Return the base case of a comparison, of which every cause is checked to sum."""
    found = build(read).compare(draws=50, rng=1)
    for run in (found.run, found.base):
        causes = sum(run.causes[name] for name in PREMIUM_CAUSES)
        assert causes == pytest.approx(run.price["premium"], abs=CENT)
        gap = run.ways["own_money"].present_value - run.ways["contract"].present_value
        assert run.total + run.early_end == pytest.approx(gap, abs=CENT)
    return found.base


def assert_causes(base: Run, **expected: float) -> None:
    """Check every cause of the premium; those that are not named are none."""
    for name in PREMIUM_CAUSES:
        assert base.causes[name][0] == pytest.approx(expected.get(name, 0.0), abs=CENT), name


def test_what_one_payer_repays_is_repayment_and_return() -> None:
    """The investor puts in 250,000 and gets 5 % a year; that is all the premium there is."""
    assert_causes(base_of(document()), repayment_and_return=BACK - 250_000)


def test_what_is_not_repaid_makes_a_premium_below_zero() -> None:
    """50 people at 4,000 are 200,000 for 250,000 put in, and the investor loses the rest."""
    read = document()
    read["payments"]["job"]["price"] = 4_000
    base = base_of(read)
    assert_causes(base, repayment_and_return=-50_000)
    worth = 200_000 * 1.04**-1.5 - 200_000 - 50_000 * 1.04**-1 - 5_000 * 1.04**-0.25
    assert base.investors[0] == pytest.approx(worth, abs=CENT)


def test_an_overrun_of_the_provider_is_a_cause_of_its_own() -> None:
    """The provider bears 50,000 that the municipality would pay with own money."""
    read = document()
    read["contract"]["overrun"] = "provider"
    assert_causes(
        base_of(read), repayment_and_return=BACK - 250_000, overrun_borne_by_others=-50_000
    )


def test_an_overrun_of_who_delivers_itself_is_its_own() -> None:
    """A municipality that delivers bears the overrun, whatever the contract calls it."""
    read = document()
    read["contract"]["overrun"] = "provider"
    read["problem"]["provider"] = "municipality"
    assert_causes(base_of(read), repayment_and_return=BACK - 250_000)


def test_outcomes_paid_by_others_are_net_of_their_surplus() -> None:
    """The state pays two fifths of 500,000, alone or with two fifths of what is left."""
    read = document()
    read["contract"] |= {"payer": {"municipality": 0.6, "state": 0.4}}
    repaid = BACK - 250_000
    assert_causes(base_of(read), repayment_and_return=repaid, outcomes_paid_by_others=-200_000)
    read["capital"]["surplus"] = {"municipality": 0.6, "state": 0.4}
    paid = -200_000 + 0.4 * (500_000 - BACK)
    assert_causes(base_of(read), repayment_and_return=repaid, outcomes_paid_by_others=paid)


def test_a_grant_of_the_case_is_a_cause_of_its_own() -> None:
    """Of 300,000 a sixth is given and the rest lent and repaid, so that nothing runs over."""
    read = document()
    read["capital"]["tranches"]["gift"] = {"kind": "grant", "commitment": 50_000}
    base = base_of(read)
    lent = 200_000 * 5 / 6 * 1.05**1.5 + 100_000 * 5 / 6 * 1.05**0.5
    assert_causes(base, repayment_and_return=lent - 250_000, grants=-50_000)


def test_costs_of_the_contract_that_capital_finances_are_no_premium() -> None:
    """A report financed by capital leaves what is repaid beyond costs as it was."""
    read = document()
    del read["costs"]["report"]["payer"]
    assert_causes(base_of(read), repayment_and_return=BACK - 250_000)


def test_what_investors_expect_themselves() -> None:
    """Drawings and their own cost at the start of quarters, receipts at the end, at 4 % a year."""
    base = base_of(document())
    worth = BACK * 1.04**-1.5 - 200_000 - 50_000 * 1.04**-1 - 5_000 * 1.04**-0.25
    assert base.investors[0] == pytest.approx(worth, abs=CENT)


def test_what_the_authority_invests_is_not_what_investors_expect() -> None:
    """Where the municipality alone is behind the capital no investor loses or gains."""
    read = document()
    read["capital"]["tranches"]["dsi"]["investor"] = "municipality"
    assert base_of(read).investors[0] == 0


def test_room_under_the_ceiling_of_every_way() -> None:
    """Costs and payments take room in their year, the surplus gives some, transfers none."""
    base = base_of(document())
    # 2025: overrun, report, payments at the end of June, surplus at the end of December.
    contract = -50_000 - 30_000 - BACK
    granted = 150_000 * 1.05**1.5 + 75_000 * 1.05**0.5
    expected = {
        "nothing": 0,
        "own_money": -220_000,
        "contract": contract,
        "no_cure_no_pay": -530_000,
        "grant": -30_000 - granted,
    }
    for way, room in expected.items():
        assert base.ways[way].ceiling[0] == pytest.approx(room, abs=CENT), way
        assert base.ways[way].no_room[0] == (way != "nothing")


@pytest.mark.parametrize("refund", [{}, {"refund": {"share": 0.4}}])
def test_savings_on_services_make_room_whatever_the_state_refunds(refund: dict[str, Any]) -> None:
    """Half of a gross saving is released and makes room; its refund is left out of the room."""
    read = document()
    read["budget"]["benefit"] |= {"kind": "resource", "frame": "service", **refund}
    del read["budget"]["benefit"]["counterparty"]
    # Gross 150,000 a quarter once all work: 1/8, 3/8, 5/8 and 7/8 of it in 2024, half released.
    base = base_of(read)
    assert base.ways["own_money"].ceiling[0] == pytest.approx(-220_000 + 150_000, abs=CENT)
    assert base.ways["no_cure_no_pay"].ceiling[0] == pytest.approx(-530_000 + 150_000, abs=CENT)
