"""The tables of a budget memo, on ledgers written down by hand: columns, prices, signs, rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sibsim as sib
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.reports.municipal import MunicipalBudget
from sibsim.results import Sign
from tests.hand_made_ledger import CASE, results_of, row

CENT = 0.005
DRAWS = 300

LEDGER = (
    row("contract", "municipality", "costs.financed", {2024: 90}),
    row("municipality", "nature", "costs.team", {2024: 100}, kind="use"),
    row("municipality", "evaluator", "costs.evaluation", {2026: 8}),
    row("evaluator", "nature", "costs.evaluation", {2026: 8}, kind="use"),
    row("fund", "contract", "capital.dsi.drawing", {2024: 90}, frame="outside"),
    row("contract", "fund", "capital.dsi.repayment", {2025: 95}, frame="outside"),
    row("contract", "municipality", "capital.surplus", {2026: 5}),
    row("municipality", "contract", "payments.job", {2025: (60.0, 80.0)}),
    row("municipality", "contract", "payments.wellbeing", {2025: 30}),
    row("citizens", "municipality", "budget.benefit", {2025: 200, 2029: 40}, frame="transfers"),
    row("municipality", "state", "budget.benefit.refund", {2025: 50, 2029: 10}, frame="transfers"),
    row(
        *("municipality", "municipality", "budget.benefit.not_released"),
        {2025: 20},
        frame="transfers",
        kind="memo",
    ),
)
"""A whole contract in small numbers; two draws differ in one payment."""


def shown(
    *,
    budget_year: int | None = None,
    prices: str = "none",
    unit: float = 1,
    sign: Sign = "saving_positive",
    lang: str = "en",
) -> MunicipalBudget:
    """Return the tables of the ledger, in whole units and current prices unless told."""
    return results_of(*LEDGER).municipal_budget(
        budget_year=budget_year, prices=prices, unit=unit, sign=sign, lang=lang
    )


def numbers(table: pd.DataFrame, *key: str) -> list[float]:
    """Return the row of a table by its key."""
    rows: Any = table.loc
    found: list[float] = rows[key if len(key) > 1 else key[0]].tolist()
    return found


def test_columns_are_the_budget_year_three_estimates_and_the_tail() -> None:
    """What is later stands in one column, and the total at the end."""
    lines: Any = shown().lines()
    assert list(lines.columns) == (
        ["2024", "2025", "2026", "2027", "later", "total", "p5", "p95", "P(net < 0)"]
    )
    gross = numbers(lines, "Transfers", "Benefit saved", "gross saving")
    assert gross[:6] == [0, 200, 0, 0, 40, 240]


def test_money_before_the_budget_year_has_a_column_of_its_own() -> None:
    """It stands first; without such money there is no such column."""
    totals: Any = shown(budget_year=2025).totals()
    assert list(totals.columns) == ["earlier", "2025", "2026", "2027", "2028", "later", "total"]
    assert numbers(totals, "mean") == [-10, 200 - 50 - 20 - 70 - 30, -3, 0, 0, 30, 47]
    late = results_of(row("a", "b", "payments.job", {2026: 5}))
    columns = late.municipal_budget("a", budget_year=2026).totals().columns
    assert "earlier" not in columns


def test_estimate_years_after_the_end_are_empty() -> None:
    """A memo of the last year of the case keeps its form."""
    totals: Any = shown(budget_year=2034).totals()
    assert list(totals.columns) == ["earlier", "2034", "2035", "2036", "2037", "later", "total"]
    assert numbers(totals, "mean") == [47, 0, 0, 0, 0, 0, 47]


def test_fixed_prices_by_hand() -> None:
    """Wages grow by 3.2 % a year: 30 of 2029 are 30 / 1.032^5 in prices of 2024, by 1,000."""
    memo = shown(prices="wages", unit=1000)
    totals: Any = memo.totals()
    expected = [
        -10 / 1000,
        30 / 1.032 / 1000,
        -3 / 1.032**2 / 1000,
        0,
        30 / 1.032**5 / 1000,
    ]
    assert numbers(totals, "mean") == pytest.approx([*expected, sum(expected)], abs=1e-12)
    assert memo.caption == "1,000 DKK, fixed 2024 prices (index of wages), gains positive"


def test_the_case_states_the_index_of_fixed_prices() -> None:
    """`valuation.prices` holds unless another index, or none, is asked for."""
    fixed = CASE.with_({"valuation.prices": "wages"})
    run = results_of(*LEDGER, case=fixed)
    assert run.municipal_budget().prices == "wages"
    assert run.municipal_budget(prices="benefit_rates").prices == "benefit_rates"
    assert (
        run.municipal_budget(prices="none").caption == "1,000 DKK, current prices, gains positive"
    )


def test_a_table_says_its_unit_and_prices() -> None:
    """Above its columns and in its attributes, in Danish too."""
    memo = shown(prices="wages", unit=1_000_000, lang="da")
    lines: Any = memo.lines()
    prices = "faste 2024-priser (indeks for lønninger)"
    assert lines.columns.name == f"1.000.000 kr., {prices}, gevinster positive"
    assert lines.attrs["caption"] == lines.columns.name
    assert lines.attrs["title"] == memo.title
    assert memo.title == "Holbæk: i job efter sygemelding med psykisk lidelse (Kommunen)"


def test_lines_go_from_gross_to_realisable() -> None:
    """Gross, refund and what is not released, beside what is left; totals by frame and in all."""
    lines: Any = shown().lines()
    benefit = lines.loc["Transfers"].loc["Benefit saved"]
    assert list(benefit.index) == [
        "gross saving",
        "change in refund",
        "not released",
        "realisable",
    ]
    assert benefit["2025"].tolist() == [200, -50, -20, 130]
    assert benefit["total"].tolist() == [240, -60, -20, 160]
    assert lines["total"]["Service", "Cross-disciplinary team", "cost"] == -100
    assert lines["total"]["Service", "conditional grant of the investor", "income"] == 90
    assert lines["total"]["Service", "Evaluation", "cost"] == -8
    assert lines["total"]["Service", "Better wellbeing", "payment for outcomes"] == -30
    service = lines.loc[("Service", "total", "")]
    assert service[["2024", "2025", "2026", "total"]].tolist() == [-10, -100, -3, -113]
    assert lines["total"]["Transfers", "total", ""] == 160
    assert lines["total"]["All frames", "total", ""] == 47


def test_probabilities_stand_beside_totals() -> None:
    """The net is 57 in one draw and 37 in the other; each total has its own spread."""
    lines: Any = shown().lines()
    whole = lines.loc[("All frames", "total", "")]
    assert whole[["p5", "p95", "P(net < 0)"]].tolist() == pytest.approx([38, 56, 0])
    service = lines.loc[("Service", "total", "")]
    assert service[["p5", "p95", "P(net < 0)"]].tolist() == pytest.approx([-122, -104, 1])
    assert math.isnan(lines["p5"]["Service", "Evaluation", "cost"])


def test_totals_of_every_column() -> None:
    """In 2025 the net is 40 or 20, by the payment."""
    totals: Any = shown().totals()
    assert list(totals.index) == ["mean", "p5", "p50", "p95", "P(net < 0)"]
    assert totals["2025"].tolist() == pytest.approx([30, 21, 30, 39, 0])
    assert totals["2024"].tolist() == pytest.approx([-10, -10, -10, -10, 1])
    tight = results_of(*LEDGER, row("municipality", "shop", "costs.rent", {2025: 30}))
    found: Any = tight.municipal_budget(prices="none", unit=1).totals()
    assert found["2025"]["P(net < 0)"] == 0.5


def test_a_rounding_of_sums_is_nothing() -> None:
    """0.1 + 0.2 - 0.3 is no gain and no loss, whatever the sign."""
    ledger = (
        row("citizens", "municipality", "budget.benefit", {2024: 0.3}),
        row("municipality", "shop", "costs.rent", {2024: 0.1}),
        row("municipality", "shop", "costs.food", {2024: 0.2}),
    )
    totals: Any = results_of(*ledger).municipal_budget(prices="none", unit=1).totals()
    assert totals["total"].tolist() == [0.0] * 5
    assert not np.signbit(totals["total"]).any()


@pytest.mark.parametrize("name", ["lines", "copenhagen_form", "committees"])
def test_the_sign_mirrors(name: str) -> None:
    """Every amount is the other way round, p5 and p95 change places, probabilities stay."""
    gains: Any = getattr(shown(), name)()
    expenses: Any = getattr(shown(sign="expense_positive"), name)()
    amounts = ["2024", "2025", "2026", "2027", "later", "total"]
    assert (gains[amounts] == -expenses[amounts]).all(axis=None)
    np.testing.assert_allclose(gains["p5"], -expenses["p95"])
    np.testing.assert_allclose(gains["p95"], -expenses["p5"])
    assert expenses["P(net > 0)"].equals(gains["P(net < 0)"].rename("P(net > 0)"))
    assert expenses.columns.name == "1 DKK, current prices, expenses positive"


@pytest.mark.parametrize("name", ["service_ceiling", "who_saves", "som_result"])
def test_beyond_the_budget_gains_are_positive_whatever_the_sign(name: str) -> None:
    """These tables are no rows of the budget; their captions say that gains are positive."""
    gains: Any = getattr(shown(), name)()
    expenses: Any = getattr(shown(sign="expense_positive"), name)()
    pd.testing.assert_frame_equal(gains, expenses)
    assert "gains positive" in expenses.attrs["caption"]
    assert expenses.attrs["sign"] == "saving_positive"


def test_the_form_of_copenhagen() -> None:
    """Savings, what follows them and ends, and what it takes to deliver; together the net."""
    form: Any = shown().copenhagen_form()
    assert [(section, line) for section, line, _ in form.index] == [
        ("Permanent changes", "Benefit saved"),
        ("Permanent changes", "Total permanent change"),
        ("Temporary changes", "payments for outcomes"),
        ("Temporary changes", "surplus received"),
        ("Temporary changes", "Total temporary change"),
        ("Implementation costs", "conditional grant of the investor"),
        ("Implementation costs", "Cross-disciplinary team"),
        ("Implementation costs", "Evaluation"),
        ("Implementation costs", "Total implementation costs"),
        ("Total economic impact", "total"),
    ]
    assert form["total"].tolist() == [160, 160, -100, 5, -95, 90, -100, -8, -18, 47]
    assert form["2025"].tolist() == [130, 130, -100, 0, -100, 0, 0, 0, 0, 30]
    assert form.index.get_level_values("frame")[0] == "Transfers"
    danish: Any = shown(lang="da").copenhagen_form()
    assert danish["i alt"]["Varige ændringer", "Samlet varig ændring", ""] == 160
    assert danish["i alt"]["Midlertidige ændringer", "Samlet midlertidig ændring", ""] == -95


def test_the_year_of_payback() -> None:
    """So far -10, 20, 17, 17: at 0 or above from 2025 on; with rent in 2026 not before 2029."""
    form = shown().copenhagen_form()
    assert form.attrs["payback_year"] == 2025
    rent = row("municipality", "shop", "costs.rent", {2026: 30})
    late = results_of(*LEDGER, rent).municipal_budget(prices="none", unit=1)
    assert late.copenhagen_form().attrs["payback_year"] == 2029
    never = results_of(row("municipality", "shop", "costs.rent", {2026: 30})).municipal_budget()
    assert never.copenhagen_form().attrs["payback_year"] is None


def test_committees() -> None:
    """A line has its own committee, else the contract's; without either it is not stated."""
    case = CASE.with_(
        {
            "budget.benefit.committee": "Work",
            "costs.evaluation.committee": "Finance",
            "contract.committee": "Social affairs",
        }
    )
    run = results_of(*LEDGER, case=case)
    found: Any = run.municipal_budget(prices="none", unit=1).committees()["total"]
    assert found.to_dict() == {
        "Work": 160,
        "Finance": -8,
        "Social affairs": 90 - 100 - 100 + 5,
        "total": 47,
    }
    state = run.municipal_budget("state", prices="none", unit=1).committees()["total"]
    assert state.to_dict() == {"not stated": 60, "total": 60}


