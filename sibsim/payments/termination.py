"""Rights to end a contract early, by cause, and what the payer then owes the investors.

- `result`: the first cohort's result at a follow-up is below an agreed level. Who may use the right
  is said by `held_by`; it is assumed to be used whenever it can be.
- `referrals`: on an agreed day fewer have started than a share of those planned by then.
- `policy`: the payer stops the service on a day; a scenario, not a chance.

The earliest end counts; of several on one day the right listed first.

Sources: Rikers Island, where the investor could decline year four after an interim reading
(https://www.payforsuccess.org/project/nyc-able-project-incarcerated-youth, 2015); Newpin, 75 % of
principal back if ended for poor results at year 4 and 50 % later (Emma Tomkinson,
http://emmatomkinson.com/2013/06/03/nsw-social-benefit-bond-returns-to-investors/, 2013);
Peterborough, whose third cohort was cancelled by national policy
(https://www.responsible-investor.com/peterborough-sib/, 2014).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Discriminator, Tag

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Date, Months, Name, Probability, Spec
from sibsim.core.stages import Measurement, Participation
from sibsim.core.timeline import Timeline
from sibsim.core.wording import MeasureWords, Sentence, day_words, party_words, percent
from sibsim.core.words import Words
from sibsim.payments.clauses import Share
from sibsim.payments.reading import (
    EDGE_TOLERANCE,
    Of,
    Reading,
    additional,
    level_words,
    of_words,
)
from sibsim.payments.schedule import Level

NO_END: FloatArray = np.full(1, np.inf)
"""No early end."""

_LATER = Words(
    da="; hold, der da ikke er begyndt, begynder ikke{owes}",
    en="; cohorts that have not started by then never do{owes}",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a right to end is judged by."""

    measured: Mapping[str, Measurement]
    """What is reported, by measure."""

    participation: Participation
    """Who has started, and when."""

    timeline: Timeline
    """The periods."""

    evaluation_lag_months: float
    """Months from measurement to the day the result is known."""


class Right(Spec, ABC):
    """A right to end the contract early."""

    code: ClassVar[int]
    """Number of the cause in `Standing.cause`."""

    cause: str
    """Name of the cause."""

    held_by: Name | None = None
    """Party that may end the contract; it is used whenever it can be."""

    owes: Share | None = None
    """Share of the principal then outstanding that the payers owe the investors, in (0, 1]; paid at
    the end of the period of the early end, if that is no later than the last payment. Without it
    nothing is owed beside the payment lines."""

    @property
    def reading(self) -> Reading | None:
        """What report the right reads, if any."""
        return None

    @abstractmethod
    def ends(self, known: Known) -> FloatArray:
        """Return when the contract ends in months since the start, infinite if not, (1 or D,)."""

    @abstractmethod
    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the right as one sentence."""

    def _said(self, pattern: Words, values: dict[str, Words | str]) -> Sentence:
        """Return the sentence with who may end the contract, what follows and what is owed."""
        owes = Words(da="", en="")
        if self.owes is not None:
            share = percent(self.owes)
            owes = Words(
                da=f", og investorerne får {share.da} af den udestående hovedstol",
                en=f", and investors are paid {share.en} of the outstanding principal",
            )
        who = Words(da="kontrakten ophører", en="the contract ends")
        if self.held_by is not None:
            party = party_words(self.held_by)
            who = Words(
                da=f"{party.da} kan lade kontrakten ophøre", en=f"{party.en} may end the contract"
            )
        whole = Words(da=f"{{who}} {pattern.da}{_LATER.da}", en=f"{{who}} {pattern.en}{_LATER.en}")
        return Sentence(whole, {**values, "who": who, "owes": owes})


class Termination(Right):
    """The right to end the contract when the first measured result is below a level."""

    code: ClassVar[int] = 1

    cause: Literal["result"] = "result"
    """Name of the cause."""

    measure: Name
    """Name of the measure that is read."""

    at_months: Months
    """The follow-up that is read, in months from the start of service."""

    compare: Literal["rate", "effect"]
    """What is read: the rate of the treated, or treated rate less comparison rate."""

    below: Level
    """The contract ends when the result is below this level: of an outcome of yes or no a rate in
    [0, 1] or an effect in [-1, 1], else a number in the outcome's unit. The level itself does not
    end it (tolerance 1e-9)."""

    notice_months: Months
    """Months from the day the result is known to the end."""

    @property
    def of(self) -> Of:
        """What is read, as a payment reads it."""
        return "effect" if self.compare == "effect" else "rate"

    @property
    def reading(self) -> Reading:
        """The report that is read."""
        return Reading(self.measure, self.of, (self.at_months,), field="measure")

    def ends(self, known: Known) -> FloatArray:
        """Return when the contract ends: the day the result is known + notice."""
        report = known.measured[self.measure]
        first = int(np.argmin(known.participation.start[:, 0]))
        k = report.follow_up_months.index(self.at_months)
        people = report.treated_n[first, k]
        number = report.treated_sum[first, k]
        if self.compare == "effect":
            number = additional(report, position=k)[first]
        short = number < (self.below - EDGE_TOLERANCE) * people
        day = report.when[first, k] + known.evaluation_lag_months
        return np.where(short, day + self.notice_months, np.inf)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the right as one sentence."""
        pattern = Words(
            da="{notice} måneder efter, at resultatet er kendt, hvis {of} for »{outcome}« i det "
            "første hold {months} måneder efter indsatsens start er under {level}",
            en='{notice} months after the result is known if {of} of "{outcome}" in the first '
            "cohort {months} months after the start of service is below {level}",
        )
        unit = words.unit(self.measure)
        values: dict[str, Words | str] = {
            "of": of_words(self.of, unit=unit),
            "outcome": words.titles.get(self.measure, self.measure),
            "months": str(self.at_months),
            "level": level_words(self.below, of=self.of, unit=unit),
            "notice": str(self.notice_months),
        }
        return self._said(pattern, values)


