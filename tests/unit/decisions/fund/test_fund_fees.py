"""Fees, carried interest and recycling by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.arrays import FloatArray
from sibsim.core.cashflow import npv
from sibsim.core.timeline import Timeline
from sibsim.decisions.fund.deals import Deal
from sibsim.decisions.fund.fees import Fees, carried_interest, on_deal
from sibsim.decisions.fund.flows import FundFlows, Grid, investors_of
from sibsim.decisions.fund.pooling import _Pool, portfolio
from sibsim.errors import ArgumentError
from tests.small_case import small_case

YEARS = Timeline(date(2024, 1, 1), date(2026, 12, 31), "quarter")


def column(*amounts: float) -> FloatArray:
    """Return amounts on nodes as one draw."""
    return np.array(amounts)[:, np.newaxis]


def flows(drawn: FloatArray, received: FloatArray) -> FundFlows:
    """Return a fund whose nodes lie a quarter apart."""
    grid = Grid(date(2024, 1, 1), 3, len(drawn))
    found = FundFlows(grid, draws=1)
    found.drawn[:], found.received[:] = drawn, received
    return found


def test_fees_on_a_deal_by_hand() -> None:
    """1 % a year of 1,000 committed for three quarters, and 2 % a year of what is out."""
    net = column(-400, -200, 100, 700, 0)
    taken = on_deal(
        Fees(of_committed=0.01, of_drawn=0.02),
        commitment=1_000.0,
        flows=net,
        last_period=2,
        months=3,
    )
    by_hand = [2.5 + 2.0, 2.5 + 3.0, 2.5 + 2.5, 0.0, 0.0]
    assert taken[:, 0] == pytest.approx(by_hand)


def test_no_fee_on_what_has_come_back() -> None:
    """A deal that has paid back more than it drew has nothing out."""
    taken = on_deal(
        Fees(of_drawn=0.04), commitment=0.0, flows=column(-100, 150), last_period=1, months=12
    )
    assert taken[:, 0] == pytest.approx([4.0, 0.0])


def test_carried_interest_by_hand() -> None:
    """100 with 10 % a year is 121 after two years; a fifth of the 29 and of the 50 beyond it."""
    kept = carried_interest(
        column(100, 0, 0, 0),
        column(0, 0, 150, 50),
        fees=Fees(carried=0.2, hurdle=0.1),
        years=1.0,
    )
    assert kept[:, 0] == pytest.approx([0, 0, 0.2 * 29, 0.2 * 50])


def test_no_carried_interest_below_the_hurdle() -> None:
    """What comes back with less than the hurdle is the investors' alone."""
    kept = carried_interest(
        column(100, 0), column(0, 109), fees=Fees(carried=0.2, hurdle=0.1), years=1.0
    )
    assert not kept.any()


def test_later_calls_bring_carried_interest_back() -> None:
    """A fifth of 50 is kept; the next deal loses 60: all of it comes back with the call."""
    kept = carried_interest(
        column(100, 0, 100, 0), column(0, 150, 0, 40), fees=Fees(carried=0.2), years=1.0
    )
    assert kept[:, 0] == pytest.approx([0, 10, -10, 0])


@pytest.mark.parametrize("last", [30.0, 90.0, 400.0])
def test_at_the_hurdle_investors_keep_their_share_of_what_the_fund_is_worth(last: float) -> None:
    """Their present value is (1 - c) times that before carried interest where it is positive."""
    called, distributed = column(100, 0, 80, 0, 0), column(0, 130, 0, 40, last)
    fees = Fees(carried=0.2, hurdle=0.06)
    kept = carried_interest(called, distributed, fees=fees, years=0.25)
    before = npv((distributed - called)[:, 0], rate=0.06, periods_per_year=4)
    after = npv((distributed - kept - called)[:, 0], rate=0.06, periods_per_year=4)
    assert isinstance(before, float)
    assert after == pytest.approx(min(before, 0.8 * before))


def test_recycling_by_hand() -> None:
    """What comes in pays the next drawings; what the plan does not need is distributed."""
    drawn = column(100, 0, 50, 30, 0)
    received = column(0, 70, 0, 0, 120)
    planned = np.array([60.0, 60.0, 20.0, 0.0, 0.0])
    found = investors_of(flows(drawn, received), fees=Fees(), still_planned=planned)
    # 70 come in, 60 are kept; 50 of them pay a drawing; 10 are left for one of 30.
    assert found.called[:, 0] == pytest.approx([100, 0, 0, 20, 0])
    assert found.distributed[:, 0] == pytest.approx([0, 10, 0, 0, 120])
    assert found.net.sum() == pytest.approx(10)


def test_recycling_keeps_no_money_beyond_the_plan() -> None:
    """Where nothing is planned any more all is distributed; late drawings are called."""
    found = investors_of(
        flows(column(100, 0, 10), column(0, 130, 0)), fees=Fees(), still_planned=np.zeros(3)
    )
    assert found.called[:, 0] == pytest.approx([100, 0, 10])
    assert found.distributed[:, 0] == pytest.approx([0, 130, 0])


def test_without_recycling_nothing_is_netted() -> None:
    """Drawings, costs and fees are called whole, receipts distributed whole."""
    fund = flows(column(100, 50, 0), column(0, 60, 90))
    fund.borne[:], fund.fees[:] = column(1, 1, 0), column(2, 2, 0)
    found = investors_of(fund, fees=Fees(), still_planned=None)
    assert found.called[:, 0] == pytest.approx([103, 53, 0])
    assert found.distributed[:, 0] == pytest.approx([0, 60, 90])


