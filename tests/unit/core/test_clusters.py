"""People in clusters: exact margins, the stated correlation, sizes and design effects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.clusters import Clusters
from sibsim.core.paths import OutcomePath
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.binary import Binary
from sibsim.outcomes.count import Count
from sibsim.outcomes.days import Days
from tests.evaluations import path_of
from tests.people import ERRORS, participation

ICC = 0.2
CLUSTERS = {"number": 3, "icc": ICC}
COMMON = {"among": "started", "follow_up_months": (12, 24), "persistence": 0.8}
OUTCOMES: dict[str, tuple[type[OutcomeModel], dict[str, Any]]] = {
    "binary": (Binary, {"counterfactual": 0.4, "uplift": 0.15}),
    "count": (
        Count,
        {
            "counterfactual": 1.5,
            "effect": {"scale": "rate_ratio", "value": 1.2},
            "dispersion": 0.8,
        },
    ),
    "days": (
        Days,
        {
            "counterfactual": 40.0,
            "effect": {"scale": "rate_ratio", "value": 1.2},
            "sd": 55.0,
            "share_lowest": 0.5,
            "share_bound": 0.05,
            "lowest": 0,
            "window_days": 183,
        },
    ),
}


def _sizes(clusters: Clusters, sizes: list[int]) -> BoolArray:
    """Return who counts, so that so many do in each cluster, (P, 1)."""
    cluster = clusters.of_people(20 * sum(sizes))
    who = np.zeros(len(cluster), dtype=np.bool_)
    for j, size in enumerate(sizes):
        who[np.flatnonzero(cluster == j)[:size]] = True
    return who[:, np.newaxis]


@pytest.mark.parametrize(
    ("icc", "sizes", "expected"),
    [
        (0.05, [20] * 4, 1.95),
        (0.01, [50] * 4, 1.49),
        # 33 and 7 have mean 20 and a coefficient of variation of 13 / 20.
        (0.05, [33, 7, 33, 7], 2.3725),
        (0.05, [1] * 4, 1.0),
        (0.0, [20] * 4, 1.0),
        (0.05, [0] * 4, 1.0),
    ],
)
def test_the_published_design_effects(icc: float, sizes: list[int], expected: float) -> None:
    """1 + ((1 + CV^2) m - 1) ICC; 1 where people are alone, alike to nobody, or not there."""
    clusters = Clusters(number=len(sizes), icc=icc)
    found = clusters.design_effect(_sizes(clusters, sizes))
    assert found.tolist() == pytest.approx([expected], rel=1e-14)


def test_the_design_effect_follows_who_counts_in_a_draw() -> None:
    """Draw by draw: 20 in each of 4 clusters, or nobody."""
    clusters = Clusters(number=4, icc=0.05)
    everybody = _sizes(clusters, [20] * 4)
    member = np.concatenate([everybody, np.zeros_like(everybody)], axis=1)
    assert clusters.design_effect(member).tolist() == pytest.approx([1.95, 1.0])


@pytest.mark.parametrize("number", [2, 6, 50])
@pytest.mark.parametrize("cv", [0.0, 0.3, 0.65])
def test_clusters_have_the_stated_spread_of_sizes(number: int, cv: float) -> None:
    """Few clusters too: sd / mean of their shares is the coefficient of variation."""
    shares = Clusters(number=number, icc=0.05, cv=cv).shares
    assert shares.sum() == pytest.approx(1.0, rel=1e-12)
    assert np.all(np.diff(shares) <= 0)
    assert shares.std() * number == pytest.approx(cv, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("cv", [0.0, 0.65])
def test_people_are_spread_by_the_shares(cv: float) -> None:
    """Of any number of people each cluster has its share, to a few people."""
    clusters = Clusters(number=8, icc=0.05, cv=cv)
    for people in (60, 400):
        cluster = clusters.of_people(people)
        sizes = np.bincount(cluster, minlength=8)
        assert np.all(np.abs(sizes - people * clusters.shares) <= 3)
        assert np.array_equal(clusters.of_people(people + 50)[:people], cluster)


def test_other_clusters_as_alike_are_counted_anew() -> None:
    """Shares of 8 clusters are not those of 4, though they were asked for before."""
    clusters = Clusters(number=8, icc=0.05, cv=0.65)
    assert len(clusters.shares) == 8
    few = clusters.of_number(4)
    assert (few.number, few.icc, few.cv) == (4, 0.05, 0.65)
    assert np.array_equal(few.shares, Clusters(number=4, icc=0.05, cv=0.65).shares)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"number": 1, "icc": 0.1}, "got 1;.*2 or more"),
        ({"number": 4, "icc": 1.0}, r"got 1; .* \[0, 1\)"),
        ({"number": 4, "icc": -0.1}, r"got -0.1; .* \[0, 1\)"),
        ({"number": 4, "icc": 5}, "write 0.05"),
        ({"number": 4}, "icc"),
        ({"number": 4, "icc": 0.1, "cv": -1}, "cv"),
        ({"number": 4, "icc": 0.1, "cv": 1.7}, r"the most is 1\.56"),
    ],
)
def test_clusters_that_make_no_sense_are_refused(fields: dict[str, Any], said: str) -> None:
    """Two clusters or more, alike in [0, 1), of sizes that vary or not."""
    with pytest.raises(ValidationError, match=said):
        Clusters.model_validate(fields)


def _path(
    case: str,
    *,
    seed: int,
    clusters: dict[str, Any] | None = CLUSTERS,
    planned: tuple[int, ...] = (12, 9),
    on: bool = True,
) -> OutcomePath:
    model, fields = OUTCOMES[case]
    stated = {"clusters": clusters} if clusters else {}
    outcome = model.model_validate({"model": case, **COMMON, **fields, **stated})
    return path_of(outcome, seed=seed, chance=on, people=participation(planned))


every_outcome = pytest.mark.parametrize("case", OUTCOMES)


def _standardised(path: OutcomePath, *, cohort: int) -> FloatArray:
    """Return results less their mean by their sd, (P, K, D)."""
    mean, variance = path.expected[cohort], path.variance[cohort]
    found: FloatArray = (path.value[cohort] - mean) / np.sqrt(variance)
    return found


@every_outcome
def test_every_margin_is_exact(seed: int, case: str) -> None:
    """Mean and variance of each person's result are those of the law, in clusters or not."""
    path = _path(case, seed=seed)
    for cohort in (0, 1):
        each = _standardised(path, cohort=cohort)
        for moments, expected in ((each, 0.0), (each**2, 1.0)):
            error = moments.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
            assert np.all(np.abs(moments.mean(axis=-1) - expected) <= ERRORS * error)


