"""The clause that decides whether a report counts at all; by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.stages import Precision
from sibsim.errors import ArgumentError
from tests.reported import card, owed, report, settled


def stated(own: float, *, common: float = 0.0, **fields: float) -> Precision:
    """Return a precision that is the same in every cohort and draw."""
    return Precision(np.full((1, 1, 1), own), np.full((1, 1, 1), common), **fields)


@pytest.mark.parametrize(
    ("successes", "paid"), [((24, 20), 20_000 + 24_000), ((23, 20), 20_000), ((25, 19), 25_000)]
)
def test_a_trigger_by_cohort_lets_each_pass_by_itself(
    successes: tuple[int, int], paid: float
) -> None:
    """Level 8 points above 40 %: 24 of 50 in cohort 1 is exactly on it, 20 of 40 is above."""
    measured = report(
        [[successes[0]], [successes[1]]], months=(12,), treated_n=[[[50.0]], [[40.0]]], rate=0.4
    )
    line = card(trigger={"pooled": False, "of": "effect", "at_least": 0.08})
    assert owed(line, measured) == paid


def test_a_pooled_trigger_pays_all_or_nothing_when_the_last_cohort_is_measured() -> None:
    """45 of 90 is 10 points above 40 %; cohort 1 alone would not pass, and waits for cohort 2."""
    measured = report([[22], [23]], months=(12,), treated_n=[[[50.0]], [[40.0]]], rate=0.4)
    line = card(trigger={"pooled": True, "of": "effect", "at_least": 0.1})
    paid = settled(line, measured).paid["job"]
    assert paid[6, 0] == 45_000  # cohort 2 starts at month 6, is measured at 18: quarter 6
    assert paid.sum() == 45_000
    assert owed(card(trigger={"pooled": True, "of": "effect", "at_least": 0.11}), measured) == 0


@pytest.mark.parametrize(("alpha", "passes"), [(0.05, False), (0.10, True)])
def test_a_significance_trigger_is_the_one_sided_z_test(alpha: float, *, passes: bool) -> None:
    """29 of 50 against 44 of 100, 73 of 150: z = 0.14 / sqrt(.487 .513 (1/50 + 1/100)) = 1.617.

    Phi^-1(0.95) = 1.645 and Phi^-1(0.90) = 1.282.
    """
    measured = report([[29]], months=(12,), treated_n=50.0, rate=0.44)
    line = card(trigger={"pooled": True, "alpha": alpha, "better": "more"})
    assert owed(line, measured) == (29_000 if passes else 0)


def test_a_significance_trigger_never_passes_an_adverse_effect() -> None:
    """Fewer successes than the comparison, whatever the level."""
    measured = report([[20]], months=(12,), treated_n=50.0, rate=0.44)
    assert owed(card(trigger={"pooled": True, "alpha": 0.999, "better": "more"}), measured) == 0


@pytest.mark.parametrize(("better", "paid"), [("fewer", 15_000), ("more", 0)])
def test_a_fall_is_significant_where_fewer_is_better(better: str, paid: float) -> None:
    """15 of 50 against 44 of 100, 59 of 150: z = -1.655 or 1.655; Phi^-1(0.95) = 1.645."""
    measured = report([[15]], months=(12,), treated_n=50.0, rate=0.44)
    assert owed(card(trigger={"pooled": True, "alpha": 0.05, "better": better}), measured) == paid


def test_a_significance_trigger_is_refused_on_days() -> None:
    """30 days a person are no share of people; the way out is a level."""
    measured = report([[1500]], months=(12,), treated_n=50.0, rate=20.0)
    with pytest.raises(ArgumentError, match="use at_least for days and events"):
        owed(card(trigger={"pooled": True, "alpha": 0.05, "better": "fewer"}), measured)


@pytest.mark.parametrize("half", [{"alpha": 0.05}, {"at_least": 0.1}, {"of": "rate"}])
def test_a_trigger_says_what_it_asks_of(half: dict[str, object]) -> None:
    """A level without what it is a level of, or a test without direction, is refused."""
    with pytest.raises(ValidationError, match="write both or none"):
        card(trigger={"pooled": True, "people": 10, **half})


def test_a_trigger_may_ask_for_people() -> None:
    """50 in the report are enough for 50, not for 51."""
    measured = report([[20]], months=(12,), treated_n=50.0)
    assert owed(card(trigger={"pooled": True, "people": 50}), measured) == 20_000
    assert owed(card(trigger={"pooled": True, "people": 51}), measured) == 0


def test_a_trigger_asks_something() -> None:
    """An empty trigger is refused with the way out."""
    with pytest.raises(ValidationError, match="asks nothing; write at_least, alpha or people"):
        card(trigger={"pooled": True})


def test_a_trigger_needs_a_comparison_only_where_it_compares() -> None:
    """A level of the effect and a test do; a number of people does not."""
    assert card(trigger={"pooled": True, "alpha": 0.05, "better": "more"}).needs_comparison
    assert card(trigger={"pooled": True, "of": "effect", "at_least": 0.1}).needs_comparison
    assert not card(trigger={"pooled": True, "people": 50}).needs_comparison
    assert not card(trigger={"pooled": True, "of": "rate", "at_least": 0.3}).needs_comparison


@pytest.mark.parametrize(("limit", "passes"), [(-0.01, True), (0.0, False)])
def test_the_lower_limit_has_to_reach_its_level(limit: float, *, passes: bool) -> None:
    """29 of 50 against 44 of 100: 0.14 - 1.645 x 0.0858 = -0.0011, above -1 point, not above 0."""
    measured = report([[29]], months=(12,), treated_n=50.0, rate=0.44)
    line = card(trigger={"pooled": True, "alpha": 0.05, "better": "more", "lower_limit": limit})
    assert owed(line, measured) == (29_000 if passes else 0)


@pytest.mark.parametrize(("limit", "passes"), [({}, True), ({"lower_limit": 0.0}, False)])
def test_a_test_takes_both_shares_to_be_one_and_a_limit_does_not(
    limit: dict[str, float], *, passes: bool
) -> None:
    """8 of 20 against 15 of 100, 23 of 120: 0.25 / 0.0964 = 2.593, and 0.25 / 0.1152 = 2.170.

    Phi^-1(0.99) = 2.326.
    """
    measured = report([[8]], months=(12,), treated_n=20.0, rate=0.15)
    line = card(trigger={"pooled": True, "alpha": 0.01, "better": "more", **limit})
    assert (owed(line, measured) > 0) == passes


def test_a_lower_limit_without_a_level_of_confidence_is_refused() -> None:
    """It would not say how sure it has to be."""
    with pytest.raises(ValidationError, match="lower_limit without alpha"):
        card(trigger={"pooled": True, "people": 10, "lower_limit": 0.0})


@pytest.mark.parametrize(("degrees", "passes"), [(np.inf, True), (10.0, False)])
def test_few_degrees_of_freedom_ask_for_more(degrees: float, *, passes: bool) -> None:
    """0.14 / 0.08 = 1.75 lies between the normal quantile 1.645 and t(10) = 1.812."""
    measured = report([[29]], months=(12,), treated_n=50.0, rate=0.44)
    measured = replace(measured, precision=stated(0.08**2, degrees=degrees))
    line = card(trigger={"pooled": True, "alpha": 0.05, "better": "more"})
    assert owed(line, measured) == (29_000 if passes else 0)


@pytest.mark.parametrize(("sd", "passes"), [(11.0, True), (13.0, False)])
def test_days_are_tested_where_the_evaluation_states_its_error(sd: float, *, passes: bool) -> None:
    """10 days a person against 30, fewer: 20 / 11 = 1.82 and 20 / 13 = 1.54 against 1.645."""
    measured = report([[500]], months=(12,), treated_n=50.0, rate=30.0)
    measured = replace(measured, precision=stated(sd**2))
    line = card(trigger={"pooled": True, "alpha": 0.05, "better": "fewer"})
    assert owed(line, measured) == (500_000 if passes else 0)


@pytest.mark.parametrize(("common", "passes"), [(0.0, True), (0.08**2, False)])
def test_an_error_that_cohorts_share_does_not_average_out(common: float, *, passes: bool) -> None:
    """Two cohorts of 50 with 0.14 each: sd 0.08 / sqrt 2 by itself, and 0.0980 with 0.08 shared.

    0.14 / 0.0566 = 2.47 and 0.14 / 0.0980 = 1.43 against 1.645.
    """
    measured = report([[29], [29]], months=(12,), treated_n=50.0, rate=0.44)
    measured = replace(measured, precision=stated(0.08**2, common=common))
    line = card(trigger={"pooled": True, "alpha": 0.05, "better": "more"})
    assert owed(line, measured) == (58_000 if passes else 0)


@pytest.mark.parametrize(("donors", "passes"), [(19, True), (18, False)])
def test_a_test_below_the_smallest_p_value_never_passes(donors: int, *, passes: bool) -> None:
    """A placebo test with J donors cannot come below 1 / (J + 1): 0.05 with 19, 0.0526 with 18."""
    measured = report([[50]], months=(12,), treated_n=50.0, rate=0.1)
    measured = replace(measured, precision=stated(0.01, least_p=1.0 / (donors + 1)))
    line = card(trigger={"pooled": True, "alpha": 0.05, "better": "more"})
    assert owed(line, measured) == (50_000 if passes else 0)
