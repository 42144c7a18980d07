"""A fund against its deals: one case, two copies, equal luck, other dates, payers, refusals."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.core.arrays import FloatArray
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.decisions.fund.deals import committed, seed_of
from sibsim.decisions.fund.pooling import portfolio
from sibsim.decisions.fund.shocks import Shock
from sibsim.errors import ArgumentError, UnknownNameError
from tests.small_case import small_case

ERRORS = 5
DRAWS = 300
FEW = 20
OF_ONE = {
    "profit": "investor_profit",
    "irr": "investor_irr",
    "multiple": "investor_multiple",
    "npv": "investor_npv",
    "peak_capital": "investor_peak_capital",
    "p_loss": "p_investor_loss",
    "net_profit": "investor_profit_after_costs",
    "municipality_net": "municipality_net",
    "public_net": "public_net",
}
EVERYTHING = Shock("everything", of=["*"], spearman=1.0)


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return the Holbæk case."""
    return sib.load_case("holbaek")


@pytest.mark.parametrize("name", ["holbaek", "aarhus-violence"])
def test_a_fund_of_one_case_is_the_case(name: str, seed: int) -> None:
    """Every figure is that of the case with the same seed, to the bit."""
    case = sib.load_case(name)
    fund = portfolio([case], draws=DRAWS, rng=seed)
    run = case.simulate(draws=DRAWS, rng=seed, keep="metrics")
    for ours, theirs in OF_ONE.items():
        np.testing.assert_array_equal(fund.metric(ours), run.metric(theirs), err_msg=ours)
    np.testing.assert_array_equal(fund.irrs[0], run.metric("investor_irr"))


def test_a_fund_in_months_has_the_rate_of_its_deals(case: sib.Case, seed: int) -> None:
    """A deal that moves no money but makes the nodes months changes no rate."""
    still = case.with_(
        {
            "period": "month",
            "delivery.volume": 0,
            "costs.team.amount": 0,
            "costs.start_up.amount": 0,
            "costs.management.amount": 0,
        }
    )
    fund = portfolio([case, still], draws=FEW, rng=seed)
    assert not fund.profits[1].any()
    # Both solvers leave less than 1e-12 in the logarithm per node, 12 nodes a year at most.
    np.testing.assert_allclose(fund.metric("irr"), fund.irrs[0], rtol=0, atol=1e-10)
    np.testing.assert_allclose(
        fund.metric("npv"), portfolio([case], draws=FEW, rng=seed).metric("npv")
    )


def test_two_independent_copies_have_twice_the_variance(seed: int) -> None:
    """Var(X + X') = 2 Var(X), Var(X) from a run of its own, within five errors."""
    draws, case = 20_000, small_case()
    both = portfolio([case, case], draws=draws, rng=seed).metric("profit")
    one = portfolio([case], draws=draws, rng=seed + 1).metric("profit")
    error = math.hypot(_error_of_variance(both), 2 * _error_of_variance(one))
    assert both.var() > 0
    assert abs(both.var() - 2 * one.var()) < ERRORS * error


def _error_of_variance(values: FloatArray) -> float:
    squares = (values - values.mean()) ** 2
    return float(squares.std() / np.sqrt(values.size))


@pytest.mark.parametrize("shocks", [[], [EVERYTHING]])
def test_equal_luck_is_exactly_twice_one(case: sib.Case, shocks: list[Shock], seed: int) -> None:
    """All goes the same way in both copies: sums are doubled to the bit, rates are the same."""
    both = portfolio([case, case], luck="equal", shocks=shocks, draws=DRAWS, rng=seed)
    one = portfolio([case], shocks=shocks, draws=DRAWS, rng=seed)
    for name in ("profit", "peak_capital", "net_profit", "municipality_net", "called"):
        np.testing.assert_array_equal(both.metric(name), 2 * one.metric(name), err_msg=name)
    # Halley's last step leaves less than 1e-12 in the logarithm per quarter.
    np.testing.assert_allclose(both.metric("irr"), one.metric("irr"), rtol=0, atol=1e-10)
    assert both.metric("profit").std() > 0