@every_outcome
def test_people_of_a_cluster_correlate_by_the_icc_and_others_not(seed: int, case: str) -> None:
    """Within a cohort and between cohorts: clusters keep their luck. Laws are the same in both."""
    path = _path(case, seed=seed)
    cluster = [Clusters.model_validate(CLUSTERS).of_people(n) for n in (12, 9)]
    here, there = (_standardised(path, cohort=cohort) for cohort in (0, 1))
    for other, of in ((here, cluster[0]), (there, cluster[1])):
        for i in range(len(here)):
            for j in range(len(other)):
                if other is here and j <= i:
                    continue
                products = here[i] * other[j]
                error = products.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
                expected = ICC if cluster[0][i] == of[j] else 0.0
                assert np.all(np.abs(products.mean(axis=-1) - expected) <= ERRORS * error), (i, j)


@every_outcome
def test_the_variance_of_a_mean_is_raised_by_the_design_effect(seed: int, case: str) -> None:
    """Var(achieved) = n v (1 + (sum m_j^2 / n - 1) ICC)."""
    path = _path(case, seed=seed)
    assert path.clusters is not None
    effect = path.clusters.design_effect(path.member[0])
    assert effect.item() > 1.3
    miss = path.achieved[0] - 12 * path.expected[0]
    squares = miss**2 / (12 * path.variance[0] * effect)
    error = squares.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
    assert np.all(np.abs(squares.mean(axis=-1) - 1) <= ERRORS * error)


@every_outcome
def test_more_people_and_cohorts_change_no_earlier_one(seed: int, case: str) -> None:
    """A person's cluster and luck do not depend on who comes after."""
    few = _path(case, seed=seed, planned=(12, 9))
    more = _path(case, seed=seed, planned=(12, 15, 5))
    assert np.array_equal(few.value[0], more.value[0])
    assert np.array_equal(few.value[1], more.value[1][:9])


@every_outcome
def test_nobody_alike_is_no_clusters_at_all(seed: int, case: str) -> None:
    """With an ICC of 0 every result is, bit by bit, what it is without clusters."""
    without = _path(case, seed=seed, clusters=None)
    alone = _path(case, seed=seed, clusters={"number": 3, "icc": 0.0})
    for one, other in zip(without.value, alone.value, strict=True):
        assert np.array_equal(one, other)
    alike = _path(case, seed=seed)
    assert not np.array_equal(without.value[0], alike.value[0])


@every_outcome
def test_with_chance_off_clusters_change_nothing(seed: int, case: str) -> None:
    """Expectations are those of the law."""
    path = _path(case, seed=seed, on=False)
    assert path.achieved.shape[-1] == 1
    np.testing.assert_allclose(
        path.achieved, path.people[:, np.newaxis] * path.expected, rtol=1e-12
    )


def test_persistence_holds_in_clusters(seed: int) -> None:
    """P(achieved at both follow-ups) of a person is kappa p + (1 - kappa) p^2, alike or not."""
    path = _path("binary", seed=seed)
    both = path.value[0][:, 0] * path.value[0][:, 1]
    expected = 0.8 * 0.55 + 0.2 * 0.55**2
    error = both.std(axis=-1) / np.sqrt(BLOCK_DRAWS)
    assert np.all(np.abs(both.mean(axis=-1) - expected) <= ERRORS * error)
