"""Reports of evaluation designs on real outcomes, for tests of designs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Context, Measurement
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.evaluation.base import EvaluationDesign
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.binary import Binary
from sibsim.outcomes.count import Count
from tests.people import ERRORS, TIMELINE, participation, realised

JOB: Mapping[str, Any] = {
    "model": "binary",
    "among": "started",
    "follow_up_months": (12, 18, 24),
    "counterfactual": 0.4,
    "uplift": 0.15,
    "persistence": 0.8,
}
"""Yes or no: variance 0.24 without and 0.2475 with the intervention."""

CRIMES: Mapping[str, Any] = {
    "model": "count",
    "among": "started",
    "follow_up_months": (12, 24),
    "counterfactual": 2.0,
    "effect": {"scale": "rate_ratio", "value": 0.75},
    "dispersion": 0.8,
    "persistence": 0.7,
}
"""A number: negative binomial of mean 2 and 1.5."""

QUANTITIES: Mapping[str, Any] = {"effect": 0.75}
"""Values of quantities that are stated as a table."""

PLANNED = (40, 60)
"""Participants of the two cohorts."""


def outcome(fields: Mapping[str, Any] = JOB, **changes: Any) -> OutcomeModel:  # noqa: ANN401
    """Return an outcome of yes or no, or of a number."""
    model: type[OutcomeModel] = Binary if fields["model"] == "binary" else Count
    return model.model_validate({**fields, **changes})


def path_of(
    model: OutcomeModel | None = None,
    *,
    seed: int = 0,
    chance: bool = False,
    planned: tuple[int, ...] = PLANNED,
) -> OutcomePath:
    """Return what happens to participants."""
    stated = CRIMES if isinstance(model, Count) else JOB
    names = ("counterfactual", "uplift", "effect", "persistence", "dispersion")
    values = {name: QUANTITIES.get(name, stated[name]) for name in names if name in stated}
    return realised(model or outcome(), values, seed=seed, chance=chance, planned=planned)


def report_of(
    design: EvaluationDesign,
    path: OutcomePath,
    *,
    seed: int = 0,
    measurement: bool = False,
    planned: tuple[int, ...] = PLANNED,
) -> Measurement:
    """Return what the evaluator reports of it."""
    context = Context(
        timeline=TIMELINE,
        values={},
        chance=Layer(LayerName.CHANCE, seed, on=False),
        measurement=Layer(LayerName.MEASUREMENT, seed, on=measurement),
        path="measures.job",
    )
    return design.measure(path, participation=participation(planned), context=context)


def missed(
    design: EvaluationDesign,
    model: OutcomeModel | None = None,
    *,
    seed: int,
    chance: bool = True,
    measurement: bool = True,
    planned: tuple[int, ...] = PLANNED,
) -> FloatArray:
    """Return estimate - truth - bias, (C, K, 1 or D)."""
    path = path_of(model, seed=seed, chance=chance, planned=planned)
    report = report_of(design, path, seed=seed, measurement=measurement, planned=planned)
    return design.estimate(report) - design.truth(path) - design.bias(path)


def assert_it_errs_as_stated(
    design: EvaluationDesign,
    model: OutcomeModel | None = None,
    *,
    seed: int,
    planned: tuple[int, ...] = PLANNED,
) -> None:
    """Check the mean and sd of the miss, both layers redrawn, and the miss with layers off."""
    errors = missed(design, model, seed=seed, planned=planned)
    path = path_of(model, planned=planned)
    stated = design.standard_error(path, participation=participation(planned))
    assert stated.shape == (*errors.shape[:2], 1)
    sd = errors.std(axis=-1)
    assert np.all(np.abs(errors.mean(axis=-1)) <= ERRORS * sd / np.sqrt(BLOCK_DRAWS))
    # An estimated sd has a relative error of sqrt((kurtosis - 1) / (4 draws)), from the draws.
    kurtosis = (errors**4).mean(axis=-1) / sd**4
    allowed = ERRORS * np.sqrt((kurtosis - 1.0) / (4.0 * BLOCK_DRAWS))
    assert np.all(np.abs(sd / stated[..., 0] - 1.0) <= allowed)
    off = missed(design, model, seed=seed, chance=False, measurement=False, planned=planned)
    np.testing.assert_allclose(off, np.zeros(off.shape), atol=1e-13)


def assert_nobody_is_no_effect(design: EvaluationDesign) -> None:
    """Check that a cohort without people has estimate and standard error 0, beside one with."""
    planned = (0, 60)
    path = path_of(chance=True, planned=planned)
    report = report_of(design, path, measurement=True, planned=planned)
    assert np.all(design.estimate(report)[0] == 0)
    stated = design.standard_error(path, participation=participation(planned))
    assert np.all(stated[0] == 0)
    assert np.all(stated[1] > 0)
