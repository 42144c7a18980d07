"""Progression: a price for each step forward on a scale, not for crossing a line (progression).

The measure holds each person's change on a scale since the start of service, in points, upwards
better. Either whole steps of each person are counted, and a change too small for a step pays
nothing; or the change is paid in proportion, a setback of one participant set against another's
progress within the cohort and never below zero.

Sources: contract of Aarhus on homeless young people, annex A on greater mastery of one's own life
(https://lawinsider.com/da/contracts/hNPm8P65EAS, 2021); wellbeing scales stand in 34 projects of
GO Lab's INDIGO data (https://golab-indigo-data-store.herokuapp.com, 2025). One follow-up is read,
so that the same step is not paid twice. Assumption: with chance off a person's change is the
expected one, and whole steps are counted of that; where people differ, use the run with chance on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from sibsim.core.arrays import BoolArray, FloatArray, Indicator
from sibsim.core.spec import Flag, Money, Months, Name, Positive
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.wording import MeasureWords, Sentence, decimal, money
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.persons import claims_of, with_claims
from sibsim.payments.reading import EDGE_TOLERANCE, Reading

_PATTERN = Words(
    da="{payer} betaler {price} for {steps} på skalaen for »{outcome}« {months} måneder efter "
    "indsatsens start, målt ved {design}{parts}{most}{closing}",
    en='{payer} pays {price} for {steps} on the scale of "{outcome}" {months} months after the '
    "start of service, measured by {design}{parts}{most}{closing}",
)


class Progression(PaymentModel):
    """A price for each step forward on a scale.

    due = price x sum over people of min(floor(points / step), most_steps), or of points / step in
    proportion. Differs from a rate card in that a person can be paid for several steps.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"monotone", "homogeneous", "additive"})

    counts_in: ClassVar[tuple[str, ...]] = ("points", "steps")

    model: Literal["progression"] = "progression"
    """Name of the payment model."""

    reads: Name
    """Name of the measure, whose values are points gained since the start."""

    price: Money
    """Price of one step, in the case's currency."""

    step: Positive
    """Points on the scale that make one step."""

    at_months: Months
    """The follow-up that is paid, in months from the start of service."""

    whole_steps: Flag
    """Whether only whole steps of each person count (needs results by person), or the points of
    each cohort are paid in proportion, a setback against another's progress."""

    most_steps: Annotated[int, Field(strict=True, ge=1)] | None = None
    """Most steps paid for one person, on average over the cohort where they are paid in proportion;
    without it all."""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The report that is paid for."""
        return (Reading(self.reads, "rate", (self.at_months,)),)

    @property
    def needs_persons(self) -> bool:
        """Whether whole steps of each person are counted."""
        return self.whole_steps

    def person_prices(self, measured_at: tuple[int, ...]) -> tuple[float, ...] | None:
        """Return the price of one step at every follow-up, (K,); None where no person is seen."""
        if not self.whole_steps:
            return None
        return tuple(self.price if months == self.at_months else 0.0 for months in measured_at)

    def as_paid(self, report: Measurement) -> Measurement:
        """Return the report with each person's steps."""
        claims = claims_of(report, measure=self.reads)
        return with_claims(report, claims=tuple(self._steps(each) for each in claims))

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits.

        Raises
        ------
        ArgumentError
            If whole steps are counted and the report has no claims by person.
        """
        return collect(self._claims(measured[self.reads], served=standing.served), terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        step = decimal(self.step)
        whole = Words(
            da=f"hvert hele trin på {step.da} point, som den enkelte deltager er rykket frem",
            en=f"every whole step of {step.en} points that a participant has moved forward",
        )
        share = Words(
            da=f"hvert trin på {step.da} point, som deltagerne på et hold tilsammen er rykket frem",
            en=f"every step of {step.en} points that the participants of a cohort have moved "
            "forward together",
        )
        parts = Words(da=", en del af et trin forholdsmæssigt", en=", part of a step in proportion")
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "price": money(self.price, currency=words.currency),
            "steps": whole if self.whole_steps else share,
            "outcome": words.outcome,
            "months": str(self.at_months),
            "design": words.design,
            "parts": Words(da="", en="") if self.whole_steps else parts,
            "most": self._most_words(),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _steps(self, points: Indicator) -> FloatArray:
        """Return whole steps, never below zero nor above `most_steps`, (P, K, 1 or D)."""
        steps = np.floor(points / self.step + EDGE_TOLERANCE)
        return np.clip(steps, 0.0, self.most_steps)

    def _claims(self, report: Measurement, *, served: BoolArray) -> Iterator[Claim]:
        k = report.follow_up_months.index(self.at_months)
        if self.whole_steps:
            steps = self.as_paid(report).treated_sum[:, k]
        else:
            steps = np.maximum(report.treated_sum[:, k] / self.step, 0.0)
            if self.most_steps is not None:
                steps = np.minimum(steps, self.most_steps * report.treated_n[:, k])
        for cohort, each in enumerate(served):
            yield Claim(self.price * steps[cohort] * each, report.when[cohort, k])

    def _most_words(self) -> Words:
        if self.most_steps is None:
            return Words(da="", en="")
        mean = Words(da="", en="") if self.whole_steps else Words(da=" i snit", en=" on average")
        return Words(
            da=f", højst {self.most_steps} trin{mean.da} pr. deltager",
            en=f", at most {self.most_steps} steps{mean.en} each participant",
        )


Model = Progression
