"""Estimates from a report: rates, differences, and people lost at random."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.core.stages import Measurement
from sibsim.evaluation.base import effect, observed_number, rate


def _cell(value: float) -> FloatArray:
    return np.full((1, 1, 1), value)


def _report(treated: tuple[float, float], comparison: tuple[float, float]) -> Measurement:
    return Measurement(
        follow_up_months=(12,),
        when=_cell(12),
        treated_sum=_cell(treated[0]),
        treated_n=_cell(treated[1]),
        comparison_sum=_cell(comparison[0]),
        comparison_n=_cell(comparison[1]),
    )


def test_a_rate_of_nobody_is_zero() -> None:
    """0 of 0 is 0, without a warning."""
    found = rate(np.array([3.0, 0.0]), number=np.array([4.0, 0.0]))
    assert found.tolist() == [0.75, 0.0]


@pytest.mark.parametrize(
    ("treated", "comparison", "expected"),
    [
        ((30, 60), (20, 80), 0.25),
        ((20, 80), (30, 60), -0.25),
        ((0, 0), (20, 80), 0.0),
        ((30, 60), (0, 0), 0.0),
    ],
)
def test_an_effect_needs_two_arms(
    treated: tuple[float, float], comparison: tuple[float, float], expected: float
) -> None:
    """The difference in rates, and 0 where an arm holds nobody."""
    assert effect(_report(treated, comparison)).item() == expected


@pytest.mark.parametrize(("people", "share"), [(20, 0.8), (60, 0.7), (200, 0.9)])
def test_people_lost_at_random_cost_a_little_more_than_their_share(
    people: int, share: float
) -> None:
    """1 / E[1 / N] of a binomial N, against the sum over all N."""
    exact = sum(
        comb(people, n) * share**n * (1 - share) ** (people - n) / n for n in range(1, people + 1)
    )
    found = observed_number(_cell(people), share=share).item()
    # The expansion leaves out terms of the third order in 1 / (n s).
    assert 1 / found == pytest.approx(exact, rel=3 / (people * share) ** 2)
    assert found < people * share


def test_nobody_observed() -> None:
    """A share of zero observes nobody, a share of one everybody."""
    assert observed_number(_cell(20), share=0.0).item() == 0
    assert observed_number(_cell(20), share=1.0).item() == pytest.approx(20, rel=1e-15)
