"""What is earned in each way it is called, which lines it comes from, and where limits bound."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.casefile import load_case
from sibsim.results import Results

DRAWS = 5_000
"""More than one block, the last one in part."""


@pytest.fixture(scope="module")
def run() -> Results:
    """Return a run in which limits bind in some draws."""
    return load_case("holbaek").simulate(draws=DRAWS, rng=7)


@pytest.fixture(scope="module")
def base() -> Results:
    """Return the base case."""
    return load_case("holbaek").base_case()


def test_four_figures_are_called_the_return_and_kept_apart(base: Results) -> None:
    """6.9 m committed, 6,724,745.77 drawn, 7,139,159 back: premium 6.16 %, IRR 3.78 % a year."""
    table = base.returns()["p50"]
    drawn, back = 6_724_745.77, 7_139_159.0
    assert table["all", "multiple"] == pytest.approx(back / drawn, abs=5e-8)
    assert table["all", "flat_premium"] == pytest.approx(back / drawn - 1, abs=5e-8)
    assert table["all", "simple_yearly"] == pytest.approx(
        table["all", "flat_premium"] / table["all", "life_years"], rel=1e-12
    )
    assert table["all", "irr"] == base.metric("investor_irr")[0]
    assert table["dsi", "irr"] == table["all", "irr"]


def test_quantiles_of_returns_are_those_of_the_metrics(run: Results) -> None:
    """Blocks realised again from the seed give the same draws, and no more than the run has."""
    table = run.returns()
    for measure in ("irr", "multiple"):
        values = run.metric(f"investor_{measure}")
        defined = values[~np.isnan(values)]
        assert table.loc[("all", measure), "p50"] == np.quantile(defined, 0.5)
        assert table.loc[("all", measure), "undefined"] == 1 - len(defined) / DRAWS


def test_receipts_are_attributed_to_the_last_krone(run: Results, base: Results) -> None:
    """Sources add up to what the investors receive, shares to one."""
    for results in (run, base):
        table = results.attribution()
        received = results.metric("investor_profit").mean() + _drawn(results)
        assert table["received"].sum() == pytest.approx(received, rel=1e-9)
        assert table["share"].sum() == pytest.approx(1.0, rel=1e-12)
    lines = base.attribution()["received"]
    assert lines["payments.fit_for_work"] == pytest.approx(
        1_296_000 / 7_139_159 * lines.sum(), rel=1e-6
    )


def _drawn(results: Results) -> float:
    postings = results.postings or ()
    return sum(
        float(each.amount.sum(axis=0).mean()) for each in postings if each.line.endswith(".drawing")
    )


def test_limits_say_in_which_periods_they_bound(run: Results, base: Results) -> None:
    """Over all periods the mean cut is what is owed and not paid; a draw may be cut twice."""
    table = run.limits()
    missing = run.metric("payments_due") - run.metric("payments_total")
    assert table["mean_cut"].sum() == pytest.approx(missing.mean(), rel=1e-9)
    for limit in ("line.job", "contract"):
        bound = run.metric(f"limit_bound.{limit}").mean()
        here = table.index.get_level_values("limit") == limit
        shares = table["share_of_draws"].to_numpy()[here]
        assert shares.max() <= bound <= shares.sum()
    assert base.limits().empty
