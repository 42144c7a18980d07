"""Results: every table is a sum over the same ledger, and a draw can be followed to its metrics."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sibsim.casefile import load_case
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.results import Results
from sibsim.storage import load_results

DRAWS = 200

CENT = 0.01
"""Tables of text and sums of some hundred amounts of millions agree to a hundredth."""


@pytest.fixture(scope="module")
def run() -> Results:
    """Return a run that keeps its ledger."""
    return load_case("holbaek").simulate(draws=DRAWS, rng=11)


@pytest.fixture(scope="module")
def base() -> Results:
    """Return the base case."""
    return load_case("holbaek").base_case()


def number(text: str) -> float:
    """Return the number that a table's text stands for."""
    return float(text.replace(",", ""))


def steps(results: Results, *, draw: int, stage: str, start: str) -> pd.DataFrame:
    """Return the steps of one stage of a draw whose name begins with `start`."""
    walk = results.explain(draw)
    return walk[(walk["stage"] == stage) & walk["what"].str.startswith(start)]


def test_summary_holds_every_metric(run: Results) -> None:
    """One row per metric, in order, with its mean, error and rising quantiles."""
    summary = run.summary()
    assert list(summary.index) == list(run.metrics)
    for name, row in summary.iterrows():
        values = run.metric(str(name))
        assert row["undefined"] == pytest.approx(np.isnan(values).mean())
        if not math.isnan(row["p5"]):
            assert row["p5"] <= row["p50"] <= row["p95"]
    paid = summary.loc["payments_total"]
    assert paid["mean"] == run.metric("payments_total").mean()
    error = run.metric("payments_total").std(ddof=1) / math.sqrt(DRAWS)
    assert paid["mc_error"] == pytest.approx(error, rel=0.01)


def test_rates_and_dates_are_never_averaged(run: Results) -> None:
    """Where a mean would mislead there is none; indicators have nothing but a mean."""
    summary = run.summary()
    for name in ("investor_irr", "investor_payback_years", "break_even_year", "tranche.dsi.irr"):
        assert math.isnan(summary["mean"][name])
        assert not math.isnan(summary["p50"][name])
    for name in ("p_investor_loss", "limit_bound.contract"):
        assert 0 <= summary["mean"][name] <= 1
        assert math.isnan(summary["p50"][name])


def test_summary_shows_the_base_case_beside_the_mean(run: Results, base: Results) -> None:
    """The deterministic twin stands in every row, also of the base case itself."""
    for name, values in base.metrics.items():
        for found in (run.summary()["base"][name], base.summary()["base"][name]):
            assert found == pytest.approx(values[0], nan_ok=True)


def test_an_unknown_metric_names_the_nearest(run: Results) -> None:
    """A slip in a metric's name is told."""
    with pytest.raises(UnknownNameError, match="did you mean 'investor_irr'"):
        run.metric("investor_ir")


def test_cash_flows_of_the_investor_sum_to_the_profit(run: Results) -> None:
    """Receipts less drawings over all years are the profit, in every draw and in the mean."""
    np.testing.assert_allclose(
        run.party_flow("investor").sum(axis=0), run.metric("investor_profit"), atol=CENT
    )
    for by in ("year", "period"):
        flows = run.cash_flows("investor", by=by)
        mean = run.metric("investor_profit").mean()
        assert flows["mean"].sum() == pytest.approx(mean, abs=CENT)
        assert flows["cumulative_mean"].iloc[-1] == pytest.approx(mean, abs=CENT)
        assert (flows["p5"] <= flows["p95"]).all()
    assert list(run.cash_flows().index) == [str(year) for year in range(2024, 2035)]


@pytest.mark.parametrize("party", ["municipality", "state"])
@pytest.mark.parametrize("by", ["year", "period"])
def test_the_budget_sums_to_the_net(run: Results, party: str, by: str) -> None:
    """Lines sum to the total, years to the last column, and that is the party's metric."""
    table = run.budget(party, by=by)  # type: ignore[arg-type]
    lines = table.drop(index="", level="frame")
    np.testing.assert_allclose(lines.sum(), table.xs(("", "total")), atol=CENT)
    times = table.drop(columns="total")
    np.testing.assert_allclose(times.sum(axis=1), table["total"], atol=CENT)
    realisable = table["total"]["", "total realisable"]
    assert realisable == pytest.approx(run.metric(f"{party}_net").mean(), abs=CENT)


def test_an_unknown_party_names_the_nearest(run: Results) -> None:
    """A slip in a party's name is told."""
    with pytest.raises(UnknownNameError, match="did you mean 'municipality'"):
        run.cash_flows("municipalty")