def test_shocks_make_the_worst_cases_of_a_fund_worse(seed: int) -> None:
    """What would happen anyway falling together raises the spread, by more than five errors."""
    case, draws = sib.load_case("holbaek"), 4_000
    shock = Shock("labour market", of=["outcomes.*.counterfactual", "drifts.*"], spearman=0.8)
    apart = portfolio([case] * 3, draws=draws, rng=seed).metric("profit")
    tied = portfolio([case] * 3, shocks=[shock], draws=draws, rng=seed).metric("profit")
    error = math.hypot(_error_of_variance(apart), _error_of_variance(tied))
    assert tied.var() - apart.var() > ERRORS * error


def test_a_deal_added_at_the_end_changes_no_other(case: sib.Case, seed: int) -> None:
    """Each deal has luck of its own by its place; the same case twice gets two names."""
    two = portfolio([case, case], draws=DRAWS, rng=seed)
    three = portfolio([case, case, small_case()], draws=DRAWS, rng=seed)
    np.testing.assert_array_equal(two.profits, three.profits[:2])
    assert [each.name for each in two.deals] == ["holbaek", "holbaek (2)"]
    assert two.deals[0].seed == seed
    assert not np.array_equal(two.profits[0], two.profits[1])


def test_fewer_draws_are_the_first_of_more(seed: int) -> None:
    """The first draws of a longer run are a shorter one, over the end of a block too."""
    case, shock = sib.load_case("ballerup"), Shock("everything", of=["*"], spearman=0.5)
    long = portfolio([case, case], shocks=[shock], draws=BLOCK_DRAWS + 7, rng=seed)
    short = portfolio([case, case], shocks=[shock], draws=BLOCK_DRAWS + 3, rng=seed)
    np.testing.assert_array_equal(short.profits, long.profits[:, : short.draws])
    np.testing.assert_array_equal(short.metric("net_irr"), long.metric("net_irr")[: short.draws])
    np.testing.assert_array_equal(short.net_by_year, long.net_by_year[:, : short.draws])


def test_the_years_of_a_fund_are_those_of_its_deals_added_up(case: sib.Case, seed: int) -> None:
    """Deals of other dates and periods: money lies in the year of its period, as in each deal."""
    earlier = sib.load_case("ballerup")
    months = case.with_({"period": "month"})
    fund = portfolio({"a": earlier, "b": months, "c": case}, draws=FEW, rng=seed)
    frame = fund.frame()
    expected = dict.fromkeys(range(2018, 2035), 0.0)
    for deal in fund.deals:
        run = deal.case.simulate(draws=FEW, rng=deal.seed)
        for year, mean in run.cash_flows("investor", by="year")["mean"].items():
            expected[int(str(year))] += mean
    found = frame["receipts"] - frame["drawings"]
    assert dict(found) == pytest.approx(expected, abs=1e-3)
    net = frame["distributed"] - frame["called"]
    assert list(net) == pytest.approx(list(frame["net"]), abs=1e-6)
    assert frame["cumulative_net"].iloc[-1] == pytest.approx(
        fund.metric("net_profit").mean(), abs=1e-3
    )
    assert frame["costs_borne"].sum() == pytest.approx(fund.metric("costs_borne").mean())


def test_what_payers_get_is_added_up(case: sib.Case, seed: int) -> None:
    """The municipalities' net is the sum over the deals, each with its own luck."""
    other = sib.load_case("ballerup")
    fund = portfolio([case, other], draws=DRAWS, rng=seed)
    runs = [
        each.simulate(draws=DRAWS, rng=seed_of(seed, position=position), keep="metrics")
        for position, each in enumerate((case, other))
    ]
    for name in ("municipality_net", "public_net"):
        np.testing.assert_array_equal(fund.metric(name), sum(run.metric(name) for run in runs))


def test_present_values_need_one_rate(case: sib.Case, seed: int) -> None:
    """The cases' own rate where it is the same in all; else none, unless one is stated."""
    other = case.with_({"valuation.discount.investor": 0.06})
    fund = portfolio([case, other], draws=10, rng=seed)
    assert fund.rate is None
    assert np.isnan(fund.metric("npv")).all()
    assert any("no present value" in each for each in fund.sentences())
    stated = portfolio([case, other], draws=10, rng=seed, rate=0.0)
    np.testing.assert_allclose(stated.metric("npv"), stated.metric("profit"), rtol=1e-9)


