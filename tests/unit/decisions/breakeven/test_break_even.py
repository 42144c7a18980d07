"""Break-even values against a hand calculation, and what is told without moving anything."""

from __future__ import annotations

import numpy as np
import pytest

import sibsim as sib
from sibsim.casefile import build
from sibsim.consistency import fit
from sibsim.decisions.breakeven.analysis import break_even
from sibsim.decisions.breakeven.effort import effort_world, linked_outcomes
from sibsim.decisions.breakeven.money import LEAST_COST, MOST_MONEY
from sibsim.decisions.breakeven.people import MOST_PARTICIPANTS
from sibsim.decisions.breakeven.result import BreakEvenSet
from sibsim.decisions.repricing import priced
from sibsim.decisions.worlds import Luck, worlds_of
from sibsim.world import world_in
from tests.unit.decisions.breakeven.hand_case import (
    ANYWAY,
    AS_A_WHOLE,
    ERRORS,
    LASTS,
    MONTHS_BEFORE,
    PEOPLE,
    PER_PERSON,
    PER_RESULT,
    PRICE,
    UPLIFT,
    document,
    hand_case,
)

SAVED = UPLIFT * (MONTHS_BEFORE + LASTS) * PRICE
PAID = (ANYWAY + UPLIFT) * PER_RESULT
COSTS = PEOPLE * PER_PERSON + AS_A_WHOLE
BLOCKS_OF_4 = 16_384
NET = "municipality_net"


def found_by(driver: str, seed: int) -> BreakEvenSet:
    """Return the break-even set of the case by hand for one driver."""
    return break_even(hand_case(), drivers=[driver], rng=seed)


def assert_value(found: BreakEvenSet, expected: float, *, closed_to: float = 0.0) -> None:
    """Check the value of the only driver, and the sense of everything beside it."""
    (driver,) = found.drivers
    assert driver.error > 0
    assert abs(driver.value - expected) <= ERRORS * driver.error + closed_to, driver
    assert driver.figure.value >= 0
    assert driver.low.figure.value * driver.high.figure.value < 0


def test_the_figure_as_it_stands_is_the_hand_calculation(seed: int) -> None:
    """The mean net is 13,000 a person less 640,000."""
    found = found_by("payments", seed)
    expected = PEOPLE * (SAVED - PER_PERSON - PAID) - AS_A_WHOLE
    assert expected == pytest.approx(660_000)
    assert abs(found.now.value - expected) < ERRORS * found.now.mc_error


def test_participants_are_the_smallest_whole_number_that_is_enough(seed: int) -> None:
    """640,000 of fixed costs over 13,000 a person are 49.2 people, so 50 are enough."""
    found = found_by("participants", seed)
    (driver,) = found.drivers
    assert_value(found, AS_A_WHOLE / (SAVED - PER_PERSON - PAID), closed_to=1.0)
    assert driver.value % 1 == 0
    assert driver.good_above
    assert (driver.now, driver.low.value) == (PEOPLE, 1)
    assert driver.high.value == MOST_PARTICIPANTS * PEOPLE
    one_less = [each for each in driver.seen if each.value == driver.value - 1]
    assert one_less[0].figure.value < 0


def test_participants_who_are_certain_to_come_are_surely_enough(seed: int) -> None:
    """All 100 start in every draw, more than the 50 that are needed."""
    (driver,) = found_by("participants", seed).drivers
    assert driver.p_good_now.value == 1.0


