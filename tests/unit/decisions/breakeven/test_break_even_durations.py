"""Which durations a case states, and what is left of them when they are scaled."""

from __future__ import annotations

from typing import Any

import pytest

from sibsim.casefile import build
from sibsim.decisions.breakeven.durations import Duration, durations_of
from tests.unit.decisions.breakeven.hand_case import document

PROFILE = {"full_after_months": 12, "hold_months": 36, "half_life_months": 72}


def durations(profile: dict[str, Any], *, measured: int | None = 18) -> dict[str, Duration]:
    """Return the durations of a case with a time profile, by path."""
    read = document()
    effect = {"scale": "odds_ratio", "value": 1.7, "status": "assumption"}
    job = read["outcomes"]["job"]
    del job["uplift"]
    at = {} if measured is None else {"measured_at_months": measured}
    job |= {"effect": {**effect, **at}, "profile": profile}
    return {each.path: each for each in durations_of(build(read))}


def test_a_plain_duration_is_scaled() -> None:
    """24 months after the last follow-up become 12."""
    (lasts,) = durations_of(build(document()))
    assert (lasts.path, lasts.months) == ("budget.benefit.lasts", 24)
    assert lasts.times(0.5) == 12


def test_quantiles_between_people_are_scaled_alike() -> None:
    """The mean of what is scaled is the scaled mean."""
    read = document()
    quantiles = {"p10": 6, "p50": 24, "p90": 72}
    read["budget"]["benefit"]["lasts"] = {"between_people": quantiles, "unit": "months"}
    case = build(read)
    (lasts,) = durations_of(case)
    assert lasts.times(2.0) == {
        "between_people": {"p10": 12, "p50": 48, "p90": 144},
        "unit": "months",
    }
    (twice,) = durations_of(case.with_({lasts.path: lasts.times(2.0)}))
    assert twice.months == pytest.approx(2 * lasts.months, rel=1e-9)


def test_a_table_with_a_value_is_scaled() -> None:
    """Its unit and note stay."""
    read = document()
    read["budget"]["benefit"]["lasts"] = {"value": 24, "unit": "months"}
    (lasts,) = durations_of(build(read))
    assert lasts.times(0.25) == {"value": 6, "unit": "months"}


def test_an_effect_lasts_as_long_as_it_was_seen_to() -> None:
    """Measured at 18 months, 6 after the ramp: the hold never falls below 6."""
    found = durations(PROFILE)
    hold = found["outcomes.job.profile.hold_months"]
    assert (hold.times(0.5), hold.times(0.01)) == (18, 6)
    assert found["outcomes.job.profile.half_life_months"].times(0.5) == 36


def test_a_half_life_that_runs_before_the_measurement_stays() -> None:
    """Shortened, it would make the effect before that date larger."""
    found = durations({**PROFILE, "hold_months": 3})
    assert "outcomes.job.profile.half_life_months" not in found
    hold = found["outcomes.job.profile.hold_months"]
    assert hold.times(0.01) == 3


def test_an_end_does_not_come_before_the_measurement() -> None:
    """An effect measured at 18 months is there at 18 months."""
    found = durations({"full_after_months": 12, "until_months": 40})
    until = found["outcomes.job.profile.until_months"]
    assert (until.times(0.75), until.times(0.1)) == (30, 18)


def test_without_a_measurement_all_is_scaled() -> None:
    """Nothing is known of the course, so nothing stays."""
    found = durations({**PROFILE, "hold_months": 3}, measured=None)
    assert found["outcomes.job.profile.hold_months"].times(0.5) == 1.5
    assert found["outcomes.job.profile.half_life_months"].times(0.5) == 36


def test_a_duration_of_nothing_is_none() -> None:
    """What lasts for no time cannot be scaled."""
    read = document()
    read["budget"]["benefit"]["lasts"] = 0
    assert durations_of(build(read)) == ()
