"""Who came and when, as it was: counts, starts, cohorts to come, rows of what was learned."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.facts import Facts
from sibsim.reports.explain import explain
from sibsim.simulate import simulate
from tests.happened import (
    DRAWS,
    EACH,
    ERRORS,
    ONE_YEAR,
    RATE_CARD,
    TWO_YEARS,
    assert_mean,
    expected_given,
    facts,
    reports,
    world_given,
)
from tests.small_case import AGAINST_RATE, VERIFIED, small_case


def with_places(capacity: int, **changes: object) -> sib.Case:
    """Return 24, 18 and 18 people, a year apart, in a programme of 18 months with few places."""
    case = small_case(
        people=60, outcome=ONE_YEAR, design=VERIFIED, line=EACH, shares=(0.4, 0.3, 0.3)
    )
    places = {"delivery.capacity": capacity, "delivery.programme_months": 18}
    return case.with_(places | {f"delivery.{name}": each for name, each in changes.items()})


@pytest.mark.parametrize("waiting", [{}, {"waiting_list": {"gives_up": 0.2}}])
def test_places_that_nobody_took_are_free_for_the_next_wave(
    waiting: Mapping[str, object], seed: int
) -> None:
    """20 instead of 24 have 20 of 30 places: of Poisson(18) who come 10 find one, not 6."""
    case = with_places(30, **waiting)
    report = reports({(0, 0): (7, 20)}, shape=(3, 1))
    world = world_given(case, facts(3, started={0: 20}, job=report), seed=seed)
    started, path = world.participation.started, world.paths["job"]
    assert np.all(started[0] == 20)
    assert np.all(path.achieved[0, 0] == 7)
    fewer = np.arange(10)
    likely = np.exp(-18.0) * np.cumprod(np.concatenate([[1.0], 18.0 / fewer[1:]]))
    short, square = ((10 - fewer) ** power @ likely for power in (1, 2))
    error = np.sqrt((square - short**2) / DRAWS)
    assert abs(started[1].mean() - (10 - short)) < ERRORS * error
    # The second wave's programme is not over when the third begins: 20 places are left.
    assert np.all(started[2] <= 30 - started[1])
    assert len(path.value[1]) == 10
    np.testing.assert_array_equal(world.measured["job"].treated_n[:, 0], started)


def test_people_who_were_counted_are_there_whatever_the_places(seed: int) -> None:
    """35 really started where there are 30 places, then nobody finds one; 25 where 24 came."""
    world = world_given(with_places(30), facts(3, started={0: 35}), seed=seed)
    assert np.all(world.participation.started[0] == 35)
    assert np.all(world.participation.started[1] == 0)
    world = world_given(with_places(40), facts(3, started={0: 25, 1: 4}), seed=seed)
    assert np.all(world.participation.started[:2] == [[25], [4]])


def test_cohorts_to_come_are_as_late_as_the_last_one_that_has_begun() -> None:
    """One month late, then three: the third is three late, the service one; parts of a month go."""
    case = small_case(people=60, shares=(0.4, 0.3, 0.3))
    who = expected_given(case, facts(3, start={0: 1.0, 1: 15.0})).participation
    np.testing.assert_allclose(who.start[:, 0], [1.0, 15.0, 27.0])
    np.testing.assert_allclose(who.delay, 1.0)
    who = expected_given(case, facts(3, start={0: 1.3})).participation
    np.testing.assert_allclose(who.start[:, 0], [1.3, 13.0, 25.0])


def test_people_are_referred_beside_those_who_started(seed: int) -> None:
    """35 started and 70 % take it up: 35 x (1 / 0.7 - 1) = 15 more were referred, Poisson."""
    case = small_case(people=70, shares=(0.5, 0.5)).with_({"delivery.take_up": 0.7})
    known = facts(2, started={0: 35})
    referred = world_given(case, known, seed=seed).participation.referred
    assert_mean(referred[0] - 35, mean=15.0, variance=15.0)
    assert expected_given(case, known).participation.referred[0, 0] == pytest.approx(50)
    both = facts(2, started={0: 35}, referred={0: 41})
    assert np.all(world_given(case, both, seed=seed).participation.referred[0] == 41)


def test_cohorts_to_come_have_the_luck_of_arrivals_that_were_counted(seed: int) -> None:
    """Once arrivals are counted, those to come are Poisson; before, they are as planned."""
    case = small_case(people=80, shares=(0.5, 0.5))
    world = world_given(case, facts(2, started={0: 35}), seed=seed)
    assert np.all(world.participation.started[0] == 35)
    assert_mean(world.participation.started[1], mean=40.0, variance=40.0)
    planned = world_given(case, facts(2), seed=seed)
    assert np.all(planned.participation.started == 40)


def test_those_referred_to_cohorts_to_come_are_poisson_too(seed: int) -> None:
    """40 of 50 take it up: of those to come 10 more are referred, beside the Poisson 40."""
    case = small_case(people=80, shares=(0.5, 0.5)).with_({"delivery.take_up": 0.8})
    who = world_given(case, facts(2, started={0: 35}), seed=seed).participation
    assert_mean(who.referred[1] - who.started[1], mean=10.0, variance=10.0)
    assert_mean(who.referred[1], mean=50.0, variance=50.0)


def test_of_those_referred_the_take_up_starts(seed: int) -> None:
    """Where it is known who was referred but not who started, starts are binomial."""
    case = small_case(people=80, shares=(0.5, 0.5)).with_({"delivery.take_up": 0.8})
    world = world_given(case, facts(2, referred={0: 60}), seed=seed)
    assert_mean(world.participation.started[0], mean=48.0, variance=9.6)
    assert np.all(world.participation.referred[0] == 60)


def test_those_who_completed_stand_in_the_base_case_too() -> None:
    """25 of 30 completed and 20 of these succeeded: 20, not 18 x 20 / 25 by the plan."""
    case = small_case(
        people=60,
        outcome={**ONE_YEAR, "among": "completed"},
        design=VERIFIED,
        line=EACH,
        shares=(0.5, 0.5),
    ).with_({"delivery.completion": 0.6})
    report = reports({(0, 0): (20, 25)}, shape=(2, 1))
    world = expected_given(case, facts(2, started={0: 30}, completed={0: 25}, job=report))
    np.testing.assert_allclose(world.participation.completed[:, 0], [25, 18])
    np.testing.assert_allclose(world.paths["job"].achieved[:, 0, 0], [20, 9])


def with_a_right_to_end() -> sib.Case:
    """Return two cohorts a year apart whose contract may end on a first result below 40 %."""
    case = small_case(people=40, outcome=ONE_YEAR, design=VERIFIED, line=EACH, shares=(0.5, 0.5))
    right = {
        "cause": "result",
        "measure": "job",
        "compare": "rate",
        "at_months": 12,
        "below": 0.4,
        "notice_months": 1,
    }
    return case.with_({"contract.termination": [right]})


def test_a_right_to_end_was_not_used_before_a_cohort_that_started(seed: int) -> None:
    """5 of 20 would have ended the contract by month 15; the second cohort started in month 17."""
    report = reports({(0, 0): (5, 20)}, shape=(2, 1))
    came = facts(2, start={0: 0.0, 1: 17.0}, started={0: 20, 1: 20}, job=report)
    results = simulate(with_a_right_to_end(), draws=512, rng=seed, facts=came)
    assert np.all(results.metric("participants") == 40)
    assert np.all(results.metric("p_terminated") == 0)


def test_a_right_to_end_is_used_against_cohorts_to_come(seed: int) -> None:
    """The same result ends the contract before a third cohort that has not started."""
    case = small_case(
        people=60, outcome=ONE_YEAR, design=VERIFIED, line=EACH, shares=(0.4, 0.3, 0.3)
    )
    right = dict(with_a_right_to_end().document["contract"]["termination"][0])
    report = reports({(0, 0): (5, 24)}, shape=(3, 1))
    known = facts(3, start={0: 0.0, 1: 12.0}, started={0: 24, 1: 18}, job=report)
    results = simulate(
        case.with_({"contract.termination": [right]}), draws=512, rng=seed, facts=known
    )
    assert np.all(results.metric("participants") == 42)
    assert np.all(results.metric("p_terminated") == 1)


def test_a_draw_takes_one_row_of_all_quantities_and_drifts(seed: int) -> None:
    """Values that are all of one row stay together; the base case takes each median."""
    case = sib.load_case("holbaek")
    number = np.array([0.8, 0.9, 1.0, 1.2, 1.9])
    walks = {"labour_market": np.tile(number / 100, (5, 1))}
    rows = {
        "delivery.volume": number[np.newaxis],
        "delivery.take_up": number[np.newaxis] / 3,
        "delivery.completion": number[np.newaxis] / 2,
    }
    known = Facts.nothing(4).with_rows("seen", rows=rows, walks=walks)
    world = world_given(case, known, seed=seed)
    volume = world.values["delivery.volume"][0]
    assert set(np.unique(volume)) == set(number)
    np.testing.assert_allclose(world.values["delivery.take_up"][0], volume / 3)
    np.testing.assert_allclose(world.values["delivery.completion"][0], volume / 2)
    drift = world.paths["job"].drift
    assert drift is not None
    np.testing.assert_allclose(drift[0, 0], volume / 100)
    expected = expected_given(case, known)
    assert expected.values["delivery.volume"][0, 0] == 1.0
    assert expected.paths["job"].drift is not None
    assert expected.paths["job"].drift[0, 0, 0] == pytest.approx(0.01)


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
