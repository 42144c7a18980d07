"""A case after what has really happened: what stands, what is learned, what is said."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build, to_toml
from sibsim.core.atoms import JointEmpirical
from sibsim.forecast.observed import Observed, observe
from tests.actuals import Row, complete, counted, payment, result, two_cohorts
from tests.small_case import RATE, UPLIFT

OF_MONEY = ("payments", "investor_", "tranche.", "surplus", "overrun", "p_irr_")
"""Beginnings of the metrics that a settlement and a re-forecast have in common."""

FIRST = [counted("started", 50), counted("completed", 50), result(22, 50)]
"""The first cohort: 44 % where 50 % were expected."""


@pytest.fixture(scope="module")
def first() -> Observed:
    """Return the two cohorts after the results of the first."""
    return observe(two_cohorts(), [*FIRST, payment(200_000, "2025-05-20")], rng=1)


def settled_rows(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the reports among the rows as `settle` takes them."""
    reports = (row for row in rows if row["kind"] == "result")
    return [{key: value for key, value in row.items() if key != "kind"} for row in reports]


def assert_settles(case: sib.Case, *, draws: int, rng: int) -> None:
    """Check that a re-forecast of complete data is the settled contract in every draw."""
    rows = complete(case)
    found = observe(case, rows, rng=rng)
    run, settled = found.simulate(draws=draws, rng=rng), case.settle(settled_rows(rows))
    names = [name for name in settled.metrics if name.startswith(OF_MONEY)]
    assert "investor_irr" in names
    for name in names:
        expected = np.broadcast_to(settled.metric(name), draws)
        # Sums of the same amounts over one draw and over many may round differently.
        np.testing.assert_allclose(run.metric(name), expected, rtol=1e-12, err_msg=name)
        np.testing.assert_allclose(found.base_case().metric(name), expected[:1], rtol=1e-12)


def test_nothing_observed_changes_nothing(seed: int) -> None:
    """Case, draws and base case are the plan's, to the bit."""
    case = two_cohorts()
    found = observe(case, [], rng=3)
    assert found.case is case
    assert found.learned is None
    run, plan = (each.simulate(draws=5_000, rng=seed, keep="metrics") for each in (found, case))
    assert run.metrics.keys() == plan.metrics.keys()
    for name, values in plan.metrics.items():
        np.testing.assert_array_equal(run.metric(name), values)
        np.testing.assert_array_equal(found.base_case().metric(name), case.base_case().metric(name))
    assert found.sentences(draws=64)[0].startswith("Nothing has been observed yet")
    assert not len(found.parameters())
    assert not len(found.reports())
    assert not len(found.payments())


def test_complete_data_settle_as_the_contract_does(seed: int) -> None:
    """Payments and what the investor earns are those of `settle` in every draw."""
    sure = {"counterfactual": RATE, "uplift": UPLIFT}
    assert_settles(two_cohorts(outcome=sure), draws=256, rng=seed)
    assert_settles(two_cohorts(), draws=256, rng=seed)


@pytest.mark.slow
def test_a_whole_case_that_is_complete_settles_too(seed: int) -> None:
    """Holbæk with every report of four cohorts, three measures and their follow-ups."""
    assert_settles(sib.load_case("holbaek"), draws=128, rng=seed)


def test_what_was_reported_stands_and_the_rest_is_open(first: Observed, seed: int) -> None:
    """The first cohort has 22 of 50 in every draw; the second is still simulated."""
    run = first.simulate(draws=512, rng=seed, keep="world")
    (world,) = run.worlds or ()
    report = world.measured["job"].treated_sum[:, 0, :]
    assert (report[0] == 22).all()
    assert report[1].std() > 0
    assert (world.participation.started[0] == 50).all()
    assert run.facts is first.facts


def test_the_updated_case_is_a_case(first: Observed, seed: int) -> None:
    """What was learned stands in one joint table with its source; it survives a file and runs."""
    path = "outcomes.job.counterfactual"
    quantity = first.case.quantities[path]
    assert isinstance(quantity.distribution, JointEmpirical)
    assert quantity.source == "observed"
    assert quantity.base_value == pytest.approx(np.median(first.facts.rows[path]), abs=0)
    assert first.case.sources["observed"].year == 2025
    assert build(tomllib.loads(to_toml(first.case))) == first.case
    learned = first.case.simulate(draws=2_000, rng=seed, keep="metrics").metric("achieved.job")
    plan = first.plan.simulate(draws=2_000, rng=seed, keep="metrics").metric("achieved.job")
    assert learned.mean() < plan.mean()
    assert first.case.quantities["outcomes.job.uplift"].base_value == UPLIFT