def test_amounts_that_suffice() -> None:
    """Of ten equally likely payments of 1 to 10 the ninth is enough nine times in ten."""
    rising = tuple(float(amount) for amount in range(1, 11))
    falling = rising[::-1]
    ledger = (
        row("municipality", "contract", "payments.job", {2024: rising, 2025: falling}),
        row("citizens", "municipality", "budget.benefit", {2024: 4}, frame="transfers"),
    )
    memo = results_of(*ledger, draws=10).municipal_budget(prices="none", unit=1)
    found: Any = memo.amount_to_budget(0.9)
    assert found.loc["payments for outcomes", ["2024", "2025", "total"]].tolist() == [9, 9, 11]
    assert found.loc["net cost", ["2024", "2025", "total"]].tolist() == [5, 9, 7]
    assert memo.amount_to_budget(0.901).loc["payments for outcomes", "2024"] == 10
    turned: Any = results_of(*ledger, draws=10).municipal_budget(
        prices="none", unit=1, sign="expense_positive"
    )
    pd.testing.assert_frame_equal(turned.amount_to_budget(0.9), found)
    assert found.columns.name.endswith("expenses positive")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"budget_year": 2040}, "2024 to 2034"),
        ({"budget_year": "2025"}, "got '2025'; the case has money from 2024"),
        ({"budget_year": [2025]}, "2024 to 2034"),
        ({"unit": 0}, "a number above 0"),
        ({"unit": "1000"}, "got '1000'; a figure stands for a number above 0"),
        ({"unit": True}, "a number above 0"),
        ({"unit": math.inf}, "a number above 0"),
        ({"prices": "wage"}, "did you mean 'wages'.*none"),
        ({"prices": ""}, "index of the case .*wages"),
        ({"prices": 2024}, "got 2024.*wages"),
        ({"sign": "plus"}, "saving_positive, expense_positive"),
        ({"lang": "sv"}, "da, en"),
    ],
)
def test_arguments_out_of_range(told: Mapping[str, Any], words: str) -> None:
    """Each says what was given and what may be."""
    with pytest.raises(ArgumentError, match=words):
        results_of(*LEDGER).municipal_budget(**told)


