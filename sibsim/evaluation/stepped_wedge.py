"""Stepped wedge: clusters cross over to the intervention one group after the other, by lot.

Every cluster is measured in every period; groups (*sequences*) begin treatment one period apart,
the first after one period without. The effect is estimated by weighted least squares with an
effect of each period, on the mean of each cluster in each period.

A cluster's mean in period t is mu + beta_t + x_t (theta + b) + a + g_t + e_t, with sd(a) = tau,
sd(b) = eta, corr(a, b) = rho, sd(g_t) = gamma and var(e_t) = sigma^2 / people.

Sources: Hussey and Hughes (2007), Design and analysis of stepped wedge cluster randomized trials,
Contemporary Clinical Trials 28(2):182-191, for the variance; Hughes, Granston and Heagerty (2015),
Current issues in the design and analysis of stepped wedge trials, Contemporary Clinical Trials
45:55-60, for an effect that differs between clusters; the R packages swCRTdesign and SteppedPower.

Assumptions: variances are known, so the test is of a normal distribution; new people in every
period. sigma^2 is a person's variance within a cluster and period, the mean of that with and
without the intervention; published examples take it at the average of two shares, which counts a
part of the effect as spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Money, Number
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.evaluation.published import OneAnalysis, over_cohorts

ALL_ALIKE = 0.0
"""Clusters whose effects do not differ, or have nothing to do with their levels: the model of
Hussey and Hughes."""

LEAST_NOISE = 1e-9
"""Least variance within clusters as a share of that between them: with none at all, matrices cannot
be inverted, and with less, rounding shows."""

NO_NOISE = 1e-30
"""Stands for a variance of nothing, where clusters do not differ either."""

MOST_PERIODS = 100
"""Steps, and periods after them: more than any stepped wedge has had."""

Count = Annotated[int, Field(strict=True, ge=0, le=MOST_PERIODS)]
"""A whole number of zero to a hundred."""

AtLeastOne = Annotated[int, Field(strict=True, ge=1)]
"""A whole number of one or more."""


class SteppedWedge(OneAnalysis):
    """Trial in which clusters cross over in steps."""

    design: Literal["stepped_wedge"]
    """Name of the design."""

    sequences: Annotated[tuple[AtLeastOne, ...], Field(min_length=2, max_length=MOST_PERIODS)]
    """Clusters that cross over at each step, such as [6, 6, 6, 6]; two steps or more."""

    people: AtLeastOne
    """People measured in each cluster in each period, 1 or more."""

    tau: Money
    """Standard deviation of clusters' levels, in the outcome's unit, at least 0."""

    eta: Money = ALL_ALIKE
    """Standard deviation of the effect between clusters, in the outcome's unit, at least 0."""

    rho: Annotated[Number, Field(ge=-1, le=1)] = ALL_ALIKE
    """Correlation of a cluster's level and its effect, in [-1, 1]."""

    periods_after: Count = 0
    """Periods measured at the end once all clusters are treated, beyond the first such period."""

    transition_periods: Count = 0
    """First periods of treatment of each cluster that are left out of the analysis."""

    @model_validator(mode="after")
    def _check_it_can_be_estimated(self) -> Self:
        treated = _layout(
            len(self.sequences),
            periods_after=self.periods_after,
            transition_periods=self.transition_periods,
        )
        if not _identified(treated):
            message = (
                f"got {self.transition_periods} transition periods with {len(self.sequences)} "
                "steps; some period must hold both treated clusters and clusters that wait; add "
                "steps or leave out fewer periods"
            )
            raise fault(message)
        return self

    @property
    def people_compared(self) -> float:
        """Measurements of people in clusters that wait."""
        waiting = sum(clusters * (step + 1) for step, clusters in enumerate(self.sequences))
        return float(waiting * self.people)

    @property
    def in_points(self) -> Mapping[str, float]:
        """Fields that are stated in the outcome's unit, by name."""
        return {"tau": self.tau, "eta": self.eta}

    @property
    def sized_by(self) -> tuple[str, ...]:
        """The field that says how many people it counts of its own."""
        return ("people",)

    def variance(self, path: OutcomePath) -> FloatArray:
        """Return the variance of the weighted least squares estimate, (1, K, 1 or D)."""
        within = (path.variance + path.variance_without) / 2.0
        return stepped_wedge_variance(
            sequences=self.sequences,
            people=float(self.people),
            sigma2=over_cohorts(within, path=path),
            tau=self.tau,
            eta=self.eta,
            rho=self.rho,
            periods_after=self.periods_after,
            transition_periods=self.transition_periods,
        )

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(
                da="opfølgning på deltagerne i et lodtrækningsforsøg med trinvis indfasning",
                en="following the participants of a stepped wedge trial",
            )
        clusters, steps = decimal(sum(self.sequences)), decimal(len(self.sequences))
        return Words(
            da=(
                f"et lodtrækningsforsøg, hvor {clusters.da} klynger får indsatsen i {steps.da} trin"
            ),
            en=f"a stepped wedge trial of {clusters.en} clusters that cross over in {steps.en} "
            "steps",
        )


