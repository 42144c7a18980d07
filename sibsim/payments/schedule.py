"""Tables of payment by result: steps, or straight lines between points, and what they say.

A step table pays the amount of the highest point reached; an interpolated table pays on a straight
line between its points. They differ: at a restoration rate of 61.6 % the Newpin table pays 7.5 % by
steps and 8.9 % by lines (Newpin investors were paid 8.9 %,
http://socialimpactbondnews.com/august-25-2015/, 2015).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, TypeVar

import numpy as np
from annotated_types import Ge
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Money, Months, Name, Number, Probability, Rate, Spec
from sibsim.core.stages import Measurement, Standing
from sibsim.core.wording import MeasureWords, listing, said
from sibsim.core.words import Words
from sibsim.payments.reading import (
    Of,
    Reading,
    Result,
    level_words,
    of_words,
    pooled,
)

Level = Number
"""A measured result: a share where the outcome is yes or no (65 % is 0.65) or the change is
relative, else a number in the outcome's unit; `payments.levels` says in which bounds."""

Table = Literal["steps", "lines"]
"""How a table is read between its points: the highest point reached, or a straight line."""

YearlyRate = Annotated[Rate, Ge(0)]
"""A rate a year, never below zero; 7.5 % is 0.075."""


class Knot(Spec):
    """One point of a table: a measured result and what it is worth."""

    worth_is: ClassVar[str]
    """Field that says what the point is worth."""

    at: Level
    """Measured result, such as 0.65 for 65 %, or in the outcome's unit; the point itself is reached
    (tolerance 1e-9)."""

    @property
    def worth(self) -> float:
        """What the point is worth: money, a rate or a share."""
        return float(getattr(self, self.worth_is))


class Point(Knot):
    """One point of a schedule."""

    worth_is: ClassVar[str] = "pays"

    pays: Money
    """What the line pays there, in the case's currency."""


class SignedPoint(Knot):
    """One point of a schedule that may go against the investors."""

    worth_is: ClassVar[str] = "pays"

    pays: Number
    """What the line pays there, in the case's currency; below zero the investors pay it."""


class RatePoint(Knot):
    """One point of a table of interest."""

    worth_is: ClassVar[str] = "rate"

    rate: YearlyRate
    """Interest a year there, at least 0; 7.5 % is 0.075."""


class SharePoint(Knot):
    """One point of a table of repayment."""

    worth_is: ClassVar[str] = "share"

    share: Probability
    """Share of the principal repaid there, in [0, 1]."""


class PooledResult(Spec):
    """One of several results that a line reads: all cohorts served together at one follow-up."""

    reads: Name
    """Name of the measure that is read."""

    of: Of
    """What is read of it: the rate of the treated, treated rate less comparison rate, or their
    relative fall or rise."""

    at_months: Months
    """The follow-up that is read, in months from the start of service."""

    @property
    def asked(self) -> tuple[float, ...]:
        """The levels that the result has to reach, if any."""
        return ()

    def reading(self, *, field: str) -> Reading:
        """Return what is read, named by the field of the line that holds it."""
        return Reading(self.reads, self.of, (self.at_months,), field=f"{field}.reads")

    def result(self, measured: Mapping[str, Measurement], *, standing: Standing) -> Result:
        """Return the result, known when the last cohort served is measured."""
        report = measured[self.reads]
        position = report.follow_up_months.index(self.at_months)
        return pooled(report, of=self.of, position=position, served=standing.served)

    def words(self, words: MeasureWords) -> Words:
        """Return what is read in words."""
        of = of_words(self.of, unit=words.unit(self.reads))
        title = words.titles.get(self.reads, self.reads)
        return Words(
            da=f"{of.da} for »{said(title, 'da')}« {self.at_months} måneder efter indsatsens start",
            en=f'{of.en} of "{said(title, "en")}" {self.at_months} months after the start of '
            "service",
        )

    def level_words(self, level: float, *, words: MeasureWords) -> Words:
        """Return a level of it in words."""
        return level_words(level, of=self.of, unit=words.unit(self.reads))


AnyKnot = TypeVar("AnyKnot", bound=Knot)


def _rising(kind: type[AnyKnot]) -> AfterValidator:
    """Return a check that points stand in rising order and are worth no less as they rise."""
    name = kind.worth_is

    def check(points: tuple[AnyKnot, ...]) -> tuple[AnyKnot, ...]:
        fault = "schedule"
        if not points:
            message = (
                "got no points; a table needs one at least; write [{ at = ..., {name} = ... }]"
            )
            raise PydanticCustomError(fault, message, {"name": name})
        for before, after in pairwise(points):
            context = {
                "name": name,
                "before": before.at,
                "after": after.at,
                "worth_before": before.worth,
                "worth_after": after.worth,
            }
            if after.at <= before.at:
                message = (
                    "got at = {after} after {before}; points stand in rising order; for a step "
                    "write two points close together"
                )
                raise PydanticCustomError(fault, message, context)
            if after.worth < before.worth:
                message = (
                    "got {name} = {worth_after} at {after} after {worth_before} at {before}; a "
                    "better result never pays less; write amounts that rise or stay"
                )
                raise PydanticCustomError(fault, message, context)
        return points

    return AfterValidator(check)


