"""Stepped wedge against published powers, closed forms, and simulated reports."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import ndtr, ndtri

from sibsim.errors import ArgumentError
from sibsim.evaluation.base import luck
from sibsim.evaluation.published import pooled_luck_variance
from sibsim.evaluation.stepped_wedge import SteppedWedge, stepped_wedge_variance
from tests.evaluations import (
    CRIMES,
    assert_it_errs_as_stated,
    assert_nobody_is_no_effect,
    missed,
    outcome,
    path_of,
    report_of,
    stated_error,
)
from tests.people import participation

FOUR_STEPS = {"sequences": (6, 6, 6, 6), "people": 120, "sigma2": 0.0425 * 0.9575, "tau": 0.01}
"""24 clusters, shares of 5 % and 3.5 %."""

SECOND = {"sequences": (6, 6, 6, 6), "people": 100, "sigma2": 0.041 * 0.959}
"""24 clusters, shares of 5 % and 3.2 %."""

ICC, CAC = 0.02, 0.125
BETWEEN = 0.1**2 * ICC / (1 - ICC)
"""Variance between clusters and periods, of a residual sd of 0.1."""


def _design(**changes: object) -> SteppedWedge:
    fields = {"sequences": [3, 3, 2], "people": 20, "tau": 0.05, **changes}
    return SteppedWedge.model_validate({"design": "stepped_wedge", "outcome": "it", **fields})


def _power(fields: dict[str, Any], *, effect: float) -> float:
    """Return the power of a two-sided test at 5 %, both tails."""
    away = effect / np.sqrt(float(stepped_wedge_variance(**fields)))
    return float(ndtr(away - ndtri(0.975)) + ndtr(-away - ndtri(0.975)))


@pytest.mark.parametrize(
    ("fields", "effect", "power"),
    [
        (FOUR_STEPS, 0.015, 0.7861896),
        (SECOND | {"tau": 0.025}, 0.018, 0.8059172),
        (SECOND | {"tau": 0.015}, 0.018, 0.8386832),
        (FOUR_STEPS | {"eta": 0.0045}, 0.015, 0.7724894),
        (FOUR_STEPS | {"eta": 0.0045, "rho": 0.4}, 0.015, 0.7651551),
        (FOUR_STEPS | {"periods_after": 3}, 0.015, 0.8171283),
        (
            FOUR_STEPS
            | {
                "sigma2": 0.1**2,
                "tau": np.sqrt(BETWEEN * CAC),
                "gamma": np.sqrt(BETWEEN * (1 - CAC)),
            },
            0.015,
            0.9171886,
        ),
    ],
)
def test_published_powers(fields: dict[str, Any], effect: float, power: float) -> None:
    """Powers of the examples of swCRTdesign and SteppedPower, to the seven digits given."""
    assert _power(fields, effect=effect) == pytest.approx(power, abs=6e-8)


@pytest.mark.parametrize(
    ("fields", "variance"), [(FOUR_STEPS, 2.968231e-05), (SECOND | {"tau": 0.025}, 4.065847e-05)]
)
def test_published_variances(fields: dict[str, Any], variance: float) -> None:
    """Variances of the same examples, to the seven digits given."""
    assert float(stepped_wedge_variance(**fields)) == pytest.approx(variance, rel=2e-7)


def test_the_closed_form_of_hussey_and_hughes() -> None:
    """Their equation 8, for 5 steps of one cluster and 6 periods."""
    clusters, periods, sigma2, tau2 = 5, 6, 0.02, 0.003
    treated = (np.arange(periods) > np.arange(clusters)[:, np.newaxis]).astype(float)
    u, w = treated.sum(), (treated.sum(axis=0) ** 2).sum()
    v = (treated.sum(axis=1) ** 2).sum()
    above = clusters * sigma2 * (sigma2 + periods * tau2)
    below = (clusters * u - w) * sigma2
    below += (u**2 + clusters * periods * u - periods * w - clusters * v) * tau2
    found = stepped_wedge_variance(
        sequences=(1,) * clusters, people=10, sigma2=10 * sigma2, tau=np.sqrt(tau2)
    )
    assert float(found) == pytest.approx(above / below, rel=1e-12)


def test_transition_periods_are_left_out() -> None:
    """Against generalised least squares on the cluster-periods that are left, written out."""
    steps, people, sigma2, tau, eta, rho = (2, 3, 1), 15, 0.2, 0.1, 0.06, -0.3
    information = np.zeros((6, 6))
    for step, clusters in enumerate(steps):
        used = [t for t in range(5) if t != step + 1]
        x = np.array([float(t > step) for t in used])
        design = np.column_stack([np.eye(5)[used], x])
        cover = sigma2 / people * np.eye(4) + tau**2 + eta**2 * np.outer(x, x)
        cover += rho * tau * eta * (x[:, np.newaxis] + x)
        information += clusters * design.T @ np.linalg.inv(cover) @ design
    found = stepped_wedge_variance(
        sequences=steps,
        people=people,
        sigma2=sigma2,
        tau=tau,
        eta=eta,
        rho=rho,
        periods_after=1,
        transition_periods=1,
    )
    assert float(found) == pytest.approx(np.linalg.inv(information)[-1, -1], rel=1e-10)


def test_each_variance_is_worked_out_by_itself() -> None:
    """An array of variances and one of people give what each pair gives alone."""
    variance = partial(stepped_wedge_variance, sequences=(2, 3), tau=0.1, eta=0.05)
    sigma2, people = np.array([[0.2], [0.1]]), np.array([10.0, 20.0, 10.0])
    found = variance(sigma2=sigma2, people=people)
    assert found.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        alone = variance(sigma2=sigma2[i, 0], people=people[j])
        assert found[i, j] == pytest.approx(float(alone), rel=1e-12)


def test_without_any_noise_within_clusters_only_effects_differ() -> None:
    """With no noise the error is 0, or that of the effects of the clusters."""
    variance = partial(stepped_wedge_variance, sequences=(4, 4), people=10, sigma2=0.0)
    assert float(variance(tau=0.0)) == pytest.approx(0.0, abs=1e-12)
    assert float(variance(tau=0.2)) == pytest.approx(0.0, abs=1e-9)
    # In the last period all are treated: it tells the effects of the two halves apart, and so the
    # comparison of the period before is of all eight.
    found = float(variance(tau=0.2, eta=0.1))
    assert found == pytest.approx(0.1**2 / 8, rel=1e-6)


@pytest.mark.parametrize(
    "more",
    [
        {"sequences": [3, 3, 3]},
        {"sequences": [4, 3, 2]},
        {"people": 21},
        {"periods_after": 1},
    ],
)
def test_more_data_never_raise_the_standard_error(more: dict[str, Any]) -> None:
    """More clusters, people or periods: the error falls."""
    fields = {"tau": 0.05, "eta": 0.04, "rho": 0.2}
    assert np.all(stated_error(_design(**fields | more)) < stated_error(_design(**fields)))


def test_the_variance_of_a_person_is_the_mean_with_and_without() -> None:
    """Shares of 0.4 and 0.55: (0.24 + 0.2475) / 2."""
    expected = stepped_wedge_variance(sequences=(3, 3, 2), people=20, sigma2=0.24375, tau=0.05)
    assert _design().variance(path_of()) == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize(
    "changes", [{}, {"people": 400, "tau": 0.0}, {"eta": 0.1, "transition_periods": 1}]
)
def test_the_estimate_errs_as_stated(seed: int, changes: dict[str, Any]) -> None:
    """Mean and sd with chance and measurement redrawn; a small variance holds less luck."""
    assert_it_errs_as_stated(_design(**changes), seed=seed)


def test_a_count_outcome_errs_as_stated(seed: int) -> None:
    """Events a person, whose variance is that of the negative binomial."""
    assert_it_errs_as_stated(_design(tau=0.3), CRIMES, seed=seed)


def test_participants_in_clusters_err_as_stated(seed: int) -> None:
    """The luck of clusters is the same in both cohorts, and a part of the error."""
    model = outcome(clusters={"number": 5, "icc": 0.2})
    assert_it_errs_as_stated(_design(people=100, tau=0.01), model, seed=seed)


def test_the_variance_of_pooled_luck_in_clusters() -> None:
    """As of one cohort of everybody: v (1 + (m - 1) ICC) / N, m the mates of a person."""
    path = path_of(outcome(clusters={"number": 2, "icc": 0.1}), people=participation((20, 20)))
    assert path.clusters is not None
    sizes = 2 * np.bincount(path.clusters.of_people(20))
    mates = (sizes**2).sum() / 40
    found = pooled_luck_variance(path)
    assert found == pytest.approx(0.2475 * (1 + (mates - 1) * 0.1) / 40, rel=1e-12)


def test_one_error_for_all_cohorts_and_follow_ups(seed: int) -> None:
    """Cohorts err by the same amount, so that it does not average out over them."""
    errors = missed(_design(), seed=seed)
    np.testing.assert_allclose(errors[0], errors[1], atol=1e-12)
    without_chance = missed(_design(), seed=seed, chance=False)
    np.testing.assert_allclose(
        without_chance, np.broadcast_to(without_chance[:1, :1], (2, 3, 4096)), atol=1e-12
    )


def test_what_is_left_with_measurement_off_is_participants_luck(seed: int) -> None:
    """The slope on a cohort's own luck is the stated share."""
    design = _design()
    errors = missed(design, seed=seed, measurement=False)
    path = path_of(seed=seed, chance=True)
    pooled = (luck(path) * path.people[:, np.newaxis]).sum(axis=0) / 100
    np.testing.assert_allclose(errors[0], design.pooled_share(path)[0] * pooled, atol=1e-12)
    # Of cohorts of 40 and 60 people alike, 40 % and 60 % of the luck of all is their own.
    share = design.luck_share(path) / design.pooled_share(path)
    np.testing.assert_allclose(share[:, 0, 0], [0.4, 0.6], rtol=1e-12)


