"""Effects: scales by hand, transport, the course over time, clipping."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.effects import (
    Effect,
    Scale,
    TimeProfile,
    Transport,
    apply,
    localise,
)
from sibsim.core.spec import Spec, walk

DANISH_IPS = {
    "scale": "odds_ratio",
    "dist": "lognormal",
    "log_mean": 0.542,
    "log_sd": 0.185,
    "measured_at_months": 18,
    "status": "published",
    "source": "christensen-2019",
}


def one(value: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a number as an array of one draw."""
    return np.array([value])


def test_danish_ips_by_hand() -> None:
    """59.9 against 46.5 %: risk ratio 1.288, odds ratio 1.72, log 0.542."""
    ratio = one(0.599 / 0.465)
    odds_ratio = one(0.599 / 0.401 / (0.465 / 0.535))
    # The published figures have three digits.
    assert ratio[0] == pytest.approx(1.288, abs=5e-4)
    assert odds_ratio[0] == pytest.approx(1.72, abs=5e-3)
    assert math.log(odds_ratio[0]) == pytest.approx(0.542, abs=1e-3)
    p1, clipped = apply(one(0.465), odds_ratio, scale="odds_ratio")
    assert p1[0] == pytest.approx(0.599, rel=1e-12)
    assert clipped.tolist() == [0.0]


@pytest.mark.parametrize(
    ("scale", "effect", "expected"),
    [
        ("risk_difference", 0.15, 0.35),
        ("odds_ratio", 2.0, 1 / 3),  # odds 1/4 doubled are 1/2
        ("risk_ratio", 1.5, 0.3),
        ("hazard_ratio", 2.0, 1 - 0.8**2),
        ("standardised_difference", math.sqrt(3) / math.pi * math.log(2), 1 / 3),
        ("standardised_difference_cox", math.log(2) / 1.65, 1 / 3),
        ("success_rate", 0.37, 0.37),
    ],
)
def test_scales_by_hand(scale: Scale, effect: float, expected: float) -> None:
    """Each scale takes 20 % to the probability worked out by hand."""
    p1, clipped = apply(one(0.2), one(effect), scale=scale)
    assert p1[0] == pytest.approx(expected, rel=1e-14)
    assert clipped[0] == 0


@pytest.mark.parametrize("scale", get_args(Scale))
@pytest.mark.parametrize("p0", [0.0, 0.3, 1.0])
def test_no_effect_changes_nothing(scale: Scale, p0: float) -> None:
    """With g = 0 the probability stays, at the ends too, whatever the effect."""
    for effect in (1.0, 1e-9):
        p1, clipped = apply(one(p0), one(effect), scale=scale, g=0.0)
        assert p1[0] == pytest.approx(p0, abs=1e-15)
        assert clipped[0] == 0


@pytest.mark.parametrize("scale", ["odds_ratio", "hazard_ratio"])
@pytest.mark.parametrize("effect", [0.0, 1e-300, 1e300])
def test_sure_outcomes_stay_sure(scale: Scale, effect: float) -> None:
    """No odds or hazard ratio, however extreme, moves 0 or 1 or overflows."""
    p1, _ = apply(np.array([0.0, 1.0]), np.array([effect]), scale=scale, g=3.0)
    assert p1.tolist() == [0.0, 1.0]


def test_clipping_is_counted_per_draw() -> None:
    """Two of three follow-ups leave [0, 1] in the first draw, one in the second, no one else."""
    p0 = np.array([[0.1], [0.5], [0.9]])[np.newaxis]
    effect = np.array([[[0.6, -0.2, 0.05]]])
    p1, clipped = apply(p0, effect, scale="risk_difference")
    assert p1.shape == (1, 3, 3)
    assert clipped.tolist() == [2.0, 1.0, 0.0]
    doubled, clipped = apply(p0, effect * 0 + 2.5, scale="risk_ratio")
    assert doubled[0, :, 0].tolist() == [0.25, 1.0, 1.0]
    assert clipped.tolist() == [2.0, 2.0, 2.0]


def test_full_certainty_is_not_clipping() -> None:
    """A probability that reaches 1 up to rounding has not left [0, 1]."""
    p1, clipped = apply(one(0.7), one(0.3), scale="risk_difference")
    assert p1[0] == pytest.approx(1.0, abs=1e-15)
    assert clipped[0] == 0


def test_profile_factor_acts_on_the_additive_scale() -> None:
    """Half of ln OR is the square root of the OR; half of a difference is half of it."""
    root, _ = apply(one(0.2), one(math.sqrt(2.0)), scale="odds_ratio")
    half, _ = apply(one(0.2), one(2.0), scale="odds_ratio", g=0.5)
    assert half[0] == pytest.approx(root[0], rel=1e-14)
    assert apply(one(0.2), one(0.3), scale="risk_difference", g=0.5)[0][0] == pytest.approx(0.35)
    assert apply(one(0.2), one(0.6), scale="success_rate", g=0.5)[0][0] == pytest.approx(0.4)


def test_transport_of_ips_to_denmark() -> None:
    """RR 2.07 worldwide against 1.29 in Denmark is tau = 0.35: 2.07^0.35 = 1.29."""
    local = localise(one(2.07), scale="risk_ratio", tau=one(0.35), noise=one(0.0))
    # Published with two decimals.
    assert local[0] == pytest.approx(1.29, abs=5e-3)
    none = localise(one(2.07), scale="odds_ratio", tau=one(0.0), noise=one(math.log(1.1)))
    assert none[0] == pytest.approx(1.1, rel=1e-14)
    shifted = localise(one(0.2), scale="risk_difference", tau=one(0.5), noise=one(-0.03))
    assert shifted[0] == pytest.approx(0.07, rel=1e-14)
    with pytest.raises(ValueError, match="stated for here already"):
        localise(one(0.5), scale="success_rate", tau=one(1.0), noise=one(0.0))