Schedule = Annotated[tuple[Point, ...], _rising(Point)]
"""Points of a table: `at` strictly rising, `pays` never falling."""

SignedSchedule = Annotated[tuple[SignedPoint, ...], _rising(SignedPoint)]
"""Points of a table that may pay less than nothing: `at` strictly rising, `pays` never falling."""

RateTable = Annotated[tuple[RatePoint, ...], _rising(RatePoint)]
"""Points of a table of interest: `at` strictly rising, `rate` never falling."""

ShareTable = Annotated[tuple[SharePoint, ...], _rising(SharePoint)]
"""Points of a table of repayment: `at` strictly rising, `share` never falling."""


def by_steps(points: Sequence[Knot], *, result: Result, inclusive: bool = True) -> FloatArray:
    """Return what the highest point reached is worth, (1 or D,); zero below the first.

    Parameters
    ----------
    points
        Points in rising order.
    result
        What is measured.
    inclusive
        Whether a result on a point has reached it.
    """
    paid: FloatArray = np.zeros(np.broadcast_shapes(result.number.shape, result.base.shape))
    for point in points:
        paid = np.where(result.reaches(point.at, inclusive=inclusive), point.worth, paid)
    return paid


def by_lines(
    points: Sequence[Knot], *, result: Result, below: Literal["nothing", "first"] = "nothing"
) -> FloatArray:
    """Return the straight line between the points, (1 or D,).

    From the last point on it is what the last point is worth; zero where nothing is measured.

    Parameters
    ----------
    points
        Points in rising order.
    result
        What is measured.
    below
        What holds below the first point: zero, or what the first point is worth.
    """
    levels = [point.at for point in points]
    paid: FloatArray = np.interp(result.value, levels, [point.worth for point in points])
    counts = result.known if below == "first" else result.reaches(points[0].at)
    return np.where(counts, paid, 0.0)


def by_table(points: Sequence[Knot], *, table: Table, result: Result) -> FloatArray:
    """Return what a result is worth by steps or by lines, (1 or D,); zero below the first point."""
    read = by_steps if table == "steps" else by_lines
    return read(points, result=result)


NOTHING = Words(da="intet", en="nothing")
"""What is paid below the first point of most tables."""


def point_words(
    points: Sequence[Knot], *, of: Of, unit: str, worth: Callable[[float], Words]
) -> list[tuple[Words, Words]]:
    """Return level and worth of every point in words.

    Parameters
    ----------
    points
        Points in rising order.
    of
        What the levels are levels of.
    unit
        What results are counted in; empty where they are yes or no.
    worth
        How an amount, rate or share is said.
    """
    return [(level_words(point.at, of=of, unit=unit), worth(point.worth)) for point in points]


def is_lowest(points: Sequence[Knot], *, of: Of, unit: str) -> bool:
    """Return whether no result can lie below the first point: only a mean change is below zero.

    Parameters
    ----------
    points, of, unit
        As in `point_words`.
    """
    return of == "rate" and unit != "points" and points[0].at <= 0


def table_words(
    points: Sequence[tuple[Words, Words]],
    *,
    table: Table,
    below: Words | None = NOTHING,
    inclusive: bool = True,
    lowest: bool = False,
) -> Words:
    """Return a table in words.

    Parameters
    ----------
    points
        Level and worth of every point, in words.
    table
        How it is read between its points.
    below
        What holds below the first point; None: what the first point is worth.
    inclusive
        Whether a result on a point of a step table has reached it.
    lowest
        Whether no result can lie below the first point, so that nothing is said of it.
    """
    first, last = points[0][0], points[-1][0]
    on, under = _EDGES["lines" if table == "lines" else inclusive]
    said = [_joined(worth, on, at) for at, worth in points]
    if below is None:
        said[0] = _joined(points[0][1], _UP_TO, first)
    elif not (lowest and inclusive):
        said.insert(0, _joined(below, under, first))
    listed = listing(said)
    if table == "steps" or len(points) == 1:
        return listed
    return Words(
        da=f"{listed.da}, en ret linje derimellem og ikke mere over {last.da}",
        en=f"{listed.en}, a straight line in between and no more above {last.en}",
    )


_UP_TO = Words(da="til og med", en="up to and including")
_UNDER = Words(da="under", en="below")
_EDGES = {
    True: (Words(da="fra og med", en="from"), _UNDER),
    False: (Words(da="over", en="above"), _UP_TO),
    "lines": (Words(da="ved", en="at"), _UNDER),
}
"""How a point and what lies below the first are said: steps with and without the edge, lines."""


def _joined(worth: Words, where: Words, level: Words) -> Words:
    """Return `200 kr. fra og med 48 %`."""
    return Words(da=f"{worth.da} {where.da} {level.da}", en=f"{worth.en} {where.en} {level.en}")
