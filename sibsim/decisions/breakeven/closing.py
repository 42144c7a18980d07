"""Where a figure reaches its target as one driver moves, on the same luck throughout.

The figure is looked at with the driver as it is and at both ends of its range. Where today's is
good enough and an end is not, or the other way round, the bracket between them is closed. Assumes
that the figure crosses its target once between them; where it crosses several times, one of these
places is found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sibsim.core.statistics import Estimate
from sibsim.decisions.breakeven.levers import Lever, Point
from sibsim.decisions.conditions import Condition
from sibsim.decisions.crossing import crossing

Kind = Literal["found", "always", "never"]
"""Whether the figure reaches its target at a value, all over the range, or nowhere in it."""

FAR_ENOUGH = 0.05
"""The slope of a figure is taken to the nearest value looked at that is this far off in proportion:
nearer ones differ by little but chance."""

FAR_ENOUGH_WHOLE = 10.0
"""The same in units of a driver that is a whole number: a few people more or fewer are others,
whose luck moves the figure more than their number."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A figure at one value of a driver."""

    point: Point
    """The value and the metrics there."""

    figure: Estimate
    """The figure."""

    slack: float
    """By how much it keeps the target, below zero where it does not."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found of one driver."""

    kind: Kind
    """Whether there is a value, every value does, or none."""

    now: Seen
    """With the driver as it is, or at its mean."""

    low: Seen
    """At the low end of the range."""

    high: Seen
    """At the high end of the range."""

    there: Seen | None
    """At the value that is just enough; None: there is none."""

    good_above: bool
    """Whether values above that one are enough; else those below."""

    again: bool
    """Whether the figure crosses its target a second time, on the other side of today's value."""

    seen: tuple[Seen, ...]
    """Every value looked at, rising."""

    whole: bool
    """Whether only whole values make sense."""

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the value, their correlation left out.

        sqrt((error of the figure there / slope)^2 + (error of the value itself)^2), the latter
        where the value is a mean over draws.
        """
        if self.there is None:
            return np.nan
        slope = self._slope(self.there)
        if not slope:
            return np.nan
        return float(np.hypot(self.there.figure.mc_error / slope, self.there.point.error))

    def _slope(self, there: Seen) -> float:
        """Return what the figure changes by per unit of the driver, to a value further off."""
        value = there.point.value
        least = max(FAR_ENOUGH * abs(value), FAR_ENOUGH_WHOLE if self.whole else 0.0)
        apart = [each for each in self.seen if abs(each.point.value - value) > least]
        if not apart:
            return np.nan
        other = min(apart, key=lambda each: abs(each.point.value - value))
        return (other.figure.value - there.figure.value) / (other.point.value - value)


@dataclass(eq=False)
class _Sight:
    """The figure wherever it was looked at, each value once."""

    lever: Lever
    wanted: Condition
    seen: dict[float, Seen] = field(default_factory=dict)

    def at(self, setting: float) -> Seen:
        """Return the figure at a setting of the driver."""
        if setting not in self.seen:
            point = self.lever.at(setting)
            estimate = self.wanted.figure.of(point.metrics[self.wanted.figure.metric])
            slack = self.wanted.slack(estimate.value)
            self.seen[setting] = Seen(point, estimate, -np.inf if np.isnan(slack) else slack)
        return self.seen[setting]


def searched(lever: Lever, wanted: Condition) -> Found:
    """Return where a figure reaches its target as a driver moves over its range.

    Parameters
    ----------
    lever
        The driver.
    wanted
        The figure, and the target as a limit; where it is undefined it does not keep it.
    """
    sight = _Sight(lever, wanted)
    now, low, high = (sight.at(each) for each in (lever.now, lever.low, lever.high))
    worse, better = (low, high) if lever.more_is_better else (high, low)
    enough = now.slack >= 0
    ends = (worse, better) if enough else (better, worse)
    others = [each for each in ends if (each.slack >= 0) != enough]
    if not others:
        kind: Kind = "always" if enough else "never"
        return _found(kind, sight, (now, low, high), there=None, good_above=lever.more_is_better)
    bad, good = (others[0], now) if enough else (now, others[0])
    there = _closed(sight, bad=bad, good=good)
    above = good.point.value > bad.point.value
    found = (now, low, high)
    return _found("found", sight, found, there=there, good_above=above, again=len(others) > 1)


def _found(
    kind: Kind,
    sight: _Sight,
    ends: tuple[Seen, Seen, Seen],
    *,
    there: Seen | None,
    good_above: bool,
    again: bool = False,
) -> Found:
    seen = tuple(sorted(sight.seen.values(), key=lambda each: each.point.setting))
    now, low, high = ends
    return Found(
        kind=kind,
        now=now,
        low=low,
        high=high,
        there=there,
        good_above=good_above,
        again=again,
        seen=seen,
        whole=sight.lever.whole,
    )


def _closed(sight: _Sight, *, bad: Seen, good: Seen) -> Seen:
    """Return the last value that is good enough between one that is and one that is not."""
    lever = sight.lever
    low, high = sorted((bad.point.setting, good.point.setting))

    def reached(setting: float) -> float:
        slack = sight.at(round(setting) if lever.whole else setting).slack
        return max(slack, bad.slack) if np.isfinite(bad.slack) else _signed(slack)

    tolerance = lever.tolerance / max(abs(low), abs(high))
    found = crossing(reached, low=low, high=high, tolerance=tolerance)
    if not lever.whole:
        enough = [each for each in sight.seen.values() if each.slack >= 0]
        inside = [each for each in enough if low <= each.point.setting <= high]
        return min(inside, key=lambda each: abs(each.point.setting - found))
    step = 1 if good.point.setting > bad.point.setting else -1
    here = round(found)
    while sight.at(here).slack < 0:
        here += step
    while here - step != round(bad.point.setting) and sight.at(here - step).slack >= 0:
        here -= step
    return sight.at(here)


def _signed(slack: float) -> float:
    """Return only which side a figure is on, where one end of the bracket has none."""
    return 1.0 if slack >= 0 else -1.0
