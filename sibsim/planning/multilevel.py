"""Power and minimum detectable effect of trials with people in groups, in standard deviations.

The effect is in standard deviations of a person's result. Each design has a squared standard error
and degrees of freedom; the rest is the t test of `testing`. In the formulas n is people per
cluster, J clusters (per block or upper cluster where there are three levels), K blocks or upper
clusters, p the share treated, q = 1 - p, rho the intraclass correlations and R2 the share of
variance that covariates explain at each level, g covariates at the level that is drawn.

Sources: Dong and Maynard 2013, "PowerUp!: A tool for calculating minimum detectable effect sizes
and minimum required sample sizes for experimental and quasi-experimental design studies", Journal
of Research on Educational Effectiveness 6(1):24-67; Lohr, Schochet and Sanders 2014, "Partially
nested randomized controlled trials in education research", NCER 2014-2000, section 4.1. Figures
agree with R's package `PowerUpR`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray
from sibsim.planning.arguments import (
    ALPHA,
    POWER,
    Sided,
    at_least_zero,
    icc,
    inside,
    number,
    people,
    positive,
    refuse,
    share,
)
from sibsim.planning.testing import mde_multiplier, power_of_test

HALF = 0.5
"""Share treated that is best where both arms cost the same."""

NOTHING = 0.0
"""Variance explained, and covariates, of an analysis without any."""


@dataclass(frozen=True, slots=True)
class MultilevelTrial:
    """A trial as a test sees it: how far its estimate errs, and how well that is known."""

    standard_error: FloatArray
    """Standard error of the effect in standard deviations of a person's result."""

    degrees: FloatArray
    """Degrees of freedom of the t test."""

    def power(self, effect: ArrayLike, *, alpha: ArrayLike = ALPHA, sided: Sided = 2) -> FloatArray:
        """Return the probability of finding an effect, in standard deviations."""
        ratio = number("effect", effect) / self.standard_error
        return power_of_test(ratio, degrees=self.degrees, alpha=alpha, sided=sided)

    def minimum_detectable_effect(
        self, *, power: ArrayLike = POWER, alpha: ArrayLike = ALPHA, sided: Sided = 2
    ) -> FloatArray:
        """Return (t(1 - alpha/sided) + t(power)) x standard error, in standard deviations."""
        multiplier = mde_multiplier(degrees=self.degrees, alpha=alpha, sided=sided, power=power)
        return np.asarray(multiplier * self.standard_error)


def individual_trial(
    people: ArrayLike,
    *,
    treated_share: ArrayLike = HALF,
    r2: ArrayLike = NOTHING,
    covariates: ArrayLike = NOTHING,
) -> MultilevelTrial:
    """Return people drawn by lot: (1 - R2) / (p q n) on n - g - 2 degrees (PowerUp IRA).

    Parameters
    ----------
    people
        People in both arms together, n.
    treated_share
        Share treated, p, in (0, 1).
    r2
        Share of variance explained by covariates, in [0, 1).
    covariates
        Number of covariates, g.

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or no degree of freedom is left.
    """
    n, pq = _people("people", people), _split(treated_share)
    return _trial(_left("r2", r2) / (pq * n), degrees=n - _covariates(covariates) - 2.0)


def blocked_trial(
    people: ArrayLike,
    *,
    blocks: ArrayLike,
    icc_block: ArrayLike = NOTHING,
    heterogeneity: ArrayLike | None = None,
    treated_share: ArrayLike = HALF,
    r2: ArrayLike = NOTHING,
    r2_effect: ArrayLike = NOTHING,
    covariates: ArrayLike = NOTHING,
) -> MultilevelTrial:
    """Return people drawn by lot inside blocks (PowerUp BIRA2_1c and BIRA2_1r).

    One effect in all blocks: (1 - R2) / (p q J n) on J (n - 1) - g - 1 degrees. With
    `heterogeneity` w the effect differs between blocks, which are a sample of many:
    rho w (1 - R2_effect) / J + (1 - rho) (1 - R2) / (p q J n) on J - g - 1 degrees.

    Parameters
    ----------
    people
        People per block, n.
    blocks
        Blocks, J.
    icc_block
        Share of variance between blocks, rho, in [0, 1); used with `heterogeneity`.
    heterogeneity
        Variance of the effect over blocks / variance between blocks, w, at least 0.
    treated_share, r2, covariates
        As in `individual_trial`; covariates at the level of blocks with `heterogeneity`.
    r2_effect
        Share of the effect's variance that covariates of blocks explain, in [0, 1).

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or no degree of freedom is left.
    """
    n, j, pq = _people("people", people), positive("blocks", blocks), _split(treated_share)
    left, g = _left("r2", r2), _covariates(covariates)
    if heterogeneity is None:
        return _trial(left / (pq * j * n), degrees=j * (n - 1.0) - g - 1.0)
    rho, omega = icc("icc_block", icc_block), at_least_zero("heterogeneity", heterogeneity)
    between = rho * omega * _left("r2_effect", r2_effect) / j
    return _trial(between + (1.0 - rho) * left / (pq * j * n), degrees=j - g - 1.0)


