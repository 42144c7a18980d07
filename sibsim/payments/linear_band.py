"""A linear band: a payment that follows the measured rate or effect between a floor and a cap.

Below the first point nothing is paid; between the points the payment is a straight line; from the
last point on it is the cap. The first point may pay more than nothing (the payment then jumps),
inner points are kinks. A step is two points close together.

Sources: Denver Supportive Housing, jail days (https://resources.nhpfoundation.org/view/679239/38,
2021: nothing below 20 %, USD 160,000 a point counted from zero to 30 %, then USD 38,000 a point to
65 %); Rikers Island (https://www.socialventures.com.au/case-studies/rikers-island-sib/, 2015).

Assumptions. Pooled, the rate is of all cohorts served, and the effect sets each cohort against its
own comparison, weighted by its participants. By cohort, each schedule is paid in the cohort's share
of the participants *planned*: a share must be known when the first cohort is settled, before later
cohorts are counted, and a cohort that is never served must not raise what the others are paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Le
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Flag, Money, Months, Number, Spec
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import (
    MeasureWords,
    Sentence,
    listing,
    money,
    percent,
    percentage_points,
)
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.payments.base import (
    EDGE_TOLERANCE,
    Claim,
    Declaration,
    PaymentModel,
    Terms,
    additional,
    collect,
    last_date,
)

_PATTERN = Words(
    da="{payer} betaler efter {of} for »{outcome}« {months} måneder efter indsatsens start, målt "
    "ved {design} {pooled}: {schedule}{limit}",
    en='{payer} pays by {of} of "{outcome}" {months} months after the start of service, measured '
    "by {design} {pooled}: {schedule}{limit}",
)
_OF = {
    "rate": Words(da="den målte andel", en="the measured rate"),
    "effect": Words(
        da="den målte forskel til sammenligningen", en="the measured difference to the comparison"
    ),
}
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


class Point(Spec):
    """One point of the schedule."""

    at: Annotated[Number, Ge(-1), Le(1)]
    """Measured rate or effect in [-1, 1]; the point itself is reached (tolerance 1e-9)."""

    pays: Money
    """What the line pays there, in the case's currency."""


def _check_schedule(schedule: tuple[Point, ...]) -> tuple[Point, ...]:
    kind = "schedule"
    if not schedule:
        message = "got no points; a band needs one at least; write [{ at = 0.2, pays = 100_000 }]"
        raise PydanticCustomError(kind, message)
    for before, after in pairwise(schedule):
        context = {
            "before": before.at,
            "after": after.at,
            "pays_before": before.pays,
            "pays_after": after.pays,
        }
        if after.at <= before.at:
            message = (
                "got at = {after} after {before}; points stand in rising order; for a step write "
                "two points close together"
            )
            raise PydanticCustomError(kind, message, context)
        if after.pays < before.pays:
            message = (
                "got pays = {pays_after} at {after} after {pays_before} at {before}; a better "
                "result never pays less; write amounts that rise or stay"
            )
            raise PydanticCustomError(kind, message, context)
    return schedule


