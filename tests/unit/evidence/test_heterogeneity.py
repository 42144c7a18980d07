"""Estimates of tau^2: closed forms, invariances, likelihoods with two tops, hard variances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibsim.core.arrays import FloatArray
from sibsim.errors import SolveError
from sibsim.evidence import heterogeneity
from sibsim.evidence.heterogeneity import Contrasts, Estimator, estimate_of, q_profile

ESTIMATORS: tuple[Estimator, ...] = ("dl", "reml", "ml", "pm", "sj", "he")

ESTIMATES = np.array([0.9, -0.4, 0.1, 1.6, 0.3, -1.2])

VARIANCES = np.array([0.2, 0.1, 0.4, 0.3, 0.05, 0.6])

TWO_TOPS = (
    np.array([0.8, 2.8, -2.4, 2.3, 0.7, 1.8]),
    np.array([0.01, 0.5, 2.5, 3.2, 0.08, 1.0]),
)
"""Estimates and variances whose restricted likelihood has a top at 0 and a higher one."""


def contrasts_of(estimates: FloatArray, variances: FloatArray) -> Contrasts:
    """Return the contrasts of studies without moderators."""
    design = np.ones((estimates.shape[-1], 1))
    return Contrasts.of(estimates, variance=variances, design=design)


def tau2_of(estimates: FloatArray, variances: FloatArray, method: Estimator) -> float:
    """Return tau^2 of studies without moderators."""
    return float(estimate_of(contrasts_of(estimates, variances), method=method).tau2)


@pytest.mark.parametrize("method", ["dl", "he", "pm", "reml"])
def test_of_equal_variances_it_is_what_they_leave(method: Estimator) -> None:
    """s^2 - v, s^2 the sample variance of the estimates."""
    found = tau2_of(ESTIMATES, np.full(6, 0.25), method)
    assert found == pytest.approx(ESTIMATES.var(ddof=1) - 0.25, rel=1e-12)


def test_of_equal_variances_the_full_likelihood_divides_by_the_number() -> None:
    """(k - 1) s^2 / k - v."""
    found = tau2_of(ESTIMATES, np.full(6, 0.25), "ml")
    assert found == pytest.approx(ESTIMATES.var() - 0.25, rel=1e-12)


def test_of_equal_variances_sidik_and_jonkman_shrink_towards_their_guess() -> None:
    """tau^2 = g s^2 / (v + g), g = (k - 1) s^2 / k."""
    guess, sample = ESTIMATES.var(), ESTIMATES.var(ddof=1)
    found = tau2_of(ESTIMATES, np.full(6, 0.25), "sj")
    assert found == pytest.approx(guess * sample / (0.25 + guess), rel=1e-12)


@given(st.sampled_from(ESTIMATORS), st.floats(-5.0, 5.0), st.floats(0.1, 10.0))
def test_units_and_origin_do_not_matter(method: Estimator, shift: float, factor: float) -> None:
    """Estimates factor y + shift with factor^2 v have factor^2 tau^2."""
    moved = tau2_of(factor * ESTIMATES + shift, factor**2 * VARIANCES, method)
    # A shift of 50 times the estimates costs two of their digits, squaring one more.
    assert moved == pytest.approx(factor**2 * tau2_of(ESTIMATES, VARIANCES, method), rel=1e-9)


def test_of_two_tops_the_higher_is_taken() -> None:
    """As on a grid of 20,001 values; from 0 the likelihood falls first."""
    contrasts = contrasts_of(*TWO_TOPS)
    grid = np.linspace(0.0, 10.0, 20_001)
    spread = grid[:, np.newaxis] + contrasts.spread
    height = -np.log(spread).sum(axis=1) - (contrasts.squares / spread).sum(axis=1)
    assert height[1] < height[0] < height.max()
    found = float(estimate_of(contrasts, method="reml").tau2)
    assert found == pytest.approx(grid[height.argmax()], abs=grid[1])


@pytest.mark.parametrize("method", ESTIMATORS)
def test_studies_that_agree_do_not_differ(method: Estimator) -> None:
    """tau^2 is 0 where all estimates are the same, and so is its interval."""
    same = np.full(6, 0.3)
    # Rounding of the contrasts, squared.
    assert tau2_of(same, VARIANCES, method) == pytest.approx(0.0, abs=1e-30)
    low, high = q_profile(contrasts_of(same, VARIANCES), level=0.95)
    assert (float(low), float(high)) == (0.0, 0.0)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_variances_six_orders_apart(method: Estimator) -> None:
    """A register study beside small trials: Q is that of its definition."""
    variances = np.array([1e-6, 1.0, 0.3, 0.2, 0.5, 0.1])
    found = estimate_of(contrasts_of(ESTIMATES, variances), method=method).tau2
    weights = 1 / (variances + found)
    mean = (weights * ESTIMATES).sum() / weights.sum()
    q = (weights * (ESTIMATES - mean) ** 2).sum()
    # The smallest eigenvalue is known to rounding of the largest variance over itself.
    assert float(contrasts_of(ESTIMATES, variances).q(found)) == pytest.approx(q, rel=1e-9)
    if method == "pm":
        assert q == pytest.approx(5.0, rel=1e-9)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_many_at_once_are_as_one_by_one(method: Estimator) -> None:
    """Leading axes change nothing but for rounding."""
    many = np.stack([ESTIMATES, 2 * ESTIMATES, ESTIMATES[::-1], 0.1 * ESTIMATES])
    together = estimate_of(contrasts_of(many, VARIANCES), method=method).tau2
    alone = [tau2_of(each, VARIANCES, method) for each in many]
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("method", "number"), [("reml", 5), ("ml", 6)])
def test_error_of_tau2_of_equal_variances(method: Estimator, number: int) -> None:
    """sqrt(2 / (k - 1)) (v + tau^2) by restricted, sqrt(2 / k) by full likelihood."""
    found = estimate_of(contrasts_of(ESTIMATES, np.full(6, 0.25)), method=method)
    assert found.standard_error is not None
    expected = np.sqrt(2 / number) * (0.25 + float(found.tau2))
    assert float(found.standard_error) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("method", ["pm", "reml", "ml"])
def test_a_search_without_end_is_refused(
    method: Estimator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the way out: an estimator that needs no search."""
    monkeypatch.setattr(heterogeneity, "STEPS", 1)
    with pytest.raises(SolveError, match=r"tau\^2 was not found in 1 steps.*method = 'dl'"):
        tau2_of(ESTIMATES, VARIANCES, method)
