"""The executed page on municipal budgets: what it says of its tables, against hand calculations."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sibsim as sib
from sibsim.core import catalogue

PAGE = (Path(__file__).parents[2] / "docs" / "municipal-budgets.md").read_text("utf-8")

ADDITIONAL = 19.265987
"""Additional people of Holbæk in the base case, worked out in docs/model.md section 21."""

WAGES_OVER_PRICES = 1.032 / 1.019
"""Yearly growth of wages over that of net prices in Holbæk."""

LARGE = 5
"""Monte Carlo errors beyond which a sign that the page names is no chance."""


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Return the names that the cells of the page define, each cell run as it stands."""
    names: dict[str, Any] = {}
    with pd.option_context("display.float_format", pd.get_option("display.float_format")):
        for cell in re.findall(r"```{code-cell} python\n(.*?)```", PAGE, re.DOTALL):
            exec(compile(ast.parse(cell), "cell", "exec"), names)  # noqa: S102 - our own page
    return names


def test_every_table_of_a_memo_is_shown() -> None:
    """Each public method of the memo is called on the page."""
    methods = {
        name
        for name, member in vars(sib.MunicipalBudget).items()
        if callable(member) and not name.startswith("_")
    }
    assert {name for name in methods if f".{name}(" not in PAGE} == set()


def test_the_kinds_of_new_cases_are_those_that_ship() -> None:
    """The page names each template, and no other."""
    listed = re.search(r"kinds to start from: (.*)\. The case", PAGE)
    assert listed is not None
    assert set(re.findall(r"`(\w+)`", listed[1])) == set(catalogue.names("templates"))


@pytest.mark.slow
def test_what_is_taken_from_a_saving_leaves_what_is_realisable(page: dict[str, Any]) -> None:
    """Gross, refund, equalisation and what is not released add up on every line."""
    saved = page["saved"].fillna(0)
    taken = saved.drop(columns="realisable").sum(axis="columns")
    assert taken.to_numpy() == pytest.approx(saved["realisable"].to_numpy(), abs=1e-9)


@pytest.mark.slow
def test_how_much_the_state_refunds_of_after_care(page: dict[str, Any]) -> None:
    """A seventh of shelter days, nothing of a place below the threshold, 3/4 of tax equalised."""
    saved = page["saved"].droplevel("frame")
    refunded = -saved["change in refund"] / saved["gross"]
    assert refunded["Fewer days in shelter"] == pytest.approx(1 / 7, abs=0.005)
    assert refunded["Less after-care in residence"] == 0
    price = page["aftercare"].quantities["budget.residence.amount"].base_value
    assert price == 720_000
    lowest = sib.rule("dk-expensive-cases-children.threshold-1", on="2027-01-01")
    assert price < lowest.value == 860_000
    tax = saved.loc["Municipal tax on wages"]
    assert tax["equalisation"] == pytest.approx(-0.75 * tax["gross"])
    assert tax["gross"] > 0


@pytest.mark.slow
def test_the_guarantee_takes_the_whole_own_part(page: dict[str, Any]) -> None:
    """Rolled out in the whole country, nothing of social assistance is left."""
    lines = page["national"].base_case().municipal_budget().lines()["total"]
    line = lines.loc["Transfers"].loc["Social assistance saved"]
    own = line["gross saving"] + line["change in refund"]
    assert own > 0
    assert line["budget guarantee"] == pytest.approx(-own)
    assert line["realisable"] == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
def test_yearly_consequences_by_hand(page: dict[str, Any]) -> None:
    """Cohorts of 0.2, 0.3, 0.3, 0.2 start half a year apart; the first year opens in 2026.

    2026: the first cohort's first year and half of the second's. 2027: the first cohort's second
    year, half a first and half a second year of the second, the third's first, half the fourth's.
    """
    each: Mapping[str, tuple[float, int]] = {
        "2026": (12_000 * (0.2 + 0.3 / 2), 2),
        "2027": (
            18_000 * 0.2 + (12_000 + 18_000) / 2 * 0.3 + 12_000 * 0.3 + 12_000 / 2 * 0.2,
            3,
        ),
    }
    line = page["with_som"].lines().loc["Service"].loc["Consequences from SØM"]
    for year, (amount, grown) in each.items():
        gross = ADDITIONAL * amount * WAGES_OVER_PRICES**grown / 1_000
        assert line.loc["gross saving", year] == pytest.approx(gross, rel=1e-6)
        assert line.loc["realisable", year] == pytest.approx(0.6 * gross, rel=1e-6)
    assert "= 80,900, with two years of wages (3.2 %) over prices (1.9 %) 83,000" in PAGE
    assert line.loc["gross saving", "2026"] == pytest.approx(83.0, abs=0.05)


@pytest.mark.slow
def test_the_price_of_the_contract_against_own_money(page: dict[str, Any]) -> None:
    """Four parts sum; dearer in the base case, cheaper on average, as the page says."""
    price = page["ways"].price().loc["price"]
    parts = price.drop(index="total")
    assert len(parts) == 4
    assert parts[["base", "mean"]].sum().to_numpy() == pytest.approx(
        price.loc["total", ["base", "mean"]].to_numpy(dtype=float)
    )
    assert price.loc["total", "base"] > 0
    assert price.loc["total", "mean"] < -LARGE * price.loc["total", "mc_error"]


@pytest.mark.slow
def test_the_tables_of_a_memo_agree(page: dict[str, Any]) -> None:
    """Lines and committees come to the mean net; the parties to society."""
    memo = page["memo"]
    net = memo.totals().loc["mean", "total"]
    assert memo.lines()["total"].loc["All frames"].loc["total"].item() == pytest.approx(net)
    assert memo.committees().loc["total", "total"] == pytest.approx(net)
    parties = memo.who_saves()["total"]
    assert parties.index[-1] == "Society as a whole, without the value of work"
    assert not parties.index.str.contains("not released").any()
    assert parties.iloc[:-1].sum() == pytest.approx(parties.iloc[-1])


@pytest.mark.slow
def test_the_view_of_society_is_the_cost_of_the_service(page: dict[str, Any]) -> None:
    """Without a line for wages, Holbæk's loss is the same in every draw, and sure."""
    views = page["memo"].views().loc["societal"]
    assert views.loc["resources set free", "total"] == 0
    net = views.loc["net gain of society, without the value of work"]
    assert net["p5 of present value"] == pytest.approx(net["p95 of present value"])
    assert net["P(present value < 0)"] == 1
    assert net["total"] == pytest.approx(1.28 * views.loc["resources used", "total"])
