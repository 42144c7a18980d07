"""What must be true for a case to break even: the value of each driver that is just enough.

Break-even in the forms in which the field states it: a number of participants (the Norwegian
evaluation of Housing First: 14 to 18), a success rate beside the expected one (26 % against an
assumed 64 %), a year, a price, the highest cost, the longest delay. Each is a switching value:
the one driver moves, all else stays as it is and as uncertain as it is (HM Treasury, "The Green
Book: central government guidance on appraisal and evaluation", 2022, on switching values).

The figure decides, over all draws; beside it stand the chance that the driver itself turns out on
the good side, and the chance that a draw keeps the target at the value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.progress import watched
from sibsim.core.spec import PER_CENT
from sibsim.core.streams import BLOCK_DRAWS, Rng, seed_from
from sibsim.decisions.breakeven.asking import LESS_IS_BETTER, asked
from sibsim.decisions.breakeven.closing import Found, searched
from sibsim.decisions.breakeven.drivers import YEAR
from sibsim.decisions.breakeven.horizon import Years, chance_of, years_of
from sibsim.decisions.breakeven.levers import Basis, Lever
from sibsim.decisions.breakeven.notes import OF_YEAR, note_of
from sibsim.decisions.breakeven.people import rate_of
from sibsim.decisions.breakeven.result import (
    NOTHING,
    BreakEvenSet,
    Driver,
    End,
    SuccessRate,
)
from sibsim.decisions.conditions import Condition, Figure
from sibsim.decisions.worlds import Luck, worlds_of
from sibsim.figures import NEVER

NET = "mean municipality_net"
"""What a municipality means by breaking even."""


def break_even(
    case: Case,
    figure: str | Figure = NET,
    *,
    target: float = 0.0,
    drivers: Sequence[str] | None = None,
    draws: int = BLOCK_DRAWS,
    rng: Rng = 0,
) -> BreakEvenSet:
    """Return what must be true for a case to break even, one driver at a time.

    For a driver x: the last x on the good side of figure(x) = target, all else as it is and as
    uncertain as it is, on the same luck. Drivers are `participants`, `effect` (on all outcomes, a
    factor), `success.<outcome>` (or `result.<outcome>` where results are numbers), `duration`,
    `price.<budget line>`, `prices`, `payments`, `costs`, `delay` and `year`, as the case has them.

    Parameters
    ----------
    case
        The case.
    figure
        What has to reach the target: `mean municipality_net`, `median investor_irr`,
        `P(municipality_net < 0)` and the like.
    target
        What it has to come to, in its unit.
    drivers
        Names of drivers; None: all that the case has.
    draws, rng
        Number of draws, at least 2, and seed. By default one block of 4,096 draws, since some
        drivers are simulated again at every value that is looked at.

    Raises
    ------
    ArgumentError, UnknownNameError
        If the figure is none or of an unknown metric, the target is not finite, a driver is
        unknown, draws are too few or the case is not complete enough to be run.
    """
    check_complete(case)
    sound = asked(case, figure, target=target, drivers=drivers, draws=draws, rng=rng)
    wanted, seed = sound.wanted, seed_from(rng)
    worlds = worlds_of(case, draws=draws, luck=Luck.of(seed))
    metrics = _metrics(case, wanted.figure.metric)
    basis = Basis(worlds, metrics, worlds.metrics(metrics))
    level = _level(wanted)
    levers = {name: sound.own.levers[name](basis) for name in sound.names if name != YEAR}
    one_by_one = watched(levers.items(), total=len(levers), what="searching drivers")
    searches = {name: searched(lever, wanted) for name, lever in one_by_one}
    years = years_of(worlds, wanted, dates=basis.now["break_even_year"], level=level)
    rows = [
        _driver(basis, lever, found=searches[name], wanted=wanted, level=level)
        for name, lever in levers.items()
    ]
    if YEAR in sound.names:
        rows.append(_year(years))
    return BreakEvenSet(
        case=case,
        wanted=wanted,
        level=level,
        draws=draws,
        seed=seed,
        now=wanted.figure.of(basis.now[wanted.figure.metric]),
        drivers=tuple(rows),
        missing=sound.own.missing if drivers is None else {},
        rates=_rates(basis, searches),
        by_year=years,
    )


def _level(wanted: Condition) -> float:
    """Return what one draw is compared with, where the figure is compared with the target."""
    of = wanted.figure
    if of.kind == "probability":
        return of.at
    return -wanted.limit if of.kind == "shortfall" else wanted.limit


def _metrics(case: Case, metric: str) -> tuple[str, ...]:
    by_outcome = (f"{part}.{name}" for name in case.outcomes for part in _PARTS)
    return tuple(dict.fromkeys((metric, "break_even_year", "participants", *by_outcome)))


_PARTS = ("achieved", "people", "additional")
"""Metrics of every outcome that success rates are made of."""


def _driver(basis: Basis, lever: Lever, *, found: Found, wanted: Condition, level: float) -> Driver:
    there = found.there
    good_now = keeps = NOTHING
    if there is not None:
        values = there.point.metrics[wanted.figure.metric]
        keeps = chance_of(kept(values, metric=wanted.figure.metric, level=level))
        if lever.drawn is not None:
            mark, drawn = there.point.mark, lever.drawn
            good = drawn >= mark if found.good_above else drawn <= mark
            good_now = chance_of(np.where(np.isnan(drawn), np.nan, good))
    now = found.now.point
    return Driver(
        name=lever.name,
        unit=lever.unit,
        now=now.value,
        value=there.point.value if there else np.nan,
        error=found.error,
        factor=there.point.setting / now.setting if there and now.setting else np.nan,
        good_above=found.good_above,
        always=found.kind == "always",
        again=found.again,
        low=End(found.low.point.value, found.low.figure),
        high=End(found.high.point.value, found.high.figure),
        figure=there.figure if there else NOTHING,
        p_good_now=good_now,
        p_target_there=keeps,
        seen=tuple(End(each.point.value, each.figure) for each in found.seen),
        note=note_of(basis.case, lever, there=there.point if there else None),
    )


def kept(values: FloatArray, *, metric: str, level: float) -> FloatArray:
    """Return whether each draw keeps the target, NaN where the metric is undefined, (D,).

    Parameters
    ----------
    values
        The metric, (D,); a date that never comes about keeps nothing.
    metric
        Its name.
    level
        What a draw has to come to: at most, where less is better, else at least.
    """
    if metric.endswith(NEVER):
        values = np.where(np.isnan(values), np.inf, values)
    keeps = values <= level if metric.endswith(LESS_IS_BETTER) else values >= level
    return np.where(np.isnan(values), np.nan, keeps)


def _year(years: Years) -> Driver:
    """Return the row of the year in which the account ends."""
    assert years.figures is not None  # noqa: S101 - asked for where the figure is kept by year
    assert years.enough is not None  # noqa: S101 - as above
    ends = tuple(End(float(y), each) for y, each in zip(years.years, years.figures, strict=True))
    always = years.from_year == years.years[0]
    at = None if years.from_year is None or always else years.years.index(years.from_year)
    figure_there = NOTHING if at is None else years.figures[at]
    error = np.nan
    if at is not None:
        rise = figure_there.value - years.figures[at - 1].value
        error = abs(figure_there.mc_error / rise) if rise else np.nan
    return Driver(
        name=YEAR,
        unit=YEAR,
        now=float(years.years[-1]),
        value=np.nan if at is None else float(years.years[at]),
        error=error,
        factor=np.nan,
        good_above=True,
        always=always,
        again=False,
        low=ends[0],
        high=ends[-1],
        figure=figure_there,
        p_good_now=NOTHING,
        p_target_there=NOTHING if at is None else years.enough[at],
        seen=ends,
        note=OF_YEAR,
    )


def _rates(basis: Basis, searches: Mapping[str, Found]) -> dict[str, SuccessRate]:
    """Return the outcomes of yes or no that were asked for, beside what is planned and agreed."""
    case = basis.case
    base = case.base_case().metrics
    found = {}
    for name, outcome in case.outcomes.items():
        search = searches.get(f"success.{name}")
        if search is None:
            continue
        now = rate_of(basis.now, name)
        additional = rate_of(basis.now, name, part="additional")
        there, goal = search.there, outcome.goal
        found[name] = SuccessRate(
            counterfactual=now - additional,
            now=now,
            planned=rate_of(base, name),
            goal=np.nan if goal is None or goal.share is None else goal.share,
            goal_months=np.nan if goal is None else float(goal.at_months),
            additional_now=PER_CENT * additional,
            additional_there=PER_CENT * rate_of(there.point.metrics, name, part="additional")
            if there
            else np.nan,
        )
    return found