class ReferralShortfall(Right):
    """The right to end the contract when too few have started by a day."""

    code: ClassVar[int] = 3

    cause: Literal["referrals"]
    """Name of the cause."""

    on: Date
    """Day on which starts are counted."""

    below: Probability
    """The contract ends when fewer have started than this share of those planned to start before
    that day. The share itself does not end it (tolerance 1e-9)."""

    notice_months: Months
    """Months from that day to the end."""

    def ends(self, known: Known) -> FloatArray:
        """Return when the contract ends: the day + notice."""
        day, who = known.timeline.months_at(self.on), known.participation
        planned = (who.planned[:, np.newaxis] * (who.start - who.delay < day)).sum(axis=0)
        started = (who.started * (who.start < day)).sum(axis=0)
        short = started < (self.below - EDGE_TOLERANCE) * planned
        return np.where(short, day + self.notice_months, np.inf)

    def sentence(self, words: MeasureWords) -> Sentence:  # noqa: ARG002 - reads no measure
        """Return the right as one sentence."""
        pattern = Words(
            da="{notice} måneder efter {day}, hvis færre end {share} af de deltagere, der efter "
            "planen skulle være begyndt inden, er begyndt",
            en="{notice} months after {day} if fewer than {share} of the participants planned to "
            "start before that day have started",
        )
        values: dict[str, Words | str] = {
            "notice": str(self.notice_months),
            "day": day_words(self.on),
            "share": percent(self.below),
        }
        return self._said(pattern, values)


class PolicyStop(Right):
    """A stop of the service by a change of policy on a day."""

    code: ClassVar[int] = 4

    cause: Literal["policy"]
    """Name of the cause."""

    on: Date
    """Day on which the contract ends."""

    def ends(self, known: Known) -> FloatArray:
        """Return the day."""
        return np.full(1, known.timeline.months_at(self.on))

    def sentence(self, words: MeasureWords) -> Sentence:  # noqa: ARG002 - reads no measure
        """Return the stop as one sentence."""
        pattern = Words(
            da="{day}, fordi politikken ændres", en="on {day} because of a change of policy"
        )
        return self._said(pattern, {"day": day_words(self.on)})


def _cause_of(given: object) -> str:
    """Return which right a table is: by its `cause`, `result` unless stated."""
    cause = given.get("cause", "result") if isinstance(given, Mapping) else None
    return str(getattr(given, "cause", cause))


def _as_list(given: object) -> object:
    """Read one table as a list of one."""
    return (given,) if isinstance(given, Mapping | Right) else given


AnyRight = Annotated[
    Annotated[Termination, Tag("result")]
    | Annotated[ReferralShortfall, Tag("referrals")]
    | Annotated[PolicyStop, Tag("policy")],
    Discriminator(
        _cause_of,
        custom_error_type="cause",
        custom_error_message="got another cause; it is one of result, referrals and policy",
    ),
]
"""A right to end, read by its cause."""


Rights = Annotated[tuple[AnyRight, ...], BeforeValidator(_as_list)]
"""Rights to end a contract early: one table, or a list of them."""


def paths_of(rights: Sequence[Right]) -> Iterator[tuple[str, Right]]:
    """Yield every right with the path at which a contract states it."""
    for number, right in enumerate(rights):
        only = len(rights) == 1
        yield "contract.termination" if only else f"contract.termination.{number}", right
