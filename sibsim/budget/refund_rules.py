"""The public rules that a refund by days or by thresholds names, as they hold over a case.

The rule in force when a period opens holds for the period; the last one holds on beyond the end of
the case, and before its start the first one does.

Sources: refund of stays in shelters for so many days of a running year, Social- og Boligstyrelsen:
Omstilling af hjemløshedsområdet, 2023,
https://www.sbst.dk/voksne/hjemloeshed/omstilling-af-hjemloeshedsomraadet; central refund of
expensive cases, Serviceloven § 176, Danske Love, 2022, https://danskelove.dk/serviceloven/176.

Assumption: thresholds at another price level than the case's move with the index of the line, as
the amount does; the act moves them by an index of its own that has not been read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.prices import Index
from sibsim.core.rules import Rule, rule, rules_named
from sibsim.core.spec import nearest
from sibsim.core.timeline import DAYS_PER_YEAR, MONTHS_PER_YEAR, Timeline
from sibsim.errors import ArgumentError, UnknownNameError

MONTHS_PER_DAY = MONTHS_PER_YEAR / DAYS_PER_YEAR
"""Length of a day in months."""

Found = TypeVar("Found")

STEPS = (1, 2, 3)
"""Numbers of the thresholds of a rule, and of the shares above them."""


class DayLimit(NamedTuple):
    """How much of a running year the state refunds, and with which share."""

    months: float
    """Time in months; infinite where there is no limit."""

    share: float
    """Share of the expenditure that the state refunds."""


class Thresholds(NamedTuple):
    """What a person may cost in a calendar year before the state refunds a share."""

    amounts: tuple[Rule, ...]
    """Amounts of money, rising, each at a price level of its own."""

    shares: tuple[float, ...]
    """Share of what lies above each of them and below the next."""

    def money(self, *, index: Index | None, price_year: int) -> FloatArray:
        """Return the amounts at the price level of the case, (J,).

        Parameters
        ----------
        index
            Index of the amount of the line, which moves them too; None: they hold as they stand.
        price_year
            Calendar year whose price level the case is in.

        Raises
        ------
        ArgumentError
            If the index does not cover the year of an amount.
        """
        found: FloatArray = np.array([each.value for each in self.amounts])
        if index is None:
            return found
        years = [each.price_year or price_year for each in self.amounts]
        problem = index.problem(np.array([price_year, *years]))
        if problem:
            message = (
                f"got thresholds in prices of {min(years)}, which move to {price_year} with the "
                f"index of the line, but it has {problem}"
            )
            raise ArgumentError(message)
        case = np.array(price_year)
        factors = [float(index.factor(case, price_year=year)) for year in years]
        return np.asarray(found * factors)


def in_force(
    find: Callable[[date], Found], *, timeline: Timeline
) -> tuple[tuple[Found, slice], ...]:
    """Return each rule in force when a period of a case opens, and the periods it holds for.

    The last one also holds beyond the end of the case.

    Parameters
    ----------
    find
        The rule that is in force on a day.
    timeline
        The periods.

    Raises
    ------
    UnknownNameError, ArgumentError
        If there is no such rule, or none holds on some day.
    """
    begins: list[int] = []
    found: list[Found] = []
    for period, day in enumerate(timeline.starts[:-1]):
        now = find(day)
        if not found or now != found[-1]:
            found.append(now)
            begins.append(period)
    ends = [*begins[1:], None]
    return tuple(
        (each, slice(begin, end)) for each, begin, end in zip(found, begins, ends, strict=True)
    )


def day_limits(name: str, *, timeline: Timeline) -> tuple[tuple[DayLimit, slice], ...]:
    """Return the limits of days of a rule, such as `dk-shelter-refund`, with their periods.

    Raises
    ------
    UnknownNameError, ArgumentError
        If there is no such rule, none holds on some day, or it changes within a period.
    """
    _check_named(name, part=".days", day=timeline.start)

    def find(day: date) -> DayLimit:
        days, share = rule(f"{name}.days", on=day), rule(f"{name}.share", on=day)
        return DayLimit(days.value * MONTHS_PER_DAY, share.value)

    for opens, after in pairwise(timeline.starts):
        if find(opens) != find(after - timedelta(days=1)):
            message = (
                f"got {name!r}, which changes within the period that opens on {opens}; what falls "
                "before and after the change cannot be told apart; take period = 'month', or let "
                "the case start with a calendar quarter"
            )
            raise ArgumentError(message)
    return in_force(find, timeline=timeline)


def thresholds_in_force(name: str, *, timeline: Timeline) -> tuple[tuple[Thresholds, slice], ...]:
    """Return the thresholds of a rule, such as `dk-expensive-cases`, with their periods.

    Of a calendar year those hold that are in force on its first day in the case.

    Raises
    ------
    UnknownNameError, ArgumentError
        If there is no such rule, or none holds on some day.
    """
    _check_named(name, part=f".threshold-{STEPS[0]}", day=timeline.start)

    def find(day: date) -> Thresholds:
        on = max(date(day.year, 1, 1), timeline.start)
        return Thresholds(
            amounts=tuple(rule(f"{name}.threshold-{step}", on=on) for step in STEPS),
            shares=tuple(rule(f"{name}.share-{step}", on=on).value for step in STEPS),
        )

    return in_force(find, timeline=timeline)


def _check_named(name: str, *, part: str, day: date) -> None:
    """Refuse a name that is not that of a rule with the part that a refund needs."""
    try:
        rule(f"{name}{part}", on=day)
    except UnknownNameError:
        known = sorted(
            {each.name.removesuffix(part) for each in rules_named("") if each.name.endswith(part)}
        )
        way_out = nearest(name, known) or f"; known are {', '.join(known)}"
        message = f"got {name!r}; no such rule ships{way_out}"
        raise UnknownNameError(message) from None
