"""A rule is the contract settled with that rule, in every draw and to the last bit."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.decisions.stages.courses import Courses, courses_of
from sibsim.decisions.stages.decision import decision_of
from sibsim.decisions.stages.rules import ABOVE_ALL, at_least, expected_gain, mean_of, sweep
from tests.small_case import ERRORS
from tests.two_cohorts import RIGHT, two_cohorts

DRAWS = 600
METRICS = ("municipality_net", "municipality_npv", "investor_profit", "investor_npv", "public_net")
PARTIES = ("investor_npv", "municipality_net")
ROUNDING = 1e-9
"""Relative: two ways of adding the same numbers."""


def shipped(right: Mapping[str, Any] | None = None) -> sib.Case:
    """Return the shipped case with other terms of its right to end."""
    changes = {f"contract.termination.{key}": value for key, value in (right or {}).items()}
    return sib.load_case("prototype-to-scale").with_(changes)


def courses(case: sib.Case, seed: int, *, draws: int = DRAWS) -> Courses:
    """Return the courses of a case by its own right or the only measure."""
    decision = decision_of(case, measure=None, at_months=None)
    return courses_of(
        case,
        decision,
        metrics=METRICS,
        parties=PARTIES,
        replications=2,
        draws=draws,
        seed=seed,
    )


def assert_settled(case: sib.Case, seed: int, *, level: float) -> None:
    """Check a threshold against simulating the case whose contract has it."""
    found = courses(case, seed)
    rule = at_least(found, level)
    assert 0 < rule.mean() < 1
    run = case.with_({"contract.termination.below": level}).simulate(
        draws=DRAWS, rng=seed, keep="metrics"
    )
    for metric in METRICS:
        np.testing.assert_array_equal(found.under(rule, metric), run.metric(metric))
    np.testing.assert_array_equal(~rule, run.metric("p_terminated") > 0)


def test_own_rule_of_the_shipped_case_is_its_simulation(seed: int) -> None:
    """The contract's level leads to what the case's own simulation finds."""
    case = shipped()
    found, decision = courses(case, seed), decision_of(case, measure=None, at_months=None)
    own = decision.goes_on(found.number, found.people)
    np.testing.assert_array_equal(own, at_least(found, 0.37))
    assert_settled(case, seed, level=0.37)


@pytest.mark.parametrize("level", [0.3, 0.45])
def test_any_threshold_is_the_contract_with_that_level(seed: int, level: float) -> None:
    """Levels that the contract does not have are settled alike."""
    assert_settled(shipped(), seed, level=level)


def test_what_is_owed_and_the_notice_are_inside(seed: int) -> None:
    """Compensation and notice of the contract's right are kept where it stops."""
    case = shipped({"owes": 0.75, "notice_months": 6})
    assert_settled(case, seed, level=0.4)
    dear, plain = courses(case, seed), courses(shipped(), seed)
    lost = plain.stop["investor_profit"] < 0
    assert lost.any()
    assert (dear.stop["investor_profit"] > plain.stop["investor_profit"])[lost].all()
    np.testing.assert_array_equal(dear.scale["investor_profit"], plain.scale["investor_profit"])


def test_an_effect_is_compared_as_the_contract_compares_it(seed: int) -> None:
    """With compare = effect the result is the treated rate less the comparison rate."""
    case = shipped({"compare": "effect", "below": 0.05})
    assert_settled(case, seed, level=0.08)


@pytest.mark.parametrize("day", [date(2026, 2, 1), date(2027, 3, 1)])
def test_other_rights_stay_in_force(seed: int, day: date) -> None:
    """A second right to end early, before or after the stop, holds under either choice."""
    document = tomllib.loads(catalogue.text("cases", "prototype-to-scale"))
    own = document["contract"]["termination"]
    policy = {"cause": "policy", "on": day, "owes": 0.5}
    document["contract"]["termination"] = [policy, own]
    case = build(document)
    found = courses(case, seed)
    decision = decision_of(case, measure=None, at_months=None)
    own_rule = decision.goes_on(found.number, found.people)
    run = case.simulate(draws=DRAWS, rng=seed, keep="metrics")
    for metric in METRICS:
        np.testing.assert_array_equal(found.under(own_rule, metric), run.metric(metric))
    whole = courses(shipped(), seed)
    assert (found.scale["public_net"] != whole.scale["public_net"]).any()


