"""Who saves, the net result of SØM, and the fiscal and societal views, worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sibsim.budget.ledger import parties, yearly
from sibsim.core.cashflow import discount_factors
from sibsim.core.rules import rule
from sibsim.errors import ArgumentError
from sibsim.reports.cash import kept_postings
from sibsim.reports.municipal_views import social_rates
from tests.hand_made_ledger import CASE, results_of, row

CENT = 0.005
SOCIETY = "Society as a whole, without the value of work"
PUBLIC = "Municipality, region and state"
GAIN = "net gain of society, without the value of work"
DRAWS = 200

TRANSFERS = (
    row("contract", "municipality", "costs.financed", {2024: 90}),
    row("municipality", "contract", "payments.job", {2025: 95}),
    row("dsi", "contract", "capital.dsi.drawing", {2024: 90}, frame="outside"),
    row("contract", "dsi", "capital.dsi.repayment", {2025: 92}, frame="outside"),
    row("contract", "municipality", "capital.surplus", {2025: 3}),
    row("municipality", "evaluator", "costs.evaluation", {2025: 8}),
    row("dsi", "intermediary", "costs.management", {2024: 2}, frame="outside"),
    row("citizens", "municipality", "budget.benefit", {2025: (300, 100)}, frame="transfers"),
    row("municipality", "state", "budget.benefit.refund", {2025: (60, 20)}, frame="transfers"),
    row("municipality", "state", "budget.benefit.equalisation", {2025: 7}, frame="transfers"),
)
RESOURCES = (
    row("municipality", "nature", "costs.team", {2024: 100}, kind="use"),
    row("evaluator", "nature", "costs.evaluation", {2025: 8}, kind="use"),
    row("intermediary", "nature", "costs.management", {2024: 2}, kind="use", frame="outside"),
    row("nature", "region", "budget.care", {2026: 40}, kind="production"),
    row("region", "region", "budget.care.not_released", {2026: 30}, kind="memo"),
)
LEDGER = (*TRANSFERS, *RESOURCES)

CARE = {
    "follows": "job",
    "kind": "resource",
    "party": "region",
    "frame": "outside",
    "amount": 100,
    "per": "month",
    "index": "none",
    "share": 0.25,
    "lasts": {"between_people": {"p10": 6, "p50": 24, "p90": 72}},
}
WITH_CARE = CASE.with_({"budget.care": CARE})


def total(table: pd.DataFrame) -> dict[Any, float]:
    """Return the last column of a table by its rows."""
    found: dict[Any, float] = table["total"].to_dict()
    return found


def test_who_saves() -> None:
    """Each party's net; together what is produced less what is used; the memo is in no sum."""
    memo = results_of(*LEDGER, case=WITH_CARE).municipal_budget(prices="none", unit=1)
    found: Any = memo.who_saves()
    expected = {
        "Municipality": 90 - 95 + 3 - 8 - 100 + 200 - 40 - 7,
        "Region, before what cannot be released": 40,
        "Region, deducted, not released": 30,
        "State": 47,
        "Citizens": -200,
        "Den Sociale Investeringsfond": -90 + 92 - 2,
        "Account of the contract": 0,
        SOCIETY: 40 - 110,
    }
    assert list(total(found).items()) == list(expected.items())
    money = found["2025"].drop("Region, deducted, not released")
    assert money.iloc[:-1].sum() == money[SOCIETY] == -8
    assert found["P(net < 0)"]["Citizens"] == 1


def test_transfers_sum_to_zero() -> None:
    """Without production and use nothing is left over all parties, in any year."""
    found: Any = results_of(*TRANSFERS, case=WITH_CARE).municipal_budget(prices="none", unit=1)
    table = found.who_saves()
    assert (table.loc[SOCIETY, "2024":"total"] == 0).all()
    assert table["total"].sum() == 0


def test_holbaek_sums_over_its_parties(seed: int) -> None:
    """On a simulated case too, in fixed prices: parties sum to resources, column by column."""
    memo = CASE.simulate(draws=DRAWS, rng=seed).municipal_budget(prices="wages", unit=1)
    table: Any = memo.who_saves()
    society: Any = table.loc[SOCIETY]
    rest: Any = table.drop(index=SOCIETY)
    for column in memo.columns.names:
        assert rest[column].sum() == pytest.approx(society[column], abs=CENT)


def test_the_ledger_by_year_is_the_ledger() -> None:
    """Rows that say the same are one; one column where no draw differs; no money is lost."""
    run = results_of(*LEDGER, TRANSFERS[0], case=WITH_CARE)
    found = yearly(kept_postings(run), CASE.timeline)
    assert len(found) == len(LEDGER)
    assert found[0].amount.shape == (len(CASE.timeline.years), 1)
    assert found[0].amount[:, 0].tolist()[:3] == [180, 0, 0]
    assert found[7].amount.shape[1] == 2
    assert parties(found) == parties(LEDGER)


