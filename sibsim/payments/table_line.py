"""What lines that pay by a table of one result share: what is read, when, and for whom.

Assumptions. Pooled, a rate is of all cohorts served, and an effect sets each cohort against its own
comparison, weighted by its participants. By cohort, each table is paid in the cohort's share of the
participants *planned*: a share must be known when the first cohort is settled, before later cohorts
are counted, and a cohort that is never served must not raise what the others are paid.

Source: GO Lab, "Payment mechanisms" (https://golab.bsg.ox.ac.uk/community/events/payment-mech/,
2025), for payment by cohort and over cohorts.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Flag, Months, Name
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.reading import Of, Reading, Result, by_cohort, of_words, pooled

_PATTERN = Words(
    da="{payer} betaler efter {of} for »{outcome}« {months} måneder efter indsatsens start, målt "
    "ved {design} {pooled}: {schedule}{closing}",
    en='{payer} pays by {of} of "{outcome}" {months} months after the start of service, measured '
    "by {design} {pooled}: {schedule}{closing}",
)
_POOLED = {
    True: Words(
        da="for alle hold under ét, når det sidste hold er målt",
        en="for all cohorts together, once the last cohort is measured",
    ),
    False: Words(
        da="for hvert hold for sig med holdets andel af de planlagte deltagere",
        en="for each cohort by itself with its share of the planned participants",
    ),
}


class TableLine(PaymentModel):
    """A line that pays by a table of one result at one follow-up."""

    declares: ClassVar[frozenset[Declaration]] = frozenset({"homogeneous"})

    reads: Name
    """Name of the measure the line reads."""

    of: Of
    """What is paid for: the rate of the treated, treated rate less comparison rate, or their
    relative fall or rise."""

    at_months: Months
    """The follow-up that is paid, in months from the start of service."""

    pooled: Flag
    """All cohorts served together, settled when the last of them is measured; or each by itself
    with its share of the planned participants."""

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line: additive over cohorts where each is paid by itself."""
        held = holding(self.declares, readings=self.readings)
        return held if self.pooled else held | {"additive"}

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report that is paid for."""
        return (Reading(self.reads, self.of, (self.at_months,)),)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        return collect(
            self._claims(measured[self.reads], standing=standing, terms=terms), terms=terms
        )

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "of": of_words(self.of, unit=words.unit(self.reads)),
            "outcome": words.outcome,
            "months": str(self.at_months),
            "design": words.design,
            "pooled": _POOLED[self.pooled],
            "schedule": self._schedule_words(words),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _claims(self, report: Measurement, *, standing: Standing, terms: Terms) -> Iterator[Claim]:
        k = report.follow_up_months.index(self.at_months)
        if self.pooled:
            result = pooled(report, of=self.of, position=k, served=standing.served)
            yield Claim(self._pays(result), result.when)
            return
        results = by_cohort(report, of=self.of, position=k, served=standing.served)
        for share, result in zip(terms.shares(), results, strict=True):
            yield Claim(share * self._pays(result), result.when)

    @abstractmethod
    def _pays(self, result: Result) -> FloatArray:
        """Return what the table pays for a result, (1 or D,)."""

    @abstractmethod
    def _schedule_words(self, words: MeasureWords) -> Words:
        """Return the table in words."""


def holding(
    declared: frozenset[Declaration], *, readings: Sequence[Reading]
) -> frozenset[Declaration]:
    """Return what is declared and, unless a fall is read, monotone: one more makes a fall less."""
    falls = any(each.of == "reduction" for each in readings)
    return declared if falls else declared | {"monotone"}
