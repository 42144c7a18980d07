"""Reports of evaluation designs on real outcomes, and what errors they are made of, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.precision import pooled_difference
from sibsim.core.spec import walk
from sibsim.core.stages import Context, Measurement, Participation, Precision
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.evaluation.base import EvaluationDesign, luck
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.binary import Binary
from sibsim.outcomes.count import Count
from tests.people import ERRORS, TIMELINE, participation

STATED: Mapping[str, Mapping[str, Any]] = {
    "job": {
        "model": "binary",
        "among": "started",
        "follow_up_months": (12, 18, 24),
        "counterfactual": 0.4,
        "uplift": 0.15,
        "persistence": 0.8,
    },
    "crimes": {
        "model": "count",
        "among": "started",
        "follow_up_months": (12, 24),
        "counterfactual": 2.0,
        "effect": {"scale": "rate_ratio", "value": 0.75},
        "dispersion": 0.8,
        "persistence": 0.7,
    },
}
"""A yes or no, and a number."""


def outcome(name: Literal["job", "crimes"] = "job", **changes: object) -> OutcomeModel:
    """Return an outcome of yes or no, or of a number."""
    model: type[OutcomeModel] = Binary if name == "job" else Count
    return model.model_validate({**STATED[name], **changes})


JOB = outcome()
"""55 % achieve it, 40 % without the intervention: variances 0.2475 and 0.24."""

CLUSTERED = outcome(clusters={"number": 4, "icc": 0.1, "cv": 0.4})
"""The same people in four teams."""

CRIMES = outcome("crimes")
"""1.5 events a person, 2 without: variances 1.5 + 1.5^2 / 0.8 = 4.3125 and 2 + 4 / 0.8 = 7."""

PEOPLE = participation((40, 60))
"""Participants of two cohorts."""

SIX_COHORTS = participation((40,) * 6)
"""240 participants."""


def context_of(
    model: OutcomeModel = JOB,
    *,
    seed: int = 0,
    block: int = 0,
    chance: bool = False,
    measurement: bool = False,
) -> Context:
    """Return what a case knows, at its root: the outcome is "it", its quantities as stated."""
    return Context(
        timeline=TIMELINE,
        values={
            f"outcomes.it.{field}": np.array([[quantity.base_value]])
            for field, quantity in walk(model, Quantity)
        },
        chance=Layer(LayerName.CHANCE, seed, block, on=chance),
        measurement=Layer(LayerName.MEASUREMENT, seed, block, on=measurement),
    )


def path_of(
    model: OutcomeModel = JOB,
    *,
    seed: int = 0,
    chance: bool = False,
    people: Participation = PEOPLE,
) -> OutcomePath:
    """Return what happens to participants."""
    context = context_of(model, seed=seed, chance=chance)
    return model.realise(people, context=context.at("outcomes", "it"))


def report_of(
    design: EvaluationDesign,
    path: OutcomePath,
    *,
    seed: int = 0,
    measurement: bool = False,
    people: Participation = PEOPLE,
) -> Measurement:
    """Return what the evaluator reports of it."""
    context = context_of(seed=seed, measurement=measurement)
    return design.measure(path, participation=people, context=context.at("measures", "it"))


def measured(
    design: EvaluationDesign,
    model: OutcomeModel = JOB,
    *,
    seed: int = 0,
    block: int = 0,
    chance: bool = True,
    measurement: bool = True,
    people: Participation = PEOPLE,
) -> tuple[OutcomePath, Measurement]:
    """Return what happens and what a design reports of it."""
    context = context_of(model, seed=seed, block=block, chance=chance, measurement=measurement)
    path = model.realise(people, context=context.at("outcomes", "it"))
    return path, design.measure(path, participation=people, context=context.at("measures", "it"))


def missed(
    design: EvaluationDesign,
    model: OutcomeModel = JOB,
    *,
    seed: int = 0,
    chance: bool = True,
    measurement: bool = True,
    people: Participation = PEOPLE,
) -> FloatArray:
    """Return estimate - truth - bias, (C, K, 1 or D)."""
    path, report = measured(
        design, model, seed=seed, chance=chance, measurement=measurement, people=people
    )
    return design.estimate(report) - design.truth(path) - design.bias(path)


def stated_error(
    design: EvaluationDesign, model: OutcomeModel = JOB, *, people: Participation = PEOPLE
) -> FloatArray:
    """Return the standard error that a design states, (C, K, 1)."""
    return design.standard_error(path_of(model, people=people), participation=people)


def stated_pooled_variance(design: EvaluationDesign) -> FloatArray:
    """Return the variance that the evaluator states of six cohorts together, (1 or D,)."""
    _, report = measured(design, people=SIX_COHORTS)
    served = np.ones((len(report.treated_n), 1), dtype=np.bool_)
    return pooled_difference(report, position=1, served=served)[1]


def design_effect(path: OutcomePath) -> float:
    """Return by what the clusters of the first cohort raise the variance of its mean."""
    assert path.clusters is not None
    return path.clusters.design_effect(path.member[0]).item()


def assert_it_errs_as_stated(
    design: EvaluationDesign, model: OutcomeModel = JOB, *, seed: int
) -> None:
    """Check the mean and sd of the miss, both layers redrawn, and the miss with layers off."""
    errors = missed(design, model, seed=seed)
    stated = stated_error(design, model)
    assert stated.shape == (*errors.shape[:2], 1)
    sd = errors.std(axis=-1)
    assert np.all(np.abs(errors.mean(axis=-1)) <= ERRORS * sd / np.sqrt(BLOCK_DRAWS))
    # An estimated sd has a relative error of sqrt((kurtosis - 1) / (4 draws)), from the draws.
    kurtosis = (errors**4).mean(axis=-1) / sd**4
    allowed = ERRORS * np.sqrt((kurtosis - 1.0) / (4.0 * BLOCK_DRAWS))
    assert np.all(np.abs(sd / stated[..., 0] - 1.0) <= allowed)
    off = missed(design, model, seed=seed, chance=False, measurement=False)
    np.testing.assert_allclose(off, np.zeros(off.shape), atol=1e-13)


def assert_luck_is_left(design: EvaluationDesign, model: OutcomeModel = JOB, *, seed: int) -> None:
    """Check that with measurement off the stated share of participants' luck is all the error."""
    left = missed(design, model, seed=seed, measurement=False)
    path = path_of(model, seed=seed, chance=True)
    np.testing.assert_allclose(left, design.luck_share(path) * luck(path), atol=1e-12)