@pytest.mark.parametrize("probability", [0, 1, 90, math.nan, "0.9", None, True])
def test_a_probability_lies_between_0_and_1(probability: object) -> None:
    """An amount that is always or never enough is no budget."""
    memo: Any = shown()
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        memo.amount_to_budget(probability)


def test_an_unknown_party() -> None:
    """A slip in the name of a party is told."""
    with pytest.raises(UnknownNameError, match="did you mean 'municipality'"):
        results_of(*LEDGER).municipal_budget("municipalty")


def test_tables_need_the_ledger() -> None:
    """A run that kept metrics only says how to keep the ledger."""
    with pytest.raises(ArgumentError, match="keep='flows'"):
        CASE.simulate(draws=2, rng=1, keep="metrics").municipal_budget()


def test_the_net_is_the_metric(seed: int) -> None:
    """On a simulated case the total is the municipality's net, draw by draw."""
    run = CASE.simulate(draws=DRAWS, rng=seed)
    totals: Any = run.municipal_budget(prices="none", unit=1).totals()["total"]
    net = run.metric("municipality_net")
    assert totals["mean"] == pytest.approx(net.mean(), abs=CENT)
    expected = np.quantile(net, [0.05, 0.5, 0.95])
    assert totals[["p5", "p50", "p95"]].tolist() == pytest.approx(expected.tolist(), abs=CENT)
    assert totals["P(net < 0)"] == run.metric("p_municipality_loss").mean()


