"""A linear band: a payment that follows the measured rate or effect between a floor and a cap.

Below the first point nothing is paid; between the points the payment is a straight line; from the
last point on it is the cap. The first point may pay more than nothing (the payment then jumps),
inner points are kinks. A step is two points close together.

Sources: Denver Supportive Housing, jail days (https://resources.nhpfoundation.org/view/679239/38,
2021: nothing below 20 %, USD 160,000 a point counted from zero to 30 %, then USD 38,000 a point to
65 %); Rikers Island (https://www.socialventures.com.au/case-studies/rikers-island-sib/, 2015).
Assumptions: those of `table_line`.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from sibsim.core.arrays import FloatArray
from sibsim.core.wording import MeasureWords, money
from sibsim.core.words import Words
from sibsim.payments.reading import Result
from sibsim.payments.schedule import Schedule, by_lines, is_lowest, point_words, table_words
from sibsim.payments.table_line import TableLine


class LinearBand(TableLine):
    """A payment that is piecewise linear in the measured rate or effect.

    due = interpolation of the schedule at x, zero where x < first point - 1e-9, the last amount
    above the last point. Differs from a rate card in that only the rate counts, not the people.
    """

    model: Literal["linear_band"] = "linear_band"
    """Name of the payment model."""

    schedule: Schedule
    """Points of the band: `at` strictly rising, `pays` never falling."""

    def _pays(self, result: Result) -> FloatArray:
        return by_lines(self.schedule, result=result)

    def _schedule_words(self, words: MeasureWords) -> Words:
        unit, amount = words.unit(self.reads), partial(money, currency=words.currency)
        points = point_words(self.schedule, of=self.of, unit=unit, worth=amount)
        return table_words(
            points, table="lines", lowest=is_lowest(self.schedule, of=self.of, unit=unit)
        )


Model = LinearBand
