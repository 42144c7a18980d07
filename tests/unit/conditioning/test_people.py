"""People who have been seen: drawn given what was reported of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import product

import numpy as np
import pytest

from sibsim.case import Case
from sibsim.casefile import build
from sibsim.simulate import simulate
from tests.happened import (
    DRAWS,
    EACH,
    KEPT,
    ONE_YEAR,
    RATE_CARD,
    RATES,
    TWO_YEARS,
    assert_mean,
    facts,
    reports,
    world_given,
)
from tests.small_case import VERIFIED, small_case

EVENTS_CARD: Mapping[str, object] = {
    "model": "fixed",
    "payments": [{"on": date(2025, 6, 30), "pays": 100_000}],
}


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


def test_those_who_completed_are_as_many_as_counted(seed: int) -> None:
    """Completions that were counted stand, and people who complete carry their results."""
    case = small_case(people=30).with_({"delivery.completion": 0.6})
    world = world_given(case, facts(1, started={0: 30}, completed={0: 25}), seed=seed)
    assert np.all(world.participation.completed[0] == 25)


def of_events() -> Case:
    """Return a contract on 30 people of whom events are counted."""
    outcome = {
        "model": "count",
        "counterfactual": 3.0,
        "with_intervention": 2.0,
        "dispersion": 1.0,
        "persistence": 0.5,
        "follow_up_months": [12, 24],
    }
    return small_case(people=30, outcome=outcome, design=VERIFIED, line=EVENTS_CARD)


def test_a_number_of_events_is_met_as_nearly_as_people_allow(seed: int) -> None:
    """Sums of numbers agree to half of what people differ by."""
    report = reports({(0, 0): (45, 30)}, shape=(1, 2))
    world = world_given(of_events(), facts(1, started={0: 30}, job=report), seed=seed)
    assert np.all(np.abs(world.paths["job"].achieved[0, 0] - 45) <= 2)
    assert np.all(world.measured["job"].treated_sum[0, 0] == 45)


def test_numbers_are_missed_by_standard_deviations_between_people(seed: int) -> None:
    """2,000 events can hardly be: what is missing, over sqrt(2 + 2^2), that of a person's events.

    The simulated people differ by that within 5 %: 150 of them in 4,096 draws.
    """
    report = reports({(0, 0): (2_000, 30)}, shape=(1, 2))
    world = world_given(of_events(), facts(1, started={0: 30}, job=report), seed=seed)
    short = 2_000 - world.paths["job"].achieved[0, 0]
    assert world.missed is not None
    np.testing.assert_allclose(world.missed + 0.5, short / np.sqrt(6), rtol=0.05)


def test_a_report_of_fewer_people_says_nothing_of_the_others(seed: int) -> None:
    """9 of 14 are reported: the 6 others succeed by luck, 9 + binomial(6, 0.5)."""
    case = small_case(people=20, outcome=ONE_YEAR, design=VERIFIED, line=EACH)
    report = reports({(0, 0): (9, 14)})
    world = world_given(case, facts(1, started={0: 20}, job=report), seed=seed)
    assert world.missed is not None
    assert not world.missed.any()
    assert_mean(world.paths["job"].achieved[0, 0], mean=9 + 6 * 0.5, variance=6 * 0.25)


def test_those_whom_a_report_leaves_out_are_not_what_it_left_over(seed: int) -> None:
    """12 of 14 are reported and 16 of all 20 completed: the 6 others succeed by luck all the same.

    The people to exchange for are few: whom the report takes is no longer there for the others.
    """
    case = small_case(people=20, outcome=ONE_YEAR, design=VERIFIED, line=EACH)
    case = case.with_({"delivery.completion": 0.8})
    known = facts(1, started={0: 20}, completed={0: 16}, job=reports({(0, 0): (12, 14)}))
    world = world_given(case, known, seed=seed)
    assert world.missed is not None
    assert np.mean(world.missed == 0) > 0.99
    assert_mean(world.paths["job"].achieved[0, 0], mean=12 + 6 * 0.5, variance=6 * 0.25)


def test_people_lost_by_the_design_succeed_in_proportion(seed: int) -> None:
    """A trial loses one in five: 24 of 32 who are left stand for 30 of all 40, in every draw."""
    design = {
        "design": "randomised",
        "controls_per_participant": 1,
        "attrition": {"treated": 0.2, "control": 0.2},
    }
    line = {**EACH, "pays_for": "additional", "floor": "contract"}
    case = small_case(people=80, outcome=ONE_YEAR, design=design, line=line)
    report = reports({(0, 0): (24, 32)}, comparison={(0, 0): (10, 32)})
    world = world_given(case, facts(1, started={0: 40}, job=report), seed=seed)
    assert world.missed is not None
    met = np.broadcast_to(world.missed == 0, (DRAWS,))
    assert met.mean() > 0.9
    # Of one simulated block 5 x 40 people x 4,096 draws say who is lost, within 0.1 in 30.
    assert np.all(world.paths["job"].achieved[0, 0, met] == 30)


def test_a_report_of_those_who_completed_is_met(seed: int) -> None:
    """30 started, 25 completed, 20 of these succeeded: in every draw that meets the sums."""
    case = small_case(
        people=30, outcome={**ONE_YEAR, "among": "completed"}, design=VERIFIED, line=EACH
    ).with_({"delivery.completion": 0.6})
    known = facts(1, started={0: 30}, completed={0: 25}, job=reports({(0, 0): (20, 25)}))
    world = world_given(case, known, seed=seed)
    assert world.missed is not None
    met = np.broadcast_to(world.missed == 0, (DRAWS,))
    assert met.mean() > 0.95
    assert np.all(world.participation.completed[0, met] == 25)
    assert np.all(world.paths["job"].achieved[0, 0, met] == 20)
    assert np.all(world.measured["job"].treated_sum[0, 0] == 20)


def test_a_report_of_some_who_completed_stands_for_all_of_them(seed: int) -> None:
    """10 of 20 are reported of 25 who completed: 12.5 of all of them, so 12 in every draw."""
    case = small_case(
        people=30, outcome={**ONE_YEAR, "among": "completed"}, design=VERIFIED, line=EACH
    ).with_({"delivery.completion": 0.6})
    known = facts(1, started={0: 30}, completed={0: 25}, job=reports({(0, 0): (10, 20)}))
    world = world_given(case, known, seed=seed)
    assert world.missed is not None
    met = np.broadcast_to(world.missed == 0, (DRAWS,))
    assert met.mean() > 0.95
    assert np.all(world.paths["job"].achieved[0, 0, met] == 12)


def test_a_report_of_those_referred_reaches_the_goal(seed: int) -> None:
    """36 of 40 referred people succeeded where 24 are the goal; only half of them started."""
    case = small_case(
        people=20,
        outcome={**ONE_YEAR, "among": "referred", "goal": {"at_months": 12, "share": 0.6}},
        design=VERIFIED,
        line=EACH,
    ).with_({"delivery.take_up": 0.5})
    known = facts(1, referred={0: 40}, started={0: 20}, job=reports({(0, 0): (36, 40)}))
    world = world_given(case, known, seed=seed)
    assert world.missed is not None
    assert not world.missed.any()
    assert np.all(world.participation.referred[0] == 40)
    assert np.all(world.paths["job"].achieved[0, 0] == 36)
    found = simulate(case, draws=DRAWS, rng=seed, facts=known)
    assert np.all(found.metric("p_goal.job") == 1)


def test_results_that_contradict_each_other_are_missed(seed: int) -> None:
    """Two exact reports of the same people, 12 and 9: 3 apart, of which half a one each is let."""
    document = small_case(people=20, outcome=ONE_YEAR, design=VERIFIED, line=EACH).document
    document["measures"]["check"] = {"outcome": "job", **VERIFIED}
    report, check = reports({(0, 0): (12, 20)}), reports({(0, 0): (9, 20)})
    known = facts(1, started={0: 20}, job=report, check=check)
    world = world_given(build(document), known, seed=seed)
    achieved = world.paths["job"].achieved[0, 0]
    assert world.missed is not None
    off = np.abs(achieved[:, np.newaxis] - np.array([12, 9]))
    np.testing.assert_allclose(world.missed, np.maximum(off - 0.5, 0).sum(axis=1))
    assert np.all((achieved >= 9) & (achieved <= 12))


@pytest.mark.parametrize("started", [0, 3])
def test_few_people_or_none_can_be_seen(started: int, seed: int) -> None:
    """A cohort of three, or of nobody at all, stands like any other."""
    case = small_case(people=40, outcome=ONE_YEAR, design=VERIFIED, line=EACH, shares=(0.5, 0.5))
    report = reports({(0, 0): (started, started)}, shape=(2, 1))
    known = facts(2, started={0: started}, completed={0: started}, job=report)
    world = world_given(case, known, seed=seed)
    assert np.all(world.participation.started[0] == started)
    assert world.missed is not None
    met = np.broadcast_to(world.missed == 0, (DRAWS,))
    assert met.mean() > 0.95
    assert np.all(world.paths["job"].achieved[0, 0, met] == started)