def test_one_draw_has_no_spread() -> None:
    """The base case and a settlement have tables too: quantiles are figures, chances 0 or 1."""
    report = {"measure": "fit_for_work", "cohort": 1, "at_months": 12, "achieved": 20, "people": 30}
    for run in (CASE.base_case(), CASE.settle([report])):
        memo = run.municipal_budget(prices="none", unit=1)
        totals = memo.totals()
        assert (totals.loc["p5"] == totals.loc["p95"]).all()
        assert set(totals.loc["P(net < 0)"]) <= {0.0, 1.0}
        for name in ("lines", "copenhagen_form", "service_ceiling", "committees", "who_saves"):
            assert len(getattr(memo, name)()), name
        assert len(memo.som_result())
        paid = memo.amount_to_budget(0.5).loc["payments for outcomes", "total"]
        assert paid == pytest.approx(run.metric("payments_total")[0], abs=CENT)


def test_a_name_stands_beside_titles_that_are_shared() -> None:
    """Two lines of one outcome have one title and are still two rows."""
    case = sib.load_case("holbaek").with_({"payments.wellbeing.reads": "fit_for_work"})
    ledger = (
        row("municipality", "contract", "payments.wellbeing", {2025: 30}),
        row("municipality", "contract", "payments.fit_for_work", {2025: 20}),
    )
    lines: Any = results_of(*ledger, case=case).municipal_budget(unit=1, prices="none").lines()
    found = lines["total"].to_dict()
    item = "payment for outcomes"
    assert found["Service", "Declared fit for work (wellbeing)", item] == -30
    assert found["Service", "Declared fit for work (fit_for_work)", item] == -20
