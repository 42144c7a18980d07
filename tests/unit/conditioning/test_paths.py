"""What people who were chosen carry along: states, what is shown of them, other outcomes, segments.

Facts are stated of the first of two cohorts; the second goes on as planned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.core.luck import count
from sibsim.core.stages import World
from sibsim.outcomes.occupancy import TimeInStates
from tests.happened import (
    EACH,
    ONE_YEAR,
    RATE_CARD,
    TWO_YEARS,
    assert_mean,
    expected_given,
    facts,
    reports,
    world_given,
)
from tests.people_in_states import WHERE
from tests.small_case import VERIFIED, small_case

MONTHS = (6, 12, 24)
"""Follow-ups of the outcome of states, which has monthly steps."""

JOB = 3
"""Position of the state `job`."""

FIXED: Mapping[str, object] = {
    "model": "fixed",
    "payments": [{"on": date(2025, 6, 30), "pays": 100_000}],
}


def with_outcome(case: sib.Case, name: str, **stated: object) -> sib.Case:
    """Return the case with one more outcome, verified."""
    document = case.document
    document["outcomes"][name] = {"among": "started", **stated}
    document["measures"][name] = {"outcome": name, **VERIFIED}
    return build(document)


def in_states() -> sib.Case:
    """Return two cohorts of ten between states, and which of them are on a benefit."""
    line = {**EACH, "follow_up_months": list(MONTHS)}
    case = small_case(people=20, outcome=WHERE, design=VERIFIED, line=line, shares=(0.5, 0.5))
    benefit = {"of": "job", "states": ["benefit"], "follow_up_months": list(MONTHS)}
    return with_outcome(case, "benefit", model="in_states", **benefit)


@pytest.fixture(scope="module")
def moved() -> World:
    """Return people of whom 8 of 10 are in work and 1 on the benefit at 6 months."""
    job, benefit = (reports({(0, 0): (number, 10)}, shape=(2, 3)) for number in (8, 1))
    return world_given(in_states(), facts(2, started={0: 10}, job=job, benefit=benefit), seed=11)


def test_states_week_by_week_go_along(moved: World) -> None:
    """Where a person is at a follow-up and in the history is the same, month by month."""
    path = moved.paths["job"]
    assert np.all(path.achieved[0, 0] == 8)
    for cohort in (0, 1):
        there = path.history[cohort][:, MONTHS] == JOB
        np.testing.assert_array_equal(there, path.value[cohort])
        np.testing.assert_array_equal(
            path.achieved[cohort], (path.member[cohort][:, np.newaxis] * there).sum(axis=0)
        )


def test_time_in_states_is_that_of_the_people_chosen(moved: World) -> None:
    """Months in work are those of their histories, less what is expected of anybody."""
    path = moved.paths["job"]
    assert isinstance(path.occupancy, TimeInStates)
    more = path.occupancy.more(("job",))[0]
    spent = (path.history[0] == JOB).sum(axis=0)[path.occupancy._credited]
    anyway = spent - more
    np.testing.assert_allclose(anyway, anyway[:, :1] * np.ones(anyway.shape), atol=1e-9)


def test_people_are_in_one_state_at_a_time(moved: World) -> None:
    """What is derived of states reads the same people: nobody in work is on the benefit too."""
    assert np.all(moved.paths["benefit"].achieved[0, 0] == 1)
    job, benefit = (moved.paths[name].value[0] > 0 for name in ("job", "benefit"))
    assert not np.any(job & benefit)


def test_an_outcome_that_depends_on_another_goes_along(seed: int) -> None:
    """18 of 20 in work, with odds of wellbeing six times as high: more are well, in that cohort."""
    case = with_outcome(
        small_case(people=40, outcome=ONE_YEAR, design=VERIFIED, line=EACH, shares=(0.5, 0.5)),
        "well",
        model="binary",
        follow_up_months=[12],
        counterfactual=0.3,
        success_rate=0.5,
        given={"outcome": "job", "odds_ratio": 6.0},
    )
    job = reports({(0, 0): (18, 20)}, shape=(2, 1))
    well = world_given(case, facts(2, started={0: 20}, job=job), seed=seed).paths["well"]
    # Odds 6 times as high of one half of people, 0.5 on average: sqrt(6) / (1 + sqrt(6)) = 0.71.
    likely = np.sqrt(6) / (1 + np.sqrt(6))
    mean = 18 * likely + 2 * (1 - likely)
    error = np.sqrt(20 * likely * (1 - likely) / well.achieved.shape[-1])
    assert abs(well.achieved[0, 0].mean() - mean) < 5 * error
    assert abs(well.achieved[1, 0].mean() - 10) < 5 * np.sqrt(5 / well.achieved.shape[-1])


def test_what_an_instrument_shows_goes_with_the_person(seed: int) -> None:
    """A report is of what is shown: it stands, and what is so follows with the error between."""
    outcome = {
        "model": "score",
        "counterfactual": 3.0,
        "with_intervention": 5.0,
        "sd": 8.0,
        "reliability": 0.5,
        "counts": "improved",
        "minimum_important_change": 5.0,
    }
    case = small_case(people=20, outcome=outcome, design=VERIFIED, line=FIXED)
    report = reports({(0, 0): (17, 20)})
    path = world_given(case, facts(1, started={0: 20}, job=report), seed=seed).paths["job"]
    assert path.reported is not None
    assert np.all(path.reported.achieved[0, 0] == 17)
    # Half of the variance is true: shown and true are alike for 3 people in 4, 1/2 + asin(r) / pi
    # with r = sqrt(0.5), and half of each succeed.
    together = 0.5 + np.arcsin(np.sqrt(0.5)) / np.pi
    mean = 17 * together + 3 * (1 - together)
    error = np.sqrt(20 * together * (1 - together) / path.achieved.shape[-1])
    assert abs(path.achieved[0, 0].mean() - mean) < 5 * error


def of_two_kinds(**outcome: object) -> sib.Case:
    """Return two cohorts of 30, half of each easier and half harder to help."""
    segments = {
        "easy": {"share": 0.5, "difficulty": -1},
        "hard": {"share": 0.5, "difficulty": 1},
    }
    changes = {
        "target_group.segments": segments,
        "target_group.selection": {"creaming": 0.5, "parking": 0.3},
    }
    stated = {**TWO_YEARS, **outcome}
    case = small_case(people=60, outcome=stated, design=VERIFIED, line=RATE_CARD, shares=(0.5, 0.5))
    return case.with_(changes)


def test_segments_are_counted_anew(seed: int) -> None:
    """Of 30 of whom 25 succeeded, who is of which segment, and what each achieves, adds up."""
    report = reports({(0, 0): (25, 30)}, shape=(2, 3))
    world = world_given(of_two_kinds(), facts(2, started={0: 30}, job=report), seed=seed)
    who, path = world.participation, world.paths["job"]
    assert np.all(path.achieved[0, 0] == 25)
    for name, group in who.segments.items():
        for cohort in (0, 1):
            belongs = who.of_segment(name).member("started", cohort=cohort)
            np.testing.assert_array_equal(group.people["started"][cohort], count(belongs))
            np.testing.assert_array_equal(path.parts[name].people[cohort], count(belongs))
            here = belongs[:, np.newaxis] * path.value[cohort]
            np.testing.assert_array_equal(path.parts[name].achieved[cohort], count(here))
    started = sum(group.people["started"] for group in who.segments.values())
    np.testing.assert_array_equal(started, who.started)
    achieved = sum(part.achieved for part in path.parts.values())
    np.testing.assert_array_equal(achieved, path.achieved)
    # Bayes: of those who succeed and of those who fail so many are easier to help.
    plan = expected_given(of_two_kinds(), facts(2)).paths["job"]
    people, right = plan.parts["easy"].people[0, 0], plan.parts["easy"].achieved[0, 0, 0]
    found = np.array([right / plan.achieved[0, 0, 0], 0.0])
    found[1] = (people - right) / (30 - plan.achieved[0, 0, 0])
    number = np.array([25, 5])
    mean, variance = number @ found, number @ (found * (1 - found))
    assert mean > people
    assert_mean(who.segments["easy"].people["started"][0], mean=mean, variance=variance)


def test_segments_of_the_base_case_sum_to_what_was_reported() -> None:
    """Each segment has its share of what was reported, as is expected of it; the rest stays."""
    report = reports({(0, 0): (25, 30)}, shape=(2, 3))
    case = of_two_kinds()
    path = expected_given(case, facts(2, started={0: 30}, job=report)).paths["job"]
    plan = expected_given(case, facts(2)).paths["job"]
    assert path.achieved[0, 0, 0] == pytest.approx(25)
    np.testing.assert_allclose(
        sum(part.achieved for part in path.parts.values()), path.achieved, rtol=1e-12
    )
    for name, part in path.parts.items():
        assert part.achieved[0, 0, 0] / 25 == pytest.approx(
            plan.parts[name].achieved[0, 0, 0] / plan.achieved[0, 0, 0]
        )
        np.testing.assert_allclose(part.achieved[0, 1:], plan.parts[name].achieved[0, 1:])


def test_base_case_takes_reports_as_they_are() -> None:
    """Without chance what was reported stands and the rest is expected."""
    case = small_case(people=20, outcome=TWO_YEARS, design=VERIFIED, line=RATE_CARD)
    report = reports({(0, 0): (6, 20)}, shape=(1, 3))
    path = expected_given(case, facts(1, started={0: 20}, job=report)).paths["job"]
    np.testing.assert_allclose(path.achieved[0, :, 0], [6, 10, 11])


@pytest.mark.parametrize("first", ["job", "check"])
def test_base_case_takes_the_first_of_several_measures(first: str) -> None:
    """Two exact measures of an outcome, 12 and 9: what the facts name first is so."""
    document = small_case(people=20, outcome=ONE_YEAR, design=VERIFIED, line=EACH).document
    document["measures"]["check"] = {"outcome": "job", **VERIFIED}
    found = {"job": 12.0, "check": 9.0}
    named = sorted(found, key=lambda name: name != first)
    of_measures = {name: reports({(0, 0): (found[name], 20)}) for name in named}
    known = replace(facts(1, started={0: 20}), reports=of_measures)
    path = expected_given(build(document), known).paths["job"]
    assert path.achieved[0, 0, 0] == pytest.approx(found[first])


def test_base_case_tells_missing_results_from_failures() -> None:
    """Of those whose result is missing some succeeded: 14 + 6 x 0.15 p / (1 - 0.85 p), p = 0.4."""
    design = {**VERIFIED, "missing": {"share": 0.15, "rule": "counts_as_not_achieved"}}
    case = small_case(people=20, outcome=TWO_YEARS, design=design, line=RATE_CARD)
    report = reports({(0, 0): (14, 20)}, shape=(1, 3))
    world = expected_given(case, facts(1, started={0: 20}, job=report))
    assert world.paths["job"].achieved[0, 0, 0] == pytest.approx(14 + 6 * 0.06 / 0.66)
    assert world.measured["job"].treated_sum[0, 0, 0] == 14


@pytest.mark.parametrize(
    ("design", "of_reported", "of_others"),
    [
        # A success is seen with 0.8, a failure taken for one with 0.1, half succeed.
        ({"sensitivity": 0.8, "specificity": 0.9}, 0.40 / 0.45, 0.10 / 0.55),
        # Four in ten failures are reported a success, of which a fifth is found: 0.32 remain.
        ({"misreporting": {"share": 0.4, "audited": 0.2}}, 0.50 / 0.66, 0.0),
    ],
)
def test_base_case_tells_what_is_so_from_what_is_reported(
    design: Mapping[str, object], of_reported: float, of_others: float
) -> None:
    """A person who is reported a success is one with p r1 / (p r1 + (1 - p) r0)."""
    case = small_case(people=20, outcome=ONE_YEAR, design={**VERIFIED, **design}, line=EACH)
    report = reports({(0, 0): (14, 20)})
    world = expected_given(case, facts(1, started={0: 20}, job=report))
    mean = 14 * of_reported + 6 * of_others
    assert world.paths["job"].achieved[0, 0, 0] == pytest.approx(mean)
    assert world.measured["job"].treated_sum[0, 0, 0] == 14
