"""Hazard ratios and rate ratios: closed forms worked out by hand, and their own inverses."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.errors import ArgumentError
from sibsim.planning.rates import (
    detectable_hazard_ratio,
    detectable_rate_ratio,
    events_for_hazard_ratio,
    people_for_hazard_ratio,
    people_for_rate_ratio,
    power_of_hazard_ratio,
    power_of_rate_ratio,
)

Z = 1.959963984540054 + 0.8416212335729143


def test_events_by_schoenfeld() -> None:
    """(1.96 + 0.84)^2 / (0.25 ln(0.5)^2) = 7.8489 / 0.12011 = 65.35 events."""
    assert abs(events_for_hazard_ratio(0.5) - Z**2 / (0.25 * np.log(0.5) ** 2)) < 1e-9
    assert abs(events_for_hazard_ratio(0.5) - 65.35) < 0.01
    assert events_for_hazard_ratio(2.0) == events_for_hazard_ratio(0.5)
    assert np.isinf(events_for_hazard_ratio(1.0))


def test_people_are_events_over_their_share() -> None:
    """With 40 % having the event and equal arms, participants are events / 0.4 / 2."""
    people = people_for_hazard_ratio(0.7, event_share=0.4)
    assert abs(people - events_for_hazard_ratio(0.7) / 0.8) < 1e-6
    assert abs(power_of_hazard_ratio(0.7, people=people, event_share=0.4) - 0.8) < 1e-9
    assert abs(detectable_hazard_ratio(people=people, event_share=0.4) - 0.7) < 1e-9
    more = detectable_hazard_ratio(people=people, event_share=0.4, better="more")
    assert abs(more - 1 / 0.7) < 1e-9
    unequal = people_for_hazard_ratio(0.7, event_share=0.4, controls_per_participant=3.0)
    events = events_for_hazard_ratio(0.7, share_treated=0.25)
    assert abs(4 * 0.4 * unequal - events) < 1e-6


def test_rate_ratio_by_hand() -> None:
    """Half of 2 events, k = 1, 50 in each arm: variance 1/50 + 1/100 + 2/50 = 0.07."""
    score = np.log(2.0) / np.sqrt(0.07) - 1.959963984540054
    from scipy.stats import norm

    found = power_of_rate_ratio(0.5, mean=2.0, dispersion=1.0, people=50)
    assert abs(found - norm.cdf(score)) < 1e-12


def test_people_for_a_rate_ratio_by_the_closed_form() -> None:
    """People: n = (z + z)^2 (1 / (m r) + 1 / m + 2 / k) / ln(r)^2."""
    expected = Z**2 * (1 / 1.2 + 1 / 2.0 + 2 / 1.5) / np.log(0.6) ** 2
    found = people_for_rate_ratio(0.6, mean=2.0, dispersion=1.5)
    assert abs(found - expected) < 1e-6
    assert abs(detectable_rate_ratio(mean=2.0, dispersion=1.5, people=found) - 0.6) < 1e-9
    poisson = people_for_rate_ratio(0.6, mean=2.0)
    assert abs(poisson - Z**2 * (1 / 1.2 + 1 / 2.0) / np.log(0.6) ** 2) < 1e-6


def test_too_few_events_show_no_fall() -> None:
    """2 events in an arm of 10: no fall is detected, as less is left the less is known."""
    assert np.isnan(detectable_rate_ratio(mean=0.2, people=10))
    # 18 events in each arm: power rises until a ninth is left, to 84 %, and then falls.
    fall = detectable_rate_ratio(mean=1.0, people=18)
    assert abs(power_of_rate_ratio(fall, mean=1.0, people=18) - 0.8) < 1e-9
    assert power_of_rate_ratio(0.01, mean=1.0, people=18) < 0.8
    rise = detectable_rate_ratio(mean=0.2, people=10, better="more")
    assert abs(power_of_rate_ratio(rise, mean=0.2, people=10) - 0.8) < 1e-9


def test_ratios_and_dispersions_are_above_zero() -> None:
    """A ratio of nothing is refused."""
    with pytest.raises(ArgumentError, match=r"ratio: got 0; it is above 0"):
        power_of_hazard_ratio(0.0, people=20)
    with pytest.raises(ArgumentError, match=r"dispersion: got -1"):
        power_of_rate_ratio(0.5, mean=1.0, dispersion=-1.0, people=20)
    with pytest.raises(ArgumentError, match=r"event_share: got 40; .*write 0.4"):
        people_for_hazard_ratio(0.7, event_share=40)