def test_the_net_result_without_and_with_the_contract() -> None:
    """Without: delivery falls on the authority, evaluation away. Equalisation is in neither."""
    case = WITH_CARE.with_({"costs.evaluation.contract_cost": "evaluation"})
    memo = results_of(*LEDGER, case=case, participants=5).municipal_budget(prices="none", unit=1)
    table: Any = memo.som_result()
    found: Any = total(table)
    assert {
        key[2]: found[key] for key in found if key[:2] == ("without contract", "Municipality")
    } == {
        "costs": -100,
        "consequences": 200 - 40,
        "net result": 60,
    }
    assert {
        key[2]: found[key] for key in found if key[:2] == ("with contract", "Municipality")
    } == {
        "costs": 90 - 100 - 8,
        "payments for outcomes": -95 + 3,
        "consequences": 160,
        "net result": 50,
        "equalisation": -7,
        "= net in totals()": 43,
    }
    assert table.loc["with contract"].loc["Region"]["total"].tolist() == [0, 0, 40, 40, -30, 10]
    assert found["with contract", "State", "net result"] == 40
    assert found["with contract", "Region", "consequences"] == 40
    assert found["without contract", PUBLIC, "net result"] == 60 + 40 + 40
    assert found["with contract", PUBLIC, "net result"] == 50 + 40 + 40
    each: Any = table["per participant"]["without contract", "Municipality", "net result"]
    assert each == 60 / 5
    chance: Any = table["P(net < 0)"]
    assert chance["without contract", "Municipality", "net result"] == 0.5
    kept = results_of(*LEDGER, case=WITH_CARE.with_({"costs.evaluation.contract_cost": None}))
    whole: Any = total(kept.municipal_budget(prices="none", unit=1).som_result())
    assert whole["without contract", "Municipality", "costs"] == -108


RATES = ((0.0, 0.035), (1.0, 0.02))
TOLD: Mapping[str, Any] = {"rates": RATES, "net_tax_factor": 1.28, "tax_distortion": 1.0}


def present(by_year: Mapping[int, float]) -> float:
    """Return the value in 2024 of money in prices of 2024: 3.5 % in the first year, then 2 %."""
    worth = {2024: 1.0, 2025: 1 / 1.035, 2026: 1 / (1.035 * 1.02)}
    return sum(amount * worth[year] / 1.032 ** (year - 2024) for year, amount in by_year.items())


def test_the_societal_view_by_hand() -> None:
    """Resources alone count, at market prices, discounted in bands and in fixed prices."""
    memo = results_of(*LEDGER, case=WITH_CARE).municipal_budget(prices="wages", unit=1)
    found: Any = memo.views(**TOLD)["present value"]
    resources = present({2024: -102, 2025: -8, 2026: 40})
    assert found["societal", "resources set free"] == pytest.approx(present({2026: 40}))
    assert found["societal", "resources set free less used"] == pytest.approx(resources)
    assert found["societal", "at market prices, net tax factor 1.28"] == pytest.approx(
        1.28 * resources
    )
    assert found["societal", GAIN] == pytest.approx(1.28 * resources)


def test_the_fiscal_view_by_hand() -> None:
    """All public budgets together, what they can realise; half of the draws save 160 less."""
    memo = results_of(*LEDGER, case=WITH_CARE).municipal_budget(prices="wages", unit=1)
    table: Any = memo.views(**TOLD)
    found: Any = table["present value"]
    municipality = {2024: -10, 2025: -95 + 3 - 8 + 160 - 7}
    assert found["fiscal", "Municipality"] == pytest.approx(present(municipality))
    assert found["fiscal", "Region"] == pytest.approx(present({2026: 10}))
    public = {2024: -10, 2025: 53 + 47, 2026: 10}
    assert found["fiscal", PUBLIC] == pytest.approx(present(public))
    assert table["total"]["fiscal", PUBLIC] == pytest.approx(-10 + 100 / 1.032 + 10 / 1.032**2)
    low, high = present(public | {2025: 0}), present(public | {2025: 200})
    tails: Any = table.loc[
        ("fiscal", PUBLIC), ["p5 of present value", "p95 of present value", "P(present value < 0)"]
    ]
    expected = [low + 0.05 * (high - low), low + 0.95 * (high - low), 0.5]
    assert tails.tolist() == pytest.approx(expected)