class LinearBand(PaymentModel):
    """A payment that is piecewise linear in the measured rate or effect.

    due = interpolation of the schedule at x, zero where x < first point - 1e-9, the last amount
    above the last point. Differs from a rate card in that only the rate counts, not the people.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"monotone", "homogeneous"})

    model: Literal["linear_band"] = "linear_band"
    """Name of the payment model."""

    of: Literal["rate", "effect"]
    """What is paid for: the rate of the treated, or treated rate less comparison rate."""

    at_months: Months
    """The follow-up that is paid, in months from the start of service."""

    pooled: Flag
    """All cohorts served together, settled when the last of them is measured; or each by itself
    with its share of the planned participants."""

    schedule: Annotated[tuple[Point, ...], AfterValidator(_check_schedule)]
    """Points of the band: `at` strictly rising, `pays` never falling."""

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line; it is additive over cohorts where each is paid by itself."""
        return self.declares if self.pooled else self.declares | {"additive"}

    @property
    def needs_comparison(self) -> bool:
        """Whether the measure has to report a comparison."""
        return self.of == "effect"

    def follow_ups(self, measured_at: tuple[int, ...]) -> tuple[int, ...]:  # noqa: ARG002
        """Return the one follow-up that is paid."""
        return (self.at_months,)

    def check_follow_ups(self, measured_at: tuple[int, ...]) -> tuple[str, ...]:
        """Return in words what does not fit the follow-ups of the measure."""
        if self.at_months in measured_at:
            return ()
        problem = (
            f"got at_months = {self.at_months}; the measure has no such follow-up; choose among "
            f"{list(measured_at)}"
        )
        return (problem,)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        report = measured[self.reads]
        claims = self._together if self.pooled else self._by_cohort
        return collect(claims(report, standing=standing, terms=terms), terms=terms)

    def pays(self, result: FloatArray) -> FloatArray:
        """Return what the schedule pays for measured results, any shape."""
        at = np.array([point.at for point in self.schedule])
        amount = np.interp(result, at, [point.pays for point in self.schedule])
        return np.where(result < at[0] - EDGE_TOLERANCE, 0.0, amount)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "of": _OF[self.of],
            "outcome": words.outcome,
            "months": str(self.at_months),
            "design": words.design,
            "pooled": _POOLED[self.pooled],
            "schedule": self._schedule_words(words.currency),
            "limit": self.at_most(words),
        }
        return Sentence(_PATTERN, values)

    def _successes(self, report: Measurement, *, position: int) -> FloatArray:
        if self.of == "rate":
            return report.treated_sum[:, position]
        return additional(report, position=position)

    def _together(
        self, report: Measurement, *, standing: Standing, terms: Terms
    ) -> Iterator[Claim]:
        del terms
        k = report.follow_up_months.index(self.at_months)
        number = (self._successes(report, position=k) * standing.served).sum(axis=0)
        people = (report.treated_n[:, k] * standing.served).sum(axis=0)
        amount = self._pays_for(number, people=people)
        yield Claim(amount, last_date(report.when[:, k], served=standing.served))

    def _by_cohort(
        self, report: Measurement, *, standing: Standing, terms: Terms
    ) -> Iterator[Claim]:
        if terms.planned is None:
            message = "planned: a band that pays by cohort needs the participants planned in each"
            raise ArgumentError(message)
        k = report.follow_up_months.index(self.at_months)
        number = self._successes(report, position=k)
        share = terms.planned / terms.planned.sum()
        for cohort, served in enumerate(standing.served):
            amount = self._pays_for(number[cohort], people=report.treated_n[cohort, k])
            yield Claim(share[cohort] * amount * served, report.when[cohort, k])

    def _pays_for(self, number: FloatArray, *, people: FloatArray) -> FloatArray:
        result = number / np.where(people > 0, people, 1.0)
        return np.where(people > 0, self.pays(result), 0.0)

    def _schedule_words(self, currency: str) -> Words:
        said_at = percentage_points if self.of == "effect" else percent
        points = [
            (said_at(point.at), money(point.pays, currency=currency)) for point in self.schedule
        ]
        listed = listing(
            [Words(da=f"{pay.da} ved {at.da}", en=f"{pay.en} at {at.en}") for at, pay in points]
        )
        first, last = points[0][0], points[-1][0]
        if len(points) == 1:
            return Words(
                da=f"intet under {first.da} og {points[0][1].da} derfra",
                en=f"nothing below {first.en} and {points[0][1].en} from there on",
            )
        return Words(
            da=f"intet under {first.da}, {listed.da}, en ret linje derimellem og ikke mere over "
            f"{last.da}",
            en=f"nothing below {first.en}, {listed.en}, a straight line in between and no more "
            f"above {last.en}",
        )


Model = LinearBand