def test_the_evaluator_states_the_variance_as_common() -> None:
    """The published variance errs in all cohorts alike, with the normal distribution."""
    design, path = _design(), path_of()
    precision = report_of(design, path).precision
    assert precision is not None
    assert np.all(precision.own == 0)
    np.testing.assert_allclose(precision.common, np.broadcast_to(design.variance(path), (2, 3, 1)))
    assert np.isinf(precision.degrees)


def test_nobody() -> None:
    """A cohort without people has no effect and no error."""
    assert_nobody_is_no_effect(_design())


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"sequences": [6]}, "at least 2"),
        ({"sequences": [6, 0]}, "greater than or equal to 1"),
        ({"people": 0}, "greater than or equal to 1"),
        ({"tau": -0.1}, "greater than or equal to 0"),
        ({"rho": 1.5}, "less than or equal to 1"),
        ({"transition_periods": 2}, "add steps"),
    ],
)
def test_a_wedge_that_cannot_be_estimated_is_refused(changes: dict[str, Any], match: str) -> None:
    """Two steps, people in them, and a period with both treated clusters and others."""
    with pytest.raises(ValidationError, match=match):
        _design(**changes)


def test_the_function_refuses_it_too() -> None:
    """Two steps with one transition period leave no comparison."""
    with pytest.raises(ArgumentError, match="leave out fewer"):
        stepped_wedge_variance(
            sequences=(6, 6), people=10, sigma2=0.2, tau=0.1, transition_periods=1
        )


def test_it_is_said_in_both_languages() -> None:
    """Clusters and steps."""
    design = _design()
    assert design.describe() == (
        '"it" is measured by a stepped wedge trial of 8 clusters that cross over in 3 steps.'
    )
    assert design.describe("da") == (
        "»it« måles ved et lodtrækningsforsøg, hvor 8 klynger får indsatsen i 3 trin."
    )
    assert design.words(compared=False).en == (
        "following the participants of a stepped wedge trial"
    )
