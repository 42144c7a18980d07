"""Draws from a density that NumPy works out, by ensembles of walkers."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError, SamplingError
from sibsim.evidence import sampler
from sibsim.evidence.diagnostics import LARGEST_R_HAT, LEAST_ESS
from sibsim.evidence.sampler import sample_density, walkers_for

pytestmark = pytest.mark.slow

ERRORS = 5
"""Monte Carlo standard errors within which a figure must lie."""

DRAWS = 4000

MEAN = np.array([1.0, -2.0, 0.5])
COVARIANCE = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 25.0]])


def log_normal(points: FloatArray) -> FloatArray:
    """Return the log density of a normal distribution, narrow in one direction, wide in another."""
    off = points - MEAN
    return np.asarray(-0.5 * (off * np.linalg.solve(COVARIANCE, off.T).T).sum(axis=1))


def test_a_normal_density_gives_its_moments(seed: int) -> None:
    """Means, variances and the covariance, within five errors of the effective sample size."""
    found = sample_density(log_normal, dimensions=3, draws=DRAWS, seed=seed)
    assert found.samples.shape == (DRAWS, 3)
    assert found.r_hat.max() < LARGEST_R_HAT
    assert found.effective.min() >= LEAST_ESS
    number = np.minimum(found.effective, DRAWS)
    sd = np.sqrt(np.diag(COVARIANCE))
    assert np.all(np.abs(found.samples.mean(axis=0) - MEAN) < ERRORS * sd / np.sqrt(number))
    assert np.all(np.abs(found.samples.std(axis=0) / sd - 1) < ERRORS / np.sqrt(2 * number))
    correlation = float(np.asarray(np.corrcoef(found.samples.T))[0, 1])
    assert abs(correlation - 0.9) < ERRORS * (1 - 0.9**2) / np.sqrt(number[:2].min())


def log_ridge(points: FloatArray) -> FloatArray:
    """Return the log density of standard normals, whose first two fit one figure far off.

    The figure is 5 with an error of 0.2, for the first plus an exponential of half the second: a
    thin, bent ridge, as of a counterfactual and an effect that data contradict together.
    """
    given = points[:, 0] + np.exp(points[:, 1] / 2)
    return np.asarray(-0.5 * (points**2).sum(axis=1) - 0.5 * ((given - 5.0) / 0.2) ** 2)


def test_where_walkers_start_is_forgotten(seed: int) -> None:
    """Four runs along a bent ridge in 12 dimensions: no trace of walkers that started off it."""
    axis = np.linspace(-8, 8, 801)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    weights = np.exp(log_ridge(grid))
    mean = np.average(grid[:, 1], weights=weights)
    variance = np.average((grid[:, 1] - mean) ** 2, weights=weights)
    off = np.concatenate(
        [
            sample_density(log_ridge, dimensions=12, draws=64_000, seed=seed + run).samples[:, 1]
            - mean
            for run in range(4)
        ]
    )
    # Spread of 32 ensembles that had run for long: the mean of four runs has an error of 0.008
    # standard deviations, the mean square one of 0.02 variances. After a single run that is not
    # kept they are 0.07 and 0.24 off.
    assert abs(off.mean()) < ERRORS * 0.008 * np.sqrt(variance)
    assert abs((off**2).mean() / variance - 1) < ERRORS * 0.02


def test_the_effective_size_tells_the_error_of_the_mean(seed: int) -> None:
    """Six runs: their means differ as the size says; 99.9 % of chi-squares of 5 lie within."""
    runs = [
        sample_density(log_normal, dimensions=3, draws=DRAWS, seed=seed + run) for run in range(6)
    ]
    means = np.array([run.samples[:, 0].mean() for run in runs])
    number = min(float(np.mean([run.effective[0] for run in runs])), DRAWS)
    # chi-square of 5 degrees of freedom: 0.05 % lie below 0.158 and 0.05 % above 22.1.
    assert 0.158 < ((means - means.mean()) ** 2).sum() * number < 22.1


def test_a_density_in_two_places_is_refused(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Walkers on two far peaks never cross: refused, with what to do."""
    monkeypatch.setattr(sampler, "MOST_DOUBLINGS", 0)

    def two_peaks(points: FloatArray) -> FloatArray:
        return np.asarray(-0.5 * (np.abs(points[:, 0]) - 200.0) ** 2)

    number = walkers_for(1)
    sides = np.where(np.random.default_rng(seed).random(number) < 0.5, -200.0, 200.0)
    start = sides + np.linspace(-1, 1, number)
    with pytest.raises(SamplingError, match="widen the distributions"):
        sample_density(two_peaks, dimensions=1, draws=DRAWS, seed=seed, start=start[:, np.newaxis])


def test_impossible_arguments_are_refused() -> None:
    """No dimensions, and too few points to start from."""
    with pytest.raises(ArgumentError, match="0 dimensions"):
        sample_density(log_normal, dimensions=0, draws=DRAWS, seed=1)
    with pytest.raises(ArgumentError, match="got 3 points"):
        sample_density(log_normal, dimensions=3, draws=DRAWS, seed=1, start=np.zeros((3, 3)))


def test_the_same_seed_gives_the_same_draws(seed: int) -> None:
    """Sampling is a function of its arguments."""
    first, second = (
        sample_density(log_normal, dimensions=3, draws=DRAWS, seed=seed) for _ in range(2)
    )
    assert np.array_equal(first.samples, second.samples)
