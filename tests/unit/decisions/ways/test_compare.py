"""Ways of paying where a contract ends early, has a grant, no valuation or no outside provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from datetime import date
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import mc_error_of_mean
from sibsim.decisions.ways.figures import Way, difference, error_of, value_of
from sibsim.decisions.ways.flows import WAYS
from sibsim.errors import ArgumentError
from tests.own_money import document

CENT = 0.005
DRAWS = 300


def compared(changes: Mapping[str, Mapping[str, Any]], **arguments: Any) -> Any:  # noqa: ANN401 - passed on as they are
    """Return the comparison of the small case with parts of its sections replaced."""
    read = document()
    for section, values in changes.items():
        read[section] = {**read[section], **values}
    return build(read).compare(**{"draws": DRAWS, "rng": 1, **arguments})


def way_of(net: FloatArray) -> Way:
    """Return a way of paying of which only the net matters."""
    years = np.full(net.shape, 2025.0)
    return Way(net, net, -net, -net, years, net[np.newaxis], net)


def ending_early() -> dict[str, Any]:
    """Return two cohorts, the second of which a stop in July 2024 keeps from starting."""
    read = document()
    read["delivery"]["cohorts"] = [
        {"start": date(2024, 1, 1), "share": 0.5},
        {"start": date(2025, 1, 1), "share": 0.5},
    ]
    start = {"amount": 3_000, "per": "start", "index": "none"}
    read["costs"] = {"service": start, "report": read["costs"]["report"]}
    read["costs"]["report"]["survives_termination"] = True
    read["contract"] |= {
        "last_payment": date(2026, 6, 30),
        "termination": {"cause": "policy", "on": date(2024, 7, 1)},
    }
    read["capital"]["tranches"]["dsi"]["commitment"] = 300_000
    return read


def test_own_money_goes_on_where_the_contract_ends() -> None:
    """Half are served under the contract, all with own money; the price is of the same half."""
    found = build(ending_early()).compare(draws=DRAWS, rng=1)
    # 5 more in work of a cohort save 5,000 a month, half of it released: 150,000 in all.
    own, contract = found.base.ways["own_money"], found.base.ways["contract"]
    assert own.net[0] == pytest.approx(300_000 - 300_000, abs=CENT)
    surplus = 250_000 - 150_000 * 1.05**1.5
    assert contract.net[0] == pytest.approx(150_000 - 250_000 - 30_000 + surplus, abs=CENT)
    # 250,000 are paid and part comes back, for a delivery of 150,000.
    assert found.base.price["premium"][0] == pytest.approx(100_000 - surplus, abs=CENT)
    gap = own.present_value - contract.present_value
    assert found.base.total + found.base.early_end == pytest.approx(gap, abs=CENT)
    late = [-(1.055**-1.25) * 150_000] + [
        1.055 ** -((t + 1) / 4) * 0.5 * 25_000 * 3 * share
        for t, share in ((4, 1 / 8), (5, 3 / 8), (6, 5 / 8), (7, 7 / 8), (8, 1), (9, 1))
    ]
    assert found.base.early_end[0] == pytest.approx(sum(late), abs=CENT)
    assert any("early end" in each for each in found.sentences())


def test_money_that_runs_out_does_not_stop_who_pays_himself() -> None:
    """A contract that stops at its commitments serves fewer than own money and the provider do."""
    read = ending_early()
    del read["contract"]["termination"]
    read["contract"]["overrun"] = "stop"
    read["capital"]["tranches"]["dsi"]["commitment"] = 200_000
    found = build(read).compare(draws=2, rng=1).base
    assert found.ways["own_money"].net[0] == pytest.approx(300_000 - 300_000, abs=CENT)
    # All 50 are paid for and all delivery is the provider's.
    no_cure = 300_000 - 500_000 - 30_000
    assert found.ways["no_cure_no_pay"].net[0] == pytest.approx(no_cure, abs=CENT)
    assert found.provider.net[0] == pytest.approx(500_000 - 300_000, abs=CENT)
    assert found.ways["contract"].net[0] != pytest.approx(no_cure, abs=CENT)


def test_who_delivers_itself_pays_itself() -> None:
    """With the municipality as provider own money is the same, and an outside one is thought of."""
    outside, own = compared({}), compared({"problem": {"provider": "municipality"}})
    for way in ("own_money", "contract", "no_cure_no_pay", "grant"):
        assert own.base.ways[way].net == pytest.approx(outside.base.ways[way].net, abs=CENT)
    assert own.base.provider.net == pytest.approx(outside.base.provider.net, abs=CENT)


def test_costs_that_capital_finances_fall_away_too() -> None:
    """A report that the capital pays for is repaid, and so a cost of the contract all the same."""
    read = document()
    del read["costs"]["report"]["payer"]
    found = build(read).compare(draws=2, rng=1).base
    assert found.ways["own_money"].net[0] == pytest.approx(-20_000, abs=CENT)
    assert found.price["evaluation"][0] == pytest.approx(30_000 * 1.055**-1.75, abs=CENT)
    assert found.others[0] == pytest.approx(5_000 * 1.055**-0.5, abs=CENT)
    # Commitments being used up, the report is an overrun that the municipality bears.
    surplus = 500_000 - (200_000 * 1.05 + 50_000) * 1.05**0.5
    more = 80_000 + 500_000 - surplus - 300_000 - 30_000
    assert found.price["premium"][0] == pytest.approx(more, abs=CENT)
    gap = found.ways["own_money"].present_value - found.ways["contract"].present_value
    assert found.total == pytest.approx(gap, abs=CENT)
    # Without an investor the provider pays the report, and the municipality its lawyer and rooms.
    no_cure = 300_000 - 500_000 - 30_000
    assert found.ways["no_cure_no_pay"].net[0] == pytest.approx(no_cure, abs=CENT)
    assert found.provider.net[0] == pytest.approx(500_000 - 330_000, abs=CENT)


def test_a_cost_line_has_a_title_that_changes_no_figure() -> None:
    """A title is a name in one or two languages; without one there is none."""
    read = document()
    read["costs"]["team"]["title"] = {"da": "Holdet", "en": "The team"}
    case = build(read)
    title = case.costs["team"].title
    assert title is not None
    assert (title.in_language("da"), title.in_language("en")) == ("Holdet", "The team")
    assert case.costs["coaches"].title is None
    titled, plain = (each.compare(draws=2, rng=1) for each in (case, build(document())))
    assert np.array_equal(titled.run.total, plain.run.total)


def test_what_an_investor_pays_of_the_service_falls_to_who_pays() -> None:
    """Costs of the service that an investor bears itself are delivery, not a gift."""
    read = document()
    read["costs"]["coaches"]["payer"] = "dsi"
    found = build(read).compare(draws=2, rng=1).base
    assert found.ways["own_money"].net[0] == pytest.approx(-20_000, abs=CENT)
    assert found.provider.net[0] == pytest.approx(200_000, abs=CENT)


def test_an_authority_that_invests_goes_on_paying_its_own_costs() -> None:
    """A municipality behind a tranche pays its rooms itself, and the provider does not."""
    read = document()
    read["capital"]["tranches"]["dsi"]["investor"] = "municipality"
    found = build(read).compare(draws=2, rng=1).base
    assert found.provider.net[0] == pytest.approx(200_000, abs=CENT)
    assert found.ways["own_money"].net[0] == pytest.approx(-20_000, abs=CENT)
    # What it lends it gets back with its return, so that the surplus does not matter to it.
    moved = 300_000 - 10_000 - 20_000 - 50_000 - 500_000 - 30_000 + (500_000 - 250_000)
    assert found.ways["contract"].net[0] == pytest.approx(moved, abs=CENT)


def test_years_that_all_gain_need_no_money() -> None:
    """Who never pays net in a year has no heaviest year, rather than one below zero."""
    read = document() | {"end": date(2025, 12, 31)}
    for name in ("rooms", "report", "lawyer"):
        del read["costs"][name]
    read["payments"]["job"]["price"] = 1
    base = build(read).compare(draws=2, rng=1).base.ways["no_cure_no_pay"]
    assert base.years[:, 0] == pytest.approx([150_000, 150_000 - 50], abs=CENT)
    assert base.peak_year[0] == 0


def test_what_others_pay_is_told() -> None:
    """Of 500,000 the state pays two fifths, without which own money has to do."""
    read = document()
    read["contract"] |= {"payer": {"municipality": 0.6, "state": 0.4}}
    found = build(read).compare(draws=DRAWS, rng=1)
    price = found.price()["base"]
    assert price["beside", "paid_by_others"] == pytest.approx(200_000 * 1.055**-1.5, abs=CENT)
    surplus = 500_000 - (200_000 * 1.05 + 50_000) * 1.05**0.5
    assert price["price", "premium"] == pytest.approx(
        300_000 + 50_000 - surplus - 300_000, abs=CENT
    )
    assert found.base.provider.net[0] == pytest.approx(200_000, abs=CENT)
    assert any("other than Holbæk Kommune pay" in each for each in found.sentences())
    assert not any("other than" in each for each in compared({}).sentences())


def test_an_amount_is_granted_as_costs_fall_due() -> None:
    """A grant of 230,000 pays the team whole and 30,000 of the coaches; 70,000 are drawn."""
    found = compared({}, grant=230_000).base
    assert found.granted[0] == pytest.approx(230_000, abs=CENT)
    surplus = 500_000 - 70_000 * 1.05**0.5
    expected = 300_000 - 10_000 - 20_000 - 500_000 - 30_000 + surplus
    assert found.ways["grant"].net[0] == pytest.approx(expected, abs=CENT)


def test_a_grant_of_the_case_is_left_as_it_is() -> None:
    """With a grant among its tranches the case is not given another one, and says so."""
    read = document()
    read["capital"]["tranches"]["gift"] = {"kind": "grant", "commitment": 50_000}
    case = build(read)
    found = case.compare(draws=DRAWS, rng=1)
    assert np.array_equal(found.run.ways["grant"].net, found.run.ways["contract"].net)
    # Drawn pro rata to commitments of 250,000 and 50,000, for all of delivery.
    assert found.run.granted == pytest.approx(50_000)
    assert any("has a grant already" in each for each in found.sentences())
    with pytest.raises(ArgumentError, match=r"capital\.tranches\.gift"):
        case.compare(grant=0.2, draws=2)


@pytest.mark.parametrize("grant", [0, -0.1, float("inf"), float("nan"), True, "half"])
def test_a_grant_that_is_none_is_refused(grant: Any) -> None:  # noqa: ANN401 - whatever is given
    """What is neither a share nor an amount is refused with the rule."""
    with pytest.raises(ArgumentError, match="share of the delivery costs"):
        compared({}, grant=grant)


def test_a_quarter_is_granted_unless_stated_and_said_to_be_assumed() -> None:
    """The default grant is an assumption; a stated one is not called so."""
    assumed, stated = compared({}), compared({}, grant=0.25)
    assert np.array_equal(assumed.run.ways["grant"].net, stated.run.ways["grant"].net)
    assert assumed.base.granted[0] == pytest.approx(75_000, abs=CENT)
    assert any("25 % of the delivery costs (an assumption)" in s for s in assumed.sentences())
    assert not any("assumption" in each for each in stated.sentences())


def test_without_rates_there_is_no_price_but_a_difference() -> None:
    """A case without valuation has figures and sentences; its price is refused."""
    read = document()
    del read["valuation"]
    found = build(read).compare(draws=DRAWS, rng=1)
    with pytest.raises(ArgumentError, match=r"valuation\.discount\.municipality"):
        found.price()
    assert np.isnan(found.run.ways["contract"].present_value).all()
    assert any("undiscounted" in each for each in found.sentences("en"))
    assert any("uden diskontering" in each for each in found.sentences("da"))


def test_without_budget_lines_there_are_only_costs() -> None:
    """Who counts no savings loses with certainty whatever way, and breaks even in none."""
    found = compared({"budget": {"benefit": {**document()["budget"]["benefit"], "amount": 0}}})
    read = document()
    read["budget"] = {}
    bare = build(read).compare(draws=DRAWS, rng=1)
    for way in WAYS:
        assert bare.run.ways[way].net == pytest.approx(found.run.ways[way].net, abs=CENT)
    table = bare.table()["value"]
    assert table["p_loss", "own_money"] == 1
    assert table["p_break_even", "own_money"] == 0
    assert np.isinf(table["break_even_year", "own_money"])
    assert any("under 1 % of simulations break even" in each for each in bare.sentences())


def test_another_authority_in_another_currency() -> None:
    """A county that pays in pounds is compared as a municipality is."""
    read = document()
    read["currency"] = "GBP"
    del read["problem"]["municipality"]
    read["problem"]["authority"] = "county"
    for line in read["costs"].values():
        line["payer"] = {"municipality": "county"}.get(line.get("payer", ""), line.get("payer"))
        if line["payer"] is None:
            del line["payer"]
    read["budget"]["benefit"]["party"] = "county"
    read["contract"]["payer"] = "county"
    read["capital"]["surplus"] = "county"
    found = build(read).compare(draws=DRAWS, rng=1)
    for way, other in compared({}).run.ways.items():
        assert np.array_equal(found.run.ways[way].net, other.net)
    assert "the county" in found.sentences("en")[1]
    assert "amtet" in found.sentences("da")[1]
    assert "GBP" in found.sentences("da")[1]


def test_errors_of_a_difference_are_of_the_same_luck() -> None:
    """Two ways that differ by a constant differ without error; their means do not."""
    net = np.linspace(-100.0, 99.0, 200)
    one, other = way_of(net), way_of(net - 5.0)
    for figure, apart in (("net", -5.0), ("expected_shortfall", 5.0), ("peak_cash", 5.0)):
        assert difference(other, one, figure) == pytest.approx((apart, 0.0), abs=1e-9)
        assert error_of(one, figure) > 1
    assert error_of(one, "net") == pytest.approx(net.std(ddof=1) / np.sqrt(200))
    assert value_of(one, "p_loss") == 0.5
    assert error_of(one, "p_loss") == pytest.approx(np.sqrt(0.25 / 204))
    lost = (net - 5.0 < 0).astype(float) - (net < 0)
    assert difference(other, one, "p_loss") == pytest.approx((0.025, mc_error_of_mean(lost)))


def test_shortfall_of_two_points() -> None:
    """Of twenty draws with one loss of 100, the worst twentieth is that loss; of one it is part."""
    one = way_of(np.array([-100.0] + [10.0] * 19))
    assert value_of(one, "expected_shortfall") == pytest.approx(100)
    assert value_of(one, "p_loss") == pytest.approx(0.05)
    two = way_of(np.array([-100.0] + [10.0] * 39))
    assert value_of(two, "expected_shortfall") == pytest.approx((100 - 10) / 2)


def test_nothing_is_zero_and_table_has_every_way() -> None:
    """Doing nothing is zero by definition; every figure has a row for each way."""
    found = compared({})
    table = found.table()
    for figure in ("net", "present_value", "p_loss", "expected_shortfall", "peak_cash"):
        assert list(table.loc[figure].index) == list(WAYS)
        assert table["value"][figure, "nothing"] == 0
        assert table["difference"][figure, "contract"] == 0
    assert np.isnan(table["value"]["p_break_even", "nothing"])
    assert np.isnan(table["base"]["expected_shortfall", "contract"])
    bought = found.price().loc["buys"]
    assert list(bought.index) == ["p_loss", "expected_shortfall", "peak_cash"]
    for figure in bought.index:
        apart = table["difference"][figure, "own_money"]
        assert bought["mean"][figure] == pytest.approx(-apart)
        errors = (bought["mc_error"][figure], table["difference_mc_error"][figure, "own_money"])
        assert errors[0] == pytest.approx(errors[1])
    assert "by definition" in found.sentences()[0]
    with pytest.raises(FrozenInstanceError):
        found.draws = 2


def test_years_are_ready_to_be_drawn() -> None:
    """By way and calendar year: the means add up to the mean net, the last running sum too."""
    found = compared({})
    frame, table = found.by_year(), found.table()["value"]
    assert list(frame.index.names) == ["way", "year"]
    for way in WAYS:
        rows = frame.loc[way]
        assert list(rows.index) == [2024, 2025, 2026]
        assert rows["mean"].sum() == pytest.approx(table["net", way], abs=CENT)
        assert rows["cumulative_mean"].iloc[-1] == pytest.approx(table["net", way], abs=CENT)
        assert (rows["p5"] <= rows["p95"]).all()


def test_one_simulation_serves_all_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """All five ways are settled on the worlds of one simulation."""
    kept = []

    def counted(case: sib.Case, **asked: Any) -> sib.Results:  # noqa: ANN401 - passed on
        kept.append(asked["keep"])
        return case.simulate(**asked)

    monkeypatch.setattr("sibsim.decisions.ways.comparison.simulate", counted)
    compared({})
    assert kept == ["world"]