def test_a_distortion_counts_only_where_its_factor_is_not_1() -> None:
    """At 1.2 a fifth of what public budgets gain is added; at 1 there is no such row."""
    memo = results_of(*LEDGER, case=WITH_CARE).municipal_budget(prices="wages", unit=1)
    plain: Any = memo.views(**TOLD)["present value"]
    found: Any = memo.views(**{**TOLD, "tax_distortion": 1.2})["present value"]
    added = found["societal", "distortion by taxes, factor 1.2"]
    assert added == pytest.approx(0.2 * plain["fiscal", PUBLIC])
    gain = "societal", GAIN
    assert found[gain] == pytest.approx(plain[gain] + added)
    assert len(found) == len(plain) + 1


def test_views_follow_the_rules_in_force() -> None:
    """Unless told, rates and factors are those of the dated rules, band by band."""
    memo = results_of(*LEDGER, case=WITH_CARE).municipal_budget(prices="wages", unit=1)
    day = date(2026, 1, 1)
    bands = ((0.0, 0.035), (35.0, 0.025), (70.0, 0.015))
    stated: Any = memo.views(
        rates=bands,
        net_tax_factor=rule("dk-net-tax-factor", on=day).value,
        tax_distortion=rule("dk-tax-distortion", on=day).value,
    )
    assert memo.views().equals(stated)
    assert memo.views(on=day).equals(stated)
    with pytest.raises(ArgumentError, match="holds"):
        memo.views(on="2019-01-01")


def test_a_band_begins_with_its_first_year() -> None:
    """3.5 % for 35 years and 2.5 % for one: the flow of year 36 is the first of its band."""
    rates = social_rates(date(2026, 1, 1))
    assert rates == ((0.0, 0.035), (35.0, 0.025), (70.0, 0.015))
    years = np.array([35.0, 36.0, 71.0])
    expected = [1.035**-35, 1.035**-35 / 1.025, 1.035**-35 * 1.025**-35 / 1.015]
    np.testing.assert_allclose(discount_factors(years, rate=rates), expected)


def test_views_need_fixed_prices() -> None:
    """A real rate and current prices do not go together; the message says what to state."""
    memo = results_of(*LEDGER, case=WITH_CARE).municipal_budget(prices="none")
    with pytest.raises(ArgumentError, match=r"\[valuation\] prices"):
        memo.views()


@pytest.mark.parametrize("told", [{"net_tax_factor": 0.5}, {"tax_distortion": math.inf}])
def test_a_factor_is_at_least_1(told: Mapping[str, float]) -> None:
    """A slip in a factor is told by its name."""
    memo = results_of(*LEDGER, case=WITH_CARE).municipal_budget(prices="wages")
    with pytest.raises(ArgumentError, match=next(iter(told))):
        memo.views(**{**TOLD, **told})


def test_views_say_how_they_are_discounted() -> None:
    """The caption and the attributes have rates, the year discounted to and the factors."""
    table: Any = results_of(*LEDGER, case=WITH_CARE).municipal_budget(prices="wages").views(**TOLD)
    assert table.columns.name == (
        "1,000 DKK, fixed 2024 prices (index of wages), gains positive, discounted to 2024: "
        "3.5 % from year 0, 2 % from year 1; net tax factor 1.28"
    )
    assert table.attrs["rates"] == RATES
    assert (table.attrs["base_year"], table.attrs["net_tax_factor"]) == (2024, 1.28)


def test_the_value_of_work_counts_where_citizens_have_a_line_for_it() -> None:
    """Society is named without it unless a resource is theirs, whose gross amount is a gain."""
    wages = {**CARE, "party": "citizens"}
    case = CASE.with_({"budget.care": wages})
    ledger = row("nature", "citizens", "budget.care", {2026: 40}, kind="production")
    run = results_of(*LEDGER, ledger, case=case)
    memo = run.municipal_budget("citizens", prices="wages", unit=1)
    assert memo.who_saves().index[-1] == "Society as a whole"
    assert ("societal", "net gain of society") in memo.views(**TOLD).index
    items = memo.lines().index
    assert ("Service", "care", "gross gain") in items
    assert ("Transfers", "Benefit saved", "gross effect") in items


def test_views_have_gains_positive_whatever_the_sign() -> None:
    """They are no rows of the budget."""
    run = results_of(*LEDGER, case=WITH_CARE)
    gains: Any = run.municipal_budget(prices="wages").views(**TOLD)
    expenses: Any = run.municipal_budget(prices="wages", sign="expense_positive").views(**TOLD)
    pd.testing.assert_frame_equal(gains, expenses)
    assert gains["P(present value < 0)"].tolist()[3] == 0.5


def test_the_region_has_a_memo_of_its_own() -> None:
    """Whose budget it is may be any party of the ledger."""
    run = results_of(*LEDGER, case=WITH_CARE)
    lines: Any = run.municipal_budget("region", prices="none", unit=1).lines()
    assert lines["total"].tolist() == [40, -30, 10, 10, 10]
