"""A sustained outcome: paid when a person's state has held for so many weeks (fastholdelse).

A state is seen at the follow-ups of the measure only. What is seen holds until the next follow-up:
a run goes from one successful follow-up to another, its length is the time between them, and a
break lasts from the first unsuccessful follow-up to the next successful one. Follow-ups lie whole
months apart, so that weeks are counted as the nearest whole number of months (13 weeks are 3
months, 26 are 6, 52 are 12). A measure whose follow-ups lie further apart than that cannot tell,
and is refused.

Sources: GO Lab, INDIGO, POJ-0176 (Mental Health and Employment Partnership, 13 weeks in work);
13 weeks stand in 31 of its projects, 26 weeks in 33 and 12 months in 50
(https://golab-indigo-data-store.herokuapp.com, 2025). With chance off the base case is an upper
bound unless the outcome's persistence is 1 (`persons`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge

from sibsim.core.arrays import BoolArray
from sibsim.core.spec import Flag, Money, Name, Number, Positive
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.timeline import WEEKS_PER_MONTH
from sibsim.core.wording import MeasureWords, Sentence, decimal, money
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.persons import claims_of, expected, with_claims
from sibsim.payments.reading import Reading

_PATTERN = Words(
    da="{payer} betaler {price} for hver deltager, der har fastholdt »{outcome}« i {weeks} uger "
    "{gap}, målt ved {design} ved hver opfølgning, {restart}, når den opfølgning er målt, hvor "
    "perioden er nået{closing}",
    en='{payer} pays {price} for each participant who has kept "{outcome}" for {weeks} weeks '
    "{gap}, measured by {design} at every follow-up, {restart}, as soon as the follow-up at which "
    "that length is reached has been measured{closing}",
)
_RESTART = {
    True: Words(
        da="igen for hver ny periode af samme længde",
        en="again for each further period of that length",
    ),
    False: Words(da="én gang for hver deltager", en="one time for each participant"),
}


class Sustained(PaymentModel):
    """A price for each person whose state has held for so many weeks.

    due = price x people whose run of successful follow-ups spans `weeks` at that follow-up, no
    break in it longer than `gap_weeks`. Differs from a rate card in order in that breaks may be
    allowed and that it is paid once, when the length is reached.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"monotone", "homogeneous", "additive"})

    model: Literal["sustained"] = "sustained"
    """Name of the payment model."""

    reads: Name
    """Name of the measure the line reads, person by person."""

    price: Money
    """Price of one person's state held for so long, in the case's currency."""

    weeks: Positive
    """Weeks that the state has to hold, such as 13, 26 or 52."""

    gap_weeks: Annotated[Number, Ge(0)] = 0.0
    """Longest break that does not end a run, in weeks; 0: none is allowed. A longer break ends the
    run, and a new one may begin."""

    restart: Flag
    """Whether a person can be paid again: a new run then begins at the follow-up that was paid."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report that is paid for, at every follow-up."""
        return (Reading(self.reads),)

    @property
    def needs_persons(self) -> bool:
        """Always: who stayed cannot be told from how many were there."""
        return True

    @property
    def needs_indicator(self) -> bool:
        """Always: a state holds or it does not."""
        return True

    def check_follow_ups(self, measured_at: tuple[int, ...]) -> tuple[str, ...]:
        """Return in words why the follow-ups of the measure cannot show the run."""
        needed, gap = _in_months(self.weeks), _in_months(self.gap_weeks)
        step = min(needed, gap) if self.gap_weeks else needed
        problems = []
        if measured_at[-1] - measured_at[0] < needed:
            problems.append(
                f"got weeks = {self.weeks:g} with the follow-ups {list(measured_at)}; a run of "
                f"{needed} months does not fit between the first and the last; add follow-ups to "
                "the outcome or write fewer weeks"
            )
        widest = max((after - before for before, after in pairwise(measured_at)), default=0)
        if widest > step:
            shortest = f"gap_weeks = {self.gap_weeks:g}" if step < needed else ""
            problems.append(
                f"got {shortest or f'weeks = {self.weeks:g}'} with follow-ups {widest} months "
                f"apart; what lasts {step} months is not seen between them; add follow-ups to the "
                "outcome, no further apart than that, or write more weeks"
            )
        return tuple(problems)

    def person_prices(self, measured_at: tuple[int, ...]) -> tuple[float, ...] | None:
        """Return the price of one person's run at the follow-up where it is long enough, (K,)."""
        return (self.price,) * len(measured_at)

    def as_paid(self, report: Measurement) -> Measurement:
        """Return the report with a claim where a person's run is long enough."""
        months = report.follow_up_months

        def rule(achieved: BoolArray) -> BoolArray:
            return self._reached(achieved, months=months)

        claims = claims_of(report, measure=self.reads)
        return with_claims(report, claims=tuple(expected(each, rule=rule) for each in claims))

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits.

        Raises
        ------
        ArgumentError
            If the report has no claims by person.
        """
        report = self.as_paid(measured[self.reads])
        return collect(self._claims(report, served=standing.served), terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        gap = decimal(self.gap_weeks)
        without = Words(da="uden afbrydelse", en="without a break")
        within = Words(
            da=f"med afbrydelser på højst {gap.da} uger",
            en=f"with breaks of at most {gap.en} weeks",
        )
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "price": money(self.price, currency=words.currency),
            "outcome": words.outcome,
            "weeks": decimal(self.weeks),
            "gap": within if self.gap_weeks else without,
            "design": words.design,
            "restart": _RESTART[self.restart],
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _reached(self, achieved: BoolArray, *, months: tuple[int, ...]) -> BoolArray:
        """Return at which follow-ups a person is paid for, (P, K, 1 or D).

        Parameters
        ----------
        achieved
            Who is successful at each follow-up, (P, K, 1 or D).
        months
            The follow-ups, in months from the start of service.
        """
        needed, gap = _in_months(self.weeks), _in_months(self.gap_weeks)
        paid = np.zeros_like(achieved)
        begun = np.full(achieved[:, 0].shape, np.inf)
        broken = np.full(achieved[:, 0].shape, np.inf)
        for k, month in enumerate(months):
            now = achieved[:, k]
            goes_on = np.isfinite(begun) & (month - broken <= gap)
            begun = np.where(now & ~goes_on, month, begun)
            reached = now & (month - begun >= needed)
            if not self.restart:
                reached &= ~paid.any(axis=1)
            paid[:, k] = reached
            begun = np.where(reached, month, begun)
            broken = np.where(now, np.inf, np.minimum(broken, month))
        return paid

    def _claims(self, report: Measurement, *, served: BoolArray) -> Iterator[Claim]:
        for k in range(len(report.follow_up_months)):
            for cohort, each in enumerate(served):
                amount = self.price * report.treated_sum[cohort, k] * each
                yield Claim(amount, report.when[cohort, k])


def _in_months(weeks: float) -> int:
    """Return weeks as the nearest whole number of months."""
    return round(weeks / WEEKS_PER_MONTH)


Model = Sustained
