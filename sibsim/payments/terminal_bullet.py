"""A terminal bullet: principal and interest in one payment at maturity, by a weighted score.

The score is a weighted sum of results. From the first point of the table on, the principal is paid
with interest from start to maturity; below it only the protected share of the principal is.

Source: the Benevolent Society's Resilient Families bond, AUD 7.5 m in class P (principal protected)
and 2.5 m in class E (at risk), one payment on a weighted index: below 5 % P has its principal and E
loses it; 19 % pays 6 and 10.5 % a year (Westpac media release,
https://westpac.com.au/about-westpac/media/media-releases/2016/2-november, 2016), 24 % 7 and 15 %
(OSII, 31 October 2017). Whether interest compounds is not public; it has to be said.

Assumptions. Years are the nearest whole number of calendar months from start to maturity / 12. A
result that becomes known after maturity, lags included, is paid for when it is known, without
further interest; the protected share is paid at maturity in any case. Where any result is not
measured there is no score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Date, Money, Probability
from sibsim.core.stages import Due, Measurement, Standing
from sibsim.core.timeline import MONTHS_PER_YEAR
from sibsim.core.wording import MeasureWords, Sentence, day_words, listing, money, percent
from sibsim.core.words import Words
from sibsim.payments.base import Claim, Declaration, PaymentModel, Terms, collect
from sibsim.payments.clauses import Share
from sibsim.payments.reading import EDGE_TOLERANCE, Reading, Result, unit_of
from sibsim.payments.schedule import (
    NOTHING,
    PooledResult,
    RateTable,
    Table,
    by_table,
    is_lowest,
    point_words,
    table_words,
)
from sibsim.payments.table_line import holding

_PATTERN = Words(
    da="{payer} betaler {matures}, dog tidligst når det sidste resultat foreligger, hovedstol og "
    "rente af {principal} efter den vægtede score af {components}, målt ved {design} og opgjort "
    "for alle hold under ét: {rates}; renten løber fra {starts} {accrual}{protected}{closing}",
    en="{payer} pays on {matures}, or when the last result is known if that is later, "
    "principal and interest on {principal} by the weighted score of {components}, measured by "
    "{design} and settled for all cohorts together: {rates}; interest runs from {starts} and "
    "{accrual}{protected}{closing}",
)
_ACCRUAL = {
    "simple": Words(da="uden rentes rente", en="does not compound"),
    "compound": Words(da="med rentes rente", en="compounds yearly"),
}


class Component(PooledResult):
    """One result of a score, with its weight."""

    weight: Share
    """Weight in the score, in (0, 1]; the weights of a score sum to 1."""


class TerminalBullet(PaymentModel):
    """One payment at maturity on a weighted composite score.

    score = sum of weight x result. due = principal x (1 + rate(score) x years), or x (1 + rate)^
    years where it compounds, from the first point of the table on (tolerance 1e-9); protected x
    principal below. Differs from a coupon in that everything is paid at the end.
    """

    declares: ClassVar[frozenset[Declaration]] = frozenset({"homogeneous"})

    model: Literal["terminal_bullet"] = "terminal_bullet"
    """Name of the payment model."""

    components: tuple[Component, ...]
    """The results of the score and their weights, which sum to 1."""

    principal: Money
    """What is repaid and earns interest, in the case's currency."""

    table: Table
    """How `points` is read: the rate of the highest point reached (`steps`), or a straight line
    between points (`lines`)."""

    points: RateTable
    """Rate a year by score: `at` strictly rising, `rate` never falling; the first point is the
    score from which the whole principal is repaid."""

    starts: Date
    """Day from which interest runs."""

    matures: Date
    """Day of the payment, to which interest runs; after `starts`."""

    accrual: Literal["simple", "compound"]
    """Whether interest of past years earns interest itself (`compound`) or not (`simple`)."""

    protected: Probability
    """Share of the principal that is paid at maturity whatever the result, in [0, 1]."""

    @model_validator(mode="after")
    def _weights_and_dates_agree(self) -> Self:
        kind = "terminal_bullet"
        total = sum(each.weight for each in self.components)
        if abs(total - 1) > EDGE_TOLERANCE:
            message = (
                "got weights that sum to {total}; the weights of a score sum to 1; change the "
                "weights of components"
            )
            raise PydanticCustomError(kind, message, {"total": f"{total:g}"})
        if self.matures <= self.starts:
            message = (
                "got matures = {matures} and starts = {starts}; interest runs from start to "
                "maturity; move one of them"
            )
            context = {"matures": str(self.matures), "starts": str(self.starts)}
            raise PydanticCustomError(kind, message, context)
        return self

    @property
    def properties(self) -> frozenset[Declaration]:
        """What holds for this line: unconditional where principal is protected."""
        held = holding(self.declares, readings=self.readings)
        return held | {"unconditional"} if self.protected * self.principal > 0 else held

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The reports of the score, in the order of its components."""
        return tuple(each.reading(field="components") for each in self.components)

    @property
    def scored(self) -> tuple[tuple[Reading, ...], tuple[float, ...]]:
        """The reports of the score and their weights."""
        return self.readings, tuple(each.weight for each in self.components)

    @property
    def least(self) -> float:
        """The protected principal."""
        return self.protected * self.principal

    @property
    def dates(self) -> tuple[date, ...]:
        """The day of maturity."""
        return (self.matures,)

    def due(self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms) -> Due:
        """Return what the line owes before limits."""
        return collect(self._claims(measured, standing=standing, terms=terms), terms=terms)

    def sentence(self, words: MeasureWords) -> Sentence:
        """Return the rule as one sentence."""
        parts = []
        for each in self.components:
            what, weight = each.words(words), percent(each.weight)
            parts.append(
                Words(da=f"{what.da} (vægt {weight.da})", en=f"{what.en} (weight {weight.en})")
            )
        values: dict[str, Words | str] = {
            "payer": words.payer,
            "matures": day_words(self.matures),
            "starts": day_words(self.starts),
            "principal": money(self.principal, currency=words.currency),
            "components": listing(parts),
            "design": words.design,
            "rates": self._rate_words(words),
            "accrual": _ACCRUAL[self.accrual],
            "protected": self._protected_words(),
            "closing": self.closing(words),
        }
        return Sentence(_PATTERN, values)

    def _claims(
        self, measured: Mapping[str, Measurement], *, standing: Standing, terms: Terms
    ) -> Iterator[Claim]:
        at = terms.timeline.months_at
        end = at(self.matures)
        years = round(end - at(self.starts)) / MONTHS_PER_YEAR
        score = self._score(measured, standing=standing)
        rate = by_table(self.points, table=self.table, result=score)
        grown = 1 + rate * years if self.accrual == "simple" else (1 + rate) ** years
        safe = self.protected * self.principal
        yield Claim(np.array([safe]), np.array([end]), lagged=False)
        more = np.where(score.reaches(self.points[0].at), self.principal * grown - safe, 0.0)
        yield Claim(more, np.maximum(end, score.when + terms.lag_months), lagged=False)

    def _score(self, measured: Mapping[str, Measurement], *, standing: Standing) -> Result:
        """Return the weighted score as a number of 1, and when its last result is measured."""
        number, known, when = np.zeros(1), np.ones(1, dtype=np.bool_), np.zeros(1)
        for each in self.components:
            result = each.result(measured, standing=standing)
            number = number + each.weight * result.value
            known = np.logical_and(known, result.known)
            when = np.maximum(when, result.when)
        base: FloatArray = known.astype(np.float64)
        return Result(number, base, when)

    def _rate_words(self, words: MeasureWords) -> Words:
        def principal_and(rate: float) -> Words:
            yearly = percent(rate)
            return Words(
                da=f"hovedstolen med {yearly.da} om året",
                en=f"the principal with {yearly.en} a year",
            )

        below = NOTHING
        if self.protected > 0:
            share = percent(self.protected)
            below = Words(da=f"{share.da} af hovedstolen", en=f"{share.en} of the principal")
        unit = self._score_unit(words)
        points = point_words(self.points, of="rate", unit=unit, worth=principal_and)
        rates = all(each.of == "rate" for each in self.components)
        lowest = rates and is_lowest(self.points, of="rate", unit=unit)
        return table_words(points, table=self.table, below=below, lowest=lowest)

    def _score_unit(self, words: MeasureWords) -> str:
        """Return what the score is counted in: as its results, and in points if these differ."""
        units = {unit_of(each.of, unit=words.unit(each.reads)) for each in self.components}
        return units.pop() if len(units) == 1 else "points"

    def _protected_words(self) -> Words:
        if self.protected == 0:
            return Words(da="", en="")
        share, day = percent(self.protected), day_words(self.matures)
        return Words(
            da=f"; {share.da} af hovedstolen betales {day.da} uanset resultatet",
            en=f"; {share.en} of the principal is paid on {day.en} whatever the result",
        )


Model = TerminalBullet
