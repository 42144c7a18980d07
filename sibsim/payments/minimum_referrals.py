"""Guaranteed minimum referrals: the payer compensates if it sends too few (minimumsvisitation).

Those who are missing are paid for as if they had come and as many had succeeded as the contract
deems. It protects the investors against a risk that only the payer can do something about.

Sources: GO Lab, INDIGO, POJ-0007 (Resolve) and POJ-0003 (Benevolent), both with a guaranteed number
of referrals (https://golab-indigo-data-store.herokuapp.com, 2025). Assumes that people are counted
by the report of the measure at one follow-up, over all cohorts: choose an outcome `among` those
referred. After an early end the guarantee holds in whole, or for the served cohorts' share of the
participants planned; the contract has to say which.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray, summed
from sibsim.core.spec import Flag, Money, Months, Name, Positive, Probability
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, decimal, money, percent
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.reading import Reading, last_date

_PATTERN = Words(
    da="{payer} betaler {price} for {rate} af det antal deltagere, der mangler for at nå de "
    "garanterede {number} i opgørelsen af »{outcome}« {months} måneder efter indsatsens start, "
    "opgjort ved {design} for alle hold under ét, når det sidste hold er målt, {early}{closing}",
    en="{payer} pays {price} for {rate} of the number of participants missing from the "
    'guaranteed {number} in the report of "{outcome}" {months} months after the start of service, '
    "counted by {design} for all cohorts together once the last cohort is measured, "
    "{early}{closing}",
)
_EARLY = {
    True: Words(da="også når kontrakten ophører før tid", en="also where the contract ends early"),
    False: Words(
        da="ved ophør før tid i forhold til de planlagte deltagere på de hold, der er gennemført",
        en="after an early end in proportion to the participants planned in the cohorts served",
    ),
}


class MinimumReferrals(PaymentModel):
    """Compensation for those who were promised and did not come.

    due = price x deemed rate x max(0, number - people in the report). The only line that pays more
    when fewer come; it is owed also when nobody does.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"unconditional", "homogeneous"})

    model: Literal["minimum_referrals"] = "minimum_referrals"
    """Name of the payment model."""

    reads: Name
    """Name of the measure whose participants are counted."""

    at_months: Months
    """The follow-up at which they are counted, in months from the start of service."""

    number: Positive
    """Participants guaranteed over all cohorts."""

    price: Money
    """Price of one success that is deemed, in the case's currency."""

    deemed_rate: Probability
    """Share of those missing who are deemed to have succeeded, in [0, 1]."""

    survives_early_end: Flag
    """Whether the whole number is guaranteed even if the contract ends before every cohort is
    served, or the share of it planned in the cohorts served."""

    @model_validator(mode="after")
    def _has_nothing_to_trigger(self) -> Self:
        if self.trigger is not None:
            kind = "minimum_referrals"
            message = (
                "got a trigger; a report that does not pass would count as if nobody had come and "
                "be compensated in full; leave it out"
            )
            raise PydanticCustomError(kind, message)
        return self

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report whose participants are counted."""
        return (Reading(self.reads, "rate", (self.at_months,)),)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits.

        Raises
        ------
        ArgumentError
            If the guarantee ends with the contract and the terms do not say how many are planned.
        """
        report, served = measured[self.reads], standing.served
        k = report.follow_up_months.index(self.at_months)
        number: FloatArray = np.full(1, self.number)
        counted = np.ones_like(served)
        if not self.survives_early_end:
            number = self.number * summed(terms.shares()[:, np.newaxis] * served)
            counted = served
        people = summed(report.treated_n[:, k] * served)
        missing = np.maximum(number - people, 0.0)
        when = last_date(report.when[:, k], served=counted)
        return collect([Claim(self.price * self.deemed_rate * missing, when)], terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "price": money(self.price, currency=words.currency),
            "rate": percent(self.deemed_rate),
            "outcome": words.outcome,
            "months": str(self.at_months),
            "number": decimal(self.number),
            "design": words.design,
            "early": _EARLY[self.survives_early_end],
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)


Model = MinimumReferrals
