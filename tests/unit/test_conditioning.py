"""People who have been seen: drawn given what was reported of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.core.stages import World
from sibsim.reports.explain import explain
from sibsim.simulate import base_case, simulate
from tests.happened import facts, reports
from tests.small_case import AGAINST_RATE, VERIFIED, small_case

ERRORS = 5
"""Monte Carlo standard errors within which a mean must lie."""

DRAWS = 4096

TWO_YEARS: Mapping[str, object] = {
    "counterfactual": 0.3,
    "success_rate": [0.40, 0.50, 0.55],
    "follow_up_months": [12, 18, 24],
    "persistence": 0.3,
}
RATES = (0.40, 0.50, 0.55)
KEPT = 0.3


def world_given(case: sib.Case, known: Facts, *, seed: int) -> World:
    """Return the world of one block in which facts stand."""
    worlds = simulate(case, draws=DRAWS, rng=seed, keep="world", facts=known).worlds
    assert worlds is not None
    return worlds[0]


def pattern_law() -> dict[tuple[int, ...], float]:
    """Return the probability of each pattern of three follow-ups of a person with luck."""
    found: dict[tuple[int, ...], float] = {}
    for second, third in product((True, False), repeat=2):
        chance = (KEPT if second else 1 - KEPT) * (KEPT if third else 1 - KEPT)
        luck = [0, 0 if second else 1]
        luck.append(luck[1] if third else luck[1] + 1)
        for pattern in product((0, 1), repeat=3):
            likely = chance
            for each in set(luck):
                mine = [k for k in range(3) if luck[k] == each]
                above = max((RATES[k] for k in mine if not pattern[k]), default=0.0)
                below = min((RATES[k] for k in mine if pattern[k]), default=1.0)
                likely *= max(0.0, below - above)
            found[pattern] = found.get(pattern, 0.0) + likely
    return found


def third_given(first: int, second: int, *, people: int) -> tuple[float, float]:
    """Return mean and variance of the sum at the third follow-up, given the first two, exactly."""
    sums: dict[tuple[int, ...], float] = {(0, 0, 0): 1.0}
    for _ in range(people):
        more: dict[tuple[int, ...], float] = {}
        for so_far, likely in sums.items():
            for pattern, chance in pattern_law().items():
                key = tuple(a + b for a, b in zip(so_far, pattern, strict=True))
                more[key] = more.get(key, 0.0) + likely * chance
        sums = more
    law = {key[2]: of for key, of in sums.items() if key[:2] == (first, second)}
    total = sum(law.values())
    mean = sum(key * of for key, of in law.items()) / total
    return mean, sum((key - mean) ** 2 * of for key, of in law.items()) / total


def assert_mean(found: FloatArray, *, mean: float, variance: float) -> None:
    """Assert mean and variance of draws within Monte Carlo error."""
    error = np.sqrt(variance / len(found))
    assert abs(found.mean() - mean) < ERRORS * error
    assert abs(found.var() / variance - 1.0) < ERRORS * np.sqrt(2.0 / len(found))


def test_later_results_follow_from_earlier_ones_exactly(seed: int) -> None:
    """Given the sums at two follow-ups, the third has the law of people with that luck."""
    people = 12
    case = small_case(people=people, outcome=TWO_YEARS, design=VERIFIED, line=RATE_CARD)
    report = reports({(0, 0): (7, people), (0, 1): (5, people)}, shape=(1, 3))
    world = world_given(case, facts(1, started={0: people}, job=report), seed=seed)
    achieved = world.paths["job"].achieved[0]
    assert world.missed is not None
    met = np.broadcast_to(world.missed == 0, (DRAWS,))
    assert met.mean() > 0.9
    assert np.all(achieved[0, met] == 7)
    assert np.all(achieved[1, met] == 5)
    mean, variance = third_given(7, 5, people=people)
    assert_mean(achieved[2, met], mean=mean, variance=variance)


RATE_CARD: Mapping[str, object] = {
    "model": "rate_card",
    "reads": "job",
    "pays_for": "achieved",
    "follow_up_months": [12, 18, 24],
    "price": 10_000,
}


def test_reports_stand_and_others_are_simulated(seed: int) -> None:
    """A report is the same in every draw; what has none goes on varying."""
    case = small_case(
        people=20, outcome=TWO_YEARS, design=VERIFIED, line=RATE_CARD, shares=(0.5, 0.5)
    )
    report = reports({(0, 0): (6, 10)}, shape=(2, 3))
    world = world_given(case, facts(2, started={0: 10}, job=report), seed=seed)
    treated = world.measured["job"].treated_sum
    assert np.all(treated[0, 0] == 6)
    assert np.ptp(treated[0, 1]) > 0
    assert np.ptp(treated[1, 0]) > 0


def test_a_claim_of_a_person_goes_with_the_report(seed: int) -> None:
    """Claims sum to what was reported, also where a report is not what is so."""
    case = small_case(
        people=40,
        outcome=TWO_YEARS,
        design={**VERIFIED, "missing": {"share": 0.3, "rule": "counts_as_not_achieved"}},
        line=RATE_CARD,
    )
    report = reports({(0, 0): (9, 40), (0, 1): (14, 40)}, shape=(1, 3))
    world = world_given(case, facts(1, started={0: 40}, job=report), seed=seed)
    claims = world.measured["job"].claims
    assert claims is not None
    assert np.all(claims[0].sum(axis=0)[:2] == np.array([[9], [14]]))
    assert world.paths["job"].achieved[0, 0].mean() > 9.0


def test_those_who_completed_are_as_many_as_counted(seed: int) -> None:
    """Completions that were counted stand, and people who complete carry their results."""
    case = small_case(people=30).with_({"delivery.completion": 0.6})
    world = world_given(case, facts(1, started={0: 30}, completed={0: 25}), seed=seed)
    assert np.all(world.participation.completed[0] == 25)


def test_a_number_of_events_is_met_as_nearly_as_people_allow(seed: int) -> None:
    """Sums of numbers agree to half of what people differ by."""
    outcome = {
        "model": "count",
        "counterfactual": 3.0,
        "with_intervention": 2.0,
        "dispersion": 1.0,
        "persistence": 0.5,
        "follow_up_months": [12, 24],
    }
    case = small_case(people=30, outcome=outcome, design=VERIFIED, line=EVENTS_CARD)
    report = reports({(0, 0): (45, 30)}, shape=(1, 2))
    world = world_given(case, facts(1, started={0: 30}, job=report), seed=seed)
    assert np.all(np.abs(world.paths["job"].achieved[0, 0] - 45) <= 2)
    assert np.all(world.measured["job"].treated_sum[0, 0] == 45)


EVENTS_CARD: Mapping[str, object] = {
    "model": "fixed",
    "payments": [{"on": date(2025, 6, 30), "pays": 100_000}],
}


def test_a_shared_drift_goes_on_from_where_it_was(seed: int) -> None:
    """A walk that is known up to a date stays there on average, and varies only after it."""
    case = sib.load_case("holbaek")
    nothing = Facts.nothing(4)
    known = nothing.with_rows("seen", rows={}, walks={"labour_market": np.full((5, 7), 0.03)})
    world = world_given(case, known, seed=seed)
    drift = world.paths["job"].drift
    assert drift is not None
    assert np.allclose(drift[0, 0], 0.03)
    assert_mean(drift[0, 1], mean=0.03, variance=0.02**2 / 2)


def test_base_case_takes_reports_as_they_are() -> None:
    """Without chance what was reported stands and the rest is expected."""
    case = small_case(people=20, outcome=TWO_YEARS, design=VERIFIED, line=RATE_CARD)
    report = reports({(0, 0): (6, 20)}, shape=(1, 3))
    found = base_case(case, facts=facts(1, started={0: 20}, job=report))
    assert found.metric("achieved.job.12")[0] == pytest.approx(6.0)
    assert found.metric("achieved.job.18")[0] == pytest.approx(10.0)
    assert found.metric("payments_total")[0] == pytest.approx(10_000 * (6 + 10 + 11))


def test_payments_made_stand(seed: int) -> None:
    """What was really paid stands in its period, whatever the contract gives, and adds up."""
    case = small_case(people=20, outcome=TWO_YEARS, design=VERIFIED, line=RATE_CARD)
    periods = case.timeline.periods
    paid = np.full(periods, np.nan)
    paid[:6] = 0.0
    paid[5] = 77_000.0
    report = reports({(0, 0): (6, 20)}, shape=(1, 3))
    unpaid = facts(1, started={0: 20}, job=report)
    results = simulate(case, draws=DRAWS, rng=seed, facts=replace(unpaid, paid={"job": paid}))
    plain = simulate(case, draws=DRAWS, rng=seed, facts=unpaid)
    more = results.metric("payments_total") - plain.metric("payments_total")
    assert np.allclose(more, 77_000.0 - 60_000.0)
    assert results.postings is not None
    (line,) = [each for each in results.postings if each.line == "payments.job"]
    assert np.all(line.amount[5] == 77_000.0)


def test_nothing_known_changes_no_bit(seed: int) -> None:
    """A run from no facts is the run of the case, in every metric that both have."""
    case = sib.load_case("holbaek")
    plain = case.simulate(draws=512, rng=seed)
    found = simulate(case, draws=512, rng=seed, facts=Facts.nothing(4))
    for name, values in plain.metrics.items():
        assert np.array_equal(values, found.metrics[name], equal_nan=True), name


def test_a_draw_can_be_explained_again(seed: int) -> None:
    """What is realised again from the seed has the same facts."""
    case = small_case(people=20, outcome=TWO_YEARS, design=AGAINST_RATE, line=RATE_CARD)
    report = reports({(0, 0): (6, 20)}, shape=(1, 3))
    known = facts(1, started={0: 20}, job=report)
    results = simulate(case, draws=8, rng=seed, facts=known)
    kept = simulate(case, draws=8, rng=seed, facts=known, keep="world")
    assert explain(results, draw=3).equals(explain(kept, draw=3))
