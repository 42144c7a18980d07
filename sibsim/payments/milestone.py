"""A milestone: a fixed price for each participant who gets that far, whatever the result (milepæl).

Early and nearly certain money: for a start, a plan, an assessment. It reads how many participants
are in the report at one follow-up and not what became of them.

Sources: GO Lab, INDIGO, POJ-0131 to 0137 (Fair Chance Fund, assessments GBP 500, 500 and 200) and
POJ-0176 (engagement) (https://golab-indigo-data-store.herokuapp.com, 2025). Several milestones are
several lines. Assumes that everyone in the report has reached the milestone: choose an outcome
`among` those who start, are referred or complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from sibsim.core.arrays import BoolArray
from sibsim.core.spec import Money, Months, Name
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, money
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.cumulative import counted_before
from sibsim.payments.reading import Reading

_PATTERN = Words(
    da="{payer} betaler {price} for hver deltager, der indgår i opgørelsen af »{outcome}« {months} "
    "måneder efter indsatsens start, uanset resultatet, opgjort ved {design}{most}{closing}",
    en='{payer} pays {price} for each participant in the report of "{outcome}" {months} months '
    "after the start of service, whatever the result, counted by {design}{most}{closing}",
)


class Milestone(PaymentModel):
    """A price for each participant in the report.

    due = price x participants, those of the earliest dates first up to `most_people`. Differs from
    a rate card in that it pays for people, not for successes.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"monotone", "homogeneous"})

    model: Literal["milestone"] = "milestone"
    """Name of the payment model."""

    reads: Name
    """Name of the measure whose participants are counted."""

    price: Money
    """Price of one participant, in the case's currency."""

    at_months: Months
    """The follow-up at which participants are counted, in months from the start of service."""

    most_people: Annotated[int, Field(strict=True, ge=1)] | None = None
    """Most participants who are paid for over all cohorts, earliest first; without it all."""

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line; it is additive where no number of people ends it."""
        return self.declares if self.most_people is not None else self.declares | {"additive"}

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report whose participants are counted."""
        return (Reading(self.reads, "rate", (self.at_months,)),)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        return collect(self._claims(measured[self.reads], served=standing.served), terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "price": money(self.price, currency=words.currency),
            "outcome": words.outcome,
            "months": str(self.at_months),
            "design": words.design,
            "most": self._most_words(),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _claims(self, report: Measurement, *, served: BoolArray) -> Iterator[Claim]:
        k = report.follow_up_months.index(self.at_months)
        people, when = report.treated_n[:, k] * served, report.when[:, k]
        if self.most_people is not None:
            left = np.maximum(self.most_people - counted_before(people, when=when), 0.0)
            people = np.minimum(people, left)
        for cohort, number in enumerate(people):
            yield Claim(self.price * number, when[cohort])

    def _most_words(self) -> Words:
        if self.most_people is None:
            return Words(da="", en="")
        return Words(
            da=f", højst for de første {self.most_people} deltagere",
            en=f", for the first {self.most_people} participants at most",
        )


Model = Milestone
