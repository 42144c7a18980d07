"""Which term of a contract meets a target: by re-pricing the same worlds, never by new luck."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sibsim.case import Case
from sibsim.core.streams import BLOCK_DRAWS, Rng
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError, CaseError, SolveError
from sibsim.figures import NO_MEAN
from sibsim.simulate import reprice, simulate

At = Literal["median", "mean", "base"]
"""What of a metric must meet the target."""

TOLERANCE = 1e-6
"""A value is found when its bracket is this small in proportion: a price of 20,000 to 2 øre."""

WIDEN = 16.0
"""Without bounds the search looks from the value / 16 to the value x 16, or to the largest half,
quarter and so on of that which the case accepts: a rate or a share ends at 1."""

MOST_STEPS = 200
"""Halvings after which any bracket of floating-point numbers has closed."""


@dataclass(frozen=True)
class Solution:
    """A term that meets a target."""

    path: str
    """Which term."""

    value: float | list[float]
    """The value that meets the target; a list keeps its proportions."""

    metric: str
    """Which metric."""

    at: At
    """What of the metric meets the target."""

    target: float
    """The target."""

    achieved: float
    """What the metric comes to at the value."""

    case: Case
    """The case with the value."""

    def __str__(self) -> str:
        """Return the finding as a sentence."""
        return (
            f"{self.path} = {_rounded(self.value)} gives {self.metric} = {self.achieved:,.4f} "
            f"({self.at}; target {self.target:,.4f})"
        )

    __repr__ = __str__


def solve(
    case: Case,
    path: str,
    *,
    for_: str,
    target: float,
    at: At = "median",
    between: tuple[float, float] | None = None,
    draws: int = BLOCK_DRAWS,
    rng: Rng = 0,
) -> Solution:
    """Find the value of a contract term at which a metric meets a target.

    Bisection on the term over re-priced worlds: every step has the same luck, so the metric moves
    only with the term. A list of prices is scaled as a whole and keeps its proportions.

    Parameters
    ----------
    case
        The case.
    path
        Dotted path of a number or a list of numbers in payments, contract or capital.
    for_
        Name of the metric.
    target
        What it must come to.
    at
        `median` or `mean` over the draws, or `base` for the base case.
    between
        Lowest and highest value to look between (of the first entry of a list); by default the
        value / 16 and the value x 16, or x 8, x 4, x 2 where the case accepts no more.
    draws, rng
        Size and seed of the run that is re-priced; by default one block of draws.

    Raises
    ------
    ArgumentError
        If the path does not lead to a number or a list of numbers, or a mean of rates is asked for.
    SolveError
        If the target lies outside what the two bounds reach, and says what they reach; or if the
        metric is undefined in every draw.
    """
    if at not in get_args(At) or (at == "mean" and for_.endswith(NO_MEAN)):
        message = f"at: got {at!r}; it is 'median', 'base' or 'mean', and rates have no mean"
        raise ArgumentError(message)
    start = _value_at(case, path)
    first = start[0] if isinstance(start, list) else start
    low, high = between or (first / WIDEN, first * _widest(case, path=path, start=start))
    if not low < high:
        message = f"between: got {low}, {high}; the first must be below the second"
        raise ArgumentError(message)
    run = case.base_case() if at == "base" else simulate(case, draws=draws, rng=rng, keep="world")

    def reached(value: float) -> float:
        found = reprice(run, case.with_({path: _scaled(start, value)})).metric(for_)
        if np.isnan(found).all():
            message = f"{for_} is undefined in every draw where {path} = {value:,.6g}"
            raise SolveError(message)
        return float(np.nanmean(found) if at == "mean" else np.nanmedian(found))

    found = _bisect(reached, low=low, high=high, target=target, path=path, metric=for_)
    value = _scaled(start, found)
    return Solution(
        path=path,
        value=value,
        metric=for_,
        at=at,
        target=target,
        achieved=reached(found),
        case=case.with_({path: value}),
    )


def _value_at(case: Case, path: str) -> float | list[float]:
    here: object = case.read
    for step in path.split("."):
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            message = f"the case has no {path!r}"
            raise ArgumentError(message)
    if isinstance(here, dict) and "value" in here:
        message = f"{path} is a table with its source; solve for {path}.value"
        raise ArgumentError(message)
    numbers = [_positive(each, path=path) for each in (here if isinstance(here, list) else [here])]
    return numbers if isinstance(here, list) else numbers[0]


def _positive(value: object, *, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        message = f"{path}: got {shown(value)}; solve looks for a positive number or a list of them"
        raise ArgumentError(message)
    return float(value)


def _scaled(start: float | list[float], value: float) -> float | list[float]:
    return [each * value / start[0] for each in start] if isinstance(start, list) else value


def _widest(case: Case, *, path: str, start: float | list[float]) -> float:
    """Return the largest of 16, 8, 4 and 2 times the start that the case accepts, else 1."""
    first = start[0] if isinstance(start, list) else start
    factor = WIDEN
    while factor > 1:
        try:
            case.with_({path: _scaled(start, first * factor)})
        except CaseError:
            factor /= 2
        else:
            break
    return factor


def _bisect(
    reached: Callable[[float], float],
    *,
    low: float,
    high: float,
    target: float,
    path: str,
    metric: str,
) -> float:
    at_low, at_high = reached(low), reached(high)
    if not min(at_low, at_high) <= target <= max(at_low, at_high):
        message = (
            f"no value of {path} between {low:,.6g} and {high:,.6g} gives {metric} = {target:g}: "
            f"the ends give {at_low:,.6g} and {at_high:,.6g}; widen `between` or change the target"
        )
        raise SolveError(message)
    rising = at_high >= at_low
    for _ in range(MOST_STEPS):
        middle = (low + high) / 2
        if math.isclose(low, high, rel_tol=TOLERANCE):
            break
        if (reached(middle) < target) == rising:
            low = middle
        else:
            high = middle
    return high if rising else low


def _rounded(value: float | list[float]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(f"{each:,.2f}" for each in value) + "]"
    return f"{value:,.2f}"
