"""Days outcome: days of a person in a state since the follow-up before: nights in a shelter.

A share of people is at the lowest number of days (0, or 1 where everyone counted has a day), a
share is there for the whole window, and the rest lie between; `sibsim.outcomes.days_law` has the
law. An effect on the mean moves all three parts together.

Assumptions: those between follow a beta-binomial law; an effect moves the log odds of the parts
alike and leaves the precision of those between as it is.

`fit_days` turns published figures into fields of a case. Danish shelters, 2007: a *stay* took 47
nights on average, 36 % of stays one night, 14 % more than 120; a *user* had 111 nights in the year,
7 % of users one night, 9 % the whole year. Two fits, and both meet every figure:

>>> stays = fit_days(
...     mean=47, window_days=365, lowest=1, share_lowest=0.36, above_days=120, share_above=0.14
... )
>>> round(stays.sd), stays.share_bound
(65, 0.0)
>>> users = fit_days(mean=111, window_days=365, lowest=1, share_lowest=0.07, share_bound=0.09)
>>> round(users.sd), users.share_bound
(118, 0.09)

Source: Ankestyrelsen (2008), Hver nat sover 2.000 personer på forsorgshjem eller herberg,
https://ast.dk/publikationer/hver-nat-sover-2-000-personer-pa-forsorgshjem-eller-herberg.
Assumptions of the fits: no stay is longer than a year and none takes exactly a year; nothing
published says how users between one night and the whole year are spread, so their sd rests on a
precision of 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault, shown
from sibsim.core.mean_effects import cut
from sibsim.core.parameters import Amounts, Shares
from sibsim.core.stages import Context
from sibsim.core.timeline import DAYS_PER_YEAR, MONTHS_PER_YEAR
from sibsim.errors import ArgumentError
from sibsim.outcomes.base import Laws
from sibsim.outcomes.days_law import LEAST_RANGE, PRECISIONS, DaysLaw, DaysParts, centred, spread_to
from sibsim.outcomes.mean_outcome import MeanOutcome, cells
from sibsim.outcomes.stated import base_values, per_follow_up

FLAT_PRECISION = 2.0
"""Precision of a uniform law, taken where no figure says how those between are spread."""

FIT_TOLERANCE = 0.02
"""Two percentage points by which a fitted share may miss a published one, which is rounded."""

SOLVED = 1e-9
"""Miss of a share at which it counts as met."""

FIT_ROOT = 1e-12
"""Tolerance of the logarithm of a fitted precision."""

TRIED_PRECISIONS = np.geomspace(PRECISIONS[1], PRECISIONS[0], 361)
"""Precisions among which a fit looks, 40 to the power of ten, the least spread first."""

TRIED_BOUNDS = 29
"""Shares at the bound that a fit tries, from none to the whole tail: half points of 14 %."""

WindowDays = Annotated[int, Field(strict=True, gt=0)]
"""Days of a window, a whole number above zero."""


LONGER = 2.0
"""Days by which a window may be longer than the months before it are on average: February."""


class Days(MeanOutcome):
    """Outcome whose result is a number of days since the follow-up before."""

    one_or_each: ClassVar[tuple[str, ...]] = (
        *MeanOutcome.one_or_each,
        "window_days",
        "sd",
        "share_lowest",
        "share_bound",
    )

    model: Literal["days"]
    """Name of the outcome model."""

    lowest: Literal[0, 1]
    """Lowest number of days of a person: 0, or 1 where everyone counted has a day."""

    window_days: WindowDays | tuple[WindowDays, ...]
    """Days from the follow-up before (the first: from the start of service) to this one, one or one
    per follow-up; at least `lowest` + 4."""

    sd: Amounts
    """Standard deviation of a person's days without the intervention, one or one per follow-up,
    above zero."""

    share_lowest: Shares
    """Share of people at the lowest number without the intervention, one or one per follow-up, in
    [0, 1]."""

    share_bound: Shares
    """Share of people at the whole window without the intervention, one or one per follow-up, in
    [0, 1]."""

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        least = self.lowest + LEAST_RANGE
        if self._window.min() < least:
            message = (
                f"got a window of {self._window.min():g} days; with lowest = {self.lowest} it has "
                f"at least {least}; for less use an outcome of model 'binary' or 'count'"
            )
            raise fault(message)
        between = np.diff((0, *self.follow_up_months)) * DAYS_PER_YEAR / MONTHS_PER_YEAR
        windows = np.broadcast_to(self._window.ravel(), between.shape)
        for window, days, months in zip(windows, between, self.follow_up_months, strict=True):
            if window > days + LONGER:
                message = (
                    f"got a window of {window:g} days up to the follow-up at {months} months; "
                    f"since the follow-up before, or the start, only {days:.0f} days have passed; "
                    "give one window for each follow-up"
                )
                raise fault(message)
        return self

    @model_validator(mode="after")
    def _check_figures(self) -> Self:
        for k, message in enumerate(self._at_base()):
            if message:
                where = f" (follow-up {self.follow_up_months[k]} months)"
                raise fault(message + (where if len(self.follow_up_months) > 1 else ""))
        return self

    def bounds(self, position: int) -> tuple[float, float]:
        """Return 0 and the days of the window."""
        windows = self.window_days
        return 0.0, float(windows[position] if isinstance(windows, tuple) else windows)

    @property
    def counted_in(self) -> str:
        """Return `days`."""
        return "days"

    def laws(
        self,
        when: FloatArray,
        *,
        context: Context,
    ) -> Laws:
        """Return how a person's days are spread; what cannot be is cut and counted."""
        without, moved = self.means(context)
        parts, no_mean = centred(
            lowest=self.lowest,
            window=self._window,
            share_lowest=per_follow_up(context, "share_lowest", self.share_lowest),
            share_bound=per_follow_up(context, "share_bound", self.share_bound),
            mean=without,
        )
        parts, no_sd = spread_to(parts, sd=per_follow_up(context, "sd", self.sd))
        low, high = parts.reach()
        moved, too_far = cut(moved, lower=low, upper=high)
        treated, untreated = (
            self._by_cohort(each, context=context, cohorts=len(when))
            for each in (parts.with_mean(moved), parts)
        )
        clipped = cells(no_mean | no_sd, when=when) + cells(too_far, when=when)
        return Laws(treated, untreated, clipped=clipped)

    @property
    def _window(self) -> FloatArray:
        """Days of the windows, (1, 1 or K, 1)."""
        return np.array(self.window_days, dtype=np.float64).reshape(1, -1, 1)

    def _by_cohort(
        self, parts: DaysParts, *, context: Context, cohorts: int
    ) -> tuple[DaysLaw, ...]:
        """Return the law of every cohort from parts, each array (1 or C, 1 or K, 1 or D)."""

        def law(kept: FloatArray, *arrays: FloatArray) -> DaysLaw:
            return DaysLaw(kept, DaysParts(self.lowest, *arrays))

        return self.by_cohort(
            law,
            parts.window,
            parts.share_lowest,
            parts.share_bound,
            parts.middle,
            parts.precision,
            context=context,
            cohorts=cohorts,
        )

    def _at_base(self) -> Iterator[str]:
        """Yield for each follow-up why the base values cannot go together, or nothing."""
        follow_ups = len(self.follow_up_months)
        figures = np.hstack(
            [
                base_values(stated, follow_ups=follow_ups)
                for stated in (self.counterfactual, self.sd, self.share_lowest, self.share_bound)
            ]
        )
        for k, (mean, sd, share_lowest, share_bound) in enumerate(figures):
            window = self._window[0, min(k, self._window.shape[1] - 1), 0]
            yield misfit(
                lowest=self.lowest,
                window=window,
                share_lowest=share_lowest,
                share_bound=share_bound,
                mean=mean,
                sd=sd,
            )