def test_transport_draws_a_noise_only_where_places_differ() -> None:
    """Omega = 0 has no random noise; another omega a standard normal, which nobody states."""
    certain = Transport.model_validate({"tau": {"p10": 0.3, "p50": 0.8, "p90": 1.1}})
    assert certain.noise.is_fixed
    assert certain.noise.base_value == 0.0
    varied = Transport.model_validate({"tau": 0.8, "omega": 0.2})
    assert varied.noise.prob_below(-1.2815515655446004) == pytest.approx(0.1)
    assert varied.noise.base_value == 0.0
    assert varied.model_dump(exclude_none=True) == {"tau": 0.8, "omega": 0.2}
    assert Transport.model_validate(varied.model_dump()) == varied
    with pytest.raises(ValidationError, match="drop it and state omega"):
        Transport.model_validate({"noise": 1.0})


def test_profile_by_hand() -> None:
    """Ramp to 12, hold to 48, half of what exceeds the floor lost by 120, none before the start."""
    profile = TimeProfile(full_after_months=12, hold_months=36, half_life_months=72)
    months = np.array([-1.0, 0.0, 6.0, 12.0, 48.0, 120.0, 192.0])
    expected = [0, 0, 0.5, 1, 1, 0.5, 0.25]
    np.testing.assert_allclose(profile.at(months), expected, rtol=1e-14)
    floored = TimeProfile(hold_months=12, half_life_months=6, floor=0.4)
    np.testing.assert_allclose(floored.at(np.array([0.0, 18.0, 24.0])), [1, 0.7, 0.55], rtol=1e-14)
    growing = TimeProfile(hold_months=12, growth_per_year=0.1)
    np.testing.assert_allclose(growing.at(np.array([12.0, 36.0])), [1, 1.21], rtol=1e-14)


def test_profile_is_one_where_the_effect_was_measured() -> None:
    """Measured half way up the ramp, the full effect is twice the measured one."""
    profile = TimeProfile(full_after_months=12)
    np.testing.assert_allclose(profile.at(np.array([6.0, 12.0]), measured_at=6), [1, 2])
    with pytest.raises(ValueError, match="measured at 0 months"):
        profile.at(np.array([6.0]), measured_at=0)
    with pytest.raises(ValidationError, match="fades or grows"):
        TimeProfile(half_life_months=6, growth_per_year=0.1)


def test_effect_is_a_quantity_with_a_scale() -> None:
    """It is found under its own path, is written back as stated, and is bounded by its scale."""

    class Outcome(Spec):
        effect: Effect

    outcome = Outcome.model_validate({"effect": DANISH_IPS})
    assert [path for path, _ in walk(outcome, Effect, path="outcomes.job")] == [
        "outcomes.job.effect"
    ]
    assert outcome.effect.base_value == pytest.approx(1.72, abs=5e-3)
    assert outcome.model_dump() == {"effect": DANISH_IPS}
    assert Outcome.model_validate(outcome.model_dump()) == outcome
    ratio = Effect.model_validate({"scale": "risk_ratio", "p10": 1.1, "p50": 1.3, "p90": 1.6})
    assert ratio.distribution.support == (0.0, math.inf)
    assert Effect.model_validate({"scale": "risk_difference", "value": 0.1}).table() == {
        "scale": "risk_difference",
        "value": 0.1,
    }


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (1.7, "states its scale"),
        ({"value": 1.7}, "states its scale"),
        ({"scale": "odd_ratio", "value": 1.7}, "did you mean 'odds_ratio'?"),
        ({"scale": "odds_ratio", "value": 0}, "a ratio is above zero"),
        ({"scale": "odds_ratio", "value": -1}, "allowed is [0, inf)"),
        ({"scale": "risk_difference", "value": 1.1}, "allowed is [-1, 1]"),
        ({"scale": "success_rate", "value": 1.1}, "allowed is [0, 1]"),
        (
            {"scale": "odds_ratio", "value": 2, "status": "published", "source": "a"},
            "without measured_at_months",
        ),
    ],
)
def test_bad_effects_are_refused(form: object, says: str) -> None:
    """Each fault names the rule it breaks."""
    with pytest.raises(ValidationError) as caught:
        Effect.model_validate(form)
    assert says in str(caught.value)


def test_an_effect_may_be_gone_at_once() -> None:
    """It holds up to the month and not after it, floor and growth or not; unstated, for ever."""
    months = np.array([0.0, 12.0, 24.0, 24.5, 60.0])
    stops = TimeProfile(until_months=24)
    np.testing.assert_array_equal(stops.at(months), [1, 1, 1, 0, 0])
    fading = TimeProfile(half_life_months=12, floor=0.5, until_months=24)
    np.testing.assert_allclose(fading.at(months), [1, 0.75, 0.625, 0, 0], rtol=1e-14)
    assert "until_months" not in TimeProfile(hold_months=6).model_dump(exclude_none=True)
    assert stops.model_dump(exclude_defaults=True) == {"until_months": 24}
    with pytest.raises(ValueError, match="measure it earlier or raise until_months"):
        stops.at(months, measured_at=36)
    with pytest.raises(ValidationError, match="greater than 0"):
        TimeProfile(until_months=0)