def cluster_trial(
    people: ArrayLike,
    *,
    clusters: ArrayLike,
    icc_cluster: ArrayLike,
    treated_share: ArrayLike = HALF,
    r2: ArrayLike = NOTHING,
    r2_cluster: ArrayLike = NOTHING,
    covariates: ArrayLike = NOTHING,
) -> MultilevelTrial:
    """Return clusters drawn by lot, on J - g - 2 degrees (PowerUp CRA2_2r).

    rho (1 - R2_cluster) / (p q J) + (1 - rho) (1 - R2) / (p q J n).

    Parameters
    ----------
    people
        People per cluster, n.
    clusters
        Clusters in both arms together, J.
    icc_cluster
        Share of variance between clusters, rho, in [0, 1).
    treated_share, r2, covariates
        As in `individual_trial`; covariates at the level of clusters.
    r2_cluster
        Share of the variance between clusters that covariates explain, in [0, 1).

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or no degree of freedom is left.
    """
    n, j, pq = _people("people", people), positive("clusters", clusters), _split(treated_share)
    rho = icc("icc_cluster", icc_cluster)
    variance = rho * _left("r2_cluster", r2_cluster) + (1.0 - rho) * _left("r2", r2) / n
    return _trial(variance / (pq * j), degrees=j - _covariates(covariates) - 2.0)


def three_level_trial(
    people: ArrayLike,
    *,
    clusters: ArrayLike,
    upper_clusters: ArrayLike,
    icc_cluster: ArrayLike,
    icc_upper: ArrayLike,
    treated_share: ArrayLike = HALF,
    r2: ArrayLike = NOTHING,
    r2_cluster: ArrayLike = NOTHING,
    r2_upper: ArrayLike = NOTHING,
    covariates: ArrayLike = NOTHING,
) -> MultilevelTrial:
    """Return upper clusters drawn by lot, such as schools of classes (PowerUp CRA3_3r).

    (rho3 (1 - R2_upper) + rho2 (1 - R2_cluster) / J + (1 - rho2 - rho3) (1 - R2) / (J n)) / (p q K)
    on K - g - 2 degrees.

    Parameters
    ----------
    people
        People per cluster, n.
    clusters
        Clusters per upper cluster, J.
    upper_clusters
        Upper clusters in both arms together, K.
    icc_cluster, icc_upper
        Shares of variance between clusters of an upper cluster, and between upper clusters; in
        [0, 1), and below 1 in sum.
    treated_share, r2, covariates
        As in `individual_trial`; covariates at the level of upper clusters.
    r2_cluster, r2_upper
        Shares of the variance at these levels that covariates explain, in [0, 1).

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or no degree of freedom is left.
    """
    n, j, pq = _people("people", people), positive("clusters", clusters), _split(treated_share)
    k = positive("upper_clusters", upper_clusters)
    rho2, rho3 = icc("icc_cluster", icc_cluster), icc("icc_upper", icc_upper)
    own = 1.0 - icc("icc_cluster + icc_upper", rho2 + rho3)
    variance = rho3 * _left("r2_upper", r2_upper) + rho2 * _left("r2_cluster", r2_cluster) / j
    variance = variance + own * _left("r2", r2) / (j * n)
    return _trial(variance / (pq * k), degrees=k - _covariates(covariates) - 2.0)


