"""What every payment model is: a line of a contract that reads a measure and owes money.

A line turns reported results into *claims*, amounts with the date they were measured. A claim is
owed evaluation lag + payment lag later and paid at the end of the period that contains that date;
one that falls after the last payment date, or beyond the case, lapses and is counted. Limits come
after (`limits`). Assumes that a cohort that is not served is neither measured nor paid.

Sources: GO Lab, "Payment mechanisms" (https://golab.bsg.ox.ac.uk/community/events/payment-mech/,
2025); GO Lab, "How to write rules for payment" (golab.bsg.ox.ac.uk, 2025) for the elements of the
sentence.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.spec import Money, Name, Sourced, Spec
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.timeline import Timeline
from sibsim.core.wording import Language, MeasureWords, Sentence, listing, money
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.payments.clauses import Clawback, Holdback
from sibsim.payments.payers import Payer
from sibsim.payments.reading import Reading
from sibsim.payments.trigger import Trigger

Declaration = Literal["unconditional", "monotone", "homogeneous", "additive", "path_dependent"]
"""What a payment model declares of itself, before limits.

- `unconditional`: owes money without any measurement.
- `monotone`: one more reported success never lowers what it owes.
- `homogeneous`: all its amounts times x is x times what it owes.
- `additive`: owes for two cohorts what it owes for the one plus what it owes for the other.
- `path_dependent`: what it owes depends on what was paid before.
"""


class LineLimit(Spec):
    """The limit of one payment line."""

    line: Money
    """Most that the line pays over the whole contract, in the case's currency; what is above
    lapses."""


@dataclass(frozen=True, slots=True)
class Terms:
    """When a contract pays."""

    timeline: Timeline
    """The periods of the case."""

    lag_months: float = 0.0
    """Months from measurement to payment: evaluation lag + payment lag."""

    last: float = np.inf
    """Last payment date in months since the start of the case; what falls after it lapses."""

    planned: FloatArray | None = None
    """Participants planned to start per cohort, (C,); read by lines that pay each cohort its
    share."""

    factors: Mapping[str, FloatArray] = field(default_factory=dict)
    """Factor of every index that a line follows, by name, (T,)."""

    repaid_from: IntArray | None = None
    """First period whose payments come after the investors have been repaid, (1 or D,); T or more:
    they never are. None: not known yet, as if they never were."""

    def shares(self) -> FloatArray:
        """Return each cohort's share of the participants planned to start, (C,).

        Raises
        ------
        ArgumentError
            If the terms do not say how many are planned.
        """
        if self.planned is None:
            message = "planned: a line that pays by cohort needs the participants planned in each"
            raise ArgumentError(message)
        found: FloatArray = self.planned / self.planned.sum()
        return found

    def period(self, when: FloatArray, *, lagged: bool = True) -> IntArray:
        """Return the period in which what is measured at `when` is paid; T where it lapses.

        The rule of `Timeline.post`. What falls before the case begins is paid in its first period.

        Parameters
        ----------
        when
            Dates of measurement in months since the start of the case, (1,) or (D,).
        lagged
            Whether evaluation and payment lag pass first.
        """
        paid = when + (self.lag_months if lagged else 0.0)
        inside = np.clip(self.timeline.period_at(paid), 0, self.timeline.periods)
        return np.where(paid > self.last, self.timeline.periods, inside)


@dataclass(frozen=True, slots=True)
class Claim:
    """An amount that a line claims for what was measured on one date."""

    amount: FloatArray
    """Money, (1,) or (D,); below zero it is owed by the investors to the payer."""

    when: FloatArray
    """Date of measurement in months since the start of the case, (1,) or (D,); of a payment on an
    agreed day, that day."""

    lagged: bool = True
    """Whether evaluation and payment lag pass before it is paid."""


class PaymentModel(Sourced, ABC):
    """One line of a contract: reads a measure and owes money."""

    declares: ClassVar[frozenset[Declaration]]
    """What holds for every line of the model."""

    counts_in: ClassVar[tuple[str, ...]] = ()
    """What a result of the first report has to be counted in, such as `days`; empty: anything."""

    model: str
    """Name of the payment model."""

    title: Words | None = None
    """Title of the line."""

    limit: LineLimit | None = None
    """Limit of the line; without it there is none."""

    payer: Payer | None = None
    """Party that pays this line alone, or the share of each of several; without it the payers of
    the contract do."""

    index: Name | None = None
    """Index that the amounts follow, from the price year to the calendar year of payment; without
    it they are nominal, as the contract states them."""

    cohorts: tuple[Annotated[int, Field(strict=True, ge=1)], ...] | None = None
    """Numbers of the cohorts that the line pays for, from 1; without it all. The others count for
    the line as not served."""

    trigger: Trigger | None = None
    """What the report of `reads` has to show before it counts at all."""

    holdback: Holdback | None = None
    """Share of every payment that is kept until a test is passed."""

    clawback: Clawback | None = None
    """Share of what was paid that is returned when a later test fails."""

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line: what the model declares, and what its fields add."""
        return self.declares

    @property
    @abstractmethod
    def readings(self) -> tuple[Reading, ...]:
        """What the line reads to know what it owes; the measure of the sentence first."""

    def standing_for(self, standing: Standing) -> Standing:
        """Return the standing with the cohorts that the line pays for alone served."""
        if self.cohorts is None:
            return standing
        number = np.arange(1, len(standing.served) + 1)[:, np.newaxis]
        return replace(standing, served=standing.served & np.isin(number, self.cohorts))

    @property
    def scored(self) -> tuple[tuple[Reading, ...], tuple[float, ...]]:
        """The reports, and the weight of each, whose result the points of its tables are."""
        return self.readings[:1], (1.0,)

    @property
    def all_readings(self) -> tuple[Reading, ...]:
        """What the line reads, its clauses included."""
        found = list(self.readings)
        if self.trigger is not None and self.trigger.needs_comparison:
            found += [replace(each, of="effect") for each in self.readings]
        if self.holdback is not None:
            found.append(self.holdback.until.reading(field="holdback.until"))
        if self.clawback is not None:
            found.append(self.clawback.unless.reading(field="clawback.unless"))
        return tuple(found)

    @property
    def needs_comparison(self) -> bool:
        """Whether any report has to have a comparison."""
        return any(each.of != "rate" for each in self.all_readings)

    @property
    def needs_persons(self) -> bool:
        """Whether the first report has to say who achieved what."""
        return False

    @property
    def pays_for_fewer(self) -> bool:
        """Whether it pays for fewer results than expected, such as days or events avoided."""
        return False

    @property
    def needs_indicator(self) -> bool:
        """Whether the first report has to be of an outcome of yes or no."""
        return False

    @property
    def dates(self) -> tuple[date, ...]:
        """The days on which the line pays whatever is measured."""
        return ()

    @property
    def test_months(self) -> dict[str, int]:
        """The follow-up that each clause tests, by clause, in months from the start of service."""
        found = {}
        if self.holdback is not None:
            found["holdback"] = self.holdback.until.at_months
        if self.clawback is not None:
            found["clawback"] = self.clawback.unless.at_months
        return found

    @property
    def least(self) -> float:
        """The least that the line owes whatever is measured, or for any measured result."""
        return 0.0

    @property
    def may_be_returned(self) -> bool:
        """Whether the investors may owe something back on the line."""
        return self.clawback is not None

    @property
    def waits_for_repayment(self) -> bool:
        """Whether what is owed changes once the investors are repaid."""
        return False

    @abstractmethod
    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits.

        Parameters
        ----------
        measured
            What is reported, by measure.
        standing
            Which cohorts are served, (C, 1 or D).
        terms
            When the contract pays.

        Returns
        -------
        Due
            Amounts by period, (T, 1 or D), and what lapses, (1 or D,).
        """

    def follow_ups(self, measured_at: tuple[int, ...]) -> tuple[int, ...]:
        """Return the follow-ups that are paid, of those the first measure is read at."""
        return self.readings[0].at_months or measured_at

    def check_follow_ups(
        self,
        measured_at: tuple[int, ...],  # noqa: ARG002 - models with lists or runs read it
    ) -> tuple[str, ...]:
        """Return in words what does not fit the follow-ups of the first measure."""
        return ()

    @abstractmethod
    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence.

        Who pays, for what, compared with what, measured how, when and how much.
        """

    def describe(self, lang: Language, *, words: MeasureWords) -> str:
        """Return the rule as one sentence in Danish or English."""
        return self.sentence(words).say(lang)

    def as_paid(self, report: Measurement) -> Measurement:
        """Return the first report with the claims by person that the line really pays."""
        return report

    def person_prices(
        self,
        measured_at: tuple[int, ...],  # noqa: ARG002 - models that pay by person read it
    ) -> tuple[float, ...] | None:
        """Return the price of one person's success at every follow-up of the measure, (K,).

        None where the line does not pay by person, so that a limit per person cannot apply.
        """
        return None

    def closing(self, words: MeasureWords) -> Words:
        """Return the end of the sentence: limit, payer, index and clauses, or nothing."""
        ends = [each.words(words) for each in (self.holdback, self.clawback) if each]
        if self.trigger is not None:
            unit = words.unit(self.readings[0].measure)
            ends.insert(0, self.trigger.words(unit=unit))
        if self.cohorts is not None:
            numbers = listing([str(number) for number in self.cohorts])
            ends.insert(
                0, Words(da=f", kun for hold {numbers.da}", en=f", for cohort {numbers.en} only")
            )
        if self.index is not None:
            ends.insert(
                0,
                Words(da=f", reguleret med »{self.index}«", en=f', regulated by "{self.index}"'),
            )
        if self.limit is not None:
            cap = money(self.limit.line, currency=words.currency)
            ends.insert(0, Words(da=f", i alt højst {cap.da}", en=f", at most {cap.en} in total"))
        return Words(
            da="".join(each.da or "" for each in ends), en="".join(each.en or "" for each in ends)
        )


