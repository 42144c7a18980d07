"""Events avoided, paid by cohort or pooled: fewer events a person than in a comparison.

Each event avoided has a price. A cohort whose fall reaches the cohort level is paid as soon as it
is measured. Once the last cohort is measured, a fall over all cohorts that reaches the lower pooled
level pays for the cohorts that were not paid on their own.

Source: the Peterborough pilot, reconviction events in the year after release: 10 % in a cohort or
7.5 % pooled; 142 against 155 per 100 in the first cohort is a fall of 8.4 %, no payment, and 9.0 %
pooled was paid (http://docplayer.net/16364006-The-peterborough-pilot-social-impact-bond.html, 2014;
Pioneers Post, "Peterborough social impact bond investors see 3% interest",
https://www.pioneerspost.com/news-views/20170727/peterborough-social-impact-bond-investors-see-3-interest,
2017). What was paid per event is not public.

Assumptions. Events avoided = participants x events a person in the comparison - events; each cohort
against its own comparison. The pooled fall is that of all cohorts served, also those already paid.
A cohort with more events than expected counts against the others in the pool, never below zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import numpy as np

from sibsim.core.arrays import FloatArray, added
from sibsim.core.spec import Money, Months, Name
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, money, percent
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.clauses import Share
from sibsim.payments.reading import Reading, by_cohort, pooled

_PATTERN = Words(
    da="{payer} betaler {price} for hver undgået hændelse af »{outcome}« i forhold til det antal, "
    "som sammenligningen tilsiger, ved opfølgningen {months} måneder efter indsatsens start, målt "
    "ved {design}: for et hold for sig, så "
    "snart det er målt, hvis faldet i holdet er mindst {cohort}, og for de øvrige hold under ét, "
    "når det sidste hold er målt, hvis faldet for alle hold under ét er mindst {pooled}{closing}",
    en='{payer} pays {price} for each event of "{outcome}" avoided against the number that the '
    "comparison leads to expect, at the follow-up {months} months after the start of service, "
    "measured by {design}: for a cohort by itself, "
    "as soon as it is measured, if its fall is at least {cohort}, and for the other cohorts "
    "together, once the last cohort is measured, if the fall over all cohorts is at least "
    "{pooled}{closing}",
)


class Frequency(PaymentModel):
    """A price for each event avoided, where a cohort or all cohorts together reach a level.

    due = price x avoided of each cohort with fall >= cohort level, and where the pooled fall >=
    pooled level price x max(0, sum of avoided of the other cohorts); fall = avoided / expected,
    levels with a tolerance of 1e-9. Differs from a rate card in what has to be reached, and in
    that fewer events pay more: one more reported event never raises what it owes.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"homogeneous"})

    counts_in: ClassVar[tuple[str, ...]] = ("events",)

    model: Literal["frequency"] = "frequency"
    """Name of the payment model."""

    reads: Name
    """Name of the measure of the events; it needs a comparison."""

    at_months: Months
    """The follow-up that is paid, in months from the start of service; its measure counts the
    events up to then."""

    price: Money
    """Price of one event avoided, in the case's currency."""

    cohort_level: Share
    """Smallest fall relative to the comparison by which a cohort is paid by itself, in (0, 1]; the
    level itself pays (tolerance 1e-9); 10 % is 0.1."""

    pooled_level: Share
    """Smallest fall over all cohorts by which those not paid by themselves are paid, in (0, 1];
    the level itself pays (tolerance 1e-9); 7.5 % is 0.075."""

    @property
    def pays_for_fewer(self) -> bool:
        """Always: events avoided are paid."""
        return True

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report that is paid for."""
        return (Reading(self.reads, "reduction", (self.at_months,)),)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        return collect(self._claims(measured[self.reads], standing=standing), terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "price": money(self.price, currency=words.currency),
            "outcome": words.outcome,
            "months": str(self.at_months),
            "design": words.design,
            "cohort": percent(self.cohort_level),
            "pooled": percent(self.pooled_level),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _claims(self, report: Measurement, *, standing: Standing) -> Iterator[Claim]:
        k, served = report.follow_up_months.index(self.at_months), standing.served
        others: list[FloatArray] = []
        for cohort in by_cohort(report, of="reduction", position=k, served=served):
            reached = cohort.reaches(self.cohort_level)
            yield Claim(self.price * np.where(reached, cohort.number, 0.0), cohort.when)
            others.append(np.where(reached, 0.0, cohort.number))
        together = pooled(report, of="reduction", position=k, served=served)
        unpaid = np.maximum(added(others), 0.0) * together.reaches(self.pooled_level)
        yield Claim(self.price * unpaid, together.when)


Model = Frequency
