"""The break-even set of a shipped case: simulated afresh, in tables and in sentences."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.core.statistics import Estimate
from sibsim.decisions.breakeven.analysis import break_even
from sibsim.decisions.breakeven.durations import durations_of
from sibsim.decisions.breakeven.result import BreakEvenSet, Driver
from sibsim.decisions.conditions import figure
from sibsim.errors import ArgumentError, UnknownNameError
from tests.unit.decisions.breakeven.hand_case import ERRORS

NET = "municipality_net"
DRIVERS = (
    "participants",
    "effect",
    "success.job",
    "success.fit_for_work",
    "success.wellbeing",
    "duration",
    "price.benefit",
    "payments",
    "costs",
    "delay",
    "year",
)


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return the shipped case."""
    return sib.load_case("holbaek")


@pytest.fixture(scope="module")
def found(case: sib.Case) -> BreakEvenSet:
    """Return its break-even set."""
    return break_even(case, rng=11)


def changes(case: sib.Case, driver: Driver) -> dict[str, Any]:
    """Return what a driver at its value is in the case file."""
    read = case.read
    if driver.name == "participants":
        return {"target_group.size.value": int(driver.value)}
    if driver.name == "price.benefit":
        return {"budget.benefit.amount.value": driver.value}
    if driver.name == "delay":
        return {"delivery.start_delay.value": driver.value}
    if driver.name == "duration":
        return {each.path: each.times(driver.factor) for each in durations_of(case)}
    if driver.name == "costs":
        lines = ("team", "start_up")
        amounts = {line: read["costs"][line]["amount"]["value"] for line in lines}
        return {f"costs.{line}.amount.value": amounts[line] * driver.factor for line in lines}
    share = read["outcomes"]["job"]["transport"]["tau"]
    found: dict[str, Any] = {
        f"outcomes.job.transport.tau.{level}": share[level] * driver.factor
        for level in ("p10", "p50", "p90")
    }
    if driver.name == "effect":
        for outcome in ("fit_for_work", "wellbeing"):
            uplift = read["outcomes"][outcome]["uplift"]
            for level in ("p10", "p50", "p90"):
                path = f"outcomes.{outcome}.uplift.{level}"
                found[path] = uplift[level] * driver.factor
    return found


def afresh(case: sib.Case, driver: Driver, *, seed: int) -> Estimate:
    """Return the figure of the changed case in a run of its own with another seed."""
    run = case.with_(changes(case, driver)).simulate(draws=4096, rng=seed)
    return figure(f"mean {NET}").of(run.metric(NET))


@pytest.mark.parametrize(
    "name", ["participants", "effect", "success.job", "duration", "price.benefit", "costs"]
)
def test_the_value_holds_when_simulated_afresh(
    case: sib.Case, found: BreakEvenSet, name: str, seed: int
) -> None:
    """The figure at the value is the target, with other luck and told from the case file."""
    driver = found.driver(name)
    again = afresh(case, driver, seed=seed)
    combined = float(np.hypot(again.mc_error, driver.figure.mc_error))
    assert abs(again.value) < ERRORS * combined, (again, driver)


def test_the_longest_delay_holds_when_simulated_afresh(case: sib.Case, seed: int) -> None:
    """Whole months: the figure is what it was, at the target or above."""
    at = "P(municipality_net < 0)"
    (driver,) = break_even(case, at, target=0.40, drivers=["delay"], rng=11).drivers
    run = case.with_(changes(case, driver)).simulate(draws=4096, rng=seed)
    again = figure(at).of(run.metric(NET))
    combined = float(np.hypot(again.mc_error, driver.figure.mc_error))
    assert driver.value % 1 == 0
    assert driver.figure.value <= 0.40
    assert abs(again.value - driver.figure.value) < ERRORS * combined


def test_the_target_is_met_at_every_value(found: BreakEvenSet) -> None:
    """What is reported is on the good side, by less than its Monte Carlo error where it can be."""
    for driver in found.drivers:
        if driver.is_found and driver.name not in {"year", "delay"}:
            assert 0 <= driver.figure.value < driver.figure.mc_error


def test_the_table_has_every_driver(found: BreakEvenSet) -> None:
    """One row each, with the figure at both ends and an error beside whatever is drawn."""
    table = found.table()
    assert tuple(table.index) == DRIVERS
    for name in ("figure_low", "figure_high", "figure_there", "p_good_now", "p_target_there"):
        shown = table[name].notna()
        assert (table.loc[shown, f"{name}_mc_error"] > 0).all()
    reached = table["reached"] == "at the value"
    assert (table["break_even"].notna() == reached).all()
    assert (table.loc[reached, "mc_error"] > 0).all()
    ratio = table["break_even"] / table["now"]
    same = ratio.index.difference(["year", "delay"])
    assert table.loc[same, "ratio"].equals(ratio[same])
    assert "start_up" in str(found.table("da").loc["participants", "note"])