def misfit(
    *,
    lowest: int,
    window: float,
    share_lowest: float,
    share_bound: float,
    mean: float,
    sd: float | None,
) -> str:
    """Return in words which of the figures cannot go together and what could, or nothing.

    Parameters
    ----------
    lowest, window
        Lowest number of days and days of the window.
    share_lowest, share_bound
        Shares of people at the two.
    mean, sd
        Mean and standard deviation of the days of all people; sd None: not asked.
    """
    shares = f"share_lowest = {shown(share_lowest)} and share_bound = {shown(share_bound)}"
    if share_lowest + share_bound >= 1:
        return f"got {shares}; some people lie between, so they sum to less than 1; lower one"
    between = 1.0 - share_lowest - share_bound
    ends = share_lowest * lowest + share_bound * window
    low, high = ends + between * (lowest + 1), ends + between * (window - 1)
    if not low < mean < high:
        return (
            f"got a mean of {shown(mean)} with {shares} of a window of {shown(window)} days; those "
            f"between have {lowest + 1} to {shown(window - 1)} days, so the mean lies between "
            f"{low:.4g} and {high:.4g}; change the mean or a share"
        )
    parts = _centred(
        lowest=lowest,
        window=window,
        share_lowest=share_lowest,
        share_bound=share_bound,
        mean=mean,
    )
    narrow, wide = np.sqrt(replace(parts, precision=np.array(PRECISIONS[::-1])).variance[0])
    if sd is not None and not narrow <= sd <= wide:
        return (
            f"got sd = {shown(sd)} with a mean of {shown(mean)}, {shares} of a window of "
            f"{shown(window)} days; with these the sd lies between {narrow:.4g} and {wide:.4g}; "
            "give one in that range, or change the mean or a share"
        )
    return ""