def collect(claims: Iterable[Claim], *, terms: Terms) -> Due:
    """Place claims in the periods in which they are paid.

    Parameters
    ----------
    claims
        The claims of one line, added in the order given.
    terms
        When the contract pays.

    Returns
    -------
    Due
        Amounts by period, (T, 1 or D), and what lapses, (1 or D,).
    """
    found = tuple(claims)
    draws = max((max(len(claim.amount), len(claim.when)) for claim in found), default=1)
    periods = terms.timeline.periods
    posted = np.zeros((periods, draws))
    lapsed = np.zeros(draws)
    for claim in found:
        period = terms.period(claim.when, lagged=claim.lagged)
        if len(period) == 1:
            row = lapsed if period[0] == periods else posted[period[0]]
            row += claim.amount
            continue
        amount = np.broadcast_to(claim.amount, (draws,))
        inside = np.flatnonzero(period < periods)
        posted[period[inside], inside] += amount[inside]
        lapsed += np.where(period < periods, 0.0, amount)
    if not any((claim.amount < 0).any() for claim in found):
        return Due(amount=posted, lapsed=lapsed)
    return Due(
        amount=np.maximum(posted, 0.0),
        lapsed=np.maximum(lapsed, 0.0),
        returned=np.maximum(-posted, 0.0),
    )
