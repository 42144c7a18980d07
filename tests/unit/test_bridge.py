"""From the plan to the re-forecast in steps by cause."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.facts import Facts, Reports
from sibsim.core.statistics import mc_error_of_mean
from sibsim.forecast.bridge import CAUSES, _error, bridge, cause_of, ladder, up_to
from sibsim.forecast.observed import Observed, observe
from tests.actuals import counted, payment, result, two_cohorts

DRAWS = 512

PAIRS = 40_000
"""Pairs of numbers by which an error is compared with its formula."""


@pytest.fixture(scope="module")
def found() -> Observed:
    """Return the two cohorts after fewer came, stayed and succeeded, late and underpaid."""
    shares = {"p10": 0.7, "p50": 0.8, "p90": 0.9}
    case = two_cohorts().with_(
        {
            "payments.job.price": 170_000,
            "delivery.volume": {"p10": 0.8, "p50": 1.0, "p90": 1.2},
            "delivery.take_up": shares,
            "delivery.completion": shares,
            "delivery.start_delay": {"dist": "uniform", "min": 0.0, "max": 4.0},
        }
    )
    rows = [
        counted("referred", 50),
        counted("started", 35),
        counted("completed", 25),
        {"kind": "start", "cohort": 1, "date": "2024-04-01"},
        result(12, 35),
        payment(1_900_000, "2025-08-20"),
    ]
    return observe(case, rows, rng=4)


@pytest.mark.parametrize("metric", ["investor_profit", "investor_irr", "p_investor_loss"])
def test_steps_sum_to_the_whole(found: Observed, metric: str) -> None:
    """From the plan's mean (a rate's median) to that of the re-forecast, on the same seed."""
    bridge = found.bridge(metric, draws=DRAWS)
    plan, now = (
        each.simulate(draws=DRAWS, rng=found.seed, keep="metrics").metric(metric)
        for each in (found.plan, found)
    )
    center = np.nanmedian if metric == "investor_irr" else np.mean
    assert (bridge.plan, bridge.now) == (center(plan), center(now))
    whole = math.fsum(step.change for step in bridge.steps)
    # Five differences of numbers of one size: a few roundings of it.
    assert whole == pytest.approx(bridge.now - bridge.plan, abs=1e-12 * abs(bridge.plan))
    assert [step.cause for step in bridge.steps] == list(CAUSES)
    assert all(step.change and step.mc_error > 0 for step in bridge.steps[:-2])


def test_the_table_walks_from_plan_to_re_forecast(found: Observed) -> None:
    """Levels run from the plan over each cause to the re-forecast."""
    table = found.bridge(draws=DRAWS).table()
    assert table.index.tolist() == ["plan", *CAUSES[:-1], "payment difference", "re-forecast"]
    danish = found.bridge(draws=DRAWS).table("da").index.tolist()
    assert danish[0] == "plan"
    assert danish[-2:] == ["betalingsafvigelse", "ny prognose"]
    np.testing.assert_allclose(
        table["level"].to_numpy()[1:-1],
        table["level"].iloc[0] + table["change"].iloc[1:-1].cumsum(),
        rtol=1e-12,
    )
    assert table["level"].iloc[-2] == table["level"].iloc[-1]


@pytest.mark.slow
def test_a_cause_of_which_nothing_is_known_changes_nothing() -> None:
    """Only results were observed: nothing of volume, delay and price."""
    rows = [counted("referred", 50), counted("started", 50), result(15, 50)]
    steps = {step.cause: step for step in observe(two_cohorts(), rows).bridge(draws=DRAWS).steps}
    assert steps["success"].change < 0
    for cause in ("delay", "price"):
        assert (steps[cause].change, steps[cause].mc_error) == (0.0, 0.0)


def test_nothing_observed_has_no_step() -> None:
    """The re-forecast is the plan."""
    bridge = observe(two_cohorts(), []).bridge(draws=64)
    assert bridge.plan == bridge.now
    assert not any(step.change or step.mc_error for step in bridge.steps)
    assert "no step changes anything" in bridge.sentence()


@pytest.mark.slow
def test_a_payment_is_the_step_of_the_price(seed: int) -> None:
    """15 x 10,000 were due and 100,000 were paid: the only step takes 50,000 from what is paid."""
    rows = [counted("referred", 50), counted("started", 50), result(15, 50)]
    short, plain = (
        observe(two_cohorts(), [*rows, *extra], rng=seed).bridge("payments_total", draws=DRAWS)
        for extra in ([payment(100_000, "2025-05-20")], [])
    )
    assert short.steps[-1].change == pytest.approx(-50_000, rel=1e-12)
    assert short.steps[-1].mc_error == pytest.approx(0.0, abs=1e-6)
    assert short.now == pytest.approx(plain.now - 50_000, rel=1e-12)


def test_what_is_known_grows_cause_by_cause() -> None:
    """Referrals, who started and completed, reports, starts, payments; rows with their cause."""
    one = np.array([1.0])
    rows = {
        "delivery.volume": one,
        "delivery.completion": one,
        "outcomes.job.uplift": one,
        "delivery.start_delay": one,
    }
    facts = Facts(
        one, one, one, one, {"job": Reports(one, one, one, one, one)}, {"job": one}, "t", rows
    )
    expected = {
        "volume": (set(rows) - {*list(rows)[1:]}, [True, False, False, False], 0, 0),
        "take_up": (set(list(rows)[:2]), [True, True, True, False], 0, 0),
        "success": (set(list(rows)[:3]), [True, True, True, False], 1, 0),
        "delay": (set(rows), [True, True, True, True], 1, 0),
        "price": (set(rows), [True, True, True, True], 1, 1),
    }
    for cause in CAUSES:
        known = up_to(facts, cause)
        counts = (known.referred, known.started, known.completed, known.start)
        found = (set(known.rows), [bool(~np.isnan(each[0])) for each in counts])
        assert (*found, len(known.reports), len(known.paid)) == expected[cause]


def test_who_started_says_how_many_came_where_nobody_counted_referrals() -> None:
    """Starts are of the volume in the cohort without referrals, of the take-up in the other."""
    unknown, started = np.full(2, np.nan), np.array([40.0, 30.0])
    facts = Facts(unknown, np.array([50.0, np.nan]), started, unknown)
    np.testing.assert_array_equal(up_to(facts, "volume").started, [np.nan, 30])
    np.testing.assert_array_equal(up_to(facts, "take_up").started, started)


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("delivery.volume", "volume"),
        ("delivery.waiting_list.gives_up", "volume"),
        ("delivery.take_up", "take_up"),
        ("delivery.completion", "take_up"),
        ("delivery.start_delay", "delay"),
        ("delivery.finish_delay", "delay"),
        ("outcomes.delivery.uplift", "success"),
        ("measures.job.sensitivity", "success"),
    ],
)
def test_each_quantity_has_a_cause(path: str, cause: str) -> None:
    """By the beginning of its path."""
    assert cause_of(path) == cause


def test_the_error_of_a_step_is_that_of_pairs(seed: int) -> None:
    """Means: sd of the difference / sqrt D. Medians: by how much the signs correlate.

    Of normals of correlation 0.9 that is 2 / pi asin 0.9: e^2 = (pi / 2) (2 - 2 x that) / D.
    """
    normals = np.random.default_rng(seed).standard_normal((2, PAIRS))
    one, two = normals[0], 0.9 * normals[0] + math.sqrt(1 - 0.9**2) * normals[1]
    difference = (two - one).std(ddof=1) / math.sqrt(PAIRS)
    sure = {"independent": math.inf}
    assert _error(one, two, metric="investor_profit", **sure) == pytest.approx(
        difference, rel=1e-12
    )
    signs = 2 / math.pi * math.asin(0.9)
    expected = math.sqrt(math.pi / 2 * (2 - 2 * signs) / PAIRS)
    # The half-widths of two medians are order statistics, known within some 5 % at this size.
    assert _error(one, two, metric="investor_irr", **sure) == pytest.approx(expected, rel=0.15)
    assert _error(one, one, metric="investor_irr", **sure) == pytest.approx(0.0, abs=1e-9)


def test_steps_that_take_rows_err_by_them_too() -> None:
    """512 draws and 64 independent rows: three times the error of draws, once the results count."""
    found = observe(two_cohorts(), [counted("started", 40), result(15, 40)])
    runs = ladder(found.plan, found.facts, draws=DRAWS, seed=found.seed)
    steps = bridge(runs, metric="payments_total", independent=DRAWS / 8).steps
    values = [run.metric("payments_total") for run in runs]
    volume, _, success = (mc_error_of_mean(values[i + 1] - values[i]) for i in range(3))
    assert steps[0].mc_error == pytest.approx(volume, rel=1e-12)
    assert steps[2].mc_error == pytest.approx(3 * success, rel=1e-12)
    assert min(volume, success) > 0


def test_a_metric_that_may_never_come_is_refused(found: Observed) -> None:
    """Differences of dates that need not come do not sum."""
    with pytest.raises(sib.ArgumentError, match="may never come about"):
        found.bridge("investor_payback_years", draws=DRAWS)
    with pytest.raises(sib.UnknownNameError, match="investor_profit"):
        found.bridge("investor_profitt", draws=DRAWS)
    with pytest.raises(sib.ArgumentError, match="draws"):
        found.bridge(draws=0)


def test_the_sentence_names_the_causes_and_says_that_order_matters(found: Observed) -> None:
    """Money, rates in percentage points and numbers, in both languages."""
    danish, english = (found.bridge(draws=DRAWS).sentence(lang) for lang in ("da", "en"))
    assert english.startswith("The investor's profit goes from DKK ")
    assert "how many come" in english
    assert english.endswith("another order gives other steps.")
    assert danish.startswith("Investorens overskud går fra ")
    assert danish.endswith("en anden rækkefølge giver andre trin.")
    assert "percentage points" in found.bridge("p_investor_loss", draws=DRAWS).sentence()
    assert "DKK" not in found.bridge("achieved.job", draws=DRAWS).sentence()
