"""A step table: the amount of the highest band that the measured result reaches.

A band is given by its lower edge and reaches to the next one, so that bands can neither overlap nor
leave a gap. Whether a result on an edge belongs to the band above it has to be said.

Sources: the Newpin bond, a rate by band of the restoration rate (Emma Tomkinson, "NSW social
benefit bond returns to investors",
http://emmatomkinson.com/2013/06/03/nsw-social-benefit-bond-returns-to-investors/, 2013); Rikers
Island, a ladder of payments by reduction
(https://www.socialventures.com.au/case-studies/rikers-island-sib/, 2015). Assumptions: those of
`schedule`.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Flag
from sibsim.core.wording import MeasureWords, money
from sibsim.core.words import Words
from sibsim.payments.reading import Result
from sibsim.payments.schedule import Schedule, by_steps, is_lowest, point_words, table_words
from sibsim.payments.table_line import TableLine


class StepTable(TableLine):
    """A payment that is constant within bands of the measured rate or effect.

    due = amount of the highest edge <= x (< x where edges are not inclusive), zero below the first,
    with a tolerance of 1e-9. Differs from a linear band in that nothing is paid for a result
    between two edges.
    """

    model: Literal["step_table"] = "step_table"
    """Name of the payment model."""

    inclusive: Flag
    """Whether a result on an edge belongs to the band above it: 70 % or more (true), or more than
    70 % (false)."""

    schedule: Schedule
    """Bands by their lower edges: `at` strictly rising, `pays` never falling."""

    def _pays(self, result: Result) -> FloatArray:
        return by_steps(self.schedule, result=result, inclusive=self.inclusive)

    def _schedule_words(self, words: MeasureWords) -> Words:
        unit, amount = words.unit(self.reads), partial(money, currency=words.currency)
        points = point_words(self.schedule, of=self.of, unit=unit, worth=amount)
        lowest = is_lowest(self.schedule, of=self.of, unit=unit)
        return table_words(points, table="steps", inclusive=self.inclusive, lowest=lowest)


Model = StepTable
