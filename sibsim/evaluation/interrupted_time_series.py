"""Interrupted time series: one series of means before and after the intervention begins.

Segmented regression of the series on a level, a trend, a change of level and, if stated, a change
of trend, by generalised least squares with errors that follow an AR(1) process of known
autocorrelation. The effect is the distance at the last point between the series and what the trend
before leads to expect: the change of level, plus the change of trend over the time since.

Variance: V = w' S w, w = Omega^-1 X (X' Omega^-1 X)^-1 c the weights of the points, c the contrast
at the last point, and S the covariance of their errors, s_i s_j times the autocorrelation to the
power of their distance, s^2 = v / people per point + shock_sd^2, v a person's variance without the
intervention before and with it after. Where both are alike it is s^2 c' (X' Omega^-1 X)^-1 c.

Sources: Wagner, Soumerai, Zhang and Ross-Degnan (2002), Segmented regression analysis of
interrupted time series studies in medication use research, Journal of Clinical Pharmacy and
Therapeutics 27(4):299-309; Prais and Winsten (1954), Trend estimators and serial correlation,
Cowles Commission Discussion Paper 383, for the transformation that makes the errors independent.

Assumptions: the autocorrelation is known and that of the whole error; without the intervention the
trend goes on; points have equal distance and equally many people. A later last point lies further
from the points before, so with a change of trend more points after need not make V smaller.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Money, Number
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.evaluation.base import rate
from sibsim.evaluation.published import OneAnalysis, over_cohorts

LEAST_BEFORE = 2
"""A level and a trend need two points before the intervention."""

MOST_POINTS = 1_000
"""Points of a series: weeks of twenty years."""

Points = Annotated[int, Field(strict=True, ge=1, le=MOST_POINTS)]
"""A whole number from one to a thousand."""

Change = Literal["level", "level_and_slope"]
"""What the intervention may change: the level of the series, or its trend as well."""

_LEAST_AFTER: dict[Change, int] = {"level": 1, "level_and_slope": 2}
"""Points after the intervention that what changes is estimated from."""


class InterruptedTimeSeries(OneAnalysis):
    """Segmented regression of one series."""

    design: Literal["interrupted_time_series"]
    """Name of the design."""

    points_before: Annotated[Points, Field(ge=LEAST_BEFORE)]
    """Points of the series before the intervention, 2 or more."""

    points_after: Points
    """Points of the series after it has begun, 1 or more; 2 or more where the trend changes."""

    people_per_point: Annotated[int, Field(strict=True, ge=1)]
    """People whose mean is a point, 1 or more."""

    autocorrelation: Annotated[Number, Field(ge=0, lt=1)]
    """Correlation of the errors of two neighbouring points, in [0, 1)."""

    shock_sd: Money
    """Standard deviation of a point beyond the luck of its people, in the outcome's unit, at least
    0."""

    change: Change
    """What the intervention changes: `level`, or `level_and_slope`."""

    @model_validator(mode="after")
    def _check_points(self) -> Self:
        points, least = self.points_before + self.points_after, _LEAST_AFTER[self.change]
        if self.points_after < least:
            message = (
                f"got points_after = {self.points_after}; a change of trend needs {least} points "
                "after the intervention; add points or write change = 'level'"
            )
            raise fault(message)
        if points <= self._parameters:
            message = (
                f"got {points} points for {self._parameters} parameters; the error is estimated "
                "from the points beyond the parameters; add points"
            )
            raise fault(message)
        return self

    @property
    def people_compared(self) -> float:
        """Measurements of people before the intervention."""
        return float(self.points_before * self.people_per_point)

    @property
    def degrees(self) -> float:
        """Points less parameters."""
        return float(self.points_before + self.points_after - self._parameters)

    @property
    def in_points(self) -> Mapping[str, float]:
        """Fields that are stated in the outcome's unit, by name."""
        return {"shock_sd": self.shock_sd}

    @property
    def sized_by(self) -> tuple[str, ...]:
        """The field that says how many people it counts of its own."""
        return ("people_per_point",)

    def variance(self, path: OutcomePath) -> FloatArray:
        """Return w' S w, (1, K, 1 or D)."""
        counted = np.any(path.people > 0, axis=0)
        before, after = (
            rate(over_cohorts(person, path=path), number=np.array(float(self.people_per_point)))
            + self.shock_sd**2
            for person in (path.variance_without, path.variance)
        )
        own, others, across = self.factors
        found = own * before + others * after + across * np.sqrt(before * after)
        return np.where(counted, found, 0.0)

    @cached_property
    def factors(self) -> tuple[float, float, float]:
        """Variance of the effect in variances of a point before, of one after, and in s_b s_a.

        Omega is undone point by point: x_t - rho x_(t-1), divided by sqrt(1 - rho^2), the first
        point as it is.
        """
        points = self.points_before + self.points_after
        time = np.arange(points)
        after = time >= self.points_before
        columns = [np.ones(points), time, after]
        contrast = [0.0, 0.0, 1.0]
        if self.change == "level_and_slope":
            columns.append(np.where(after, time - self.points_before, 0))
            contrast.append(self.points_after - 1.0)
        design, c = np.column_stack(columns).astype(np.float64), np.array(contrast)
        rho = self.autocorrelation
        undo = (np.eye(points) - rho * np.eye(points, k=-1)) / np.sqrt(1.0 - rho**2)
        undo[0] = np.eye(points)[0]
        free = undo @ design
        weights = undo.T @ free @ np.linalg.solve(free.T @ free, c)
        alike = rho ** np.abs(time[:, np.newaxis] - time)
        sides = (np.where(after, 0.0, weights), np.where(after, weights, 0.0))
        own, others = (float(side @ alike @ side) for side in sides)
        return own, others, float(2.0 * sides[0] @ alike @ sides[1])

    @property
    def _parameters(self) -> int:
        """Level, trend and what changes."""
        return 2 + _LEAST_AFTER[self.change]

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        before, after = decimal(self.points_before), decimal(self.points_after)
        if not compared:
            return Words(
                da=f"en tidsserie med {after.da} målinger efter indsatsens start",
                en=f"a time series of {after.en} points after the intervention begins",
            )
        return Words(
            da=(
                f"en afbrudt tidsserie med {before.da} målinger før og {after.da} efter indsatsens "
                "start"
            ),
            en=(
                f"an interrupted time series of {before.en} points before and {after.en} after the "
                "intervention begins"
            ),
        )


Model = InterruptedTimeSeries