def test_a_right_is_added_where_the_contract_has_none(seed: int) -> None:
    """Without a right of its own the case is judged by one without notice that owes nothing."""
    found = courses(two_cohorts(right=None), seed)
    assert not decision_of(two_cohorts(right=None), measure=None, at_months=None).is_own
    rule = at_least(found, 0.5)
    assert 0 < rule.mean() < 1
    run = two_cohorts(right={**RIGHT, "below": 0.5}).simulate(draws=DRAWS, rng=seed, keep="metrics")
    for metric in METRICS:
        np.testing.assert_array_equal(found.under(rule, metric), run.metric(metric))


def test_where_nobody_is_reported_the_service_goes_on(seed: int) -> None:
    """A first cohort of nobody ends no contract and meets every threshold."""
    case = two_cohorts().with_({"delivery.volume": 0.02})
    found = courses(case, seed)
    nobody = found.people == 0
    assert 0 < nobody.mean() < 1
    assert at_least(found, ABOVE_ALL)[nobody].all()
    assert not at_least(found, ABOVE_ALL)[~nobody].any()
    run = case.simulate(draws=DRAWS, rng=seed, keep="metrics")
    assert not run.metric("p_terminated")[nobody].any()
    assert all(np.isfinite(values).all() for values in found.known.values())


def test_only_what_is_reported_by_then_is_known(seed: int) -> None:
    """Follow-ups up to the one that decides are known, later ones are not."""
    case = two_cohorts(right={**RIGHT, "at_months": 6}, months=(3, 6, 9))
    known = courses(case, seed).known
    assert {"job.3.rate", "job.6.rate", "started"} <= set(known)
    assert not any(name.startswith("job.9") for name in known)
    own = courses(case, seed)
    np.testing.assert_allclose(known["job.6.rate"], own.number / own.people, rtol=ROUNDING)


def test_running_sums_are_means_and_errors_of_the_rule(seed: int) -> None:
    """Every row of the sweep is what its rule gives, worked out draw by draw."""
    found = courses(shipped(), seed)
    swept = sweep(found)
    for number in (0, len(swept.thresholds) // 2, len(swept.thresholds) - 1):
        rule = at_least(found, swept.thresholds[number])
        assert swept.p_scale[0][number] == pytest.approx(rule.mean(), rel=ROUNDING)
        for metric in METRICS:
            mean = mean_of(found.under(rule, metric))
            values, errors = swept.means[metric]
            assert values[number] == pytest.approx(mean.value, rel=ROUNDING)
            assert errors[number] == pytest.approx(mean.mc_error, rel=ROUNDING)
        for party in PARTIES:
            good = found.truth[party].is_good
            stopped, scaled = swept.p_stop_good[party][0], swept.p_scale_bad[party][0]
            assert stopped[number] == pytest.approx((~rule)[good].mean(), rel=ROUNDING)
            assert scaled[number] == pytest.approx(rule[~good].mean(), rel=ROUNDING)


def test_reports_beat_thresholds_and_thresholds_the_contract(seed: int) -> None:
    """What all reports lead to expect is no worse than any threshold, but for noise."""
    draws = 4_096
    case = shipped()
    found = courses(case, seed, draws=draws)
    decision, swept = decision_of(case, measure=None, at_months=None), sweep(found)
    own = decision.goes_on(found.number, found.people)
    for party in PARTIES:
        best = found.under(at_least(found, swept.best(party)), party)
        reports = found.under(expected_gain(found, party) >= 0, party)
        above = mean_of(reports - best)
        assert above.value > -ERRORS * above.mc_error
        assert best.mean() >= found.under(own, party).mean()
        assert reports.mean() > max(found.scale[party].mean(), found.stop[party].mean())


def test_luck_of_the_draw_is_no_part_of_the_truth(seed: int) -> None:
    """Other chance with the same parameters: gains go together, but are not the same."""
    found = courses(shipped(), seed)
    for party in PARTIES:
        gain, expected = found.gain(party), found.truth[party].expected
        assert 0.8 < np.corrcoef(gain, expected)[0, 1] < 1
        assert (gain != expected).mean() > 0.9
        assert (found.truth[party].error > 0).any()
