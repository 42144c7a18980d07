"""An interpolated table: straight lines between the points of a published table.

Between two points the payment lies on the straight line between their amounts; from the last point
on it is the last amount. What holds below the first point has to be said: nothing, or the first
amount, which is then the least that any measured result is paid.

Source: the Newpin bond, whose published bands (Emma Tomkinson, "NSW social benefit bond returns to
investors", http://emmatomkinson.com/2013/06/03/nsw-social-benefit-bond-returns-to-investors/, 2013)
give the 8.9 % that was paid at a restoration rate of 61.6 %
(http://socialimpactbondnews.com/august-25-2015/, 2015) by lines and not by steps. Assumptions:
those of `table_line`.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from sibsim.core.arrays import FloatArray
from sibsim.core.wording import MeasureWords, money
from sibsim.core.words import Words
from sibsim.payments.reading import Result
from sibsim.payments.schedule import (
    NOTHING,
    Schedule,
    by_lines,
    is_lowest,
    point_words,
    table_words,
)
from sibsim.payments.table_line import TableLine


class InterpolatedTable(TableLine):
    """A payment on straight lines between points, with a stated rule below the first.

    due = interpolation of the schedule at x; below the first point (x < first - 1e-9) nothing or
    the first amount. Differs from a linear band, below whose floor nothing is ever paid. Nothing
    is paid where nothing is measured, whatever holds below the first point.
    """

    model: Literal["interpolated_table"] = "interpolated_table"
    """Name of the payment model."""

    below: Literal["nothing", "first"]
    """What is paid for a result below the first point: nothing, or the amount of that point."""

    schedule: Schedule
    """Points of the table: `at` strictly rising, `pays` never falling."""

    @property
    def least(self) -> float:
        """The amount of the first point, where results below it are paid that."""
        return self.schedule[0].pays if self.below == "first" else 0.0

    def _pays(self, result: Result) -> FloatArray:
        return by_lines(self.schedule, result=result, below=self.below)

    def _schedule_words(self, words: MeasureWords) -> Words:
        unit, amount = words.unit(self.reads), partial(money, currency=words.currency)
        points = point_words(self.schedule, of=self.of, unit=unit, worth=amount)
        below = None if self.below == "first" else NOTHING
        lowest = is_lowest(self.schedule, of=self.of, unit=unit)
        return table_words(points, table="lines", below=below, lowest=lowest)


Model = InterpolatedTable