def test_tables_of_money_need_the_ledger() -> None:
    """A run that kept metrics only says how to keep the ledger."""
    metrics = load_case("holbaek").simulate(draws=2, rng=1, keep="metrics")
    for table in (metrics.cash_flows, metrics.budget):
        with pytest.raises(ArgumentError, match="keep='flows'"):
            table()


@pytest.mark.parametrize("draw", [0, 17, DRAWS - 1])
def test_a_draw_is_explained_to_its_metrics(run: Results, draw: int) -> None:
    """The steps of one draw sum to that draw's metrics."""
    starts = steps(run, draw=draw, stage="delivery", start="cohort")
    assert sum(map(number, starts["value"])) == pytest.approx(run.metric("participants")[draw])
    for name in run.case.contract.payments:
        paid = steps(run, draw=draw, stage="payments", start=f"{name},")
        total = run.metric(f"payments.{name}")[draw]
        assert sum(map(number, paid["value"])) == pytest.approx(total, abs=CENT * max(len(paid), 1))
    for name in run.case.outcomes:
        last = run.case.outcomes[name].follow_up_months[-1]
        found = steps(run, draw=draw, stage="outcomes", start=f"{name},")
        found = found[found["what"].str.endswith(f" {last} months")]
        achieved = run.metric(f"achieved.{name}")[draw]
        assert sum(map(number, found["value"])) == pytest.approx(achieved)
    drawn = steps(run, draw=draw, stage="ledger", start="capital.dsi.drawing")
    repaid = steps(run, draw=draw, stage="ledger", start="capital.dsi.repayment")
    profit = sum(map(number, repaid["value"])) - sum(map(number, drawn["value"]))
    assert profit == pytest.approx(
        run.metric("investor_profit")[draw], abs=CENT * (len(drawn) + len(repaid))
    )


def test_the_base_case_is_explained_to_its_metrics(base: Results) -> None:
    """The deterministic twin can be followed like any draw."""
    paid = steps(base, draw=0, stage="payments", start="job,")
    total = base.metric("payments.job")[0]
    assert sum(map(number, paid["value"])) == pytest.approx(total, abs=CENT * len(paid))
    quantities = steps(base, draw=0, stage="quantities", start="")
    assert quantities["how"].str.startswith("base value").all()


def test_a_draw_is_the_same_in_a_longer_run(run: Results) -> None:
    """The walk through a draw does not depend on how many follow it."""
    longer = run.case.simulate(draws=2 * DRAWS, rng=11)
    pd.testing.assert_frame_equal(longer.explain(17), run.explain(17))


@pytest.mark.parametrize("draw", [-1, DRAWS])
def test_a_draw_that_is_not_there_is_refused(run: Results, draw: int) -> None:
    """The range of draws is told."""
    with pytest.raises(ArgumentError, match=f"draws 0 to {DRAWS - 1}"):
        run.explain(draw)


def test_a_saved_run_gives_the_same_tables(
    run: Results, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Summary, budget and the walk through a draw survive being saved."""
    folder = tmp_path_factory.mktemp("saved") / "run"
    run.save(folder)
    found = load_results(folder)
    pd.testing.assert_frame_equal(found.summary(), run.summary())
    pd.testing.assert_frame_equal(found.budget(), run.budget())
    pd.testing.assert_frame_equal(found.explain(5), run.explain(5))


def test_metrics_become_an_xarray_dataset(run: Results) -> None:
    """Every metric is a variable over the dimension `draw`."""
    pytest.importorskip("xarray", reason="xarray is optional")
    found = run.to_xarray()
    assert dict(found.sizes) == {"draw": DRAWS}
    assert set(found.data_vars) == set(run.metrics)


def test_results_introduce_themselves(run: Results, base: Results) -> None:
    """The repr says which run it is and what it found; the notebook shows the tables."""
    assert repr(run).startswith(f"<Results holbaek: {DRAWS} draws, seed 11; paid DKK ")
    assert repr(base).startswith("<Results holbaek: base case; paid DKK ")
    page = run._repr_html_()
    assert page.count("<table") == 5
    assert "what can go wrong" in page


def test_a_title_cannot_change_the_page() -> None:
    """Titles are text, not markup."""
    odd = load_case("holbaek").with_({"title": "<script>", "outcomes.job.title": "<i>x"})
    page = odd.simulate(draws=2, rng=1)._repr_html_()
    assert "<script>" not in page
    assert "<i>" not in page