def assert_pooled_error(design: EvaluationDesign, *, seed: int, variance: float) -> None:
    """Check that the mean error of six cohorts of one size has mean 0 and the stated variance."""
    assert_variance(missed(design, seed=seed, people=SIX_COHORTS).mean(axis=0), variance)


def assert_variance(errors: FloatArray, variance: float) -> None:
    """Check that errors (K, D) have mean 0 and the stated variance."""
    found = errors.var(axis=-1)
    assert np.all(np.abs(errors.mean(axis=-1)) <= ERRORS * np.sqrt(found / BLOCK_DRAWS))
    # The error of a variance is sqrt((fourth moment - variance^2) / draws), from the draws.
    centred = errors - errors.mean(axis=-1, keepdims=True)
    error = np.sqrt(((centred**4).mean(axis=-1) - found**2) / BLOCK_DRAWS)
    assert np.all(np.abs(found - variance) <= ERRORS * error)


def assert_precision_is_the_variance(
    design: EvaluationDesign, model: OutcomeModel = JOB, *, on: bool = False
) -> Precision:
    """Check that own and common parts sum to the squared standard error, and return them.

    Of a report with both layers on or off.
    """
    precision = measured(design, model, chance=on, measurement=on)[1].precision
    assert precision is not None
    stated = stated_error(design, model) ** 2
    total = np.broadcast_to(precision.own + precision.common, stated.shape)
    np.testing.assert_allclose(total, stated, rtol=1e-12)
    return precision


def assert_nobody_is_no_effect(
    design: EvaluationDesign, model: OutcomeModel = JOB, *, seed: int = 0
) -> None:
    """Check that a cohort of nobody has estimate and standard error 0, beside one with people.

    Nobody was planned, or of those planned nobody starts.
    """
    none_start = replace(
        PEOPLE,
        started=np.array([[0.0], [60.0]]),
        completes=(PEOPLE.completes[0][:0], PEOPLE.completes[1]),
    )
    for people in (participation((0, 60)), none_start):
        _, report = measured(design, model, seed=seed, people=people)
        assert np.all(design.estimate(report)[0] == 0)
        stated = stated_error(design, model, people=people)
        assert np.all(stated[0] == 0)
        assert np.all(stated[1] > 0)