def test_where_the_plan_had_a_quantity_from_stays_in_its_note() -> None:
    """Its source and its reasons are those of what was updated, with how much of it is left."""
    stated = {"p10": 0.3, "p50": 0.4, "p90": 0.5, "source": "hoff-2021", "note": "of a trial"}
    case = two_cohorts().with_({"outcomes.job.counterfactual": stated})
    seen = observe(case, FIRST)
    found = seen.case.quantities["outcomes.job.counterfactual"]
    row = seen.parameters().loc["outcomes.job.counterfactual"]
    left, moved = round(100 * (1 - row["learned"])), row["shift"]
    assert found.note == (
        f"what the plan assumed, updated by what was observed: {left} % of the plan's variance is "
        f"left, and the mean moved by {moved:.1f} of its standard deviations; the plan: hoff-2021, "
        "of a trial"
    )


def test_the_same_results_do_not_count_twice(first: Observed) -> None:
    """An updated case is not observed again, unless its joint table has another name by now."""
    with pytest.raises(sib.ArgumentError, match=r"'observed'.* count twice; observe the plan"):
        observe(first.case, FIRST, rng=2)
    assert observe(first.case, [], rng=2).is_empty
    renamed = {f"{path}.rows": "first_contract" for path in first.facts.rows}
    again = observe(first.case.with_(renamed), FIRST, rng=2)
    assert again.facts.table == "observed_2"
    assert set(again.case.sources) >= {"observed", "observed_2"}


def test_correlations_with_what_was_learned_are_left_to_the_rows() -> None:
    """A joint table holds its own dependence; a correlation beside it would be a fault."""
    paths = ["outcomes.job.counterfactual", "outcomes.job.uplift"]
    uplift = {"p10": 0.05, "p50": 0.10, "p90": 0.15}
    case = two_cohorts().with_(
        {
            "outcomes.job.uplift": uplift,
            "correlations": [{"between": paths, "spearman": 0.5}],
        }
    )
    assert observe(case, FIRST).case.correlations == ()


def test_effects_and_quantities_by_cohort_keep_what_they_are() -> None:
    """An effect keeps scale and date; what each cohort has by itself stays as assumed."""
    effect = {"scale": "odds_ratio", "p10": 1.2, "p50": 1.5, "p90": 1.9, "measured_at_months": 12}
    counterfactual = {"p10": 0.3, "p50": 0.4, "p90": 0.5, "per_cohort": True}
    case = two_cohorts(outcome={"counterfactual": counterfactual, "effect": effect})
    found = observe(case, FIRST).case.document["outcomes"]["job"]
    assert found["effect"]["scale"] == "odds_ratio"
    assert found["effect"]["measured_at_months"] == 12
    assert found["effect"]["dist"] == "joint"
    assert found["counterfactual"] == counterfactual


def test_reports_stand_beside_what_the_plan_expected(first: Observed) -> None:
    """22 of 50 where about half was expected is low in the plan; 50 who start are as planned."""
    found = first.reports()
    assert found.index.tolist() == [("started", 1, 0), ("completed", 1, 0), ("job", 1, 12)]
    row = found.xs(("job", 1, 12))
    assert (row["came"], row["people"]) == (0.44, 50)
    assert row["plan_p5"] < row["plan_mean"] < row["plan_p95"]
    assert 0.1 < row["percentile"] < 0.5
    assert list(found.xs(("started", 1, 0))[["plan_mean", "percentile"]]) == [50, 0.5]


def test_payments_are_reconciled_with_the_reports(first: Observed) -> None:
    """22 x 10,000 is due in the quarter of April 2025; 200,000 was paid, 20,000 is missing."""
    found = first.payments()
    assert list(found.loc["job"]) == ["2025Q2", 200_000, 220_000, -20_000]
    assert found.loc["all lines", "difference"] == -20_000
    said = first.sentences(draws=64)
    assert (
        "On line job, DKK 20,000 less has been paid through 2025Q2 than the contract"
        in " ".join(said)
    )


def test_payments_that_were_made_stand(first: Observed, seed: int) -> None:
    """What was paid up to the second quarter of 2025 is 200,000 in every draw."""
    run = first.simulate(draws=64, rng=seed)
    paid = sum(each.amount for each in run.postings or () if each.line == "payments.job")
    assert (np.asarray(paid)[:6].sum(axis=0) == 200_000).all()


