"""Effects on a mean: scales, what is carried over from a study, what is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.mean_effects import MeanEffect, MeanScale, cut, localise_mean, moved_mean

HALF = np.array([0.5])


@pytest.mark.parametrize(
    ("scale", "effect", "known"),
    [
        ("rate_ratio", 0.25, 4 * 0.5),
        ("rate_ratio", 0.0, 0.0),
        ("mean_difference", -3.0, 4 - 1.5),
        ("standardised_difference", 0.2, 4 + 0.1 * 10),
    ],
)
def test_half_of_an_effect_on_its_additive_scale(
    scale: MeanScale, effect: float, known: float
) -> None:
    """The log of RR, the difference and d are each halved; d counts in an sd of 10."""
    found = moved_mean(np.array([4.0]), np.array([effect]), scale=scale, g=0.5, sd=10.0)
    np.testing.assert_allclose(found, known, atol=1e-12)


@pytest.mark.parametrize(
    ("scale", "effect", "known"),
    [
        ("rate_ratio", 0.25, 0.5 * np.exp(0.1)),
        ("mean_difference", -3.0, -1.5 + 0.1),
        ("standardised_difference", 0.2, 0.1 + 0.1),
    ],
)
def test_half_of_an_effect_carries_over(scale: MeanScale, effect: float, known: float) -> None:
    """Local = tau effect + noise on the additive scale."""
    found = localise_mean(np.array([effect]), scale=scale, tau=HALF, noise=np.array([0.1]))
    np.testing.assert_allclose(found, known)


def test_what_leaves_the_range_is_cut_and_marked() -> None:
    """Rounding is no cut."""
    inside, outside = cut(np.array([-1.0, -1e-15, 0.5, 2.0]), lower=0.0, upper=1.0)
    assert inside.tolist() == [0.0, 0.0, 0.5, 1.0]
    assert outside.tolist() == [True, False, False, True]


def test_an_effect_is_written_back_as_it_was_read() -> None:
    """The table states scale, value and when it was measured."""
    given: dict[str, Any] = {"scale": "rate_ratio", "value": 0.8, "measured_at_months": 12.0}
    assert MeanEffect.model_validate(given).model_dump() == given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"value": 0.8}, "one of rate_ratio, mean_difference, standardised_difference"),
        ({"scale": "rate_ration", "value": 0.8}, "did you mean 'rate_ratio'"),
        ({"scale": "risk_ratio", "value": 0.8}, "known are rate_ratio"),
        ({"scale": "rate_ratio", "value": -0.8}, "allowed is"),
        ({"scale": "rate_ratio", "value": 0}, "with_intervention = 0"),
        (
            {"scale": "rate_ratio", "value": 0.8, "status": "published", "source": "trial"},
            "without measured_at_months",
        ),
    ],
)
def test_an_effect_that_makes_no_sense_is_refused(given: dict[str, Any], words: str) -> None:
    """Each rule of an effect on a mean is a fault that says what is wrong."""
    with pytest.raises(ValidationError, match=words):
        MeanEffect.model_validate(given)