@dataclass(frozen=True)
class DaysFit:
    """Figures of a days outcome that reproduce published ones."""

    sd: float
    """Standard deviation of a person's days."""

    share_bound: float
    """Share of people at the whole window."""

    law: DaysLaw
    """The law with these figures: its mean and `at_least` can be held against the published."""


def fit_days(
    *,
    mean: float,
    window_days: int,
    lowest: Literal[0, 1],
    share_lowest: float,
    share_bound: float | None = None,
    above_days: int | None = None,
    share_above: float | None = None,
) -> DaysFit:
    """Return the sd, and the share at the bound, that reproduce published figures.

    Mean and shares at the ends are fields of the outcome and met exactly. A share above a number of
    days is met by the smallest share at the bound that can, and with it the smallest sd. Where it
    is not published, those between get a precision of 2, as a uniform law has.

    Parameters
    ----------
    mean
        Mean number of days of a person.
    window_days
        Days of the window.
    lowest
        Lowest number of days, 0 or 1.
    share_lowest
        Share of people at it, in [0, 1].
    share_bound
        Share of people at the whole window, in [0, 1]; None: not published. It is then chosen with
        the share above, and is 0 where that is not published either.
    above_days, share_above
        The share of people that has more than so many days; None: not published.

    Raises
    ------
    ArgumentError
        If a figure cannot be met to 2 percentage points; says which, and the nearest that can.
    """
    if (above_days is None) != (share_above is None):
        message = "got one of above_days and share_above; a published share above needs both"
        raise ArgumentError(message)
    bounds = np.array([0.0 if share_bound is None else share_bound])
    if share_bound is None and share_above is not None:
        bounds = np.linspace(0.0, share_above, TRIED_BOUNDS)
    fits, problem = [], ""
    for bound in map(float, bounds):
        figures = {"share_lowest": share_lowest, "share_bound": bound, "mean": mean}
        problem = misfit(lowest=lowest, window=window_days, sd=None, **figures)
        if problem:
            continue
        parts = _centred(lowest=lowest, window=window_days, **figures)
        if above_days is None or share_above is None:
            return _fit(parts, precision=FLAT_PRECISION)
        fits.append(_nearest(parts, days=above_days + 1, share=share_above))
        if abs(fits[-1].law.at_least(above_days + 1).item() - share_above) <= SOLVED:
            return fits[-1]
    if not fits or above_days is None or share_above is None:
        raise ArgumentError(problem)
    found = [fit.law.at_least(above_days + 1).item() for fit in fits]
    best = min(range(len(fits)), key=lambda i: abs(found[i] - share_above))
    if abs(found[best] - share_above) > FIT_TOLERANCE:
        message = (
            f"got a share of {shown(share_above)} above {above_days} days; with a mean of "
            f"{shown(mean)} and share_lowest = {shown(share_lowest)} in a window of {window_days} "
            f"days the nearest is {found[best]:.3f}; check the figures, or give another window"
        )
        raise ArgumentError(message)
    return fits[best]


def _centred(
    *, lowest: int, window: float, share_lowest: float, share_bound: float, mean: float
) -> DaysParts:
    """Return the parts of one follow-up with these figures, each array (1, 1)."""
    window_, low, bound, mean_ = (
        np.array([[figure]], dtype=np.float64)
        for figure in (window, share_lowest, share_bound, mean)
    )
    parts, _ = centred(
        lowest=lowest, window=window_, share_lowest=low, share_bound=bound, mean=mean_
    )
    return parts


def _nearest(parts: DaysParts, *, days: int, share: float) -> DaysFit:
    """Return the fit with the smallest sd at which a share has at least so many days.

    Where no sd gives the share, the one that comes nearest.
    """
    from scipy.optimize import brentq

    def miss(log_precision: FloatArray) -> FloatArray:
        law = _law(parts, precision=np.exp(log_precision))
        return np.asarray(law.at_least(days)[0] - share)

    tried = np.log(TRIED_PRECISIONS)
    misses = miss(tried)
    crossings = np.flatnonzero(misses[1:] * misses[:-1] <= 0)
    if not len(crossings):
        return _fit(parts, precision=TRIED_PRECISIONS[np.argmin(np.abs(misses))])
    first = int(crossings[0])
    root = brentq(
        lambda log: miss(np.array(log)).item(), tried[first], tried[first + 1], xtol=FIT_ROOT
    )
    return _fit(parts, precision=float(np.exp(root)))


def _law(parts: DaysParts, *, precision: FloatArray | float) -> DaysLaw:
    """Return the law of parts with one precision, or with one precision per draw."""
    kept = np.ones(1)
    return DaysLaw(kept, replace(parts, precision=np.atleast_2d(precision)))


def _fit(parts: DaysParts, *, precision: float) -> DaysFit:
    law = _law(parts, precision=precision)
    return DaysFit(float(np.sqrt(law.variance.item())), parts.share_bound.item(), law)


Model = Days
