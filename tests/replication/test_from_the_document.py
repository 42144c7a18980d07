"""The base case of `holbaek` agrees with the one worked out from the model document alone.

Money agrees to half an øre, rates, people and years to 1e-9: both sides do the same sums in another
order, which leaves about 1e-13 of a sum.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import sibsim as sib
from tests.replication.holbaek_from_the_document import Found, replicate

DATA = Path(__file__).parents[2] / "data"
CENT = 0.005
EXACT = 1e-9

MONEY = (
    "costs_beyond_horizon",
    "investor_npv",
    "investor_peak_capital",
    "investor_profit",
    "investor_profit_after_costs",
    "municipality_beyond_horizon",
    "municipality_net",
    "municipality_npv",
    "municipality_realisable",
    "overrun",
    "payments",
    "public_net",
    "region_net",
    "state_net",
    "surplus",
    "tranche.dsi.npv",
    "tranche.dsi.peak_capital",
    "tranche.dsi.profit",
)
"""Metrics in money, `payments...` as a whole; all others are rates, people, years or indicators."""

BUDGET_LINES = {
    "saving": ["budget.benefit"],
    "refund": ["budget.benefit.refund"],
    "payments": ["payments.fit_for_work", "payments.job", "payments.wellbeing"],
    "own costs": ["costs.evaluation"],
    "surplus": ["capital.surplus"],
    "financing": ["costs.financed"],
    "delivery": ["costs.start_up", "costs.team"],
}
"""Rows of the budget table by what the replication calls them."""


@pytest.fixture(scope="module")
def found() -> Found:
    """Return what follows from the document."""
    return replicate(DATA)


@pytest.fixture(scope="module")
def base() -> sib.Results:
    """Return the base case of sibsim."""
    return sib.load_case("holbaek").base_case()


def test_document_gives_every_metric(found: Found, base: sib.Results) -> None:
    """The document defines every metric of the base case, and no other."""
    assert set(found.metrics) == set(base.metrics)


@pytest.mark.parametrize(("in_money", "tolerance"), [(True, CENT), (False, EXACT)])
def test_metrics_are_those_of_the_document(
    found: Found, base: sib.Results, *, in_money: bool, tolerance: float
) -> None:
    """Every metric is what the document says."""
    names = [
        name for name in found.metrics if in_money == (name in MONEY or name.startswith("payments"))
    ]
    assert names
    ours = {name: float(base.metric(name)[0]) for name in names}
    theirs = {name: found.metrics[name] for name in names}
    assert ours == pytest.approx(theirs, rel=0, abs=tolerance, nan_ok=True)


def test_investor_has_the_cash_flow_of_the_document(found: Found, base: sib.Results) -> None:
    """The yearly flow of the investor is what the document says, and so is its running sum."""
    table = base.cash_flows()
    assert [int(year) for year in table.index] == sorted(found.investor)
    running = 0.0
    for year, flow in found.investor.items():
        running += flow
        row = table.loc[str(year)]
        assert row["mean"] == pytest.approx(flow, rel=0, abs=CENT)
        assert row["cumulative_mean"] == pytest.approx(running, rel=0, abs=CENT)


def test_municipality_has_the_budget_of_the_document(found: Found, base: sib.Results) -> None:
    """Every line of the municipality's budget is what the document says, year by year."""
    table = base.budget("municipality").droplevel("frame")
    years = {year for row in found.municipality.values() for year in row}
    lines = [name for names in BUDGET_LINES.values() for name in names]
    assert sorted(name for name in table.index if "." in name) == sorted(lines)
    for year in years:
        for ours, names in BUDGET_LINES.items():
            shown = math.fsum(table.loc[names, str(year)])
            assert shown == pytest.approx(found.municipality[ours][year], rel=0, abs=CENT), ours
        net = math.fsum(row[year] for row in found.municipality.values())
        assert table.loc["total realisable", str(year)] == pytest.approx(net, rel=0, abs=CENT)
