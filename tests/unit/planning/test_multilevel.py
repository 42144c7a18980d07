"""Trials with people in groups against the help pages of PowerUpR and longpower."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.errors import ArgumentError
from sibsim.planning import design_effect
from sibsim.planning.multilevel import (
    MultilevelTrial,
    blocked_cluster_trial,
    blocked_trial,
    cluster_trial,
    individual_trial,
    partially_nested_trial,
    three_level_trial,
)
from sibsim.planning.samples import diggle_people

SAXON = three_level_trial(
    10,
    clusters=2,
    upper_clusters=83,
    icc_cluster=0.06,
    icc_upper=0.18,
    treated_share=0.4,
    r2=0.55,
    r2_cluster=0.50,
    r2_upper=0.45,
    covariates=1,
)
"""The vignette of PowerUpR: schools of classes, with pretests."""

SIX_DECIMALS = 5.000001e-7


@pytest.mark.parametrize(
    ("trial", "effect", "degrees"),
    [
        (individual_trial(250), 0.355775, 248),
        (blocked_trial(15, blocks=20), 0.324634, 279),
        (blocked_trial(15, blocks=20, icc_block=0.17, heterogeneity=0.5), 0.365585, 19),
        (cluster_trial(15, clusters=20, icc_cluster=0.17), 0.629006, 18),
        (
            three_level_trial(15, clusters=3, upper_clusters=60, icc_cluster=0.17, icc_upper=0.06),
            0.269108,
            58,
        ),
        (blocked_cluster_trial(20, clusters=44, blocks=5, icc_cluster=0.10), 0.144520, 210),
        (
            partially_nested_trial(
                40, clusters=70, icc_cluster=0.15, icc_group=0.10, group_size=10
            ),
            0.304941,
            67.678,
        ),
        (SAXON, 0.230088, 80),
    ],
)
def test_minimum_detectable_effects_of_powerupr(
    trial: MultilevelTrial, effect: float, degrees: float
) -> None:
    """As the package prints them."""
    assert abs(trial.minimum_detectable_effect() - effect) < SIX_DECIMALS
    assert abs(trial.degrees - degrees) < 0.001


def test_powers_of_powerupr() -> None:
    """As the package prints them."""
    found = cluster_trial(15, clusters=20, icc_cluster=0.17).power(0.629)
    assert abs(found - 0.800071) < SIX_DECIMALS
    assert abs(SAXON.power(0.23) - 0.799818) < SIX_DECIMALS


def test_without_alikeness_clusters_are_people() -> None:
    """ICC 0 has the error of an individual trial of as many people."""
    clusters = cluster_trial(10, clusters=20, icc_cluster=0.0)
    assert abs(clusters.standard_error - individual_trial(200).standard_error) < 1e-15


def test_arguments_broadcast() -> None:
    """More clusters and more alike people, in one table."""
    table = cluster_trial(15, clusters=[[10], [20]], icc_cluster=[0.0, 0.1, 0.2])
    found = table.minimum_detectable_effect()
    assert found.shape == (2, 3)
    assert np.all(np.diff(found, axis=1) > 0)
    assert np.all(np.diff(found, axis=0) < 0)


def test_design_effects() -> None:
    """Kish, and with clusters of unequal size."""
    np.testing.assert_allclose(design_effect([20, 50], icc=[0.05, 0.01]), [1.95, 1.49])
    np.testing.assert_allclose(design_effect(20, icc=0.05, cv=0.65), 2.3725)
    assert design_effect(1, icc=0.4) == 1.0


def test_the_table_of_diggle() -> None:
    """People per arm for slopes at 0, 2 and 5, d = 0.5, one-sided, as longpower prints it."""
    found = diggle_people(
        0.5,
        times=[0, 2, 5],
        sd=np.sqrt([100.0, 200.0, 300.0]),
        correlation=[[0.2], [0.5], [0.8]],
        sided=1,
    )
    table = [[313, 625, 938], [196, 391, 586], [79, 157, 235]]
    np.testing.assert_array_equal(np.ceil(found), table)


def test_what_cannot_be_is_refused() -> None:
    """ICC outside [0, 1), one cluster per arm, one time only."""
    with pytest.raises(ArgumentError, match=r"icc_cluster: got 1; an intraclass .* \[0, 1\)"):
        cluster_trial(15, clusters=20, icc_cluster=1.0)
    with pytest.raises(ArgumentError, match=r"degrees: got 0; .* more clusters"):
        cluster_trial(15, clusters=2, icc_cluster=0.1)
    with pytest.raises(ArgumentError, match=r"times: got .*two different times"):
        diggle_people(0.5, times=[3, 3], sd=1.0, correlation=0.5)
    with pytest.raises(ArgumentError, match=r"got icc = -0.1"):
        design_effect(20, icc=-0.1)
    with pytest.raises(ArgumentError, match=r"got cluster_size = 0; a cluster has"):
        design_effect(0, icc=0.1)
    with pytest.raises(ArgumentError, match=r"got cv = -1; it must be 0 or more"):
        design_effect(20, icc=0.1, cv=-1)
    with pytest.raises(ArgumentError, match=r"degrees: got 0"):
        partially_nested_trial(40, clusters=2, icc_cluster=0.1, icc_group=0.1, group_size=10)