def test_the_ends_are_those_of_the_range(case: sib.Case, found: BreakEvenSet) -> None:
    """The figure at an end is the figure of the case with the driver there."""
    driver = found.driver("price.benefit")
    free = case.with_({"budget.benefit.amount.value": 0}).simulate(draws=4096, rng=11)
    assert driver.low.value == 0
    assert driver.low.figure.value == pytest.approx(free.metric(NET).mean(), abs=0.01)


def test_the_chance_at_the_target_counts_draws(case: sib.Case, found: BreakEvenSet) -> None:
    """It is the share of draws at or above the target, with the driver at the value."""
    driver = found.driver("participants")
    run = case.with_(changes(case, driver)).simulate(draws=4096, rng=11)
    assert driver.p_target_there.value == np.mean(run.metric(NET) >= 0)
    now = case.simulate(draws=4096, rng=11).metric("participants")
    assert driver.p_good_now.value == np.mean(now >= run.metric("participants").mean())


def test_the_frame_is_ready_to_be_drawn(found: BreakEvenSet) -> None:
    """Every value that was looked at, rising, the break-even value marked once."""
    frame = found.frame()
    for driver in found.drivers:
        own = frame[frame["driver"] == driver.name]
        assert own["value"].is_monotonic_increasing
        assert own["is_break_even"].sum() == int(driver.is_found)


def test_one_driver_may_be_asked_for(case: sib.Case, found: BreakEvenSet) -> None:
    """It is the same as among all, and what is missing is not said."""
    alone = break_even(case, drivers=["costs"], rng=11)
    assert alone.driver("costs").value == found.driver("costs").value
    assert not alone.missing
    with pytest.raises(UnknownNameError, match="did you mean 'costs'"):
        alone.driver("cost")


def test_sentences_are_in_the_forms_of_the_field(found: BreakEvenSet) -> None:
    """From so many participants on; so many succeed where so many are expected."""
    people = f"{found.driver('participants').value:.0f}"
    english, danish = found.sentences(), found.sentences("da")
    assert english[0].startswith(
        f"Holbæk Kommune breaks even, in the mean, from {people} participants on (planned 180)"
    )
    assert danish[0].startswith(
        f"Holbæk Kommune går i gennemsnit i nul fra {people} deltagere og opefter (planlagt 180)"
    )
    rate = found.driver("success.job")
    told = f"if at least {rate.value:.1%} succeed in".replace("%", " %")
    assert told in english[2]
    assert "(the goal is 50 %)" in english[2]
    assert 'breaks even, in the mean, whatever the success rate of "Declared' in english[3]
    assert any("whatever the level of payments per result, from 0 % to" in each for each in english)
    assert ", hvis mindst" in danish[2]
    assert "costs that are not counted per person stay as they are" in english[0]
    assert "hvad investorerne taber på det, tæller ikke i kommunens regnskab" in danish[0]
    late = next(each for each in english if "starts at most" in each)
    assert "after the last payment date of the contract lapses" in late
    assert any("payments per result" in each and "limits" in each for each in english)
    assert all(("Monte Carlo error" in each) == ("just there" in each) for each in english[:10])
    assert "Monte Carlo" not in english[10]
    assert len(english) == len(danish) == len(DRIVERS) + 1 + len(found.missing)
    assert "besparelsernes værdi er ikke regnet" in danish[-1].lower()


def test_other_figures_have_words_of_their_own(case: sib.Case) -> None:
    """A price that moves nothing, payments that have to be higher, a delay that is no way out."""
    names = ["price.benefit", "payments", "delay"]
    found = break_even(case, "median investor_irr", target=0.04, drivers=names, rng=11)
    price, payments, late, _ = found.sentences()
    assert found.driver("payments").good_above
    assert price == 'The value of "Benefit saved" does not move the figure.'
    opening = "The median of the investor's rate of return is at least 4 % if payments per result"
    assert payments.startswith(f"{opening} are at least 10")
    assert late.startswith("The delay is not enough by itself: at 0 months and 131 months")


def test_a_language_is_danish_or_english(found: BreakEvenSet) -> None:
    """Others are refused, in sentences and in the notes of the table."""
    unknown: Any = "de"
    for ask in (found.sentences, found.table):
        with pytest.raises(ArgumentError, match="lang: got 'de'"):
            ask(unknown)


def test_the_result_is_frozen_and_shows_itself(found: BreakEvenSet) -> None:
    """Sentences and table as text and as HTML."""
    with pytest.raises(FrozenInstanceError):
        found.draws = 1  # type: ignore[misc]  # a frozen result refuses this
    assert "participants" in repr(found)
    assert found._repr_html_().startswith("<p>Holbæk Kommune")