def test_goals_that_are_decided_are_certain(seed: int) -> None:
    """60 of 100 reach a goal of half of them, 45 of 100 miss it, whatever the plan says."""
    for each, missed in ((30, 0.0), (22, 1.0)):
        rows = [row for c in (1, 2) for row in (counted("started", 50, cohort=c),)]
        rows += [result(each, 50, cohort=c) for c in (1, 2)]
        row = observe(two_cohorts(), rows, rng=seed).goals(draws=512).loc["job"]
        assert row["p_missed"] == missed
        assert 0 < row["p_missed_plan"] < 1
        assert (row["goal"], row["reached"], row["people"]) == ("50%", each / 50, 100)


def test_the_error_of_a_goal_holds_that_of_what_was_learned(first: Observed) -> None:
    """sqrt(q (1 - q) / (n + 4)) beside the Monte Carlo error, which alone falls with draws."""
    assert first.learned is not None
    n, draws = first.learned.independent, 512
    row = first.goals(draws=draws).loc["job"]
    q, k = (n * row["p_missed"] + 2) / (n + 4), draws * row["p_missed"]
    chance = (k + 2) / (draws + 4)
    square = q * (1 - q) / (n + 4) + chance * (1 - chance) / (draws + 4)
    assert row["mc_error"] == pytest.approx(np.sqrt(square), rel=1e-12)
    k = draws * row["p_missed_plan"]
    chance = (k + 2) / (draws + 4)
    plain = np.sqrt(chance * (1 - chance) / (draws + 4))
    assert row["mc_error_plan"] == pytest.approx(plain, rel=1e-12)


def test_early_warnings_in_both_languages(first: Observed) -> None:
    """The level, when, how likely it is missed now and in the plan, and what was reported."""
    row = first.goals(draws=512).loc["job"]
    now, plan = (round(100 * row[name]) for name in ("p_missed", "p_missed_plan"))
    assert now > plan
    danish, english = (first.sentences(lang, draws=512)[0] for lang in ("da", "en"))
    assert english == (
        f'Goal "job", 50 % at 12 months: missed with probability {now} % (plan: {plan} %); '
        "reported so far is 44 % of 50 people."
    )
    assert danish == (
        f"Målet »job«, 50 % efter 12 måneder: nås ikke med sandsynligheden {now} % "
        f"(plan: {plan} %); indberettet indtil nu er 44 % for 50 borgere."
    )


def test_sentences_say_what_was_learned_and_how(first: Observed) -> None:
    """The method, how many draws it is worth, and everything that the learning says."""
    said = first.sentences(draws=64)
    assert first.learned is not None
    assert set(first.learned.sentences("en")) <= set(said)
    assert any("independent draws: that error is in those of goals" in each for each in said)
    assert float(first.parameters()["p50_after"]["outcomes.job.counterfactual"]) < RATE


@pytest.mark.parametrize("rng", [-1, 1.5, None, True])
def test_the_seed_is_a_whole_number(rng: Any) -> None:  # noqa: ANN401 - wrong on purpose
    """It is kept with the result, so that it is never drawn."""
    with pytest.raises(sib.ArgumentError, match="a seed is a whole number"):
        observe(two_cohorts(), [], rng=rng)


def test_what_it_is_stands_in_one_line(first: Observed) -> None:
    """Name, reports, quantities, and what to ask next."""
    assert "after 1 reports of 1 measures" in repr(first)
    assert "<table" in first._repr_html_()
    assert "nothing observed" in repr(observe(two_cohorts(), []))


def test_a_number_beyond_all_assumptions_is_said() -> None:
    """Five hundred who start where thirty-six were planned is learned from, and questioned."""
    case = sib.load_case("holbaek")
    learned = case.observe([{"kind": "started", "cohort": 1, "people": 500}]).learned
    assert learned is not None
    assert any("check the number" in (note.en or "") for note in learned.notes)


def test_the_updated_case_starts_as_many_as_were_learned() -> None:
    """The base take-up of the new case is the learned one, and its volume makes up for it."""
    counted = {"referred": 40, "started": 25}
    found = sib.load_case("holbaek").observe(
        [{"kind": kind, "cohort": 1, "people": people} for kind, people in counted.items()]
    )
    assert found.learned is not None
    rows = found.learned.rows
    expected = (rows["delivery.volume"] * rows["delivery.take_up"]).mean()
    started = found.case.simulate(draws=4096, rng=1, keep="metrics").metric("participants")
    planned = 180.0 * expected / 0.9
    assert abs(started.mean() - planned) < 5 * started.std() / np.sqrt(1024)
