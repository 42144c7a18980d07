"""By which year a case breaks even: chances year by year, and the figure if the account ended then.

P(broken even by the end of y) is the share of all draws whose `break_even_year` is y or earlier; a
draw that never breaks even counts in every year as one that has not. The account of a public party
is also closed at the end of each year: its net to then, sum over periods t <= y of net(t).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.accounts import settle
from sibsim.budget.ledger import by_year, realised_net
from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.statistics import Estimate, mc_error_of_probability
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.decisions.conditions import Condition
from sibsim.decisions.worlds import Worlds
from sibsim.metrics import PUBLIC_PARTIES

NETS: Mapping[str, tuple[str, ...]] = {
    **{f"{party}_net": (party,) for party in PUBLIC_PARTIES},
    "public_net": PUBLIC_PARTIES,
}
"""Metrics that are kept account of year by year, and the parties whose nets they are."""


@dataclass(frozen=True, eq=False)
class Years:
    """Break-even by calendar year."""

    years: tuple[int, ...]
    """The calendar years of the case."""

    chances: tuple[Estimate, ...]
    """Chance that the municipality has broken even for good by the end of each year."""

    median: float
    """Year by whose end half of the draws have; infinite where they never do."""

    base: float
    """Year of the base case; infinite where it never breaks even."""

    figures: tuple[Estimate, ...] | None
    """The figure if the account ended with each year; None: it is no net of a public party."""

    enough: tuple[Estimate, ...] | None
    """Chance that a draw keeps the target in that case."""

    from_year: int | None
    """First year from whose end on the figure keeps its target to the end of the case; None: there
    is none, or no such figure."""


def nets_by_year(worlds: Worlds, metric: str) -> FloatArray:
    """Return the net of one or several public parties to the end of every year, (years, D).

    Parameters
    ----------
    worlds
        What happens in every draw.
    metric
        One of `NETS`.
    """
    case, parts = worlds.case, []
    timeline = case.timeline
    for told in worlds.told:
        postings = settle(case, told.world).postings
        nets = (realised_net(postings, each, periods=timeline.periods) for each in NETS[metric])
        yearly = sum(np.cumsum(by_year(net, timeline), axis=0) for net in nets)
        parts.append(np.broadcast_to(yearly, (len(timeline.years), BLOCK_DRAWS)))
    return np.concatenate(parts, axis=1)[:, : worlds.draws]


def years_of(worlds: Worlds, wanted: Condition, *, dates: FloatArray, level: float) -> Years:
    """Return break-even by calendar year.

    Parameters
    ----------
    worlds
        What happens in every draw.
    wanted
        The figure and its target.
    dates
        Break-even year of every draw, NaN for never, (D,).
    level
        What a draw has to come to.
    """
    case = worlds.case
    years = case.timeline.years
    base = float(case.base_case().metric("break_even_year")[0])
    ranked = np.where(np.isnan(dates), np.inf, dates)
    figures = enough = from_year = None
    if wanted.figure.metric in NETS:
        running = nets_by_year(worlds, wanted.figure.metric)
        figures = tuple(wanted.figure.of(each) for each in running)
        enough = tuple(chance_of(each >= level) for each in running)
        from_year = _for_good([wanted.slack(each.value) for each in figures], years=years)
    return Years(
        years=years,
        chances=tuple(chance_of(ranked <= year) for year in years),
        median=float(np.quantile(ranked, 0.5, method="inverted_cdf")),
        base=np.inf if np.isnan(base) else base,
        figures=figures,
        enough=enough,
        from_year=from_year,
    )


def chance_of(event: FloatArray | BoolArray) -> Estimate:
    """Return the share of draws with an event, NaN where it is undefined, and its error."""
    happens = np.asarray(event, dtype=np.float64)
    defined = ~np.isnan(happens)
    share = float(happens[defined].mean()) if defined.any() else np.nan
    return Estimate(
        share, mc_error=mc_error_of_probability(happens), undefined=float(1.0 - defined.mean())
    )


def _for_good(slacks: list[float], *, years: tuple[int, ...]) -> int | None:
    """Return the first year from which on every slack is zero or above; None: not even the last."""
    found = None
    for year, slack in zip(reversed(years), reversed(slacks), strict=True):
        if slack < 0:
            break
        found = year
    return found
