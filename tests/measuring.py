"""Reports together with what happened, and what errors they are made of, for tests of designs."""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Measurement
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.evaluation.base import EvaluationDesign, luck
from sibsim.outcomes.base import OutcomeModel
from tests import evaluations
from tests.evaluations import PLANNED, assert_it_errs_as_stated, missed, path_of, report_of
from tests.people import ERRORS, participation

JOB = evaluations.outcome()
"""55 % achieve it, 40 % without the intervention: variances 0.2475 and 0.24."""

CLUSTERED = evaluations.outcome(clusters={"number": 5, "icc": 0.1, "cv": 0.4})
"""The same people in five teams."""

CRIMES = evaluations.outcome(evaluations.CRIMES)
"""1.5 events a person, 2 without: variances 1.5 + 1.5^2 / 0.8 = 4.3125 and 2 + 4 / 0.8 = 7."""


def measured(
    design: EvaluationDesign,
    *,
    outcome: OutcomeModel = JOB,
    seed: int = 0,
    chance: bool = True,
    measurement: bool = True,
    planned: tuple[int, ...] = PLANNED,
) -> tuple[OutcomePath, Measurement]:
    """Return what happens and what a design reports of it."""
    path = path_of(outcome, seed=seed, chance=chance, planned=planned)
    return path, report_of(design, path, seed=seed, measurement=measurement, planned=planned)


def stated_error(
    design: EvaluationDesign, *, outcome: OutcomeModel = JOB, planned: tuple[int, ...] = PLANNED
) -> FloatArray:
    """Return the standard error that a design states, (C, K, 1)."""
    path = path_of(outcome, planned=planned)
    return design.standard_error(path, participation=participation(planned))


def assert_errs_as_stated(
    design: EvaluationDesign, *, seed: int, outcome: OutcomeModel = JOB
) -> None:
    """Check mean and sd of the error, and that luck alone leaves its stated share of itself."""
    assert_it_errs_as_stated(design, outcome, seed=seed)
    path, report = measured(design, outcome=outcome, seed=seed, measurement=False)
    left = design.estimate(report) - design.truth(path) - design.bias(path)
    np.testing.assert_allclose(left, design.luck_share(path) * luck(path), atol=1e-12)


def assert_pooled_error(
    design: EvaluationDesign, *, seed: int, planned: tuple[int, ...], variance: float
) -> None:
    """Check that the mean error over cohorts of equal size has mean 0 and the stated variance."""
    errors = missed(design, seed=seed, planned=planned).mean(axis=0)
    assert_variance(errors, variance)


def assert_variance(errors: FloatArray, variance: float) -> None:
    """Check that errors (K, D) have mean 0 and the stated variance."""
    found = errors.var(axis=-1)
    assert np.all(np.abs(errors.mean(axis=-1)) <= ERRORS * np.sqrt(found / BLOCK_DRAWS))
    # The error of a variance is sqrt((fourth moment - variance^2) / draws), from the draws.
    centred = errors - errors.mean(axis=-1, keepdims=True)
    error = np.sqrt(((centred**4).mean(axis=-1) - found**2) / BLOCK_DRAWS)
    assert np.all(np.abs(found - variance) <= ERRORS * error)
