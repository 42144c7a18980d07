"""The cluster-randomised trial: design effects, luck that clusters keep, and few degrees."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.stats import t

from sibsim.core.streams import BLOCK_DRAWS
from sibsim.evaluation.base import Measurable
from sibsim.evaluation.cluster_randomised import ClusterRandomised
from sibsim.evaluation.randomised import Randomised
from tests.evaluations import (
    CLUSTERED,
    assert_nobody_is_no_effect,
    assert_precision_is_the_variance,
    measured,
    missed,
    outcome,
    path_of,
    stated_error,
)
from tests.people import ERRORS, participation


def _trial(**fields: object) -> ClusterRandomised:
    stated = {
        "design": "cluster_randomised",
        "outcome": "job",
        "controls_per_participant": 1.5,
        "control_clusters": 6,
    }
    return ClusterRandomised.model_validate({**stated, **fields})


@pytest.mark.parametrize("chance", [True, False])
@pytest.mark.parametrize("measurement", [True, False])
def test_it_is_unbiased_whichever_layers_are_on(
    seed: int, *, chance: bool, measurement: bool
) -> None:
    """The mean of estimate - truth is zero, exactly with both layers off."""
    design = _trial()
    assert np.all(design.bias(path_of(CLUSTERED)) == 0)
    errors = missed(design, CLUSTERED, seed=seed, chance=chance, measurement=measurement)
    error = errors.std(axis=-1) / math.sqrt(errors.shape[-1])
    assert np.all(np.abs(errors.mean(axis=-1)) <= ERRORS * error + 1e-14)


@pytest.mark.parametrize("cv", [0.0, 0.4])
def test_the_standard_error_is_the_sd_over_both_layers(seed: int, cv: float) -> None:
    """With chance and measurement redrawn the sd of the miss is the closed form."""
    design = _trial()
    model = outcome(clusters={"number": 4, "icc": 0.1, "cv": cv})
    stated = stated_error(design, model)
    assert stated.shape == (2, 3, 1)
    relative = missed(design, model, seed=seed).std(axis=-1) / stated[..., 0] - 1
    assert np.all(np.abs(relative) <= ERRORS / math.sqrt(2 * BLOCK_DRAWS))


def test_the_standard_error_by_hand() -> None:
    """sqrt(e1 v1 / 40 + e0 v0 / 60), e = 1 + (sum m^2 / n - 1) 0.1 of the people per cluster."""
    design = _trial()
    path = path_of(CLUSTERED)
    assert path.clusters is not None
    effects = []
    for number, people in ((4, 40), (6, 60)):
        sizes = np.bincount(path.clusters.of_number(number).of_people(people), minlength=number)
        assert sizes.sum() == people
        effects.append(1 + ((sizes**2).sum() / people - 1) * 0.1)
    expected = math.sqrt(effects[0] * 0.2475 / 40 + effects[1] * 0.24 / 60)
    found = stated_error(design, CLUSTERED)[0, 0].item()
    assert found == pytest.approx(expected, rel=1e-12)


def test_clusters_keep_their_luck_over_cohorts(seed: int) -> None:
    """Errors of two cohorts correlate by what lies between clusters, and no more."""
    design = _trial()
    errors = missed(design, CLUSTERED, seed=seed)[:, 0]
    exact = measured(design, CLUSTERED, measurement=False)[1].precision
    assert exact is not None
    common = np.sqrt(exact.common[0, 0] * exact.common[1, 0]).item()
    products = errors[0] * errors[1]
    error = products.std() / math.sqrt(BLOCK_DRAWS)
    # With and without the service clusters share a luck, but not quite the same members a cohort.
    assert 0.8 * common - ERRORS * error <= products.mean() <= common + ERRORS * error
    assert products.mean() > ERRORS * error


def test_the_evaluator_states_an_estimated_variance(seed: int) -> None:
    """Own and common sum to the squared error times chi-square(8) / 8, the same for both."""
    design = _trial()
    _, report = measured(design, CLUSTERED, seed=seed)
    assert report.precision is not None
    assert report.precision.degrees == 4 + 6 - 2
    exact = assert_precision_is_the_variance(design, CLUSTERED)
    within = 0.9 * (0.2475 / 40 + 0.24 / 60)
    assert exact.own[0, 0].item() == pytest.approx(within)
    factor = report.precision.own / exact.own
    np.testing.assert_allclose(factor, report.precision.common / exact.common, rtol=1e-12)
    np.testing.assert_allclose(factor[0, 0], factor[1, 1], rtol=1e-12)
    error = factor[0, 0].std() / math.sqrt(BLOCK_DRAWS)
    assert abs(factor[0, 0].mean() - 1) <= ERRORS * error
    assert factor[0, 0].var() == pytest.approx(2 / 8, rel=0.15)


def test_a_test_without_an_effect_has_its_size(seed: int) -> None:
    """With as many people the estimate over its stated error is near a t with 8 degrees."""
    design = _trial()
    no_effect = outcome(clusters=CLUSTERED.clusters, uplift=0.0)
    _, report = measured(design, no_effect, seed=seed, people=participation((400,)))
    assert report.precision is not None
    error = np.sqrt(report.precision.own + report.precision.common)
    rejected = (design.estimate(report) / error >= t.ppf(0.95, 8))[0, 0]
    assert abs(rejected.mean() - 0.05) <= ERRORS * math.sqrt(0.05 * 0.95 / BLOCK_DRAWS)


def test_nobody_alike_is_the_individual_trial(seed: int) -> None:
    """With an ICC of 0 estimate and error are, to rounding, those of 'randomised'."""
    alone = outcome(clusters={"number": 4, "icc": 0.0})
    design, plain = _trial(), _individual()
    _, report = measured(design, alone, seed=seed)
    _, other = measured(plain, seed=seed)
    np.testing.assert_allclose(design.estimate(report), plain.estimate(other), atol=1e-15)
    expected = stated_error(plain, alone)
    np.testing.assert_allclose(stated_error(design, alone), expected, rtol=1e-14)


def test_one_person_in_each_cluster_has_the_error_of_the_individual_trial() -> None:
    """Clusters of one are people, however alike they would be."""
    few, design = participation((3,)), _trial(control_clusters=400)
    found = stated_error(design, outcome(clusters={"number": 400, "icc": 0.5}), people=few)
    np.testing.assert_allclose(found, stated_error(_individual(), people=few), rtol=1e-14)


def _individual() -> Randomised:
    return Randomised.model_validate(
        {"design": "randomised", "outcome": "job", "controls_per_participant": 1.5}
    )


def test_more_people_in_the_same_clusters_never_raise_the_error() -> None:
    """Nor does a lower ICC or more control clusters."""
    design = _trial()

    def error(design: ClusterRandomised, people: int, icc: float = 0.1) -> float:
        model = outcome(clusters={"number": 4, "icc": icc})
        return float(stated_error(design, model, people=participation((people,)))[0, 0, 0])

    errors = [error(design, people) for people in (20, 40, 80, 160, 320)]
    assert errors == sorted(errors, reverse=True)
    assert error(design, 40) > error(design, 40, 0.02)
    assert error(design, 40) > error(_trial(control_clusters=12), 40)


def test_nobody_is_no_effect_and_no_error(seed: int) -> None:
    """A cohort that nobody starts has estimate 0 and error 0, never a NaN."""
    assert_nobody_is_no_effect(_trial(), CLUSTERED, seed=seed)


def test_an_outcome_without_clusters_is_refused() -> None:
    """The way out is to state them, or the individual design."""
    plain = Measurable(is_indicator=True, by_person=True, follow_up_months=(12,))
    (said,) = _trial().check_outcome(plain)
    assert "clusters = { number = ..., icc = ... }" in said
    assert "'randomised'" in said
    assert not list(_trial().check_outcome(replace(plain, in_clusters=True)))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"control_clusters": 1}, "got 1; .* give 2 or more control clusters"),
        ({"control_clusters": 2.5}, "control_clusters"),
        ({"controls_per_participant": 0}, "controls_per_participant"),
    ],
)
def test_too_few_controls_are_refused(fields: dict[str, Any], said: str) -> None:
    """One cluster cannot be told from its own luck."""
    with pytest.raises(ValidationError, match=said):
        _trial(**fields)


def test_the_design_says_what_it_is() -> None:
    """In both languages, with the number of control clusters."""
    assert _trial().describe() == (
        '"job" is measured by a cluster-randomised trial with 1.5 in the control group per '
        "participant, spread over 6 clusters."
    )
    assert "fordelt på 6 klynger" in _trial().describe("da")