def test_the_table_tells_every_deal_and_the_fund(case: sib.Case, seed: int) -> None:
    """Commitments, means and contributions of the deals add up to the fund's."""
    fund = portfolio({"a": case, "b": case}, draws=DRAWS, rng=seed)
    table = fund.table()
    assert list(table.index) == ["a", "b", "fund", "fund_net"]
    for column in ("commitment", "share", "profit", "contribution"):
        assert table.loc[["a", "b"], column].sum() == pytest.approx(table.loc["fund", column])
    assert table.loc["fund", "commitment"] == 2 * committed(case) == 2 * 6_900_000
    run = case.simulate(draws=DRAWS, rng=seed, keep="metrics")
    assert table.loc["a", "irr"] == pytest.approx(float(np.nanmedian(run.metric("investor_irr"))))
    assert table.loc["a", "p_loss"] == run.metric("p_investor_loss").mean()
    assert table.loc["fund_net", "profit"] == pytest.approx(fund.metric("net_profit").mean())
    assert set(fund.summary().index) == set(fund.metrics)
    assert fund.summary()["mean"].isna()["net_irr"]


def test_an_unknown_metric_names_the_nearest(case: sib.Case) -> None:
    """A slip of the pen is answered with the name that was meant."""
    with pytest.raises(UnknownNameError, match="net_profit"):
        portfolio([case], draws=2).metric("net_profitt")


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "draws": ({"draws": 0}, "draws: got 0"),
    "seed": ({"rng": -1}, "rng: got -1"),
    "luck": ({"luck": "same"}, "luck: got 'same'; it is one of own, equal"),
    "recycling": ({"recycling": 1}, "recycling: got 1; it is True or False"),
    "rate": ({"rate": -1.0}, "rate: got -1"),
    "rate in per cent": ({"rate": 4}, "rate: got 4; .* 4 % is 0.04"),
    "rate of words": ({"rate": "4 %"}, "rate: got '4 %'"),
    "fees": ({"fees": 0.02}, r"fees: got 0.02; give Fees\(...\)"),
    "shocks": ({"shocks": ["drifts.*"]}, r"shocks: .*Shock\(...\)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_out_of_range_are_refused(case: sib.Case, name: str) -> None:
    """Each with what was given, the rule and the way out."""
    arguments, message = REFUSED[name]
    with pytest.raises(ArgumentError, match=message):
        portfolio([case], **arguments)


def _in_dollars(part: Any) -> Any:  # noqa: ANN401 - tables, lists, numbers and texts of a file
    """Return a case file with another currency throughout."""
    if isinstance(part, dict):
        return {name: _in_dollars(each) for name, each in part.items()}
    if isinstance(part, list):
        return [_in_dollars(each) for each in part]
    return part.replace("DKK", "USD") if isinstance(part, str) else part


def test_what_is_no_fund_is_refused(case: sib.Case) -> None:
    """No deal, one case instead of a list, something else, another currency, half a case."""
    with pytest.raises(ArgumentError, match="got no deal"):
        portfolio([])
    with pytest.raises(ArgumentError, match=r"got one case, holbaek.*\[case, other\]"):
        portfolio(case)  # type: ignore[arg-type] # refused
    with pytest.raises(ArgumentError, match="cases: got 7"):
        portfolio(7)  # type: ignore[arg-type] # refused
    with pytest.raises(ArgumentError, match=r"cases: got 'holbaek'; a deal is a case, such as sib"):
        portfolio(["holbaek", "small-steps"])  # type: ignore[list-item] # refused
    with pytest.raises(ArgumentError, match="cases: got 'a' with 7"):
        portfolio({"a": 7})  # type: ignore[dict-item] # refused
    dollars = build(_in_dollars(tomllib.loads(catalogue.text("cases", "holbaek"))))
    with pytest.raises(ArgumentError, match=r"DKK \(a\) and USD \(b\).*one currency"):
        portfolio({"a": case, "b": dollars})
    document = tomllib.loads(catalogue.text("cases", "holbaek"))
    draft = build({name: part for name, part in document.items() if name != "capital"})
    with pytest.raises(ArgumentError, match=r"luck: got 'none'.*\n.*half is not complete.*capital"):
        portfolio({"half": draft}, luck="none")  # type: ignore[arg-type] # refused
