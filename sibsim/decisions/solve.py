"""Which term of a contract meets a target: by re-pricing the same worlds, never by new luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sibsim.case import Case
from sibsim.core.streams import BLOCK_DRAWS, Rng
from sibsim.decisions.crossing import reaching
from sibsim.decisions.repricing import repriced
from sibsim.decisions.terms import WIDEN, scaled, value_at, widest
from sibsim.errors import ArgumentError, SolveError
from sibsim.figures import NO_MEAN
from sibsim.simulate import simulate

At = Literal["median", "mean", "base"]
"""What of a metric must meet the target."""


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

    A bracket is closed on the term over re-priced worlds: every step has the same luck, so the
    metric moves only with the term. Where the metric jumps over the target the value is on the side
    of it that reaches the target; where it stays at the target, at the edge. A list of prices is
    scaled as a whole and keeps its proportions.

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
    start = value_at(case, path)
    first = start[0] if isinstance(start, list) else start
    low, high = between or (first / WIDEN, first * widest(case, path=path, start=start))
    if not low < high:
        message = f"between: got {low}, {high}; the first must be below the second"
        raise ArgumentError(message)
    run = case.base_case() if at == "base" else simulate(case, draws=draws, rng=rng, keep="world")

    def reached(value: float) -> float:
        other = case.with_({path: scaled(start, value)})
        found = repriced(run, other, metrics=(for_,))[for_]
        if np.isnan(found).all():
            message = f"{for_} is undefined in every draw where {path} = {value:,.6g}"
            raise SolveError(message)
        return float(np.nanmean(found) if at == "mean" else np.nanmedian(found))

    ends = reached(low), reached(high)
    if not min(ends) <= target <= max(ends):
        message = (
            f"no value of {path} between {low:,.6g} and {high:,.6g} gives {for_} = {target:g}: "
            f"the ends give {ends[0]:,.6g} and {ends[1]:,.6g}; widen `between` or change the target"
        )
        raise SolveError(message)
    found = reaching(lambda value: reached(value) - target, low=low, high=high)
    value = scaled(start, found)
    return Solution(
        path=path,
        value=value,
        metric=for_,
        at=at,
        target=target,
        achieved=reached(found),
        case=case.with_({path: value}),
    )


def _rounded(value: float | list[float]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(f"{each:,.2f}" for each in value) + "]"
    return f"{value:,.2f}"