def stepped_wedge_variance(
    *,
    sequences: tuple[int, ...],
    people: FloatArray | float,
    sigma2: FloatArray | float,
    tau: float,
    eta: float = ALL_ALIKE,
    rho: float = ALL_ALIKE,
    gamma: float = ALL_ALIKE,
    periods_after: int = 0,
    transition_periods: int = 0,
) -> FloatArray:
    """Return the variance of the effect that a stepped wedge estimates.

    The element of (sum over clusters of X' V^-1 X)^-1 that belongs to the treatment, X the periods'
    indicators and the treatment's, V = (sigma^2 / people + gamma^2) I + Z D Z', Z = [1, x] and
    D = [[tau^2, rho tau eta], [rho tau eta, eta^2]]. Clusters of a sequence share V.

    Parameters
    ----------
    sequences
        Clusters that cross over at each step, two steps or more.
    people
        People in each cluster in each period, above zero; broadcasts with `sigma2`.
    sigma2
        Variance of a person's result within a cluster and period, any shape.
    tau, eta
        Standard deviation of clusters' levels, and of their effects, at least 0.
    rho
        Correlation of the two, in [-1, 1].
    gamma
        Standard deviation of a cluster's level from period to period, at least 0.
    periods_after
        Treated periods at the end beyond the first in which all are treated.
    transition_periods
        First treated periods of each cluster that are left out.

    Returns
    -------
    FloatArray
        Variance in the outcome's unit squared, in the shape of `sigma2` and `people`.

    Raises
    ------
    ArgumentError
        When no period holds both treated clusters and clusters that wait.
    """
    layout = _layout(
        len(sequences), periods_after=periods_after, transition_periods=transition_periods
    )
    if not _identified(layout):
        message = (
            f"got {len(sequences)} steps and {transition_periods} transition periods; some period "
            "must hold both treated clusters and clusters that wait; add steps or leave out fewer"
        )
        raise ArgumentError(message)
    noise = np.asarray(sigma2, dtype=np.float64) / people
    # Cohorts and follow-ups mostly have the same variance: each is worked out once.
    values, place = np.unique(noise, return_inverse=True)
    between = np.array([[tau**2, rho * tau * eta], [rho * tau * eta, eta**2]])
    least = max(LEAST_NOISE * float(np.trace(between)), NO_NOISE)
    blocks = np.maximum(values + gamma**2, least)[:, np.newaxis, np.newaxis]
    periods = layout.shape[1]
    information = np.zeros((len(values), periods + 1, periods + 1))
    for clusters, treated in zip(sequences, layout, strict=True):
        seen = ~np.isnan(treated)
        x = treated[seen]
        design = np.column_stack([np.eye(periods)[seen], x])
        common = np.column_stack([np.ones(len(x)), x])
        # Woodbury, with D on the right so that no cluster variance need be above zero.
        weight = between @ np.linalg.inv(blocks * np.eye(2) + common.T @ common @ between)
        crossed = design.T @ common
        information += clusters * (design.T @ design - crossed @ weight @ crossed.T)
    used = information[0].diagonal() > 0
    information = information[:, used][:, :, used]
    last = np.zeros((len(values), len(information[0]), 1))
    last[:, -1] = 1.0
    found = blocks[:, 0, 0] * np.linalg.solve(information, last)[:, -1, 0]
    return np.reshape(found[np.ravel(place)], noise.shape)


def _layout(steps: int, *, periods_after: int, transition_periods: int) -> FloatArray:
    """Return whether each sequence is treated in each period, NaN where it is left out, (S, T)."""
    since = np.arange(steps + 1 + periods_after) - np.arange(1, steps + 1)[:, np.newaxis]
    return np.where(since < 0, 0.0, np.where(since < transition_periods, np.nan, 1.0))


def _identified(layout: FloatArray) -> bool:
    """Return whether some period holds both treated clusters and clusters that wait.

    All wait in the first period, so that their levels can then be taken out too.
    """
    both = np.any(layout == 1, axis=0) & np.any(layout == 0, axis=0)
    return bool(np.any(both))


Model = SteppedWedge
