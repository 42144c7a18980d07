"""The error of a re-forecast that more draws do not take away."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sibsim.forecast.learning_error import with_error_of_rows, with_error_of_share

REPEATS = 2_000
"""Re-forecasts by which a formula is compared with the spread of their means."""


def test_both_parts_stand_in_quadrature() -> None:
    """3 over 300 draws is sd 3 sqrt(300); of 100 rows 3 sqrt(3), with it 3 sqrt(1 + 3) = 6."""
    assert with_error_of_rows(3.0, draws=300, independent=100) == pytest.approx(6.0, rel=1e-12)


def test_a_probability_has_that_of_its_rows() -> None:
    """Half of 96 rows: sqrt(0.5 x 0.5 / 100) = 0.05, beside 0.12 it is 0.13; none: 0.014."""
    half = with_error_of_share(0.12, share=0.5, independent=96)
    assert half == pytest.approx(0.13, rel=1e-12)
    none = with_error_of_share(0.0, share=0.0, independent=96)
    assert none == pytest.approx(math.sqrt(0.02 * 0.98 / 100), rel=1e-12)


def test_where_nothing_was_learned_only_draws_err() -> None:
    """Rows worth infinitely many draws add nothing."""
    assert with_error_of_rows(3.0, draws=300, independent=math.inf) == 3.0
    assert with_error_of_share(0.12, share=0.5, independent=math.inf) == 0.12


def test_the_spread_of_re_forecasts_is_what_it_says(seed: int) -> None:
    """200 draws that each take one of 50 rows: sd of their mean over repeated sets of rows.

    Luck of a draw beside its row makes it a bound.
    """
    random, draws, rows = np.random.default_rng(seed), 200, 50
    known = random.standard_normal((REPEATS, rows))
    taken = np.take_along_axis(known, random.integers(rows, size=(REPEATS, draws)), axis=1)
    spread = taken.mean(axis=1).std()
    said = with_error_of_rows(1 / math.sqrt(draws), draws=draws, independent=rows)
    # A standard deviation of 2,000 numbers is known within 1 / sqrt(4,000) of itself.
    assert abs(spread / said - 1) < 5 / math.sqrt(2 * REPEATS)
    lucky = (taken + random.standard_normal(taken.shape)).mean(axis=1).std()
    said = with_error_of_rows(math.sqrt(2 / draws), draws=draws, independent=rows)
    assert lucky < said