def blocked_cluster_trial(
    people: ArrayLike,
    *,
    clusters: ArrayLike,
    blocks: ArrayLike,
    icc_cluster: ArrayLike,
    treated_share: ArrayLike = HALF,
    r2: ArrayLike = NOTHING,
    r2_cluster: ArrayLike = NOTHING,
    covariates: ArrayLike = NOTHING,
) -> MultilevelTrial:
    """Return clusters drawn by lot inside fixed blocks (PowerUp BCRA3_2f).

    The variance of `cluster_trial` with J K clusters, on K (J - 2) - g degrees.

    Parameters
    ----------
    people
        People per cluster, n.
    clusters
        Clusters per block, J.
    blocks
        Blocks, K.
    icc_cluster, treated_share, r2, r2_cluster, covariates
        As in `cluster_trial`.

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or no degree of freedom is left.
    """
    n, j, pq = _people("people", people), positive("clusters", clusters), _split(treated_share)
    k, rho = positive("blocks", blocks), icc("icc_cluster", icc_cluster)
    variance = rho * _left("r2_cluster", r2_cluster) + (1.0 - rho) * _left("r2", r2) / n
    return _trial(variance / (pq * j * k), degrees=k * (j - 2.0) - _covariates(covariates))


def partially_nested_trial(
    people: ArrayLike,
    *,
    clusters: ArrayLike,
    icc_cluster: ArrayLike,
    icc_group: ArrayLike,
    group_size: ArrayLike,
    treated_share: ArrayLike = HALF,
    r2: ArrayLike = NOTHING,
) -> MultilevelTrial:
    """Return clusters drawn by lot whose participants alone meet in groups (PowerUp CRA2_PN).

    Mean of a treated cluster: x1 = rho + rho_g m / n + (1 - rho - rho_g) / n, m the people of a
    group; of a control cluster: x0 = rho + (1 - rho - rho_g) / n. Squared standard error
    (1 - R2) (x1 / p + x0 / q) / (J (1 - rho_g)), in standard deviations of people without groups;
    degrees by Satterthwaite: (x1/p + x0/q)^2 / (x1^2 / (p^2 (J p - 1)) + x0^2 / (q^2 (J q - 1))).

    Parameters
    ----------
    people
        People per cluster, n.
    clusters
        Clusters in both arms together, J.
    icc_cluster
        Share of participants' variance between clusters, rho, in [0, 1).
    icc_group
        Share of it between groups of a cluster, rho_g, in [0, 1), below 1 in sum.
    group_size
        People of a group, m, at most n.
    treated_share, r2
        As in `individual_trial`.

    Raises
    ------
    ArgumentError
        If an argument is outside its range, or no degree of freedom is left.
    """
    n, j = _people("people", people), positive("clusters", clusters)
    p = inside("treated_share", treated_share)
    q = 1.0 - p
    rho, of_group = icc("icc_cluster", icc_cluster), icc("icc_group", icc_group)
    own = 1.0 - icc("icc_cluster + icc_group", rho + of_group)
    control = rho + own / n
    treated = control + of_group * positive("group_size", group_size) / n
    per_arm = (treated / p, control / q)
    variance = _left("r2", r2) * (per_arm[0] + per_arm[1]) / (j * (1.0 - of_group))
    fewest = (j * p - 1.0, j * q - 1.0)
    one_short = np.minimum(*fewest) <= 0
    spread = sum(
        arm**2 / np.where(one_short, 1.0, few) for arm, few in zip(per_arm, fewest, strict=True)
    )
    degrees = (per_arm[0] + per_arm[1]) ** 2 / spread
    return _trial(variance, degrees=np.where(one_short, 0.0, degrees))


_people = people


def _trial(variance: FloatArray, *, degrees: FloatArray) -> MultilevelTrial:
    """Return the trial with a squared standard error, refused without a degree of freedom."""
    if (degrees <= 0).any():
        refuse(
            "degrees",
            float(degrees.min()),
            rule="a t test needs at least one degree of freedom",
            way_out="plan for more clusters, blocks or people, or fewer covariates",
        )
    return MultilevelTrial(np.sqrt(variance), np.asarray(degrees, dtype=np.float64))


def _split(treated_share: ArrayLike) -> FloatArray:
    p = inside("treated_share", treated_share)
    return np.asarray(p * (1.0 - p))


def _left(name: str, r2: ArrayLike) -> FloatArray:
    """Return 1 - R2, the share of variance that is left."""
    return np.asarray(1.0 - share(name, r2))


def _covariates(given: ArrayLike) -> FloatArray:
    return at_least_zero("covariates", given)