def test_no_more_participants_are_tried_than_a_case_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five times as many would be too many to simulate, so that twice as many is the most."""
    monkeypatch.setattr(fit, "MOST_PEOPLE", 250)
    (driver,) = found_by("participants", 1).drivers
    assert driver.high.value == 2 * PEOPLE


def test_the_effect_as_a_whole(seed: int) -> None:
    """3 m f - 0.1 m f of payments = 1.84 m of costs + 0.4 m of payments anyway."""
    factor = (COSTS + PEOPLE * ANYWAY * PER_RESULT) / (PEOPLE * (SAVED - UPLIFT * PER_RESULT))
    assert_value(found_by("effect", seed), factor, closed_to=0.005)


def test_the_success_rate_is_that_of_the_break_even_effect(seed: int) -> None:
    """40 % and 0.77 of the 10 points: 47.7 % have to succeed where 50 % are expected."""
    found = found_by("success.job", seed)
    factor = (COSTS + PEOPLE * ANYWAY * PER_RESULT) / (PEOPLE * (SAVED - UPLIFT * PER_RESULT))
    assert_value(found, ANYWAY + UPLIFT * factor, closed_to=0.005 * UPLIFT)
    row = found.success_rates().loc["job"]
    assert row["counterfactual"] == pytest.approx(ANYWAY, abs=1e-9)
    assert row["planned"] == pytest.approx(ANYWAY + UPLIFT)
    assert (row["goal"], row["goal_months"]) == (0.48, 12)
    assert row["additional_now"] == pytest.approx(100 * (row["now"] - ANYWAY))
    assert row["additional_there"] == pytest.approx(100 * (row["break_even"] - ANYWAY))


def test_the_chance_of_a_success_rate_counts_draws(seed: int) -> None:
    """It is the share of draws whose people achieve at least the break-even rate."""
    (driver,) = found_by("success.job", seed).drivers
    run = hand_case().simulate(draws=4096, rng=seed)
    rates = run.metric("achieved.job") / run.metric("people.job")
    assert driver.p_good_now.value == np.mean(rates >= driver.value)


def test_the_price_of_the_saving(seed: int) -> None:
    """3 m at 10,000 a month may fall to what costs and payments come to: 7,800."""
    expected = PRICE * (COSTS + PEOPLE * PAID) / (PEOPLE * SAVED)
    found = found_by("price.benefit", seed)
    assert_value(found, expected, closed_to=0.005 * PRICE)
    (driver,) = found.drivers
    assert (driver.low.value, driver.high.value) == (0, MOST_MONEY * PRICE)
    assert np.isnan(driver.p_good_now.value)


def test_the_payment_price(seed: int) -> None:
    """Payments of 0.5 m may rise to 1.16 m, less than that is enough."""
    found = found_by("payments", seed)
    assert_value(found, (PEOPLE * SAVED - COSTS) / (PEOPLE * PAID), closed_to=0.005)
    assert not found.drivers[0].good_above


def test_the_highest_costs(seed: int) -> None:
    """Delivery may cost what the saving leaves after payments: 2.5 m."""
    found = found_by("costs", seed)
    assert_value(found, PEOPLE * (SAVED - PAID), closed_to=0.005 * COSTS)
    (driver,) = found.drivers
    assert driver.now == pytest.approx(COSTS)
    assert driver.low.value == pytest.approx(LEAST_COST * COSTS)
    assert not driver.good_above


def test_the_duration(seed: int) -> None:
    """23.4 months of saving are enough, 6 of them before the follow-up and 17.4 after it."""
    months = (COSTS + PEOPLE * PAID) / (PEOPLE * UPLIFT * PRICE) - MONTHS_BEFORE
    assert_value(found_by("duration", seed), months, closed_to=0.5)


def test_the_longest_delay(seed: int) -> None:
    """Without payments, which lapse, 18.4 of 30 months are enough: 24.4 before the end, at 107."""
    found = break_even(hand_case(), drivers=["delay"], draws=BLOCKS_OF_4, rng=seed)
    (driver,) = found.drivers
    assert driver.value == 107
    assert not driver.good_above
    assert driver.now == 0


def test_the_year_in_which_the_account_may_end(seed: int) -> None:
    """Of 0.6, 1.2 and 1.2 m saved in three years the first two do not cover 1.84 m and 0.5 m."""
    found = found_by("year", seed)
    (driver,) = found.drivers
    assert (driver.value, driver.now) == (2026, 2034)
    assert found.by_year.base == 2026


def test_a_target_moves_the_value(seed: int) -> None:
    """To be left with 0.3 m, costs may be 0.3 m lower."""
    found = break_even(hand_case(), target=300_000, drivers=["costs"], rng=seed)
    (driver,) = found.drivers
    expected = PEOPLE * (SAVED - PAID) - 300_000
    assert abs(driver.value - expected) < ERRORS * driver.error + 0.005 * COSTS


def test_a_chance_is_kept_at_most(seed: int) -> None:
    """Of the chance of ending below zero less is better, and all draws beyond it keep zero."""
    figure = f"P({NET} < 0)"
    found = break_even(hand_case(), figure, target=0.25, drivers=["costs"], rng=seed)
    (driver,) = found.drivers
    assert found.wanted.direction == "<="
    assert not driver.good_above
    assert driver.figure.value <= 0.25
    assert driver.p_target_there.value == pytest.approx(1 - driver.figure.value)


def test_an_uncertain_price_is_compared_with_its_own_draws(seed: int) -> None:
    """The chance that the price turns out high enough is that of its distribution."""
    read = document()
    read["budget"]["benefit"]["amount"] = {"p10": 6_000, "p50": 10_000, "p90": 14_000}
    case = build(read)
    (driver,) = break_even(case, drivers=["price.benefit"], rng=seed).drivers
    exact = 1 - case.quantities["budget.benefit.amount"].prob_below(driver.value)
    assert abs(driver.p_good_now.value - exact) < ERRORS * driver.p_good_now.mc_error


def test_uncertain_costs_are_compared_with_their_own_draws(seed: int) -> None:
    """The chance that delivery stays below the highest costs is that of the cost per person."""
    read = document()
    read["costs"]["person"]["amount"] = {"p10": 8_000, "p50": 12_000, "p90": 20_000}
    case = build(read)
    (driver,) = break_even(case, drivers=["costs"], rng=seed).drivers
    a_person = (driver.value - AS_A_WHOLE) / PEOPLE
    exact = case.quantities["costs.person.amount"].prob_below(a_person)
    assert 0 < exact < 1
    assert abs(driver.p_good_now.value - exact) < ERRORS * driver.p_good_now.mc_error


def test_an_uncertain_delay_is_compared_with_its_own_draws(seed: int) -> None:
    """107 months are just enough; three draws in ten are later."""
    delay = {"dist": "discrete", "values": [0, 115], "probabilities": [0.7, 0.3], "base": 0}
    read = document()
    read["delivery"]["start_delay"] = delay
    (driver,) = break_even(build(read), drivers=["delay"], rng=seed).drivers
    sd = 115 * np.sqrt(0.3 * 0.7 / 4096)
    assert abs(driver.now - 0.3 * 115) < ERRORS * sd + 0.5
    assert 100 < driver.value < 115
    assert abs(driver.p_good_now.value - 0.7) < ERRORS * driver.p_good_now.mc_error


def test_the_usual_effort_changes_no_bit(seed: int) -> None:
    """A factor of 1 is the world that was told; of 0 that in which nobody gets anything."""
    case = sib.load_case("holbaek")
    worlds = worlds_of(case, draws=4096, luck=Luck.of(seed))
    (told,) = worlds.told
    same = effort_world(case, told, factor=1.0, outcomes=tuple(case.outcomes))
    none = effort_world(case, told, factor=0.0, outcomes=tuple(case.outcomes))
    undone = world_in(case, told.setting.with_effort(0.0))
    for world, other in ((same, told.world), (none, undone)):
        one, two = (priced(case, each, metrics=[NET])[NET] for each in (world, other))
        np.testing.assert_array_equal(one, two)


def test_the_effort_of_segments_is_scaled_too(seed: int) -> None:
    """Half of the effort is half of what each segment gets."""
    segments = {"near": {"share": 0.5, "difficulty": -1.0}, "far": {"share": 0.5, "difficulty": 1}}
    read = document()
    read["target_group"] |= {"segments": segments, "selection": {"parking": 0.3, "creaming": 0.0}}
    case = build(read)
    (told,) = worlds_of(case, draws=4096, luck=Luck.of(seed)).told
    halved = told.setting.with_effort(0.5)
    for name, group in told.setting.participation.segments.items():
        assert group.effort is not None
        now = halved.participation.segments[name].effort
        np.testing.assert_allclose(np.asarray(now), group.effort / 2)


def test_linked_outcomes_move_together() -> None:
    """What one outcome reads of another moves with it; the others stay by themselves."""
    groups = linked_outcomes(sib.load_case("aarhus-violence"))
    assert ("refuge_days", "no_refuge") in {tuple(each) for each in groups}
    assert sum(map(len, groups)) == len(sib.load_case("aarhus-violence").outcomes)
    assert linked_outcomes(hand_case()) == (("job",),)
