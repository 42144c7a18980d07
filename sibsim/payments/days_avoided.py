"""A price for each day: days avoided against the comparison, or good days reached.

The measure counts days a person since the last follow-up: in care, in hospital, in jail; or in a
stable home. Days avoided are participants x days a person in the comparison less the participants'
own days, never below zero where the contract says. Days reached are counted as they are, perhaps
only those of a person who has had so many.

Sources: Denver Supportive Housing, USD 15.12 for each day in stable housing once a participant
qualifies (https://resources.nhpfoundation.org/view/679239/38, 2021); Cuyahoga, foster-care days, no
reduction and no payment (https://nff.org/blog/results-and-reflections-cuyahoga-pay-success-project,
2020). A limit or a table of the reduction is a linear band. Assumptions: a person's qualifying days
are counted at each follow-up by itself, and those who qualify are paid for all their days; with
chance off a person's days are the expected ones, and who qualifies is judged by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import BoolArray
from sibsim.core.spec import Money, Months, Name, Positive
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, decimal, money
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.floors import FLOOR_WORDS, Floor, floored
from sibsim.payments.persons import claims_of, with_claims
from sibsim.payments.reading import EDGE_TOLERANCE, Reading, follow_up_words

_AVOIDED = Words(
    da="{payer} betaler {price} for hver dag færre med »{outcome}«, end sammenligningen tilsiger "
    "for deltagerne, målt ved {design} {months} for tiden siden forrige opfølgning, "
    "opgjort {floor}{closing}",
    en='{payer} pays {price} for each day of "{outcome}" fewer than the comparison leads to expect '
    "of the participants, measured by {design} {months} for the time since the "
    "follow-up before, settled {floor}{closing}",
)
_REACHED = Words(
    da="{payer} betaler {price} for hver dag med »{outcome}«, som deltagerne har haft, uden "
    "fradrag for de dage, de havde haft alligevel, målt ved {design} {months} for tiden siden "
    "forrige opfølgning{qualifying}{closing}",
    en='{payer} pays {price} for each day of "{outcome}" that participants have had, without '
    "deducting the days they would have had anyway, measured by {design} {months} for the time "
    "since the follow-up before{qualifying}{closing}",
)


class DaysAvoided(PaymentModel):
    """A price for each day avoided or reached.

    avoided: due = price x max(0, (comparison rate - treated rate) x people), summed within the
    scope of the floor. reached: due = price x days of those who have `qualifying_days` at least.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"homogeneous"})

    counts_in: ClassVar[tuple[str, ...]] = ("days",)

    model: Literal["days_avoided"] = "days_avoided"
    """Name of the payment model."""

    reads: Name
    """Name of the measure, whose sums are days."""

    price: Money
    """Price of one day, in the case's currency."""

    counts: Literal["avoided", "reached"]
    """Days fewer than in the comparison, or days that participants have had."""

    floor: Floor | None = None
    """Where days avoided are floored at zero, needed when counts is `avoided`: for each cohort and
    follow-up; for each follow-up over all cohorts, settled when the last is measured; or over the
    whole contract, settled at the last measurement."""

    qualifying_days: Positive | None = None
    """Fewest days of a person at a follow-up for any of them to be paid (needs days by person);
    without it every day is."""

    follow_up_months: tuple[Months, ...] | None = None
    """Follow-ups that are paid, in months from the start of service; without it all of the
    measure's."""

    @model_validator(mode="after")
    def _fields_agree(self) -> Self:
        kind = "days_avoided"
        if self.counts == "avoided" and self.floor is None:
            message = (
                "got no floor; counts = 'avoided' must say where a rise is set against a fall; "
                "write floor = 'cohort', 'follow_up' or 'contract'"
            )
            raise PydanticCustomError(kind, message)
        if self.counts == "reached" and self.floor is not None:
            message = (
                "got floor = '{floor}'; days reached are never below zero; leave floor out or use "
                "counts = 'avoided'"
            )
            raise PydanticCustomError(kind, message, {"floor": self.floor})
        if self.counts == "avoided" and self.qualifying_days is not None:
            message = (
                "got qualifying_days = {days}; nobody can say which person avoided a day; leave it "
                "out or use counts = 'reached'"
            )
            raise PydanticCustomError(kind, message, {"days": f"{self.qualifying_days:g}"})
        return self

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line.

        More days are more money where they are reached; additive where no floor pools cohorts.
        """
        found = set(self.declares)
        if self.counts == "reached":
            found.add("monotone")
        if self.floor not in {"follow_up", "contract"}:
            found.add("additive")
        return frozenset(found)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report that is paid for."""
        compared = self.counts == "avoided"
        return (Reading(self.reads, "effect" if compared else "rate", self.follow_up_months),)

    @property
    def pays_for_fewer(self) -> bool:
        """Whether days avoided are paid."""
        return self.counts == "avoided"

    @property
    def needs_persons(self) -> bool:
        """Whether a person has to qualify."""
        return self.qualifying_days is not None

    def person_prices(self, measured_at: tuple[int, ...]) -> tuple[float, ...] | None:
        """Return the price of one day at every follow-up, (K,); None where they are avoided."""
        if self.counts == "avoided":
            return None
        paid = self.follow_ups(measured_at)
        return tuple(self.price if months in paid else 0.0 for months in measured_at)

    def as_paid(self, report: Measurement) -> Measurement:
        """Return the report with the days of those who qualify."""
        if self.qualifying_days is None:
            return report
        fewest = self.qualifying_days * (1 - EDGE_TOLERANCE)
        days = claims_of(report, measure=self.reads)
        return with_claims(report, claims=tuple(each * (each >= fewest) for each in days))

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits.

        Raises
        ------
        ArgumentError
            If days qualify by person and the report has no claims by person.
        """
        report, served = measured[self.reads], standing.served
        if self.floor is None:
            return collect(self._reached(self.as_paid(report), served=served), terms=terms)
        prices = dict.fromkeys(self.follow_ups(report.follow_up_months), self.price)
        claims = floored(report, prices=prices, floor=self.floor, served=served, fewer=True)
        return collect(claims, terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "price": money(self.price, currency=words.currency),
            "outcome": words.outcome,
            "design": words.design,
            "months": follow_up_words(self.follow_up_months or words.follow_up_months),
            "closing": self.closing(words),
        }
        if self.floor is not None:
            return Sentence(_AVOIDED, values | {"floor": FLOOR_WORDS[self.floor]})
        return Sentence(_REACHED, values | {"qualifying": self._qualifying_words()})

    def _reached(self, report: Measurement, *, served: BoolArray) -> Iterator[Claim]:
        for months in self.follow_ups(report.follow_up_months):
            k = report.follow_up_months.index(months)
            for cohort, each in enumerate(served):
                amount = self.price * report.treated_sum[cohort, k] * each
                yield Claim(np.asarray(amount), report.when[cohort, k])

    def _qualifying_words(self) -> Words:
        if self.qualifying_days is None:
            return Words(da="", en="")
        days = decimal(self.qualifying_days)
        return Words(
            da=f", for deltagere med mindst {days.da} dage",
            en=f", for participants with at least {days.en} days",
        )


Model = DaysAvoided
