"""The law of one reported number: its density in clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sibsim.forecast.margins import binomial_score, log_binomial


@pytest.mark.parametrize(
    ("people", "rate", "inflation"), [(100, 0.4, 2.9), (50, 0.3, 1.5), (200, 0.5, 5.0)]
)
def test_the_density_in_clusters_sums_to_one(people: int, rate: float, inflation: float) -> None:
    """So do mean and variance come out: n p, and the design effect times n p (1 - p).

    A sum of a smooth density over whole numbers is its integral but for its ends, where all three
    have less than 1e-5 of it.
    """
    x = np.arange(people + 1)
    density = np.array(
        [
            np.exp(
                log_binomial(each, trials=people, probability=np.array([rate]), inflation=inflation)
            )[0]
            for each in x.tolist()
        ]
    )
    mean = (x * density).sum()
    assert density.sum() == pytest.approx(1, abs=1e-5)
    assert mean == pytest.approx(people * rate, rel=1e-4)
    variance = ((x - mean) ** 2 * density).sum()
    assert variance == pytest.approx(inflation * people * rate * (1 - rate), rel=1e-4)


def test_draws_with_another_design_effect_compare() -> None:
    """At the rate that was seen the density falls as 1 / sqrt(design effect), as a normal's does.

    Other terms are of order design effect / people, under 3 % here.
    """
    one, four = (
        log_binomial(40, trials=100, probability=np.array([0.4]), inflation=each)
        for each in (1.0, 4.0)
    )
    assert np.exp(four - one)[0] == pytest.approx(0.5, rel=0.03)


def test_without_clusters_it_is_the_binomial() -> None:
    """To rounding of logarithms of gamma functions."""
    rates = np.array([0.2, 0.5])
    found = log_binomial(33, trials=50, probability=rates)
    assert found == pytest.approx(stats.binom.logpmf(33, 50, rates), rel=1e-12)


def test_the_normal_score_in_clusters_is_that_of_the_divided_numbers() -> None:
    """20 of 40 with design effect 2 has the score of 10 of 20."""
    rates = np.array([0.3, 0.5, 0.6])
    found = binomial_score(20, trials=40, probability=rates, inflation=2.0)
    assert found == pytest.approx(binomial_score(10, trials=20, probability=rates), rel=1e-12)
    assert found[1] == pytest.approx(0.0, abs=1e-12)