def test_recycling_moves_money_and_makes_none(seed: int) -> None:
    """Deals two years apart: less is called and distributed, profit and deals are the same."""
    first = small_case()
    document: dict[str, Any] = {"start": date(2022, 1, 1)}
    cases = [first.with_(document), first, first]
    apart = portfolio(cases, draws=100, rng=seed)
    again = portfolio(cases, recycling=True, draws=100, rng=seed)
    np.testing.assert_array_equal(again.metric("net_profit"), apart.metric("net_profit"))
    np.testing.assert_array_equal(again.profits, apart.profits)
    saved = apart.metric("called") - again.metric("called")
    assert (saved >= 0).all()
    assert saved.any()
    given = apart.metric("distributed") - again.metric("distributed")
    np.testing.assert_allclose(given, saved, atol=1e-3)
    assert any("as much is kept as" in each for each in again.sentences())


def test_what_is_still_planned_is_what_the_base_cases_have_left_to_draw() -> None:
    """After each node: all that the base case draws less what it has drawn by then, twice."""
    case = sib.load_case("holbaek")
    postings = case.base_case().postings
    assert postings is not None
    drawn = next(each.amount[:, 0] for each in postings if each.line == "capital.dsi.drawing")
    left = np.append(drawn.sum() - np.cumsum(drawn), 0.0)
    deals = (Deal("a", case, 0), Deal("b", case, 0))
    found = _Pool(deals, fees=Fees(), recycling=True, rate=None).still_planned
    assert found is not None
    np.testing.assert_allclose(found, 2 * left, atol=1e-3)
    assert left[0] > 0


def test_fees_of_a_fund_by_hand() -> None:
    """Two Holbæk deals of 6.9 m: five years to the last payment, 2 % of it and 100,000 a year."""
    case = sib.load_case("holbaek")
    fees = Fees(of_committed=0.02, fixed=100_000)
    fund = portfolio([case, case], fees=fees, draws=30)
    by_hand = 5 * (0.02 * 2 * 6_900_000 + 100_000)
    assert fund.metric("management_fees") == pytest.approx(by_hand)
    np.testing.assert_allclose(
        fund.metric("net_profit"),
        fund.metric("profit") - fund.metric("costs_borne") - by_hand,
        rtol=1e-9,
    )
    yearly = fund.frame()["management_fees"]
    assert list(yearly) == pytest.approx([by_hand / 5] * 5 + [0.0] * 6)
    without = portfolio([case, case], draws=30)
    assert (fund.metric("net_irr") < without.metric("net_irr")).all()
    np.testing.assert_array_equal(fund.metric("irr"), without.metric("irr"))


def test_carried_interest_of_a_fund_is_a_share_of_its_profit() -> None:
    """Without a hurdle it is a tenth of what is earned after costs, nothing of a loss."""
    case = sib.load_case("holbaek")
    fund = portfolio([case, case], fees=Fees(carried=0.1), draws=200)
    earned = fund.metric("profit") - fund.metric("costs_borne")
    expected = 0.1 * np.maximum(earned, 0.0)
    assert (expected > 0).any()
    np.testing.assert_allclose(fund.metric("carried_interest"), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"of_committed": 2}, "of_committed: got 2; it is a share of at least 0 and below 1"),
        ({"of_drawn": -0.01}, "of_drawn: got -0.01"),
        ({"carried": 1.0, "hurdle": 0.05}, "carried: got 1.0"),
        ({"fixed": -1}, "fixed: got -1; it is an amount a year, and at least 0"),
        ({"carried": 0.1, "hurdle": -0.1}, "hurdle: got -0.1; it is a rate a year"),
        ({"hurdle": 0.05}, "hurdle: got 0.05 without carried interest"),
        ({"fixed": "much"}, "fixed: got 'much'"),
        ({"fixed": float("inf")}, "fixed: got inf"),
        ({"of_drawn": True}, "of_drawn: got true"),
    ],
)
def test_fees_out_of_range_are_refused(given: dict[str, Any], message: str) -> None:
    """Each with what was given, the rule and the way out."""
    with pytest.raises(ArgumentError, match=message):
        Fees(**given)


def test_all_faulty_fees_are_told_at_once() -> None:
    """Two slips, one message."""
    with pytest.raises(ArgumentError, match=r"of_drawn: got 3(.|\n)*fixed: got -1"):
        Fees(of_drawn=3, fixed=-1)


def test_nodes_of_a_fund_meet_those_of_its_deals() -> None:
    """Quarters that begin together stay quarters; a start in between makes them months."""
    later = Timeline(date(2025, 4, 1), date(2027, 3, 31), "quarter")
    grid = Grid.of([YEARS, later])
    assert (grid.months, grid.nodes, grid.years) == (3, 14, (2024, 2025, 2026, 2027))
    assert list(range(14))[grid.places(later)] == list(range(5, 14))
    between = Timeline(date(2025, 2, 1), date(2026, 1, 31), "quarter")
    grid = Grid.of([YEARS, between])
    assert (grid.months, grid.nodes) == (1, 37)
    assert list(range(37))[grid.places(between)] == [13, 16, 19, 22, 25]
    assert list(range(37))[grid.places(YEARS)] == list(range(0, 37, 3))


def test_money_lies_in_the_year_of_its_period() -> None:
    """What is paid on 1 January 2025 is of 2025, what is received by then of 2024."""
    grid = Grid.of([YEARS])
    amounts = np.zeros((grid.nodes, 1))
    amounts[4] = 7.0
    assert grid.by_year(amounts, at_end=False)[:, 0] == pytest.approx([0, 7, 0])
    assert grid.by_year(amounts, at_end=True)[:, 0] == pytest.approx([7, 0, 0])
